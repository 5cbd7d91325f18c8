#include "core/api/codec_common.h"

#include <nlohmann/json.hpp>

#include "core/api/codec.h"
#include "core/base/time_format.h"

namespace milink::api {
namespace {

constexpr char kPending[] = "Pending";
constexpr char kCreated[] = "Created";

ConditionStatus ParseStatus(const std::string& text) {
  if (text == ToString(ConditionStatus::kTrue)) {
    return ConditionStatus::kTrue;
  }
  if (text == ToString(ConditionStatus::kFalse)) {
    return ConditionStatus::kFalse;
  }
  return ConditionStatus::kUnknown;
}

}  // namespace

void KeepOurs(std::map<std::string, std::string>& annotations) {
  std::erase_if(annotations, [](const auto& annotation) {
    return !annotation.first.starts_with(std::string(kGroup) + "/");
  });
}

std::vector<Condition> ReadConditions(const FieldReader& status) {
  std::vector<Condition> conditions;
  for (const FieldReader& item : status.Items("conditions")) {
    Condition condition;
    condition.type = item.Require("type");
    condition.status = ParseStatus(item.Require("status"));
    item.Read("reason", condition.reason);
    item.Read("message", condition.message);
    item.Read("observedGeneration", condition.observed_generation);
    std::optional<TimePoint> last_transition;
    item.Read("lastTransitionTime", last_transition);
    condition.last_transition = last_transition.value_or(TimePoint{});
    conditions.push_back(std::move(condition));
  }
  return conditions;
}

nlohmann::json ToJson(const std::vector<Condition>& conditions) {
  nlohmann::json list = nlohmann::json::array();
  for (const Condition& condition : conditions) {
    // One by one: an initializer list copies every value, and these are encoded for every link.
    nlohmann::json& item = list.emplace_back(nlohmann::json::object());
    item["type"] = condition.type;
    item["status"] = ToString(condition.status);
    item["reason"] = condition.reason;
    item["message"] = condition.message;
    item["observedGeneration"] = condition.observed_generation;
    item["lastTransitionTime"] = FormatRfc3339(condition.last_transition);
  }
  return list;
}

std::vector<OwnedObject> ReadOwnedObjects(const FieldReader& status) {
  std::vector<OwnedObject> objects;
  for (const FieldReader& item : status.Items("ownedObjects")) {
    OwnedObject object;
    object.side = item.Require("side");
    object.kind = item.Require("kind");
    object.name = item.Require("name");
    item.Read("identity", object.identity);
    // Anything but Created is Pending, the state in which nothing is dropped.
    object.state = item.Require("state") == kCreated ? OwnedState::kCreated : OwnedState::kPending;
    objects.push_back(std::move(object));
  }
  return objects;
}

nlohmann::json ToJson(const std::vector<OwnedObject>& objects) {
  nlohmann::json list = nlohmann::json::array();
  for (const OwnedObject& object : objects) {
    nlohmann::json item = {{"side", object.side},
                           {"kind", object.kind},
                           {"name", object.name},
                           {"state", object.state == OwnedState::kCreated ? kCreated : kPending}};
    SetText(item, "identity", object.identity);
    list.push_back(std::move(item));
  }
  return list;
}

void SetText(nlohmann::json& object, const char* key, const std::string& value) {
  if (!value.empty()) {
    object[key] = value;
  }
}

void SetTime(nlohmann::json& object, const char* key, const std::optional<TimePoint>& value) {
  if (value) {
    object[key] = FormatRfc3339(*value);
  }
}

void SetTexts(nlohmann::json& object, const char* key, const std::vector<std::string>& value) {
  if (!value.empty()) {
    object[key] = value;
  }
}

}  // namespace milink::api
