#include "tests/sim/arm/arm_service.h"

#include <algorithm>
#include <ctime>
#include <iomanip>
#include <locale>
#include <sstream>

#include <nlohmann/json.hpp>

#include "core/base/text.h"
#include "core/base/time_format.h"
#include "tests/sim/arm/resources.h"

namespace milink::sim {
namespace {

constexpr std::string_view kTokenPath = "/oauth2/v2.0/token";
constexpr std::string_view kMetadataPath = "/metadata/identity/oauth2/token";
constexpr std::string_view kPermissions = "providers/Microsoft.Authorization/permissions";

// '*' stands for any run of characters; case does not matter.
bool MatchesAction(std::string_view pattern, std::string_view action) {
  if (pattern.empty()) {
    return action.empty();
  }
  if (pattern.front() == '*') {
    for (std::size_t i = 0; i <= action.size(); ++i) {
      if (MatchesAction(pattern.substr(1), action.substr(i))) {
        return true;
      }
    }
    return false;
  }
  return !action.empty() && EqualsIgnoreCaseAscii(pattern.substr(0, 1), action.substr(0, 1)) &&
         MatchesAction(pattern.substr(1), action.substr(1));
}

const std::vector<RolePermission>& RolesOf(const ManagedInstance& instance,
                                           const Principal& principal) {
  static const std::vector<RolePermission> kNone;
  auto it = instance.permissions.find(principal.client_id);
  if (it == instance.permissions.end()) {
    it = instance.permissions.find("*");
  }
  return it == instance.permissions.end() ? kNone : it->second;
}

bool Allowed(const ManagedInstance& instance, const Principal& principal,
             const std::string& action) {
  const auto any = [&](const std::vector<std::string>& patterns) {
    return std::ranges::any_of(
        patterns, [&](const std::string& pattern) { return MatchesAction(pattern, action); });
  };
  return std::ranges::any_of(RolesOf(instance, principal), [&](const RolePermission& role) {
    return any(role.actions) && !any(role.not_actions);
  });
}

std::string ActionOf(const std::string& method, const std::string& family,
                     const std::string& action) {
  const std::string base =
      "Microsoft.Sql/managedInstances" + (family.empty() ? std::string{} : "/" + family);
  if (!action.empty()) {
    return base + "/" + action + "/action";
  }
  if (method == "POST") {
    return base + "/action";
  }
  if (method == "GET") {
    return base + "/read";
  }
  return base + (method == "DELETE" ? "/delete" : "/write");
}

ArmResponse Unauthorized(const std::string& code, const std::string& message) {
  ArmResponse response = GatewayError(401, code, message);
  response.headers.emplace_back("WWW-Authenticate",
                                "Bearer authorization_uri=\"https://login.microsoftonline.com/\", "
                                "error=\"invalid_token\"");
  return response;
}

ArmResponse Forbidden(const ManagedInstance& instance, const Principal& principal,
                      const std::string& action) {
  return GatewayError(403, "AuthorizationFailed",
                      "The client '" + principal.client_id + "' with object id '" +
                          principal.object_id +
                          "' does not have authorization to perform action '" + action +
                          "' over scope '" + instance.Id() +
                          "' or the scope is invalid. If access was recently granted, please "
                          "refresh your credentials.");
}

ArmResponse ListPermissions(const ManagedInstance& instance, const Principal& principal) {
  nlohmann::ordered_json list = nlohmann::ordered_json::array();
  for (const RolePermission& role : RolesOf(instance, principal)) {
    list.push_back({{"actions", role.actions},
                    {"notActions", role.not_actions},
                    {"dataActions", nlohmann::ordered_json::array()},
                    {"notDataActions", nlohmann::ordered_json::array()}});
  }
  return JsonResponse(200, {{"value", list}});
}

// "Sat, 21 Nov 2026 10:00:00 GMT", by the world's clock.
std::string HttpDate(TimePoint time) {
  const std::time_t seconds = std::chrono::system_clock::to_time_t(time);
  std::tm parts{};
  gmtime_r(&seconds, &parts);
  std::ostringstream text;
  text.imbue(std::locale::classic());
  text << std::put_time(&parts, "%a, %d %b %Y %H:%M:%S GMT");
  return text.str();
}

ArmResponse FromVerdict(const Verdict& verdict) {
  ArmResponse response;
  if (verdict.action == Verdict::kClose) {
    response.close = true;
    response.result = "closed";
    return response;
  }
  const HttpFailure& failure = verdict.http;
  response = GatewayError(failure.status,
                          failure.code.empty() ? "GatewayInternalServerError" : failure.code,
                          failure.message.empty() ? "Injected." : failure.message);
  if (failure.retry_after_seconds) {
    response.headers.emplace_back("Retry-After", std::to_string(*failure.retry_after_seconds));
  }
  return response;
}

}  // namespace

ArmResponse JsonResponse(int status, const nlohmann::ordered_json& body) {
  ArmResponse response;
  response.status = status;
  response.body = body.dump();
  response.result = std::to_string(status);
  return response;
}

ArmResponse ErrorResponse(int status, const std::string& code, const std::string& message) {
  ArmResponse response = JsonResponse(status, {{"error", {{"code", code}, {"message", message}}}});
  response.result += " " + code;
  return response;
}

ArmResponse GatewayError(int status, const std::string& code, const std::string& message) {
  ArmResponse response = ErrorResponse(status, code, message);
  response.from_gateway = true;
  response.headers.emplace_back("x-ms-failure-cause", "gateway");
  return response;
}

ArmService::ArmService(World& world, Calls& calls) : world_(world), calls_(calls), tokens_(world) {}

bool ArmService::ParseTarget(const std::string& path, Target& target) {
  const std::vector<std::string> parts = Split(path, '/');
  constexpr std::size_t kInstance = 8;
  if (parts.size() <= kInstance || !EqualsIgnoreCaseAscii(parts[1], "subscriptions") ||
      !EqualsIgnoreCaseAscii(parts[3], "resourceGroups") ||
      !EqualsIgnoreCaseAscii(parts[5], "providers") ||
      !EqualsIgnoreCaseAscii(parts[6], "Microsoft.Sql") ||
      !EqualsIgnoreCaseAscii(parts[7], "managedInstances")) {
    return false;
  }
  target.subscription = parts[2];
  target.group = parts[4];
  target.instance = parts[kInstance];
  if (path.ends_with(kPermissions)) {
    target.family = "permissions";
    return true;
  }
  const auto part = [&](std::size_t at) { return at < parts.size() ? parts[at] : std::string{}; };
  target.family = part(9);
  target.name = part(10);
  target.action = part(11);
  return parts.size() <= 12;
}

Call ArmService::Describe(const ArmRequest& request) {
  Call call;
  call.kind = CallKind::kRequest;
  call.text = request.path;
  call.operation = request.method;
  Target target;
  if (request.path.ends_with(kTokenPath)) {
    call.kind = CallKind::kLogin;
    call.target = "login";
    call.operation = "POST token";
  } else if (request.path == kMetadataPath) {
    call.kind = CallKind::kLogin;
    call.target = "login";
    call.operation = "GET identity token";
  } else if (ParseTarget(request.path, target)) {
    call.target = target.instance;
    call.object = target.name;
    call.operation += " " + (target.family.empty() ? "managedInstances" : target.family) +
                      (target.action.empty() ? "" : "/" + target.action);
    call.mutation = request.method != "GET";
  } else if (request.path.find("/Microsoft.Network/") != std::string::npos) {
    call.operation += " network";
    call.object = request.path.substr(request.path.rfind('/') + 1);
  } else if (IsOperationPath(request.path)) {
    call.operation += " operation";
    call.object = request.path.substr(request.path.rfind('/') + 1);
  }
  return call;
}

ArmResponse ArmService::Handle(const ArmRequest& request) {
  Calls::Pass pass = calls_.Begin(Describe(request));
  if (pass.verdict.action != Verdict::kProceed) {
    ArmResponse refused = FromVerdict(pass.verdict);
    AddCommonHeaders(request, refused);
    // What stands after the call is for calls that happened.
    (void)pass.End(false, refused.result);
    return refused;
  }
  ArmResponse response = Dispatch(request);
  const Verdict after = pass.End(response.took_effect, response.result);
  if (after.action != Verdict::kProceed) {
    response = FromVerdict(after);
  }
  AddCommonHeaders(request, response);
  return response;
}

ArmResponse ArmService::Dispatch(const ArmRequest& request) {
  if (request.path.ends_with(kTokenPath) && request.method == "POST") {
    const std::vector<std::string> parts = Split(request.path, '/');
    return tokens_.Issue(parts[1], request.body);
  }
  if (request.path == kMetadataPath && request.method == "GET") {
    return tokens_.IssueOnMachine(request);
  }
  const Tokens::Check check = tokens_.CheckBearer(request.authorization);
  switch (check.state) {
    case Tokens::State::kMissing:
      return Unauthorized("AuthenticationFailed",
                          "Authentication failed. The 'Authorization' header is missing.");
    case Tokens::State::kUnknown:
      return Unauthorized("InvalidAuthenticationToken", "The access token is invalid.");
    case Tokens::State::kExpired:
      return Unauthorized("ExpiredAuthenticationToken",
                          "The access token expiry UTC time is past.");
    case Tokens::State::kGood:
      break;
  }
  const auto version = request.query.find("api-version");
  if (version == request.query.end() || version->second.empty()) {
    return GatewayError(400, "MissingApiVersionParameter",
                        "The api-version query parameter (?api-version=) is required for all "
                        "requests.");
  }
  if (IsOperationPath(request.path)) {
    const auto world = world_.Enter();
    return PollOperation(*world, request);
  }
  if (ArmResponse network = OnNetwork(request, check.principal); network.status != 0) {
    return network;
  }
  Target target;
  if (!ParseTarget(request.path, target)) {
    return GatewayError(404, "InvalidResourceType",
                        "The resource type could not be found in the namespace.");
  }
  return OnInstance(request, target, check.principal);
}

ArmResponse ArmService::OnNetwork(const ArmRequest& request, const Principal& principal) {
  ArmResponse nothing;
  nothing.status = 0;
  const auto world = world_.Enter();
  for (const auto& instance : world->managed_instances) {
    const bool subnet = EqualsIgnoreCaseAscii(request.path, instance->SubnetId());
    if (!subnet && !EqualsIgnoreCaseAscii(request.path, instance->SecurityGroupId())) {
      continue;
    }
    if (request.method != "GET") {
      return MethodNotAllowed();
    }
    const std::string action = subnet ? "Microsoft.Network/virtualNetworks/subnets/read"
                                      : "Microsoft.Network/networkSecurityGroups/read";
    if (!Allowed(*instance, principal, action)) {
      return Forbidden(*instance, principal, action);
    }
    return subnet ? HandleSubnet(*instance) : HandleSecurityGroup(*instance);
  }
  return nothing;
}

ArmResponse ArmService::OnInstance(const ArmRequest& request, const Target& target,
                                   const Principal& principal) {
  const auto world = world_.Enter();
  const auto here = [&](const ManagedInstance& instance) {
    return EqualsIgnoreCaseAscii(instance.subscription_id, target.subscription) &&
           EqualsIgnoreCaseAscii(instance.resource_group, target.group);
  };
  const bool subscription_exists =
      std::ranges::any_of(world->managed_instances, [&](const auto& instance) {
        return EqualsIgnoreCaseAscii(instance->subscription_id, target.subscription);
      });
  if (!subscription_exists) {
    return GatewayError(404, "SubscriptionNotFound", "The requested subscription was not found.");
  }
  const bool group_exists = std::ranges::any_of(
      world->managed_instances, [&](const auto& instance) { return here(*instance); });
  if (!group_exists) {
    return GatewayError(404, "ResourceGroupNotFound",
                        "Resource group '" + target.group + "' could not be found.");
  }
  ManagedInstance* const instance = world->FindManagedInstance(target.instance);
  if (instance == nullptr || !here(*instance)) {
    return GatewayError(404, "ResourceNotFound",
                        "The Resource 'Microsoft.Sql/managedInstances/" + target.instance +
                            "' under resource group '" + target.group +
                            "' was not found. For more details please go to "
                            "https://aka.ms/ARMResourceNotFoundFix");
  }
  if (target.family == "permissions") {
    const std::string listing = "Microsoft.Authorization/permissions/read";
    return world->switches.listing_rights_takes_right && !Allowed(*instance, principal, listing)
               ? Forbidden(*instance, principal, listing)
               : ListPermissions(*instance, principal);
  }
  const std::string action = ActionOf(request.method, target.family, target.action);
  if (!Allowed(*instance, principal, action)) {
    return Forbidden(*instance, principal, action);
  }
  if (world->switches.hybrid_link_rights &&
      EqualsIgnoreCaseAscii(target.family, "distributedAvailabilityGroups")) {
    const std::string linked = ActionOf(request.method, "hybridLink", "");
    if (!Allowed(*instance, principal, linked)) {
      return Forbidden(*instance, principal, linked);
    }
  }
  if (!target.family.empty() && instance->state == "Stopped") {
    return ErrorResponse(400, "ManagedInstanceStoppingOrStopped",
                         "Conflicting operation submitted while instance is in stopping/stopped "
                         "state");
  }
  if (!target.family.empty() && instance->state == "Starting") {
    return ErrorResponse(400, "ManagedInstanceStarting",
                         "Conflicting operation submitted while instance is in starting state");
  }
  const ResourceCall call{.request = request,
                          .world = *world,
                          .instance = *instance,
                          .name = target.name,
                          .api_version = request.query.at("api-version"),
                          .base_url = base_url_};
  const auto is = [&](std::string_view family) {
    return EqualsIgnoreCaseAscii(target.family, family);
  };
  if (is("distributedAvailabilityGroups")) {
    return target.action.empty() ? HandleLinks(call) : HandleFailover(call);
  }
  if (is("serverTrustCertificates")) {
    return HandleTrustCertificates(call);
  }
  if (is("tdeCertificates")) {
    return HandleTdeCertificates(call);
  }
  if (is("endpointCertificates")) {
    return HandleEndpointCertificates(call);
  }
  if (is("databases")) {
    return HandleDatabases(call);
  }
  if (target.family.empty()) {
    return HandleInstance(call);
  }
  return GatewayError(404, "InvalidResourceType",
                      "The resource type could not be found in the namespace 'Microsoft.Sql'.");
}

void ArmService::AddCommonHeaders(const ArmRequest& request, ArmResponse& response) {
  const auto world = world_.Enter();
  const std::string correlation = world->NewId();
  auto& headers = response.headers;
  headers.emplace_back("Date", HttpDate(world->now));
  headers.emplace_back("Cache-Control", "no-cache");
  headers.emplace_back("Pragma", "no-cache");
  headers.emplace_back("Expires", "-1");
  headers.emplace_back("Strict-Transport-Security", "max-age=31536000; includeSubDomains");
  headers.emplace_back("X-Content-Type-Options", "nosniff");
  headers.emplace_back("x-ms-request-id", response.from_gateway ? correlation : world->NewId());
  headers.emplace_back("x-ms-correlation-request-id", correlation);
  headers.emplace_back("x-ms-routing-request-id",
                       "WESTEUROPE:" + FormatRfc3339(world->now) + ":" + correlation);
  if (request.return_client_request_id) {
    headers.emplace_back("x-ms-client-request-id", request.client_request_id);
  }
  if (world->switches.global_rate_headers) {
    headers.emplace_back("X-Cache", "CONFIG_NOCACHE");
  }
  if (response.from_gateway) {
    return;
  }
  const std::string kind = request.method == "GET"      ? "reads"
                           : request.method == "DELETE" ? "deletes"
                                                        : "writes";
  const std::string prefix = "x-ms-ratelimit-remaining-subscription-";
  if (world->switches.global_rate_headers) {
    headers.emplace_back(prefix + "global-" + kind, kind == "reads" ? "16499" : "11999");
    if (kind != "reads") {
      headers.emplace_back(prefix + kind, "799");
    }
  } else {
    headers.emplace_back("Server", "Microsoft-HTTPAPI/2.0");
    headers.emplace_back(prefix + kind, kind == "reads"    ? "11999"
                                        : kind == "writes" ? "1199"
                                                           : "14999");
  }
}

}  // namespace milink::sim
