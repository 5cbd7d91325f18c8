// Parts of the JSON form that both kinds have. Used inside core/api.
//
// Thread-safe (pure).
#pragma once

#include <optional>
#include <string>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "core/api/condition.h"
#include "core/api/field_reader.h"
#include "core/api/owned_object.h"

namespace milink::api {

std::vector<Condition> ReadConditions(const FieldReader& status);
nlohmann::json ToJson(const std::vector<Condition>& conditions);

std::vector<OwnedObject> ReadOwnedObjects(const FieldReader& status);
nlohmann::json ToJson(const std::vector<OwnedObject>& objects);

// Left out when there is nothing to say, as server-side apply wants it.
void SetText(nlohmann::json& object, const char* key, const std::string& value);
void SetTime(nlohmann::json& object, const char* key, const std::optional<TimePoint>& value);
void SetTexts(nlohmann::json& object, const char* key, const std::vector<std::string>& value);

}  // namespace milink::api
