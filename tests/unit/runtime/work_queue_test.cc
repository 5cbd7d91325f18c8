#include "core/runtime/work_queue.h"

#include <array>
#include <atomic>
#include <future>
#include <map>
#include <string>
#include <thread>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/base/random.h"
#include "tests/fakes/fake_clock.h"

namespace milink::runtime {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Pair;

ObjectKey Key(const std::string& name) { return {"default", name}; }

class WorkQueueTest : public ::testing::Test {
 protected:
  // Names of all keys that are ready, in order; each is done at once.
  std::vector<std::string> DrainNames() {
    std::vector<std::string> names;
    while (const auto item = queue_.TryGet()) {
      names.push_back(item->key.name);
      queue_.Done(item->key);
    }
    return names;
  }
  // Takes the next key and leaves it running.
  std::string Take() {
    const auto item = queue_.TryGet();
    return item ? item->key.name : "";
  }

  fakes::FakeClock clock_;
  WorkQueue queue_{clock_};
};

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

TEST_F(WorkQueueTest, ADelayedKeyComesWhenItsTimeHasCome) {
  queue_.AddAfter(Key("a"), seconds(10));
  EXPECT_THAT(DrainNames(), IsEmpty());
  clock_.Step(milliseconds(9'999));
  EXPECT_THAT(DrainNames(), IsEmpty());
  clock_.Step(milliseconds(1));
  EXPECT_THAT(DrainNames(), ElementsAre("a"));
}

TEST_F(WorkQueueTest, TheWallClockDoesNotMoveDelays) {
  queue_.AddAfter(Key("a"), seconds(10));
  clock_.SetNow(clock_.Now() + std::chrono::hours(24));
  EXPECT_THAT(DrainNames(), IsEmpty());
}

TEST_F(WorkQueueTest, TheEarliestOfSeveralDelaysWins) {
  queue_.AddAfter(Key("a"), seconds(10));
  queue_.AddAfter(Key("a"), seconds(5));
  queue_.AddAfter(Key("a"), seconds(20));
  EXPECT_EQ(queue_.NextReady(), clock_.Monotonic() + seconds(5));
  clock_.Step(seconds(5));
  EXPECT_THAT(DrainNames(), ElementsAre("a"));
  clock_.Step(seconds(60));
  EXPECT_THAT(DrainNames(), IsEmpty());
}

TEST_F(WorkQueueTest, AnImmediateAddCancelsTheDelay) {
  queue_.AddAfter(Key("a"), seconds(10));
  queue_.Add(Key("a"));
  EXPECT_THAT(DrainNames(), ElementsAre("a"));
  EXPECT_EQ(queue_.NextReady(), std::nullopt);
}

TEST_F(WorkQueueTest, ADelayOfAReadyKeyChangesNothing) {
  queue_.Add(Key("a"));
  queue_.AddAfter(Key("a"), seconds(10));
  EXPECT_THAT(DrainNames(), ElementsAre("a"));
  EXPECT_EQ(queue_.NextReady(), std::nullopt);
}

TEST_F(WorkQueueTest, ADelayThatIsNotPositiveIsNow) {
  queue_.AddAfter(Key("a"), Duration::zero());
  queue_.AddAfter(Key("b"), -seconds(1));
  EXPECT_THAT(DrainNames(), ElementsAre("a", "b"));
}

TEST_F(WorkQueueTest, DueKeysStayAheadOfLaterAdds) {
  queue_.AddAfter(Key("second"), seconds(2));
  queue_.AddAfter(Key("first"), seconds(1));
  clock_.Step(seconds(3));
  queue_.Add(Key("third"));
  EXPECT_THAT(DrainNames(), ElementsAre("first", "second", "third"));
}

TEST_F(WorkQueueTest, ADelayThatEndsWhileTheKeyRunsCountsAsAnAdd) {
  queue_.Add(Key("a"));
  ASSERT_EQ(Take(), "a");
  queue_.AddAfter(Key("a"), seconds(1));
  clock_.Step(seconds(2));
  EXPECT_EQ(Take(), "");
  queue_.Done(Key("a"));
  EXPECT_THAT(DrainNames(), ElementsAre("a"));
}

TEST_F(WorkQueueTest, ADelayedKeyKeepsTheHighestPriorityAskedFor) {
  queue_.AddAfter(Key("a"), seconds(1), kUrgentPriority);
  queue_.AddAfter(Key("a"), seconds(1), kPeriodicPriority);
  clock_.Step(seconds(1));
  EXPECT_EQ(queue_.TryGet(), (WorkQueue::Item{Key("a"), kUrgentPriority}));
}

TEST_F(WorkQueueTest, RetriesWaitTwiceAsLongEachTimeUpToTheCap) {
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

TEST_F(WorkQueueTest, ForgetStartsTheBackoffAgain) {
  queue_.AddRateLimited(Key("a"));
  queue_.AddRateLimited(Key("a"));
  queue_.Forget(Key("a"));
  EXPECT_EQ(queue_.Failures(Key("a")), 0);
  EXPECT_EQ(queue_.AddRateLimited(Key("a")), milliseconds(5));
}

TEST_F(WorkQueueTest, FailuresAreCountedPerKey) {
  queue_.AddRateLimited(Key("a"));
  queue_.AddRateLimited(Key("a"));
  EXPECT_EQ(queue_.AddRateLimited(Key("b")), milliseconds(5));
}

TEST_F(WorkQueueTest, ARetryWaitsAtLeastAsLongAsTheOtherSideAskedFor) {
  EXPECT_EQ(queue_.AddRateLimited(Key("a"), kChangePriority, seconds(30)), seconds(30));
  EXPECT_EQ(queue_.AddRateLimited(Key("a"), kChangePriority, milliseconds(1)), milliseconds(10));
}

TEST_F(WorkQueueTest, ShutDownHandsOutWhatIsReadyAndDropsTheRest) {
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

TEST_F(WorkQueueTest, AKeyAddedWhileRunningStillRunsAfterShutDown) {
  queue_.Add(Key("a"));
  ASSERT_EQ(Take(), "a");
  queue_.Add(Key("a"));
  queue_.ShutDown();
  queue_.Done(Key("a"));
  EXPECT_THAT(DrainNames(), ElementsAre("a"));
}

TEST_F(WorkQueueTest, AbortDropsEverythingThatWaits) {
  queue_.Add(Key("a"));
  queue_.AddAfter(Key("b"), seconds(1));
  queue_.Abort();
  EXPECT_EQ(queue_.Get(), std::nullopt);
  EXPECT_EQ(queue_.NextReady(), std::nullopt);
}

TEST_F(WorkQueueTest, IdleMeansNothingReadyAndNothingRunning) {
  EXPECT_TRUE(queue_.WaitIdle(Duration::zero()));
  queue_.Add(Key("a"));
  EXPECT_FALSE(queue_.WaitIdle(Duration::zero())) << "one is ready";
  ASSERT_EQ(Take(), "a");
  EXPECT_FALSE(queue_.WaitIdle(Duration::zero())) << "one is running";
  queue_.AddAfter(Key("a"), seconds(1));
  queue_.Done(Key("a"));
  EXPECT_TRUE(queue_.WaitIdle(Duration::zero())) << "delayed keys do not count";
}

TEST_F(WorkQueueTest, StatsCountWhatIsReadyDelayedAndRunning) {
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
  WorkQueue queue(clock, &observer);
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

// --- with threads
// ----------------------------------------------------------------------------------

TEST(WorkQueueThreadsTest, ABlockedGetWakesForAnAdd) {
  const SystemClock clock;
  WorkQueue queue(clock);
  auto taken = std::async(std::launch::async, [&] { return queue.Get(); });
  queue.Add(Key("a"));
  EXPECT_EQ(taken.get(), (WorkQueue::Item{Key("a"), kChangePriority}));
}

TEST(WorkQueueThreadsTest, ABlockedGetWakesWhenADelayEnds) {
  const SystemClock clock;
  WorkQueue queue(clock);
  auto taken = std::async(std::launch::async, [&] { return queue.Get(); });
  queue.AddAfter(Key("later"), std::chrono::hours(1));
  queue.AddAfter(Key("soon"), milliseconds(2));
  EXPECT_EQ(taken.get()->key.name, "soon");
}

TEST(WorkQueueThreadsTest, ABlockedGetWakesForAStepOfAnInjectedClock) {
  fakes::FakeClock clock;
  WorkQueue queue(clock);
  queue.AddAfter(Key("a"), std::chrono::hours(1));
  auto taken = std::async(std::launch::async, [&] { return queue.Get(); });
  clock.Step(std::chrono::hours(1));
  queue.PromoteDue();
  EXPECT_EQ(taken.get()->key.name, "a");
}

// One worker watches the clock for a delayed key and then gets other work: somebody else must take
// the watch over.
TEST(WorkQueueThreadsTest, ADelayIsNotForgottenWhenItsWatcherGetsOtherWork) {
  const SystemClock clock;
  WorkQueue queue(clock);
  std::promise<void> delayed_ran;
  const std::shared_future<void> done(delayed_ran.get_future());
  std::vector<std::jthread> workers;
  for (int i = 0; i < 2; ++i) {
    workers.emplace_back([&] {
      while (const auto item = queue.Get()) {
        if (item->key.name == "delayed") {
          delayed_ran.set_value();
        } else {
          done.wait();  // busy until the other worker ran the delayed key
        }
        queue.Done(item->key);
      }
    });
  }
  queue.AddAfter(Key("delayed"), milliseconds(20));
  queue.Add(Key("long"));
  done.wait();
  queue.ShutDown();
}

TEST(WorkQueueThreadsTest, ShutDownReleasesEveryWaiter) {
  const SystemClock clock;
  WorkQueue queue(clock);
  std::vector<std::future<std::optional<WorkQueue::Item>>> waiters;
  for (int i = 0; i < 4; ++i) {
    waiters.push_back(std::async(std::launch::async, [&] { return queue.Get(); }));
  }
  queue.ShutDown();
  for (auto& waiter : waiters) {
    EXPECT_EQ(waiter.get(), std::nullopt);
  }
}

// Producers add keys and count; workers check that they are alone with a key and remember the count
// they saw. In the end every key was run after its last add: no wake-up was lost.
TEST(WorkQueueThreadsTest, NoKeyRunsTwiceAtOnceAndNoAddIsLost) {
  constexpr int kKeys = 20;
  constexpr int kAdds = 2'000;
  const SystemClock clock;
  WorkQueue queue(clock);
  std::array<std::atomic<int>, kKeys> added{};
  std::array<std::atomic<int>, kKeys> seen{};
  std::array<std::atomic<int>, kKeys> running{};
  std::atomic<int> overlaps = 0;

  std::vector<std::jthread> workers;
  for (int i = 0; i < 4; ++i) {
    workers.emplace_back([&] {
      while (const auto item = queue.Get()) {
        const auto index = static_cast<std::size_t>(std::stoi(item->key.name));
        overlaps += running.at(index).fetch_add(1);
        seen.at(index) = added.at(index).load();
        if (index % 3 == 0) {
          std::this_thread::yield();
        }
        running.at(index).fetch_sub(1);
        queue.Done(item->key);
      }
    });
  }
  std::vector<std::jthread> producers;
  for (int i = 0; i < 3; ++i) {
    producers.emplace_back([&, random = MakeSeededRandom(static_cast<std::uint64_t>(i))] {
      for (int n = 0; n < kAdds; ++n) {
        const std::size_t index = random->Bits() % kKeys;
        added.at(index).fetch_add(1);
        const int priority = n % 2 == 0 ? kChangePriority : kPeriodicPriority;
        if (n % 5 == 0) {
          queue.AddAfter(Key(std::to_string(index)), milliseconds(n % 3), priority);
        } else {
          queue.Add(Key(std::to_string(index)), priority);
        }
      }
    });
  }
  producers.clear();  // joins
  // The delayed adds of the end become ready before the queue is told to finish.
  for (std::size_t index = 0; index < kKeys; ++index) {
    queue.Add(Key(std::to_string(index)));
  }
  queue.ShutDown();
  workers.clear();
  EXPECT_EQ(overlaps, 0);
  for (std::size_t index = 0; index < kKeys; ++index) {
    EXPECT_EQ(seen.at(index), added.at(index)) << "key " << index;
  }
}

}  // namespace
}  // namespace milink::runtime
