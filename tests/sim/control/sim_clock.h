// The simulator's clock: stands still and is stepped by tests, or runs at a multiple of real time.
// Thread-safe.
#pragma once

#include <mutex>

#include "core/base/clock.h"

namespace milink::sim {

class SimClock final : public Clock {
 public:
  // `speed` 0: stands still. `real` must outlive the clock.
  explicit SimClock(const Clock& real, double speed = 1.0);

  TimePoint Now() const override;
  MonotonicTime Monotonic() const override;
  void Step(Duration by);
  void SetSpeed(double speed);
  double speed() const;

 private:
  std::chrono::nanoseconds Passed() const;  // since the start, as simulated; lock held

  const Clock& real_;
  mutable std::mutex mutex_;
  TimePoint start_;
  MonotonicTime real_mark_;
  std::chrono::nanoseconds passed_{0};  // at real_mark_
  double speed_;
};

}  // namespace milink::sim
