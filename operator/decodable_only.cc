#include "operator/decodable_only.h"

#include <algorithm>
#include <string>
#include <utility>

#include <nlohmann/json.hpp>

#include "core/api/codec.h"
#include "core/api/reasons.h"
#include "core/base/json.h"
#include "core/base/time_format.h"

namespace milink::app {
namespace {

using nlohmann::json;
using runtime::Outcome;

// A change wakes it; this is for a change of its status alone, which wakes nobody.
constexpr Duration kLookAgain = std::chrono::minutes(5);

// Null: it has none.
json ReadyOf(const json& object) {
  const json& conditions = JsonChild(JsonChild(object, "status"), "conditions");
  const auto found = std::ranges::find_if(conditions, [](const json& condition) {
    return JsonText(condition, "type") == api::condition_type::kReady;
  });
  return found == conditions.end() ? json() : *found;
}

json WantedReady(const ObjectMeta& meta, const Error& why, const json& before, TimePoint now) {
  const bool was_false = JsonText(before, "status") == "False";
  const std::string since = JsonText(before, "lastTransitionTime");
  return {{"type", api::condition_type::kReady},
          {"status", "False"},
          {"reason", api::reason::kUndecodable},
          {"message",
           "This version of the operator cannot read the object: " + why.message +
               ". Run the version that wrote it, or correct it; until then nothing is done for it, "
               "and nothing that it may use is removed"},
          {"observedGeneration", meta.generation},
          {"lastTransitionTime", was_false && !since.empty() ? since : FormatRfc3339(now)}};
}

}  // namespace

DecodableOnly::DecodableOnly(runtime::Reconciler& controller, kube::ResourceType type,
                             WhyUndecodable why, kube::ObjectClient& objects,
                             kube::EventRecorder& events, const Clock& clock)
    : controller_(controller),
      type_(std::move(type)),
      why_(std::move(why)),
      objects_(objects),
      events_(events),
      clock_(clock) {}

Outcome DecodableOnly::Reconcile(const ObjectKey& key, const runtime::ReconcileContext& context) {
  const auto why = why_(key);
  if (!why) {
    return controller_.Reconcile(key, context);
  }
  if (Status told = Tell(key, *why); !told.ok()) {
    return Outcome::Failure(std::move(told).error());
  }
  return Outcome::RequeueAfter(kLookAgain);
}

Status DecodableOnly::Tell(const ObjectKey& key, const Error& why) {
  const auto object = objects_.Get(type_, key);
  if (!object.ok()) {
    return object.error().kind == ErrorKind::kNotFound ? OkStatus() : Status(object.error());
  }
  const auto meta = ParseObjectMeta(*object);
  if (!meta.ok()) {
    return meta.error();
  }
  const json before = ReadyOf(*object);
  const json wanted = WantedReady(*meta, why, before, clock_.Now());
  if (before == wanted) {
    return OkStatus();
  }
  const auto written = objects_.ApplyStatus(type_, *meta, api::kUndecodableManager,
                                            {{"conditions", json::array({wanted})}});
  if (!written.ok()) {
    return written.error();
  }
  events_.Record({type_.group + "/" + type_.version, type_.kind, key, meta->uid},
                 kube::EventType::kWarning, api::reason::kUndecodable, "Decode",
                 wanted.at("message").get<std::string>());
  return OkStatus();
}

}  // namespace milink::app
