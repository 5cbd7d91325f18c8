#include <array>
#include <atomic>
#include <future>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "core/runtime/work_queue.h"
#include "tests/unit/runtime/queue_fixture.h"

namespace milink::runtime {
namespace {

using std::chrono::milliseconds;

TEST(WorkQueueThreadsTest, ABlockedGetWakesForAnAdd) {
  const SystemClock clock;
  const auto random = MakeSeededRandom(1);
  WorkQueue queue(clock, *random);
  auto taken = std::async(std::launch::async, [&] { return queue.Get(); });
  queue.Add(Key("a"));
  EXPECT_EQ(taken.get(), (WorkQueue::Item{Key("a"), kChangePriority}));
}

TEST(WorkQueueThreadsTest, ABlockedGetWakesWhenADelayEnds) {
  const SystemClock clock;
  const auto random = MakeSeededRandom(1);
  WorkQueue queue(clock, *random);
  auto taken = std::async(std::launch::async, [&] { return queue.Get(); });
  queue.AddAfter(Key("later"), std::chrono::hours(1));
  queue.AddAfter(Key("soon"), milliseconds(2));
  EXPECT_EQ(taken.get()->key.name, "soon");
}

TEST(WorkQueueThreadsTest, ABlockedGetWakesForAStepOfAnInjectedClock) {
  fakes::FakeClock clock;
  const auto random = MakeSeededRandom(1);
  WorkQueue queue(clock, *random);
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
  const auto random = MakeSeededRandom(1);
  WorkQueue queue(clock, *random);
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
  const auto random = MakeSeededRandom(1);
  WorkQueue queue(clock, *random);
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
  const auto random = MakeSeededRandom(1);
  WorkQueue queue(clock, *random);
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
