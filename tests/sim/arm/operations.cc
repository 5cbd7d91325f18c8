#include "tests/sim/arm/operations.h"

#include <nlohmann/json.hpp>

#include "core/base/text.h"
#include "tests/sim/arm/resources.h"
#include "tests/sim/world/x509.h"

namespace milink::sim {
namespace {

constexpr std::string_view kStatus = "AzureAsyncOperation";
constexpr std::string_view kResult = "OperationResults";

// The query of a signed URL. The certificate `c` makes the real ones about 3 KB long.
std::string SignedQuery(const WorldState& world, const std::string& path,
                        const std::string& api_version, const std::string& ticks) {
  constexpr std::size_t kLongCertificate = 2'700;
  std::string certificate = "MII" + ThumbprintOf("certificate of the signer");
  while (world.switches.long_poll_urls && certificate.size() < kLongCertificate) {
    certificate += ThumbprintOf(certificate);
  }
  const std::string unsigned_query =
      "api-version=" + api_version + "&t=" + ticks + "&c=" + certificate;
  const std::string to_sign = "signing key of this process|" + path + "|" + unsigned_query;
  return unsigned_query + "&s=" + ThumbprintOf(to_sign + "|s") +
         "&h=" + ThumbprintOf(to_sign + "|h");
}

std::string PathOf(const Operation& operation, std::string_view kind) {
  return operation.scope + "/providers/Microsoft.Sql/locations/" + operation.location + "/" +
         operation.family + std::string(kind) + "/" + operation.id;
}

// 100-nanosecond ticks since year 1, as the service dates its signatures.
std::string Ticks(TimePoint time) {
  constexpr std::int64_t kTicksToUnixEpoch = 621'355'968'000'000'000;
  const auto since =
      std::chrono::duration_cast<std::chrono::nanoseconds>(time.time_since_epoch()).count();
  return std::to_string(kTicksToUnixEpoch + since / 100);
}

std::string QueryField(const ArmRequest& request, const std::string& name) {
  const auto it = request.query.find(name);
  return it == request.query.end() ? std::string{} : it->second;
}

ArmResponse StatusOf(const Operation& operation) {
  nlohmann::ordered_json body = {{"name", operation.id}};
  switch (operation.state) {
    case OperationState::kInProgress:
      body["status"] = "InProgress";
      break;
    case OperationState::kSucceeded:
      body["status"] = "Succeeded";
      break;
    case OperationState::kFailed:
      body["status"] = "Failed";
      break;
  }
  body["startTime"] = AzureTime(operation.start_time);
  if (operation.state == OperationState::kFailed) {
    body["error"] = {{"code", operation.error.code}, {"message", operation.error.message}};
  }
  return JsonResponse(200, body);
}

ArmResponse ResultOf(const Operation& operation) {
  if (operation.state == OperationState::kInProgress) {
    ArmResponse response;
    response.status = 202;
    return response;
  }
  // What the service answers is a stub that names no resource.
  return JsonResponse(200, {{"id", operation.scope + "/providers/Microsoft.Sql/managedInstances/"},
                            {"type", "Microsoft.Sql/managedInstances/" + operation.family}});
}

}  // namespace

Operation& StartOperation(WorldState& world, const ManagedInstance& instance,
                          const OperationStart& start) {
  Operation operation;
  operation.id = world.NewId();
  operation.name = start.name;
  operation.family = start.family;
  operation.location = instance.location;
  operation.scope =
      "/subscriptions/" + instance.subscription_id + "/resourceGroups/" + instance.resource_group;
  operation.target = instance.Id();
  operation.start_time = world.now;
  world.operations.push_back(std::move(operation));
  return world.operations.back();
}

ArmResponse Accepted(const WorldState& world, const Operation& operation,
                     const std::string& base_url, const OperationStart& start) {
  ArmResponse response = JsonResponse(
      202, {{"operation", operation.name}, {"startTime", AzureTime(operation.start_time)}});
  const std::string result = PathOf(operation, kResult);
  const std::string status = PathOf(operation, kStatus);
  const std::string ticks = Ticks(operation.start_time);
  response.headers.emplace_back(
      "Location", base_url + result + "?" + SignedQuery(world, result, start.api_version, ticks));
  response.headers.emplace_back(
      "Azure-AsyncOperation",
      base_url + status + "?" + SignedQuery(world, status, start.api_version, ticks));
  response.headers.emplace_back("Retry-After", std::to_string(world.switches.retry_after_seconds));
  return response;
}

bool IsOperationPath(const std::string& path) {
  return path.find("/providers/Microsoft.Sql/locations/") != std::string::npos &&
         (path.find(std::string(kStatus) + "/") != std::string::npos ||
          path.find(std::string(kResult) + "/") != std::string::npos);
}

ArmResponse PollOperation(WorldState& world, const ArmRequest& request) {
  const std::string expected = SignedQuery(world, request.path, QueryField(request, "api-version"),
                                           QueryField(request, "t"));
  if (request.raw_query != expected) {
    return ErrorResponse(403, "InvalidOperationUrlSignature",
                         "The signature of the operation's URL does not fit the URL.");
  }
  const Operation* const operation =
      world.FindOperation(request.path.substr(request.path.rfind('/') + 1));
  if (operation == nullptr) {
    return ErrorResponse(404, "OperationIdNotFound", "The operation with Id does not exist.");
  }
  const bool status = request.path.find(std::string(kStatus) + "/") != std::string::npos;
  ArmResponse response = status ? StatusOf(*operation) : ResultOf(*operation);
  if (status || operation->state == OperationState::kInProgress) {
    response.headers.emplace_back("Retry-After",
                                  std::to_string(world.switches.retry_after_seconds));
  }
  return response;
}

}  // namespace milink::sim
