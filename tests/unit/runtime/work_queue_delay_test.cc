#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/runtime/work_queue.h"
#include "tests/unit/runtime/queue_fixture.h"

namespace milink::runtime {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

using WorkQueueDelayTest = QueueTest;

TEST_F(WorkQueueDelayTest, ADelayedKeyComesWhenItsTimeHasCome) {
  queue_.AddAfter(Key("a"), seconds(10));
  EXPECT_THAT(DrainNames(), IsEmpty());
  clock_.Step(milliseconds(9'999));
  EXPECT_THAT(DrainNames(), IsEmpty());
  clock_.Step(milliseconds(1));
  EXPECT_THAT(DrainNames(), ElementsAre("a"));
}

TEST_F(WorkQueueDelayTest, TheWallClockDoesNotMoveDelays) {
  queue_.AddAfter(Key("a"), seconds(10));
  clock_.SetNow(clock_.Now() + std::chrono::hours(24));
  EXPECT_THAT(DrainNames(), IsEmpty());
}

TEST_F(WorkQueueDelayTest, TheEarliestOfSeveralDelaysWins) {
  queue_.AddAfter(Key("a"), seconds(10));
  queue_.AddAfter(Key("a"), seconds(5));
  queue_.AddAfter(Key("a"), seconds(20));
  EXPECT_EQ(queue_.NextReady(), clock_.Monotonic() + seconds(5));
  clock_.Step(seconds(5));
  EXPECT_THAT(DrainNames(), ElementsAre("a"));
  clock_.Step(seconds(60));
  EXPECT_THAT(DrainNames(), IsEmpty());
}

TEST_F(WorkQueueDelayTest, AnImmediateAddCancelsTheDelay) {
  queue_.AddAfter(Key("a"), seconds(10));
  queue_.Add(Key("a"));
  EXPECT_THAT(DrainNames(), ElementsAre("a"));
  EXPECT_EQ(queue_.NextReady(), std::nullopt);
}

TEST_F(WorkQueueDelayTest, ADelayOfAReadyKeyChangesNothing) {
  queue_.Add(Key("a"));
  queue_.AddAfter(Key("a"), seconds(10));
  EXPECT_THAT(DrainNames(), ElementsAre("a"));
  EXPECT_EQ(queue_.NextReady(), std::nullopt);
}

TEST_F(WorkQueueDelayTest, ADelayThatIsNotPositiveIsNow) {
  queue_.AddAfter(Key("a"), Duration::zero());
  queue_.AddAfter(Key("b"), -seconds(1));
  EXPECT_THAT(DrainNames(), ElementsAre("a", "b"));
}

TEST_F(WorkQueueDelayTest, DueKeysStayAheadOfLaterAdds) {
  queue_.AddAfter(Key("second"), seconds(2));
  queue_.AddAfter(Key("first"), seconds(1));
  clock_.Step(seconds(3));
  queue_.Add(Key("third"));
  EXPECT_THAT(DrainNames(), ElementsAre("first", "second", "third"));
}

TEST_F(WorkQueueDelayTest, ADelayThatEndsWhileTheKeyRunsCountsAsAnAdd) {
  queue_.Add(Key("a"));
  ASSERT_EQ(Take(), "a");
  queue_.AddAfter(Key("a"), seconds(1));
  clock_.Step(seconds(2));
  EXPECT_EQ(Take(), "");
  queue_.Done(Key("a"));
  EXPECT_THAT(DrainNames(), ElementsAre("a"));
}

TEST_F(WorkQueueDelayTest, ADelayedKeyKeepsTheHighestPriorityAskedFor) {
  queue_.AddAfter(Key("a"), seconds(1), kUrgentPriority);
  queue_.AddAfter(Key("a"), seconds(1), kPeriodicPriority);
  clock_.Step(seconds(1));
  EXPECT_EQ(queue_.TryGet(), (WorkQueue::Item{Key("a"), kUrgentPriority}));
}

}  // namespace
}  // namespace milink::runtime
