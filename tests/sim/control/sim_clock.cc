#include "tests/sim/control/sim_clock.h"

namespace milink::sim {

SimClock::SimClock(const Clock& real, double speed)
    : real_(real), start_(real.Now()), real_mark_(real.Monotonic()), speed_(speed) {}

std::chrono::nanoseconds SimClock::Passed() const {
  const auto real = std::chrono::duration<double>(real_.Monotonic() - real_mark_);
  return passed_ + std::chrono::duration_cast<std::chrono::nanoseconds>(real * speed_);
}

TimePoint SimClock::Now() const {
  const std::lock_guard lock(mutex_);
  return start_ + std::chrono::duration_cast<TimePoint::duration>(Passed());
}

MonotonicTime SimClock::Monotonic() const {
  const std::lock_guard lock(mutex_);
  return MonotonicTime(std::chrono::hours(1)) + Passed();
}

void SimClock::Step(Duration by) {
  const std::lock_guard lock(mutex_);
  passed_ += by;
}

void SimClock::SetSpeed(double speed) {
  const std::lock_guard lock(mutex_);
  passed_ = Passed();
  real_mark_ = real_.Monotonic();
  speed_ = speed;
}

double SimClock::speed() const {
  const std::lock_guard lock(mutex_);
  return speed_;
}

}  // namespace milink::sim
