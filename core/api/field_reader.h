// Reads the fields of a JSON object and notes every one that is missing or of the wrong type, so
// that a person learns of all of them at once.
//
// Used inside core/api. Not thread-safe; the JSON and the problems must outlive the reader.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json.hpp>

#include "core/base/clock.h"
#include "core/base/result.h"

namespace milink::api {

class FieldReader {
 public:
  using Problems = std::vector<std::string>;

  // `path` is how messages name the object, such as "spec.tls".
  FieldReader(const nlohmann::json& object, std::string path, Problems& problems);

  // An absent or null field is not there. The optional ones leave `value` as it is then.
  bool Has(const char* key) const { return Find(key) != nullptr; }
  void Read(const char* key, std::string& value) const;
  void Read(const char* key, bool& value) const;
  void Read(const char* key, int& value) const;
  void Read(const char* key, std::int64_t& value) const;
  void Read(const char* key, Duration& value) const;
  void Read(const char* key, std::optional<TimePoint>& value) const;
  void Read(const char* key, std::vector<std::string>& value) const;
  void Read(const char* key, std::vector<int>& value) const;
  // Must be there and not empty.
  std::string Require(const char* key) const;

  // A reader of an empty object when the field is absent.
  FieldReader Child(const char* key) const;
  FieldReader RequireChild(const char* key) const;
  // The objects of an array; none when it is absent.
  std::vector<FieldReader> Items(const char* key) const;

 private:
  const nlohmann::json* Find(const char* key) const;
  void Complain(const std::string& path, std::string_view wanted) const;
  std::string PathOf(const char* key) const;
  template <typename T, typename Accept>
  void ReadList(const char* key, std::string_view wanted, Accept accept,
                std::vector<T>& value) const;
  template <typename Integer>
  void ReadInteger(const char* key, Integer& value) const;

  const nlohmann::json* object_;
  std::string path_;
  Problems* problems_;
};

// Nothing wrong, or kInvalid with all problems. `what` is the object, e.g. "SqlServerReplica ns/a".
Status CheckProblems(const std::string& what, const FieldReader::Problems& problems);

}  // namespace milink::api
