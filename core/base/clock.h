// Time, injected. Nothing else in the project reads a clock or sleeps.
//
// Thread-safe: all methods may be called from any thread.
#pragma once

#include <chrono>

namespace milink {

using TimePoint = std::chrono::system_clock::time_point;      // UTC, for people and certificates
using MonotonicTime = std::chrono::steady_clock::time_point;  // for deadlines and delays
using Duration = std::chrono::milliseconds;

class Clock {
 public:
  virtual ~Clock() = default;
  virtual TimePoint Now() const = 0;
  virtual MonotonicTime Monotonic() const = 0;
};

class SystemClock final : public Clock {
 public:
  TimePoint Now() const override { return std::chrono::system_clock::now(); }
  MonotonicTime Monotonic() const override { return std::chrono::steady_clock::now(); }
};

}  // namespace milink
