#include "core/api/field_reader.h"

#include <limits>
#include <utility>

#include "core/base/text.h"
#include "core/base/time_format.h"

namespace milink::api {
namespace {

const nlohmann::json& EmptyObject() {
  static const nlohmann::json kEmpty = nlohmann::json::object();
  return kEmpty;
}

template <typename Integer>
bool FitsIn(const nlohmann::json& value) {
  if (!value.is_number_integer()) {
    return false;
  }
  if (value.is_number_unsigned()) {
    return std::in_range<Integer>(value.get<std::uint64_t>());
  }
  return std::in_range<Integer>(value.get<std::int64_t>());
}

}  // namespace

FieldReader::FieldReader(const nlohmann::json& object, std::string path, Problems& problems)
    : object_(&object), path_(std::move(path)), problems_(&problems) {
  if (!object.is_object()) {
    Complain(path_, "an object");
    object_ = &EmptyObject();
  }
}

const nlohmann::json* FieldReader::Find(const char* key) const {
  const auto found = object_->find(key);
  if (found == object_->end() || found->is_null()) {
    return nullptr;
  }
  return &*found;
}

std::string FieldReader::PathOf(const char* key) const {
  return path_.empty() ? key : path_ + "." + key;
}

void FieldReader::Complain(const std::string& path, std::string_view wanted) const {
  problems_->push_back(path + " must be " + std::string(wanted));
}

void FieldReader::Read(const char* key, std::string& value) const {
  const nlohmann::json* found = Find(key);
  if (found == nullptr) {
    return;
  }
  if (!found->is_string()) {
    Complain(PathOf(key), "text");
    return;
  }
  value = found->get<std::string>();
}

void FieldReader::Read(const char* key, bool& value) const {
  const nlohmann::json* found = Find(key);
  if (found == nullptr) {
    return;
  }
  if (!found->is_boolean()) {
    Complain(PathOf(key), "true or false");
    return;
  }
  value = found->get<bool>();
}

template <typename Integer>
void FieldReader::ReadInteger(const char* key, Integer& value) const {
  const nlohmann::json* found = Find(key);
  if (found == nullptr) {
    return;
  }
  if (!FitsIn<Integer>(*found)) {
    Complain(PathOf(key), "a whole number");
    return;
  }
  value = found->get<Integer>();
}

void FieldReader::Read(const char* key, int& value) const { ReadInteger(key, value); }
void FieldReader::Read(const char* key, std::int64_t& value) const { ReadInteger(key, value); }

void FieldReader::Read(const char* key, Duration& value) const {
  std::string text;
  Read(key, text);
  if (text.empty()) {
    return;
  }
  const std::optional<Duration> parsed = ParseDuration(text);
  if (!parsed) {
    Complain(PathOf(key), "a duration such as 1h30m");
    return;
  }
  value = *parsed;
}

void FieldReader::Read(const char* key, std::optional<TimePoint>& value) const {
  std::string text;
  Read(key, text);
  if (text.empty()) {
    return;
  }
  value = ParseRfc3339(text);
  if (!value) {
    Complain(PathOf(key), "a time such as 2026-11-21T10:00:00Z");
  }
}

template <typename T, typename Accept>
void FieldReader::ReadList(const char* key, std::string_view wanted, Accept accept,
                           std::vector<T>& value) const {
  const nlohmann::json* found = Find(key);
  if (found == nullptr) {
    return;
  }
  if (!found->is_array()) {
    Complain(PathOf(key), wanted);
    return;
  }
  for (const nlohmann::json& item : *found) {
    if (!accept(item)) {
      Complain(PathOf(key), wanted);
      return;
    }
    value.push_back(item.get<T>());
  }
}

void FieldReader::Read(const char* key, std::vector<std::string>& value) const {
  ReadList(
      key, "a list of texts", [](const nlohmann::json& item) { return item.is_string(); }, value);
}

void FieldReader::Read(const char* key, std::vector<int>& value) const {
  ReadList(key, "a list of whole numbers", FitsIn<int>, value);
}

std::string FieldReader::Require(const char* key) const {
  std::string value;
  const bool present = Has(key);
  Read(key, value);
  if (!present || (value.empty() && Find(key)->is_string())) {
    Complain(PathOf(key), "given and not empty");
  }
  return value;
}

FieldReader FieldReader::Child(const char* key) const {
  const nlohmann::json* found = Find(key);
  return {found == nullptr ? EmptyObject() : *found, PathOf(key), *problems_};
}

FieldReader FieldReader::RequireChild(const char* key) const {
  if (!Has(key)) {
    Complain(PathOf(key), "given");
  }
  return Child(key);
}

std::vector<FieldReader> FieldReader::Items(const char* key) const {
  std::vector<FieldReader> items;
  const nlohmann::json* found = Find(key);
  if (found == nullptr) {
    return items;
  }
  if (!found->is_array()) {
    Complain(PathOf(key), "a list");
    return items;
  }
  for (const nlohmann::json& item : *found) {
    items.emplace_back(item, PathOf(key) + "[" + std::to_string(items.size()) + "]", *problems_);
  }
  return items;
}

Status CheckProblems(const std::string& what, const FieldReader::Problems& problems) {
  if (problems.empty()) {
    return OkStatus();
  }
  return Error{ErrorKind::kInvalid, "InvalidObject", what + ": " + Join(problems, "; ")};
}

}  // namespace milink::api
