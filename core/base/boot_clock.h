// A clock whose monotonic time also counts while the machine sleeps (CLOCK_BOOTTIME): what was
// granted until a certain time by others, who go on meanwhile, must have ended when it wakes up.
//
// Its Monotonic() is not comparable with that of SystemClock.
#pragma once

#include "core/base/clock.h"

namespace milink {

class BootClock final : public Clock {
 public:
  TimePoint Now() const override;
  MonotonicTime Monotonic() const override;
};

}  // namespace milink
