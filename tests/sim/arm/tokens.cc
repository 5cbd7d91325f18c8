#include "tests/sim/arm/tokens.h"

#include <algorithm>
#include <optional>

#include <nlohmann/json.hpp>

#include "core/base/text.h"
#include "tests/sim/arm/jwt.h"

namespace milink::sim {
namespace {

std::string DecodeForm(std::string_view text) {
  std::string decoded;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto byte = text[i] == '%' ? FromHex(text.substr(i + 1, 2)) : std::nullopt;
    if (byte && byte->size() == 1) {
      decoded += *byte;
      i += 2;
    } else {
      decoded += text[i] == '+' ? ' ' : text[i];
    }
  }
  return decoded;
}

std::map<std::string, std::string> ParseForm(std::string_view form) {
  std::map<std::string, std::string> fields;
  for (const std::string& part : Split(form, '&')) {
    const std::size_t equals = part.find('=');
    if (equals != std::string::npos) {
      fields[DecodeForm(part.substr(0, equals))] = DecodeForm(part.substr(equals + 1));
    }
  }
  return fields;
}

ArmResponse Refuse(int status, const std::string& error, int code, const std::string& text) {
  ArmResponse response =
      JsonResponse(status, {{"error", error},
                            {"error_description", "AADSTS" + std::to_string(code) + ": " + text +
                                                      " Trace ID: 7a Correlation ID: 7b"},
                            {"error_codes", nlohmann::ordered_json::array({code})}});
  response.result = error;
  return response;
}

std::optional<ArmResponse> CheckSecret(const Principal& principal, const std::string& secret) {
  if (!principal.secret.empty() && secret == principal.secret) {
    return std::nullopt;
  }
  return Refuse(401, "invalid_client", 7'000'215, "Invalid client secret provided.");
}

std::optional<ArmResponse> CheckSigned(const Principal& principal, const Jwt& jwt, TimePoint now) {
  constexpr auto kTolerance = std::chrono::minutes(5);
  const auto time = [&](const char* name) {
    return TimePoint(std::chrono::seconds(jwt.payload.value(name, std::int64_t{0})));
  };
  const std::string address = "/" + principal.tenant_id + std::string("/oauth2/v2.0/token");
  if (jwt.payload.value("iss", "") != principal.client_id ||
      jwt.payload.value("sub", "") != principal.client_id ||
      !jwt.payload.value("aud", "").ends_with(address) || jwt.payload.value("jti", "").empty()) {
    return Refuse(401, "invalid_client", 50'027, "JWT token is invalid or malformed.");
  }
  if (principal.certificate_pem.empty() || !VerifyJwt(jwt, principal.certificate_pem)) {
    return Refuse(401, "invalid_client", 700'027,
                  "The certificate with identifier used to sign the client assertion is not "
                  "registered on application.");
  }
  if (now + kTolerance < time("nbf") || now - kTolerance > time("exp")) {
    return Refuse(401, "invalid_client", 700'024,
                  "Client assertion is not within its valid time range.");
  }
  return std::nullopt;
}

// A federated token is taken on trust but for its subject: its issuer is not part of this world.
std::optional<ArmResponse> CheckAssertion(const Principal& principal, const std::string& assertion,
                                          TimePoint now) {
  const auto jwt = ReadJwt(assertion);
  if (jwt && jwt->header.contains("x5t")) {
    return CheckSigned(principal, *jwt, now);
  }
  if (std::ranges::count(assertion, '.') != 2) {
    return Refuse(401, "invalid_client", 50'027, "JWT token is invalid or malformed.");
  }
  if (!principal.federated_subject.empty() &&
      (!jwt || jwt->payload.value("sub", "") != principal.federated_subject)) {
    return Refuse(401, "invalid_client", 700'213,
                  "No matching federated identity record found for presented assertion subject.");
  }
  return std::nullopt;
}

}  // namespace

ArmResponse Tokens::Issue(const std::string& tenant, const std::string& form) {
  const auto fields = ParseForm(form);
  const auto field = [&](const std::string& name) {
    const auto it = fields.find(name);
    return it == fields.end() ? std::string{} : it->second;
  };
  if (field("grant_type") != "client_credentials") {
    return Refuse(400, "unsupported_grant_type", 70'003, "The grant type is not supported.");
  }
  if (!field("scope").ends_with("/.default")) {
    return Refuse(400, "invalid_scope", 70'011, "The provided value for scope is not valid.");
  }
  auto world = world_.Enter();
  const auto principal = std::ranges::find_if(world->principals, [&](const Principal& candidate) {
    return candidate.client_id == field("client_id") && candidate.tenant_id == tenant;
  });
  if (principal == world->principals.end()) {
    return Refuse(
        400, "unauthorized_client", 700'016,
        "Application with identifier '" + field("client_id") + "' was not found in the directory.");
  }
  const std::string assertion = field("client_assertion");
  if (auto refused = assertion.empty() ? CheckSecret(*principal, field("client_secret"))
                                       : CheckAssertion(*principal, assertion, world->now)) {
    return *std::move(refused);
  }
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(lifetime()).count();
  return JsonResponse(200, {{"token_type", "Bearer"},
                            {"expires_in", seconds},
                            {"ext_expires_in", seconds},
                            {"access_token", Give(*world, *principal)}});
}

ArmResponse Tokens::IssueOnMachine(const ArmRequest& request) {
  const auto refuse = [](const std::string& error, const std::string& text) {
    ArmResponse response = JsonResponse(400, {{"error", error}, {"error_description", text}});
    response.result = error;
    return response;
  };
  const auto query = [&](const std::string& name) {
    const auto it = request.query.find(name);
    return it == request.query.end() ? std::string{} : it->second;
  };
  if (!request.metadata) {
    return refuse("invalid_request", "Required metadata header not specified");
  }
  if (query("resource").empty() || query("resource").ends_with("/.default")) {
    return refuse("invalid_resource", "AADSTS500011: The resource principal was not found.");
  }
  auto world = world_.Enter();
  const std::string wanted = query("client_id");
  const auto principal = std::ranges::find_if(world->principals, [&](const Principal& candidate) {
    return wanted.empty() ? candidate.managed_identity == "System"
                          : !candidate.managed_identity.empty() && candidate.client_id == wanted;
  });
  if (principal == world->principals.end()) {
    return refuse("invalid_request", "Identity not found");
  }
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(lifetime());
  const auto end =
      std::chrono::duration_cast<std::chrono::seconds>((world->now + seconds).time_since_epoch());
  return JsonResponse(200, {{"access_token", Give(*world, *principal)},
                            {"client_id", principal->client_id},
                            {"expires_in", std::to_string(seconds.count())},
                            {"expires_on", std::to_string(end.count())},
                            {"resource", query("resource")},
                            {"token_type", "Bearer"}});
}

std::string Tokens::Give(WorldState& world, const Principal& principal) {
  std::string token = "sim." + world.NewId() + "." + world.NewId();
  const std::lock_guard lock(mutex_);
  grants_[token] = {.principal = principal, .expires = world.now + lifetime_};
  return token;
}

Duration Tokens::lifetime() {
  const std::lock_guard lock(mutex_);
  return lifetime_;
}

Tokens::Check Tokens::CheckBearer(const std::string& authorization) {
  constexpr std::string_view kScheme = "Bearer ";
  if (authorization.empty()) {
    return {};
  }
  const TimePoint now = world_.Enter()->now;
  const std::lock_guard lock(mutex_);
  const auto it = authorization.starts_with(kScheme)
                      ? grants_.find(authorization.substr(kScheme.size()))
                      : grants_.end();
  if (it == grants_.end()) {
    return {.state = State::kUnknown, .principal = {}};
  }
  return {.state = now < it->second.expires ? State::kGood : State::kExpired,
          .principal = it->second.principal};
}

void Tokens::ExpireAll() {
  const std::lock_guard lock(mutex_);
  for (auto& [token, grant] : grants_) {
    grant.expires = TimePoint::min();
  }
}

std::vector<std::string> Tokens::Given() {
  const std::lock_guard lock(mutex_);
  std::vector<std::string> tokens;
  for (const auto& [token, grant] : grants_) {
    tokens.push_back(token);
  }
  return tokens;
}

void Tokens::SetLifetime(Duration lifetime) {
  const std::lock_guard lock(mutex_);
  lifetime_ = lifetime;
}

}  // namespace milink::sim
