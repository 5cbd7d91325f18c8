// When a request is sent again. Pure functions.
// Source: k8s.io/client-go rest/with_retry.go.
#pragma once

#include <optional>

#include "core/kube/http.h"

namespace milink::kube {

inline constexpr int kMaxAttempts = 10;

// How long to wait before attempt `attempt` + 1 (the first one is 1); nothing: give up.
// - The server named a time with Retry-After (429 or 5xx): that long.
// - A GET lost its connection: 1 s. A write is never sent again: it may have taken effect.
// - Never beyond `remaining`, what is left of the request's deadline.
std::optional<Duration> RetryDelay(int attempt, HttpMethod method,
                                   const Result<HttpResponse>& outcome, Duration remaining);

// The Retry-After of an answer.
std::optional<Duration> RetryAfterOf(const HttpHead& head);

}  // namespace milink::kube
