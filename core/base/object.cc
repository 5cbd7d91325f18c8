#include "core/base/object.h"

#include <algorithm>

#include <nlohmann/json.hpp>

#include "core/base/json.h"
#include "core/base/time_format.h"

namespace milink {
namespace {

std::map<std::string, std::string> MapAt(const nlohmann::json& node, const char* field) {
  std::map<std::string, std::string> out;
  const auto it = node.find(field);
  if (it == node.end() || !it->is_object()) {
    return out;
  }
  for (const auto& [key, value] : it->items()) {
    if (value.is_string()) {
      out.emplace(key, value.get<std::string>());
    }
  }
  return out;
}

bool IsPlainNumber(const std::string& text) {
  return !text.empty() && text.front() != '0' &&
         std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
}

}  // namespace

std::string ToString(const ObjectKey& key) {
  return key.namespace_name.empty() ? key.name : key.namespace_name + "/" + key.name;
}

Result<ObjectMeta> ParseObjectMeta(const nlohmann::json& object) {
  const auto it = object.is_object() ? object.find("metadata") : object.end();
  if (!object.is_object() || it == object.end() || !it->is_object()) {
    return Error{ErrorKind::kInvalid, "MissingMetadata", "object has no metadata", ""};
  }
  ObjectMeta meta;
  meta.key = {JsonText(*it, "namespace"), JsonText(*it, "name")};
  meta.uid = JsonText(*it, "uid");
  meta.resource_version = JsonText(*it, "resourceVersion");
  if (meta.key.name.empty() || meta.uid.empty() || meta.resource_version.empty()) {
    return Error{ErrorKind::kInvalid, "MissingMetadata",
                 "object lacks metadata.name, uid or resourceVersion", ""};
  }
  if (const auto generation = it->find("generation");
      generation != it->end() && generation->is_number_integer()) {
    meta.generation = generation->get<std::int64_t>();
  }
  meta.creation_time = ParseRfc3339(JsonText(*it, "creationTimestamp"));
  meta.deletion_time = ParseRfc3339(JsonText(*it, "deletionTimestamp"));
  meta.annotations = MapAt(*it, "annotations");
  if (const auto list = it->find("finalizers"); list != it->end() && list->is_array()) {
    for (const auto& item : *list) {
      if (item.is_string()) {
        meta.finalizers.push_back(item.get<std::string>());
      }
    }
  }
  return meta;
}

std::optional<bool> IsOlderVersion(const std::string& a, const std::string& b) {
  if (!IsPlainNumber(a) || !IsPlainNumber(b)) {
    return std::nullopt;
  }
  return a.size() != b.size() ? a.size() < b.size() : a < b;
}

}  // namespace milink
