#include "core/base/boot_clock.h"

#include <ctime>

namespace milink {

TimePoint BootClock::Now() const { return std::chrono::system_clock::now(); }

MonotonicTime BootClock::Monotonic() const {
  timespec time{};
  clock_gettime(CLOCK_BOOTTIME, &time);  // fails for unknown clocks only; Linux 2.6.39 has it
  return MonotonicTime(std::chrono::seconds(time.tv_sec) + std::chrono::nanoseconds(time.tv_nsec));
}

}  // namespace milink
