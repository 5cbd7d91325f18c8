// After a refused login nobody tries again for a while: servers lock logins that fail too often.
//
// Not thread-safe: a lock of its owner guards it.
#pragma once

#include <optional>

#include "core/base/clock.h"
#include "core/base/error.h"

namespace milink::sql {

class LoginPause {
 public:
  explicit LoginPause(Duration length) : length_(length) {}

  void Begin(const Error& refusal, MonotonicTime now);
  void End() { refusal_.reset(); }
  // Why no login may be tried now: the refusal, with what is left as its retry_after. Nothing: one
  // may.
  std::optional<Error> Check(MonotonicTime now);

 private:
  const Duration length_;
  std::optional<Error> refusal_;
  MonotonicTime allowed_;
};

}  // namespace milink::sql
