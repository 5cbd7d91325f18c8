#include "tests/sim/arm/tokens.h"

#include <algorithm>
#include <cctype>
#include <optional>

#include <nlohmann/json.hpp>

#include "core/base/text.h"

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
                            {"error_description", "AADSTS" + std::to_string(code) + ": " + text},
                            {"error_codes", nlohmann::ordered_json::array({code})}});
  response.result = error;
  return response;
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
  // A federated assertion is taken on trust: its issuer is not part of this world.
  const bool assertion = std::ranges::count(field("client_assertion"), '.') == 2;
  if (!assertion && (principal->secret.empty() || field("client_secret") != principal->secret)) {
    return Refuse(401, "invalid_client", 7'000'215, "Invalid client secret provided.");
  }
  const std::string token = "sim." + world->NewId() + "." + world->NewId();
  const std::lock_guard lock(mutex_);
  grants_[token] = {.principal = *principal, .expires = world->now + lifetime_};
  ArmResponse response = JsonResponse(
      200, {{"token_type", "Bearer"},
            {"expires_in", std::chrono::duration_cast<std::chrono::seconds>(lifetime_).count()},
            {"ext_expires_in", std::chrono::duration_cast<std::chrono::seconds>(lifetime_).count()},
            {"access_token", token}});
  return response;
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

void Tokens::SetLifetime(Duration lifetime) {
  const std::lock_guard lock(mutex_);
  lifetime_ = lifetime;
}

}  // namespace milink::sim
