#include "core/base/backoff.h"

#include <algorithm>
#include <cmath>

namespace milink {

Duration BackoffDelay(const BackoffPolicy& policy, int failures, Random& random) {
  if (failures <= 0) {
    return Duration::zero();
  }
  const double raw =
      static_cast<double>(policy.base.count()) * std::pow(policy.factor, failures - 1);
  const double capped = std::min(raw, static_cast<double>(policy.cap.count()));
  const double spread = capped * (1.0 + policy.jitter * random.Uniform());
  return Duration(static_cast<Duration::rep>(spread));
}

}  // namespace milink
