// Parts of the JSON form that both kinds have. Used inside core/api.
//
// Thread-safe (pure).
#pragma once

#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "core/api/condition.h"
#include "core/api/field_reader.h"
#include "core/api/owned_object.h"
#include "core/base/object.h"
#include "core/base/result.h"

namespace milink::api {

// Those of other programs say nothing to us, and there may be many.
void KeepOurs(std::map<std::string, std::string>& annotations);

// An object of a kind by the readers of its two parts. Errors: kInvalid InvalidObject, with all
// that is wrong.
template <typename Object, typename ReadSpec, typename ReadStatus>
Result<Object> DecodeObject(const nlohmann::json& object, const std::string& kind,
                            const ReadSpec& read_spec, const ReadStatus& read_status) {
  auto meta = ParseObjectMeta(object);
  if (!meta.ok()) {
    return meta.error();
  }
  KeepOurs(meta->annotations);
  FieldReader::Problems problems;
  const FieldReader root(object, "", problems);
  Object decoded{.meta = *std::move(meta),
                 .spec = read_spec(root.RequireChild("spec")),
                 .status = read_status(root.Child("status"))};
  if (Status checked = CheckProblems(kind + " " + ToString(decoded.meta.key), problems);
      !checked.ok()) {
    return std::move(checked).error();
  }
  return decoded;
}

std::vector<Condition> ReadConditions(const FieldReader& status);
nlohmann::json ToJson(const std::vector<Condition>& conditions);

std::vector<OwnedObject> ReadOwnedObjects(const FieldReader& status);
nlohmann::json ToJson(const std::vector<OwnedObject>& objects);

// Left out when there is nothing to say, as server-side apply wants it.
void SetText(nlohmann::json& object, const char* key, const std::string& value);
void SetTime(nlohmann::json& object, const char* key, const std::optional<TimePoint>& value);
void SetTexts(nlohmann::json& object, const char* key, const std::vector<std::string>& value);

}  // namespace milink::api
