#include <map>
#include <set>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/runtime/work_queue.h"
#include "tests/unit/runtime/queue_fixture.h"

namespace milink::runtime {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

using WorkQueueRetryTest = QueueTest;

TEST_F(WorkQueueRetryTest, RetriesWaitTwiceAsLongEachTimeUpToTheCap) {
  const std::map<int, Duration> expected{{1, milliseconds(5)},        {2, milliseconds(10)},
                                         {3, milliseconds(20)},       {10, milliseconds(2'560)},
                                         {17, milliseconds(327'680)}, {18, milliseconds(655'360)},
                                         {19, seconds(1'000)},        {80, seconds(1'000)}};
  for (int failure = 1; failure <= 80; ++failure) {
    const Duration delay = queue_.AddRateLimited(Key("a"));
    if (const auto it = expected.find(failure); it != expected.end()) {
      EXPECT_EQ(delay, it->second) << "failure " << failure;
    }
  }
  EXPECT_EQ(queue_.Failures(Key("a")), 80);
}

TEST_F(WorkQueueRetryTest, ForgetStartsTheBackoffAgain) {
  queue_.AddRateLimited(Key("a"));
  queue_.AddRateLimited(Key("a"));
  queue_.Forget(Key("a"));
  EXPECT_EQ(queue_.Failures(Key("a")), 0);
  EXPECT_EQ(queue_.AddRateLimited(Key("a")), milliseconds(5));
}

TEST_F(WorkQueueRetryTest, FailuresAreCountedPerKey) {
  queue_.AddRateLimited(Key("a"));
  queue_.AddRateLimited(Key("a"));
  EXPECT_EQ(queue_.AddRateLimited(Key("b")), milliseconds(5));
}

TEST_F(WorkQueueRetryTest, ARetryWaitsAtLeastAsLongAsTheOtherSideAskedFor) {
  EXPECT_EQ(queue_.AddRateLimited(Key("a"), kChangePriority, seconds(30)), seconds(30));
  EXPECT_EQ(queue_.AddRateLimited(Key("a"), kChangePriority, milliseconds(1)), milliseconds(10));
}

TEST(WorkQueueJitterTest, RetriesAreSpreadByAFifthAndFollowTheSeed) {
  fakes::FakeClock clock;
  std::set<Duration> delays;
  for (std::uint64_t seed = 1; seed <= 50; ++seed) {
    const auto random = MakeSeededRandom(seed);
    const auto again = MakeSeededRandom(seed);
    WorkQueue queue(clock, *random);
    WorkQueue same(clock, *again);
    for (int failure = 1; failure <= 25; ++failure) {
      const Duration delay = queue.AddRateLimited(Key("a"));
      EXPECT_EQ(delay, same.AddRateLimited(Key("a")));
      const Duration least = BackoffDelay(WorkQueue::kRetryPolicy, failure);
      EXPECT_GE(delay, least);
      EXPECT_LE(delay, least * 12 / 10);
      if (failure == 25) delays.insert(delay);
    }
  }
  EXPECT_GT(delays.size(), 40U) << "objects that failed together come back apart";
}

}  // namespace
}  // namespace milink::runtime
