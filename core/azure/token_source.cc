#include "core/azure/token_source.h"

#include <charconv>
#include <cstdint>
#include <utility>

#include <nlohmann/json.hpp>

#include "core/base/json.h"

namespace milink::azure {
namespace {

std::optional<std::int64_t> NumberAt(const nlohmann::json& body, const char* field) {
  const auto& value = JsonChild(body, field);
  if (value.is_number()) {
    return value.get<std::int64_t>();
  }
  const std::string text = JsonText(body, field);
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return error == std::errc{} ? std::optional(number) : std::nullopt;
}

std::chrono::seconds LifetimeOf(const nlohmann::json& body, const HttpResponse& response,
                                TimePoint now) {
  if (const auto seconds = NumberAt(body, "expires_in")) {
    return std::chrono::seconds(*seconds);
  }
  if (const auto end = NumberAt(body, "expires_on")) {
    const TimePoint there = response.Date().value_or(now);
    return std::chrono::duration_cast<std::chrono::seconds>(TimePoint(std::chrono::seconds(*end)) -
                                                            there);
  }
  return std::chrono::seconds(0);
}

}  // namespace

std::optional<IssuedToken> ParseToken(const HttpResponse& response, TimePoint now) {
  const auto body = ParseJson(response.body);
  std::string token = body.is_object() ? JsonText(body, "access_token") : "";
  if (response.status != 200 || token.empty()) {
    return std::nullopt;
  }
  IssuedToken issued{Secret(std::move(token)), LifetimeOf(body, response, now), std::nullopt};
  if (const auto refresh = NumberAt(body, "refresh_in"); refresh && *refresh > 0) {
    issued.refresh_in = std::chrono::seconds(*refresh);
  }
  return issued;
}

}  // namespace milink::azure
