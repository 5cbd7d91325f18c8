#include "core/kube/lease.h"

#include <algorithm>
#include <utility>

#include "core/base/json.h"
#include "core/base/time_format.h"
#include "core/kube/api_status.h"
#include "core/kube/resource_path.h"
#include "core/kube/retry.h"

namespace milink::kube {
namespace {

using nlohmann::json;

const ResourceType kLeases{"coordination.k8s.io", "v1", "leases", "Lease"};
// Longer ones are nobody's intention, and must not overflow.
constexpr std::int64_t kMaxSeconds = std::int64_t{24} * 3600;

std::int64_t NumberAt(const json& spec, const char* field) {
  const json& value = JsonChild(spec, field);
  return value.is_number_integer() ? value.get<std::int64_t>() : 0;
}

}  // namespace

LeaseSpec DecodeLease(const json& object) {
  const json& spec = JsonChild(object, "spec");
  const auto seconds =
      std::clamp<std::int64_t>(NumberAt(spec, "leaseDurationSeconds"), 0, kMaxSeconds);
  return {.holder = JsonText(spec, "holderIdentity"),
          .duration = std::chrono::seconds(seconds),
          .acquire_time = ParseRfc3339(JsonText(spec, "acquireTime")),
          .renew_time = ParseRfc3339(JsonText(spec, "renewTime")),
          .transitions = static_cast<int>(
              std::clamp<std::int64_t>(NumberAt(spec, "leaseTransitions"), 0, 1 << 30))};
}

json EncodeLease(json object, const LeaseSpec& spec) {
  json& out = object["spec"];
  if (!out.is_object()) {
    out = json::object();
  }
  out["holderIdentity"] = spec.holder;
  out["leaseDurationSeconds"] =
      std::chrono::duration_cast<std::chrono::seconds>(spec.duration).count();
  out["leaseTransitions"] = spec.transitions;
  const auto set_time = [&out](const char* field, const std::optional<TimePoint>& time) {
    if (time) {
      out[field] = FormatRfc3339Micro(*time);
    } else {
      out.erase(field);
    }
  };
  set_time("acquireTime", spec.acquire_time);
  set_time("renewTime", spec.renew_time);
  return object;
}

Result<StoredLease> ApiLeaseStore::Read(Duration deadline) {
  return Ask(HttpMethod::kGet, key_.name, json(), deadline);
}

Result<StoredLease> ApiLeaseStore::Create(const LeaseSpec& spec, Duration deadline) {
  const json object{{"apiVersion", "coordination.k8s.io/v1"},
                    {"kind", "Lease"},
                    {"metadata", {{"name", key_.name}, {"namespace", key_.namespace_name}}}};
  return Ask(HttpMethod::kPost, "", EncodeLease(object, spec), deadline);
}

Result<StoredLease> ApiLeaseStore::Update(const StoredLease& seen, const LeaseSpec& spec,
                                          Duration deadline) {
  return Ask(HttpMethod::kPut, key_.name, EncodeLease(seen.object, spec), deadline);
}

Result<StoredLease> ApiLeaseStore::Ask(HttpMethod method, const std::string& name, const json& body,
                                       Duration deadline) {
  const auto path = ResourcePath(kLeases, key_.namespace_name, name);
  if (!path) {
    return path.error();
  }
  HttpRequest request{.method = method, .target = *path, .deadline = deadline};
  if (!body.is_null()) {
    request.body = body.dump();
    request.content_type = "application/json";
  }
  const auto response = sender_.Send(request);
  if (!response) {
    return response.error();
  }
  if (response->head.status < 200 || response->head.status > 299) {
    return DecodeRefusal(response->head.status, response->body, RetryAfterOf(response->head));
  }
  json object = ParseJson(response->body);
  // A proxy's own answer must not pass for a renewal, nor for a Lease that nobody holds.
  if (JsonText(object, "kind") != kLeases.kind) {
    return Error{ErrorKind::kTransient, "AnswerGarbled", "the answer is not a Lease", ""};
  }
  LeaseSpec spec = DecodeLease(object);
  return StoredLease{std::move(spec), std::move(object)};
}

}  // namespace milink::kube
