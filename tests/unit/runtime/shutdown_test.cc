#include "core/runtime/shutdown.h"

#include <csignal>
#include <future>
#include <memory>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include "tests/fakes/log_collector.h"

namespace milink::runtime {
namespace {

class ShutdownSignalsTest : public ::testing::TestWithParam<int> {};

TEST_P(ShutdownSignalsTest, TheFirstSignalAsksToStop) {
  ShutdownSignals signals{Logger()};
  EXPECT_FALSE(signals.Token().stop_requested());
  kill(getpid(), GetParam());
  signals.Wait();
  EXPECT_TRUE(signals.Token().stop_requested());
}

TEST_P(ShutdownSignalsTest, TheSecondSignalLeavesAtOnce) {
  std::promise<int> left;
  ShutdownSignals signals{Logger(), [&](int signal) { left.set_value(signal); }};
  kill(getpid(), SIGTERM);
  signals.Wait();
  kill(getpid(), GetParam());
  EXPECT_EQ(left.get_future().get(), GetParam());
}

INSTANTIATE_TEST_SUITE_P(Signals, ShutdownSignalsTest, ::testing::Values(SIGTERM, SIGINT),
                         [](const auto& test) { return test.param == SIGTERM ? "Term" : "Int"; });

TEST(ShutdownTest, AStopCanBeRequestedWithoutASignal) {
  ShutdownSignals signals{Logger()};
  signals.RequestStop();
  signals.Wait();
  EXPECT_TRUE(signals.Token().stop_requested());
}

TEST(ShutdownTest, AnUnusedOneEndsQuietly) {
  const auto log = std::make_shared<fakes::LogCollector>();
  {
    const ShutdownSignals signals{Logger(log)};
  }
  EXPECT_THAT(log->Lines(), ::testing::IsEmpty());
}

TEST(ShutdownTest, TheSignalIsLogged) {
  const auto log = std::make_shared<fakes::LogCollector>();
  {
    const ShutdownSignals signals{Logger(log)};
    kill(getpid(), SIGTERM);
    signals.Wait();
  }
  ASSERT_THAT(log->Lines(), ::testing::SizeIs(1));
  EXPECT_EQ(log->Lines()[0].Field("signal"), std::to_string(SIGTERM));
}

TEST(ShutdownTest, TheUserSignalIsACallAndStopsNothing) {
  std::promise<void> first;
  std::promise<void> second;
  int calls = 0;
  const ShutdownSignals signals{Logger(), {}, [&] { (++calls == 1 ? first : second).set_value(); }};
  kill(getpid(), SIGUSR1);
  first.get_future().wait();
  kill(getpid(), SIGUSR1);
  second.get_future().wait();
  EXPECT_FALSE(signals.Token().stop_requested());
}

TEST(ShutdownTest, AWriteToAClosedPipeDoesNotEndTheProcess) {
  const ShutdownSignals signals{Logger()};
  int ends[2] = {-1, -1};
  ASSERT_EQ(pipe(ends), 0);
  close(ends[0]);
  EXPECT_EQ(write(ends[1], "x", 1), -1);
  close(ends[1]);
}

}  // namespace
}  // namespace milink::runtime
