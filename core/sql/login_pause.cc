#include "core/sql/login_pause.h"

namespace milink::sql {

void LoginPause::Begin(const Error& refusal, MonotonicTime now) {
  refusal_ = refusal;
  allowed_ = now + length_;
}

std::optional<Error> LoginPause::Check(MonotonicTime now) {
  if (!refusal_ || now >= allowed_) {
    refusal_.reset();
    return std::nullopt;
  }
  Error paused = *refusal_;
  paused.retry_after = std::chrono::ceil<Duration>(allowed_ - now);
  return paused;
}

}  // namespace milink::sql
