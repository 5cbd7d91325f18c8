// Refusals of the API server: metav1.Status and HTTP codes as Error.
//
// The reason of the Error is the server's own ("NotFound", "Conflict", "Expired", ..); where the
// server gave none, it follows from the HTTP code. Pure functions.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include <nlohmann/json_fwd.hpp>

#include "core/base/clock.h"
#include "core/base/error.h"
#include "core/kube/http.h"

namespace milink::kube {

// Reasons of our own transport.
inline constexpr std::string_view kConnectionRefused = "ConnectionRefused";  // nobody listens
inline constexpr std::string_view kConnectionLost = "ConnectionLost";  // reset, or an early end
inline constexpr std::string_view kTimeout = "DeadlineExceeded";
inline constexpr std::string_view kTlsFailed = "TlsFailed";          // untrusted, wrong host, ..
inline constexpr std::string_view kProxyRefused = "ProxyRefused";    // no tunnel to the server
inline constexpr std::string_view kAnswerGarbled = "AnswerGarbled";  // not HTTP, or not JSON
inline constexpr std::string_view kAnswerTooLarge = "AnswerTooLarge";
inline constexpr std::string_view kStopped = "Stopped";  // this program is shutting down
inline constexpr std::string_view kOutcomeUnknown = "OutcomeUnknown";  // a write without an answer

// A whole answer with a code other than 2xx. A body which is not a Status (a proxy's page) leaves
// a short excerpt in the detail, and its 404 is never kNotFound: that would read "the object is
// gone" where nobody looked for it. It is kTransient "PathUnknown"; API servers say so themselves
// while a CRD is missing.
Error DecodeRefusal(int http_code, std::string_view body, std::optional<Duration> retry_after);
// A Status object, as in an ERROR event of a watch.
Error DecodeStatus(const nlohmann::json& status);

// Was it the API server that refused, or a proxy or load balancer before it? An API server answers
// with a Status, except for a path that it does not know, as while a CRD is missing: that one gets
// "404 page not found", as of any server in Go, but with the Audit-Id that every answer has.
bool IsFromApiServer(const HttpHead& head, std::string_view body);

// 410: the version, or the continue token, is no longer known.
bool IsExpired(const Error& error);
// The server has not reached the version that was asked for.
bool IsVersionTooLarge(const Error& error);

// Retry-After in seconds; its other form, a date, is not sent by API servers. Nothing: malformed.
std::optional<Duration> ParseRetryAfter(std::string_view header);

}  // namespace milink::kube
