// Access to the sets of a reply by column name. Pure; a table lives no longer than its reply.
//
// Malformed values and missing columns are collected: read everything, then ask for the problem.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "core/base/clock.h"
#include "core/base/error.h"
#include "core/sql/session.h"

namespace milink::sql {

class ReplyRow {
 public:
  ReplyRow(const ResultSet& set, std::size_t row, std::optional<Error>& problem)
      : set_(set), row_(row), problem_(problem) {}

  // Trailing blanks are cut, as of char columns. NULL is empty, 0 or false.
  std::string Text(std::string_view column) const;
  int Int(std::string_view column) const;
  bool Bool(std::string_view column) const;
  // Hexadecimal in, bytes out.
  std::string Bytes(std::string_view column) const;
  std::optional<std::int64_t> Int64(std::string_view column) const;
  std::optional<double> Real(std::string_view column) const;
  // Of CONVERT style 126, which carries no zone: read as UTC.
  std::optional<TimePoint> Time(std::string_view column) const;

 private:
  const std::optional<std::string>* Find(std::string_view column) const;
  void Malformed(std::string_view column, std::string_view value) const;

  const ResultSet& set_;
  std::size_t row_;
  std::optional<Error>& problem_;
};

class ReplyTables {
 public:
  explicit ReplyTables(const SqlReply& reply) : reply_(reply) {}

  // Calls `read` for every row of the set that has this column. Without such a set: a problem, or
  // nothing when `optional_set`.
  void ForEach(std::string_view marker, const std::function<void(const ReplyRow&)>& read,
               bool optional_set = false);
  // The same for a set that must have one row.
  void One(std::string_view marker, const std::function<void(const ReplyRow&)>& read);

  const std::optional<Error>& problem() const { return problem_; }

 private:
  const ResultSet* Find(std::string_view marker) const;

  const SqlReply& reply_;
  std::optional<Error> problem_;
};

}  // namespace milink::sql
