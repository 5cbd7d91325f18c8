#include "core/kube/api_status.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

#include <nlohmann/json.hpp>

#include "core/base/json.h"
#include "core/base/text.h"

namespace milink::kube {
namespace {

using nlohmann::json;

constexpr const char* kVersionTooLarge = "ResourceVersionTooLarge";

struct Meaning {
  std::string_view reason;
  int code;
  ErrorKind kind;
};
// Reason first, code second: a server may send a reason with an unusual code.
// Source: k8s.io/apimachinery, pkg/apis/meta/v1/types.go, StatusReason.
constexpr std::array kMeanings{
    Meaning{"Unauthorized", 401, ErrorKind::kUnauthorized},
    Meaning{"Forbidden", 403, ErrorKind::kUnauthorized},
    Meaning{"NotFound", 404, ErrorKind::kNotFound},
    Meaning{"AlreadyExists", 409, ErrorKind::kConflict},
    Meaning{"Conflict", 409, ErrorKind::kConflict},
    Meaning{"Gone", 410, ErrorKind::kConflict},
    Meaning{"Expired", 410, ErrorKind::kConflict},
    Meaning{"Invalid", 422, ErrorKind::kInvalid},
    Meaning{"BadRequest", 400, ErrorKind::kInvalid},
    Meaning{"MethodNotAllowed", 405, ErrorKind::kUnsupported},
    Meaning{"NotAcceptable", 406, ErrorKind::kUnsupported},
    Meaning{"UnsupportedMediaType", 415, ErrorKind::kUnsupported},
    Meaning{"RequestEntityTooLarge", 413, ErrorKind::kInvalid},
    Meaning{"TooManyRequests", 429, ErrorKind::kThrottled},
    Meaning{"InternalError", 500, ErrorKind::kTransient},
    Meaning{"ServiceUnavailable", 503, ErrorKind::kTransient},
    Meaning{"Timeout", 504, ErrorKind::kTransient},
    Meaning{"ServerTimeout", 500, ErrorKind::kTransient},
};

// The row for a reason; else the first for the code; else by the code's hundreds.
Meaning FindMeaning(std::string_view reason, int code) {
  const auto* by_reason = std::ranges::find(kMeanings, reason, &Meaning::reason);
  if (by_reason != kMeanings.end()) {
    return *by_reason;
  }
  // AlreadyExists shares its code with Conflict, which is the safe reading.
  const auto* by_code = std::ranges::find_if(
      kMeanings, [&](const Meaning& m) { return m.code == code && m.reason != "AlreadyExists"; });
  if (by_code != kMeanings.end()) {
    return *by_code;
  }
  if (code >= 400 && code < 500) {
    return {"Refused", code, ErrorKind::kInvalid};
  }
  return {"ServerError", code, ErrorKind::kTransient};
}

int CodeOf(const json& status) {
  const auto it = status.find("code");
  return it != status.end() && it->is_number_integer() ? it->get<int>() : 0;
}

// The causes as "field: message", and whether one of them is `wanted`.
std::pair<std::string, bool> ReadCauses(const json& status, std::string_view wanted) {
  std::pair<std::string, bool> out{"", false};
  const auto details = status.find("details");
  if (details == status.end() || !details->is_object() || !details->contains("causes") ||
      !details->at("causes").is_array()) {
    return out;
  }
  for (const json& cause : details->at("causes")) {
    if (!cause.is_object()) {
      continue;
    }
    out.second = out.second || JsonText(cause, "reason") == wanted;
    out.first += (out.first.empty() ? "" : "; ") + JsonText(cause, "reason") + " " +
                 JsonText(cause, "field") + ": " + JsonText(cause, "message");
  }
  return out;
}

std::optional<Duration> RetryAfterOf(const json& status) {
  const auto details = status.find("details");
  if (details == status.end() || !details->is_object()) {
    return std::nullopt;
  }
  const auto seconds = details->find("retryAfterSeconds");
  if (seconds == details->end() || !seconds->is_number_integer() || seconds->get<int>() <= 0) {
    return std::nullopt;
  }
  return std::chrono::seconds(seconds->get<int>());
}

bool IsStatus(const json& value) {
  return JsonText(value, "kind") == "Status" && JsonText(value, "apiVersion") == "v1";
}

Error Refusal(const json& status, int http_code, std::optional<Duration> retry_after) {
  const int code = http_code != 0 ? http_code : CodeOf(status);
  const std::string reason = JsonText(status, "reason");
  const Meaning meaning = FindMeaning(reason, code);
  const std::string message = JsonText(status, "message");
  auto [causes, too_large] = ReadCauses(status, kVersionTooLarge);
  // Before 1.17 there was no cause; the words were the only sign.
  too_large = too_large || message.find("Too large resource version") != std::string::npos;

  Error error;
  error.kind = meaning.kind;
  error.reason = reason.empty() ? std::string(meaning.reason) : reason;
  if (too_large) {
    error.reason = kVersionTooLarge;
  }
  error.message = "the Kubernetes API server refused: " +
                  (message.empty() ? "HTTP " + std::to_string(code) : Shorten(message, 1024));
  error.detail = Shorten(causes, 1024);
  error.retry_after = retry_after ? retry_after : RetryAfterOf(status);
  if (error.kind == ErrorKind::kThrottled && !error.retry_after) {
    error.retry_after = std::chrono::seconds(1);
  }
  return error;
}

}  // namespace

Error DecodeRefusal(int http_code, std::string_view body, std::optional<Duration> retry_after) {
  const json status = json::parse(body, nullptr, /*allow_exceptions=*/false);
  if (!IsStatus(status)) {
    Error error = Refusal(json::object(), http_code, retry_after);
    if (error.kind == ErrorKind::kNotFound) {
      error.kind = ErrorKind::kTransient;
      error.reason = "PathUnknown";
      error.message += "; is the CRD installed?";
    }
    error.detail = Shorten(Trim(body), 256);
    return error;
  }
  return Refusal(status, http_code, retry_after);
}

Error DecodeStatus(const json& status) {
  return Refusal(status.is_object() ? status : json::object(), 0, std::nullopt);
}

bool IsFromApiServer(const HttpHead& head, std::string_view body) {
  return head.headers.contains("audit-id") ||
         IsStatus(json::parse(body, nullptr, /*allow_exceptions=*/false));
}

bool IsExpired(const Error& error) { return error.reason == "Expired" || error.reason == "Gone"; }

bool IsVersionTooLarge(const Error& error) { return error.reason == kVersionTooLarge; }

std::optional<Duration> ParseRetryAfter(std::string_view header) {
  const std::string_view text = Trim(header);
  int seconds = 0;
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), seconds);
  if (problem != std::errc() || end != text.data() + text.size() || seconds < 0) {
    return std::nullopt;
  }
  return std::chrono::seconds(seconds);
}

}  // namespace milink::kube
