#include "core/base/backoff.h"

#include <algorithm>
#include <memory>

#include <gtest/gtest.h>

namespace milink {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr BackoffPolicy kPolicy{.base = milliseconds(800), .cap = seconds(30)};

TEST(BackoffTest, DoublesUpToTheCap) {
  struct Row {
    int failures;
    Duration delay;
  };
  for (const Row& row :
       {Row{-1, Duration(0)}, Row{0, Duration(0)}, Row{1, milliseconds(800)},
        Row{2, milliseconds(1'600)}, Row{5, milliseconds(12'800)}, Row{6, milliseconds(25'600)},
        Row{7, seconds(30)}, Row{100, seconds(30)}, Row{1'000'000, seconds(30)}}) {
    EXPECT_EQ(BackoffDelay(kPolicy, row.failures), row.delay) << row.failures << " failures";
  }
}

TEST(BackoffTest, TheFactorIsThePolicys) {
  const BackoffPolicy policy{.base = milliseconds(10), .cap = seconds(10), .factor = 5.0};
  EXPECT_EQ(BackoffDelay(policy, 3), milliseconds(250));
}

TEST(BackoffTest, WithoutJitterRandomnessChangesNothing) {
  const auto random = MakeSeededRandom(1);
  EXPECT_EQ(BackoffDelay(kPolicy, 3, *random), BackoffDelay(kPolicy, 3));
}

TEST(BackoffTest, JitterOnlyLengthensAndStaysBelowItsShare) {
  const auto random = MakeSeededRandom(1);
  const BackoffPolicy policy{.base = seconds(1), .cap = seconds(30), .jitter = 1.0};
  Duration lowest = Duration::max();
  Duration highest = Duration::zero();
  for (int i = 0; i < 1000; ++i) {
    const Duration delay = BackoffDelay(policy, 2, *random);
    lowest = std::min(lowest, delay);
    highest = std::max(highest, delay);
  }
  EXPECT_GE(lowest, seconds(2));
  EXPECT_LT(lowest, milliseconds(2'100));
  EXPECT_LT(highest, seconds(4));
  EXPECT_GT(highest, milliseconds(3'900));
}

}  // namespace
}  // namespace milink
