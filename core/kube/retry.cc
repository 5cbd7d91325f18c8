#include "core/kube/retry.h"

#include "core/kube/api_status.h"

namespace milink::kube {
namespace {

std::optional<Duration> WishedDelay(HttpMethod method, const Result<HttpResponse>& outcome) {
  if (outcome.ok()) {
    const int status = outcome->head.status;
    return status == 429 || status >= 500 ? RetryAfterOf(outcome->head) : std::nullopt;
  }
  if (method == HttpMethod::kGet && outcome.error().reason == kConnectionLost) {
    return std::chrono::seconds(1);
  }
  return std::nullopt;
}

}  // namespace

std::optional<Duration> RetryAfterOf(const HttpHead& head) {
  const auto it = head.headers.find("retry-after");
  return it == head.headers.end() ? std::nullopt : ParseRetryAfter(it->second);
}

std::optional<Duration> RetryDelay(int attempt, HttpMethod method,
                                   const Result<HttpResponse>& outcome, Duration remaining) {
  const auto delay = WishedDelay(method, outcome);
  if (!delay || attempt >= kMaxAttempts || *delay >= remaining) {
    return std::nullopt;
  }
  return delay;
}

}  // namespace milink::kube
