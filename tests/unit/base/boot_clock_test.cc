#include "core/base/boot_clock.h"

#include <gtest/gtest.h>

namespace milink {
namespace {

TEST(BootClockTest, NeverGoesBackAndIsNeverBehindTheClockThatSleeps) {
  const BootClock clock;
  const MonotonicTime asleep = SystemClock().Monotonic();
  const MonotonicTime first = clock.Monotonic();
  EXPECT_GE(first, asleep) << "it counts the time asleep as well";
  EXPECT_GE(clock.Monotonic(), first);
}

}  // namespace
}  // namespace milink
