#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/runtime/work_queue.h"
#include "tests/unit/runtime/queue_fixture.h"

namespace milink::runtime {
namespace {

using std::chrono::seconds;
using ::testing::ElementsAre;
using ::testing::Pair;

using WorkQueueStatsTest = QueueTest;

TEST_F(WorkQueueStatsTest, StatsCountWhatIsReadyDelayedAndRunning) {
  queue_.Add(Key("a"), kUrgentPriority);
  queue_.Add(Key("b"));
  queue_.Add(Key("c"));
  queue_.AddAfter(Key("d"), seconds(30));
  ASSERT_EQ(Take(), "a");
  clock_.Step(seconds(2));
  ASSERT_EQ(Take(), "b");
  clock_.Step(seconds(3));
  const auto stats = queue_.Stats();
  EXPECT_THAT(stats.ready_by_priority, ElementsAre(Pair(kChangePriority, 1U)));
  EXPECT_EQ(stats.delayed, 1U);
  EXPECT_EQ(stats.running, 2U);
  EXPECT_DOUBLE_EQ(stats.unfinished_work.count(), 8.0);
  EXPECT_DOUBLE_EQ(stats.longest_running.count(), 5.0);
}

class CountingObserver final : public WorkQueueObserver {
 public:
  void OnAdded() override { ++added; }
  void OnRetry() override { ++retries; }
  void OnStarted(std::chrono::duration<double> waited) override { waits.push_back(waited.count()); }
  void OnDone(std::chrono::duration<double> worked) override { works.push_back(worked.count()); }

  int added = 0;
  int retries = 0;
  std::vector<double> waits;
  std::vector<double> works;
};

TEST(WorkQueueObserverTest, HearsOfAddsRetriesWaitsAndWork) {
  const std::chrono::seconds delay(4);
  fakes::FakeClock clock;
  CountingObserver observer;
  const auto random = MakeSeededRandom(1);
  WorkQueue queue(clock, *random, &observer, WithoutJitter());
  queue.AddAfter(Key("a"), delay);
  EXPECT_EQ(observer.added, 0) << "a delayed key is not ready";
  clock.Step(delay);
  queue.Add(Key("a"));
  EXPECT_EQ(observer.added, 1) << "the second add collapsed";
  clock.Step(seconds(2));
  ASSERT_TRUE(queue.TryGet());
  clock.Step(seconds(3));
  queue.AddRateLimited(Key("a"));
  queue.Done(Key("a"));
  EXPECT_EQ(observer.retries, 1);
  EXPECT_THAT(observer.waits, ElementsAre(2.0));
  EXPECT_THAT(observer.works, ElementsAre(3.0));
}

}  // namespace
}  // namespace milink::runtime
