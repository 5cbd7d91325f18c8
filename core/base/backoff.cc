#include "core/base/backoff.h"

#include <algorithm>
#include <cmath>

namespace milink {

Duration BackoffDelay(const BackoffPolicy& policy, int failures) {
  if (failures <= 0) {
    return Duration::zero();
  }
  const double raw =
      static_cast<double>(policy.base.count()) * std::pow(policy.factor, failures - 1);
  return Duration(std::llround(std::min(raw, static_cast<double>(policy.cap.count()))));
}

Duration BackoffDelay(const BackoffPolicy& policy, int failures, Random& random) {
  const auto delay = static_cast<double>(BackoffDelay(policy, failures).count());
  return Duration(static_cast<Duration::rep>(delay * (1.0 + policy.jitter * random.Uniform())));
}

}  // namespace milink
