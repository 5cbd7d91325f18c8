#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/runtime/work_queue.h"
#include "tests/unit/runtime/queue_fixture.h"

namespace milink::runtime {
namespace {

using std::chrono::seconds;
using ::testing::ElementsAre;

using WorkQueueShutdownTest = QueueTest;

TEST_F(WorkQueueShutdownTest, ShutDownHandsOutWhatIsReadyAndDropsTheRest) {
  queue_.Add(Key("ready"));
  queue_.AddAfter(Key("delayed"), seconds(1));
  queue_.ShutDown();
  queue_.Add(Key("late"));
  clock_.Step(seconds(5));
  const auto item = queue_.Get();
  ASSERT_TRUE(item);
  EXPECT_EQ(item->key.name, "ready");
  EXPECT_EQ(queue_.Get(), std::nullopt);
}

TEST_F(WorkQueueShutdownTest, AKeyAddedWhileRunningStillRunsAfterShutDown) {
  queue_.Add(Key("a"));
  ASSERT_EQ(Take(), "a");
  queue_.Add(Key("a"));
  queue_.ShutDown();
  queue_.Done(Key("a"));
  EXPECT_THAT(DrainNames(), ElementsAre("a"));
}

TEST_F(WorkQueueShutdownTest, AbortDropsEverythingThatWaits) {
  queue_.Add(Key("a"));
  queue_.AddAfter(Key("b"), seconds(1));
  queue_.Abort();
  EXPECT_EQ(queue_.Get(), std::nullopt);
  EXPECT_EQ(queue_.NextReady(), std::nullopt);
}

TEST_F(WorkQueueShutdownTest, IdleMeansNothingReadyAndNothingRunning) {
  EXPECT_TRUE(queue_.WaitIdle(Duration::zero()));
  queue_.Add(Key("a"));
  EXPECT_FALSE(queue_.WaitIdle(Duration::zero())) << "one is ready";
  ASSERT_EQ(Take(), "a");
  EXPECT_FALSE(queue_.WaitIdle(Duration::zero())) << "one is running";
  queue_.AddAfter(Key("a"), seconds(1));
  queue_.Done(Key("a"));
  EXPECT_TRUE(queue_.WaitIdle(Duration::zero())) << "delayed keys do not count";
}

TEST_F(WorkQueueShutdownTest, ADrainEndsAfterTheLastRunAndItsRepetition) {
  queue_.Add(Key("a"));
  ASSERT_EQ(Take(), "a");
  queue_.Add(Key("a"));
  queue_.ShutDown();
  EXPECT_FALSE(queue_.WaitIdle(Duration::zero())) << "still running";
  queue_.Done(Key("a"));
  EXPECT_FALSE(queue_.WaitIdle(Duration::zero())) << "it was added while it ran";
  ASSERT_EQ(Take(), "a");
  queue_.Done(Key("a"));
  EXPECT_TRUE(queue_.WaitIdle(Duration::zero()));
  EXPECT_EQ(queue_.Get(), std::nullopt);
}

TEST_F(WorkQueueShutdownTest, AForcedEndDoesNotRepeatWhatRuns) {
  queue_.Add(Key("a"));
  ASSERT_EQ(Take(), "a");
  queue_.Add(Key("a"));
  queue_.Abort();
  queue_.Done(Key("a"));
  EXPECT_EQ(queue_.Get(), std::nullopt);
  EXPECT_TRUE(queue_.WaitIdle(Duration::zero()));
}

}  // namespace
}  // namespace milink::runtime
