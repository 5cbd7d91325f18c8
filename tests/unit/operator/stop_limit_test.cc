#include "operator/stop_limit.h"

#include <future>

#include <gtest/gtest.h>

namespace milink::app {
namespace {

TEST(StopLimitTest, LeavesWhenTheTimeIsUp) {
  std::promise<void> left;
  const StopLimit limit(std::chrono::milliseconds(1), [&] { left.set_value(); });
  left.get_future().wait();
}

TEST(StopLimitTest, DoesNothingWhenAllEndedBefore) {
  bool left = false;
  {
    const StopLimit limit(std::chrono::hours(1), [&] { left = true; });
  }
  EXPECT_FALSE(left);
}

}  // namespace
}  // namespace milink::app
