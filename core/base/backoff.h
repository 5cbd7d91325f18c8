// Exponential backoff as a pure function; the caller keeps the count of failures.
#pragma once

#include "core/base/clock.h"
#include "core/base/random.h"

namespace milink {

struct BackoffPolicy {
  Duration base;  // delay after the first failure
  Duration cap;   // never longer than this, before jitter
  double factor = 2.0;
  double jitter = 0.0;  // the delay is spread over [d, d * (1 + jitter))
};

// Delay after `failures` failures in a row (1 = the first one). 0 failures: no delay.
Duration BackoffDelay(const BackoffPolicy& policy, int failures, Random& random);
// The same without jitter.
Duration BackoffDelay(const BackoffPolicy& policy, int failures);

}  // namespace milink
