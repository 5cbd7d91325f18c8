#include "core/kube/io_loop.h"

#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "tests/fakes/fake_clock.h"

namespace milink::kube {
namespace {

TEST(IoLoop, RunsWhatIsPostedInOrderAndReturnsWhenNothingIsLeft) {
  IoLoop loop;
  std::vector<int> ran;
  loop.Post([&] {
    ran.push_back(1);
    loop.Post([&] { ran.push_back(3); });
  });
  loop.Post([&] { ran.push_back(2); });
  loop.RunWhileBusy();
  EXPECT_EQ(ran, (std::vector<int>{1, 2, 3}));
  loop.Post([&] { ran.push_back(4); });
  loop.RunWhileBusy();
  EXPECT_EQ(ran.size(), 4U);
}

TEST(IoLoop, RunGoesOnUntilItIsStoppedFromAnotherThread) {
  IoLoop loop;
  std::thread runner([&] { loop.Run(); });
  loop.Post([&] { loop.Stop(); });
  runner.join();
}

TEST(LoopPulse, ComplainsOfALoopThatDoesNotRunWhatIsPosted) {
  IoLoop loop;
  fakes::FakeClock clock;
  LoopPulse pulse(loop, clock);
  EXPECT_TRUE(pulse.Check(std::chrono::seconds(30)).ok());
  clock.Step(std::chrono::seconds(30));
  EXPECT_TRUE(pulse.Check(std::chrono::seconds(30)).ok());
  clock.Step(std::chrono::seconds(1));
  const Status stuck = pulse.Check(std::chrono::seconds(30));
  ASSERT_FALSE(stuck.ok());
  EXPECT_EQ(stuck.error().reason, "LoopStuck");
  EXPECT_NE(stuck.error().message.find("31 s"), std::string::npos);

  loop.RunWhileBusy();
  EXPECT_TRUE(pulse.Check(std::chrono::seconds(30)).ok());
  loop.RunWhileBusy();
  clock.Step(std::chrono::hours(1));
  EXPECT_TRUE(pulse.Check(std::chrono::seconds(30)).ok()) << "nobody looked meanwhile";
}

TEST(LoopTimer, OnlyTheLatestSettingFires) {
  IoLoop loop;
  LoopTimer timer(loop);
  int first = 0;
  int second = 0;
  timer.After(Duration(0), [&] { ++first; });
  timer.After(Duration(1), [&] { ++second; });
  loop.RunWhileBusy();
  EXPECT_EQ(first, 0);
  EXPECT_EQ(second, 1);
}

TEST(LoopTimer, ACancelledOrDestroyedOneNeverFires) {
  IoLoop loop;
  int fired = 0;
  LoopTimer cancelled(loop);
  cancelled.After(Duration(0), [&] { ++fired; });
  cancelled.Cancel();
  {
    LoopTimer gone(loop);
    gone.After(Duration(0), [&] { ++fired; });
  }
  loop.RunWhileBusy();
  EXPECT_EQ(fired, 0);
}

TEST(LoopTimer, KnowsWhatIsLeftUntilItFires) {
  IoLoop loop;
  LoopTimer timer(loop);
  EXPECT_GT(timer.Left(), std::chrono::years(1));
  timer.After(std::chrono::hours(1), [] {});
  EXPECT_LE(timer.Left(), std::chrono::hours(1));
  EXPECT_GT(timer.Left(), std::chrono::minutes(1));
  timer.Cancel();
  EXPECT_GT(timer.Left(), std::chrono::years(1));
}

}  // namespace
}  // namespace milink::kube
