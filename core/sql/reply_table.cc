#include "core/sql/reply_table.h"

#include <algorithm>
#include <charconv>
#include <memory>

#include "core/base/text.h"
#include "core/base/time_format.h"

namespace milink::sql {
namespace {

Error Problem(std::string message) {
  return Error{ErrorKind::kInternal, "ReplyMalformed",
               "the answer of SQL Server could not be read: " + std::move(message), ""};
}

template <typename T>
std::optional<T> Parse(std::string_view text) {
  T value{};
  const char* const end = std::to_address(text.end());
  const auto [stop, error] = std::from_chars(std::to_address(text.begin()), end, value);
  if (error != std::errc() || stop != end) {
    return std::nullopt;
  }
  return value;
}

}  // namespace

const std::optional<std::string>* ReplyRow::Find(std::string_view column) const {
  const auto found = std::ranges::find(set_.columns, column);
  const auto index = static_cast<std::size_t>(found - set_.columns.begin());
  if (found == set_.columns.end() || index >= set_.rows[row_].size()) {
    if (!problem_) {
      problem_ = Problem("column " + std::string(column) + " is missing");
    }
    return nullptr;
  }
  return &set_.rows[row_][index];
}

void ReplyRow::Malformed(std::string_view column, std::string_view value) const {
  if (!problem_) {
    problem_ = Problem("column " + std::string(column) + " holds '" + Shorten(value, 60) + "'");
  }
}

std::string ReplyRow::Text(std::string_view column) const {
  const auto* value = Find(column);
  if (value == nullptr || !value->has_value()) {
    return "";
  }
  std::string text = **value;
  text.erase(text.find_last_not_of(' ') + 1);
  return text;
}

std::optional<std::int64_t> ReplyRow::Int64(std::string_view column) const {
  const std::string text = Text(column);
  if (text.empty()) {
    return std::nullopt;
  }
  const auto number = Parse<std::int64_t>(text);
  if (!number) {
    Malformed(column, text);
  }
  return number;
}

int ReplyRow::Int(std::string_view column) const {
  const std::string text = Text(column);
  if (text.empty()) {
    return 0;
  }
  const auto number = Parse<int>(text);
  if (!number) {
    Malformed(column, text);
  }
  return number.value_or(0);
}

bool ReplyRow::Bool(std::string_view column) const { return Int(column) != 0; }

std::string ReplyRow::Bytes(std::string_view column) const {
  const std::string text = Text(column);
  auto bytes = FromHex(text);
  if (!bytes) {
    Malformed(column, text);
  }
  return std::move(bytes).value_or(std::string());
}

std::optional<double> ReplyRow::Real(std::string_view column) const {
  const std::string text = Text(column);
  if (text.empty()) {
    return std::nullopt;
  }
  const auto number = Parse<double>(text);
  if (!number) {
    Malformed(column, text);
  }
  return number;
}

std::optional<TimePoint> ReplyRow::Time(std::string_view column) const {
  const std::string text = Text(column);
  if (text.empty()) {
    return std::nullopt;
  }
  const auto time = ParseRfc3339(text + "Z");
  if (!time) {
    Malformed(column, text);
  }
  return time;
}

const ResultSet* ReplyTables::Find(std::string_view marker) const {
  const auto found = std::ranges::find_if(reply_.sets, [&](const ResultSet& set) {
    return std::ranges::find(set.columns, marker) != set.columns.end();
  });
  return found == reply_.sets.end() ? nullptr : &*found;
}

void ReplyTables::ForEach(std::string_view marker, const std::function<void(const ReplyRow&)>& read,
                          bool optional_set) {
  const ResultSet* set = Find(marker);
  if (set == nullptr) {
    if (!optional_set && !problem_) {
      problem_ = Problem("the set with the column " + std::string(marker) + " is missing");
    }
    return;
  }
  for (std::size_t row = 0; row < set->rows.size(); ++row) {
    read(ReplyRow(*set, row, problem_));
  }
}

void ReplyTables::One(std::string_view marker, const std::function<void(const ReplyRow&)>& read) {
  int rows = 0;
  ForEach(marker, [&](const ReplyRow& row) {
    ++rows;
    read(row);
  });
  if (rows != 1 && !problem_) {
    problem_ = Problem("the set with the column " + std::string(marker) + " has " +
                       std::to_string(rows) + " rows in place of one");
  }
}

}  // namespace milink::sql
