// A clock that stands still until a test moves it. Thread-safe.
#pragma once

#include <mutex>

#include "core/base/clock.h"

namespace milink::fakes {

class FakeClock final : public Clock {
 public:
  // 2026-11-21T10:00:00Z unless told otherwise.
  explicit FakeClock(TimePoint start = TimePoint(std::chrono::seconds(1'795'255'200)))
      : now_(start), monotonic_(std::chrono::hours(1)) {}

  TimePoint Now() const override {
    const std::lock_guard lock(mutex_);
    return now_;
  }
  MonotonicTime Monotonic() const override {
    const std::lock_guard lock(mutex_);
    return monotonic_;
  }
  void Step(Duration by) {
    const std::lock_guard lock(mutex_);
    now_ += by;
    monotonic_ += by;
  }
  // The wall clock alone jumps, as when an administrator sets it.
  void SetNow(TimePoint now) {
    const std::lock_guard lock(mutex_);
    now_ = now;
  }

 private:
  mutable std::mutex mutex_;
  TimePoint now_;
  MonotonicTime monotonic_;
};

}  // namespace milink::fakes
