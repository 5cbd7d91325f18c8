#include "core/runtime/work_queue.h"

#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/runtime/queue_fixture.h"

namespace milink::runtime {
namespace {

using ::testing::ElementsAre;

using WorkQueueTest = QueueTest;

TEST_F(WorkQueueTest, KeysComeOutInTheOrderOfTheirAdds) {
  queue_.Add(Key("a"));
  queue_.Add(Key("b"));
  queue_.Add(Key("c"));
  EXPECT_THAT(DrainNames(), ElementsAre("a", "b", "c"));
}

TEST_F(WorkQueueTest, AddsOfAQueuedKeyCollapse) {
  queue_.Add(Key("a"));
  queue_.Add(Key("b"));
  queue_.Add(Key("a"));
  EXPECT_THAT(DrainNames(), ElementsAre("a", "b"));
}

TEST_F(WorkQueueTest, EqualNamesInOtherNamespacesAreOtherKeys) {
  queue_.Add({"one", "a"});
  queue_.Add({"two", "a"});
  EXPECT_EQ(DrainNames().size(), 2U);
}

TEST_F(WorkQueueTest, AKeyAddedWhileItRunsRunsOnceMoreAfterDone) {
  queue_.Add(Key("a"));
  ASSERT_EQ(Take(), "a");
  queue_.Add(Key("a"));
  queue_.Add(Key("a"));
  EXPECT_EQ(Take(), "") << "the key runs already";
  queue_.Done(Key("a"));
  EXPECT_THAT(DrainNames(), ElementsAre("a"));
}

TEST_F(WorkQueueTest, ARunningKeyDoesNotBlockOthers) {
  queue_.Add(Key("a"));
  ASSERT_EQ(Take(), "a");
  queue_.Add(Key("a"), kUrgentPriority);
  queue_.Add(Key("b"), kPeriodicPriority);
  EXPECT_EQ(Take(), "b");
}

TEST_F(WorkQueueTest, DoneOfAKeyThatDoesNotRunIsIgnored) {
  queue_.Add(Key("a"));
  queue_.Done(Key("a"));
  EXPECT_THAT(DrainNames(), ElementsAre("a"));
}

TEST_F(WorkQueueTest, HigherPriorityComesFirst) {
  queue_.Add(Key("periodic"), kPeriodicPriority);
  queue_.Add(Key("change"), kChangePriority);
  queue_.Add(Key("urgent"), kUrgentPriority);
  EXPECT_THAT(DrainNames(), ElementsAre("urgent", "change", "periodic"));
}

TEST_F(WorkQueueTest, ARaisedKeyGoesToTheBackOfItsNewLevel) {
  queue_.Add(Key("a"), kPeriodicPriority);
  queue_.Add(Key("b"), kChangePriority);
  queue_.Add(Key("a"), kChangePriority);
  EXPECT_THAT(DrainNames(), ElementsAre("b", "a"));
}

TEST_F(WorkQueueTest, ALowerPriorityNeverDemotes) {
  queue_.Add(Key("a"), kChangePriority);
  queue_.Add(Key("b"), kChangePriority);
  queue_.Add(Key("a"), kPeriodicPriority);
  EXPECT_THAT(DrainNames(), ElementsAre("a", "b"));
}

TEST_F(WorkQueueTest, AKeyRaisedWhileItRunsKeepsTheHigherPriority) {
  queue_.Add(Key("a"));
  ASSERT_EQ(Take(), "a");
  queue_.Add(Key("a"), kPeriodicPriority);
  queue_.Add(Key("a"), kUrgentPriority);
  queue_.Add(Key("b"), kChangePriority);
  queue_.Done(Key("a"));
  EXPECT_EQ(queue_.TryGet(), (WorkQueue::Item{Key("a"), kUrgentPriority}));
}

// A key that adds itself again all the time must not keep the others waiting.
TEST_F(WorkQueueTest, ANoisyKeyDoesNotStarveOthers) {
  std::vector<std::string> order;
  queue_.Add(Key("noisy"));
  for (int i = 0; i < 5; ++i) {
    queue_.Add(Key("quiet-" + std::to_string(i)));
  }
  for (int i = 0; i < 7; ++i) {
    const auto item = queue_.TryGet();
    ASSERT_TRUE(item);
    if (item->key.name == "noisy") {
      queue_.Add(item->key);
    }
    order.push_back(item->key.name);
    queue_.Done(item->key);
  }
  EXPECT_THAT(order,
              ElementsAre("noisy", "quiet-0", "quiet-1", "quiet-2", "quiet-3", "quiet-4", "noisy"));
}

// The same with a key that people keep changing, which goes before the periodic ones.
TEST_F(WorkQueueTest, AStreamOfChangesDelaysPeriodicKeysByABoundedNumberOfHandOuts) {
  constexpr int kQuiet = 5;
  queue_.Add(Key("noisy"));
  for (int i = 0; i < kQuiet; ++i) {
    queue_.Add(Key("quiet-" + std::to_string(i)), kPeriodicPriority);
  }
  int quiet_seen = 0;
  constexpr int kBound = kQuiet * (WorkQueue::kPassedOver + 1) + 1;
  int handed_out = 0;
  for (; handed_out < kBound && quiet_seen < kQuiet; ++handed_out) {
    const auto item = queue_.TryGet();
    ASSERT_TRUE(item);
    if (item->key.name == "noisy") {
      queue_.Add(item->key);
    } else {
      EXPECT_EQ(item->key.name, "quiet-" + std::to_string(quiet_seen++));
    }
    queue_.Done(item->key);
  }
  EXPECT_EQ(quiet_seen, kQuiet) << "after " << handed_out << " hand-outs";
}

TEST_F(WorkQueueTest, AUsersChangeGoesBeforePeriodicKeysThatWaitLonger) {
  for (int i = 0; i < 100; ++i) {
    queue_.Add(Key("periodic-" + std::to_string(i)), kPeriodicPriority);
  }
  queue_.Add(Key("changed"));
  EXPECT_EQ(Take(), "changed");
}

}  // namespace
}  // namespace milink::runtime
