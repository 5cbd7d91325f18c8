#include "core/runtime/deadlines.h"

#include <future>
#include <optional>

#include <gtest/gtest.h>

#include "tests/fakes/fake_clock.h"

namespace milink::runtime {
namespace {

using std::chrono::minutes;

TEST(DeadlinesTest, ARunIsAskedToStopWhenItsTimeIsOver) {
  fakes::FakeClock clock;
  Deadlines deadlines(clock);
  const std::stop_source early;
  const std::stop_source late;
  const auto first = deadlines.Watch(early, minutes(1));
  const auto second = deadlines.Watch(late, minutes(2));
  deadlines.Check();
  EXPECT_FALSE(early.stop_requested());
  clock.Step(minutes(1));
  deadlines.Check();
  EXPECT_TRUE(early.stop_requested());
  EXPECT_FALSE(late.stop_requested());
  clock.Step(minutes(1));
  deadlines.Check();
  EXPECT_TRUE(late.stop_requested());
}

TEST(DeadlinesTest, ARunThatEndedInTimeIsLeftAlone) {
  fakes::FakeClock clock;
  Deadlines deadlines(clock);
  const std::stop_source run;
  {
    const auto watched = deadlines.Watch(run, minutes(1));
  }
  clock.Step(minutes(5));
  deadlines.Check();
  EXPECT_FALSE(run.stop_requested());
}

// A later run may have the earlier end: the thread must not sleep past it.
TEST(DeadlinesTest, ItsThreadWakesForTheEarliestEnd) {
  const SystemClock clock;
  Deadlines deadlines(clock);
  std::promise<void> asked;
  const std::stop_source slow;
  const std::stop_source quick;
  const std::stop_callback on_stop(quick.get_token(), [&] { asked.set_value(); });
  const auto first = deadlines.Watch(slow, std::chrono::hours(1));
  const auto second = deadlines.Watch(quick, Duration(2));
  asked.get_future().wait();
  EXPECT_FALSE(slow.stop_requested());
}

TEST(DeadlinesTest, ARunThatDoesNotGiveUpHidesNoOther) {
  const SystemClock clock;
  Deadlines deadlines(clock);
  std::promise<void> asked_stuck;
  std::promise<void> asked_next;
  const std::stop_source stuck;
  const std::stop_source next;
  const std::stop_callback on_stuck(stuck.get_token(), [&] { asked_stuck.set_value(); });
  const std::stop_callback on_next(next.get_token(), [&] { asked_next.set_value(); });
  const auto first = deadlines.Watch(stuck, Duration(1));
  asked_stuck.get_future().wait();
  const auto second = deadlines.Watch(next, Duration(20));
  asked_next.get_future().wait();
}

}  // namespace
}  // namespace milink::runtime
