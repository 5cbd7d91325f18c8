// The driver. Its machine has the rules (lease_election_test.cc); here are threads, the fence and
// the end. The clock stands still unless a test steps it; the thread looks at it every few
// milliseconds.
#include "core/runtime/leader_elector.h"

#include <future>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/fakes/fake_clock.h"
#include "tests/fakes/fake_lease_store.h"

namespace milink::runtime {
namespace {

using namespace std::chrono_literals;  // NOLINT(google-build-using-namespace)
using ::testing::HasSubstr;

constexpr LeaseTimes kTimes{.lease = 1500ms, .renew_deadline = 1000ms, .retry_period = 4ms};

class LeaderElectorTest : public testing::Test {
 protected:
  void SetUp() override { elector_.Start(); }

  bool Lead() { return elector_.WaitUntilLeading({}); }
  // Moves the clock until `done`, a little for each request; also when none comes, because a step
  // that overtakes the look at the clock after a request makes no next one due.
  void StepUntil(const std::function<bool()>& done) {
    while (!done()) {
      store_.AwaitRequest(20ms);
      clock_.Step(5ms);
    }
  }

  fakes::FakeClock clock_;
  fakes::FakeLeaseStore store_;
  std::unique_ptr<Random> random_ = MakeSeededRandom(1);
  Metrics metrics_;
  std::promise<Error> lost_;
  LeaderElector elector_{store_,
                         "a",
                         kTimes,
                         clock_,
                         *random_,
                         Logger(),
                         metrics_.AddGauge("leader_election_master_status", "", {{"name", "x"}}),
                         [this](const Error& why) { lost_.set_value(why); }};
};

TEST_F(LeaderElectorTest, TheFenceIsOpenWhileWeLead) {
  ASSERT_TRUE(Lead());
  EXPECT_TRUE(elector_.fence().Check().ok());
  EXPECT_TRUE(elector_.leading());
  EXPECT_THAT(metrics_.Serialize(), HasSubstr("leader_election_master_status{name=\"x\"} 1"));
  EXPECT_EQ(store_.Spec()->holder, "a");
}

TEST_F(LeaderElectorTest, TheFenceIsClosedWhenTheTimeIsUpThoughNobodyNoticed) {
  ASSERT_TRUE(Lead());
  store_.FailWith(Error{ErrorKind::kTransient, "ConnectionLost", "no way"});
  clock_.Step(1000ms);
  EXPECT_EQ(elector_.fence().Check().error().reason, "NotLeader");
}

TEST_F(LeaderElectorTest, RenewalsKeepTheFenceOpen) {
  ASSERT_TRUE(Lead());
  const int before = store_.requests();
  StepUntil([&] { return store_.requests() > before + 20; });
  EXPECT_TRUE(elector_.fence().Check().ok());
}

TEST_F(LeaderElectorTest, ALossIsToldOnceAndForGood) {
  ASSERT_TRUE(Lead());
  store_.Put({"b", 15s, {}, {}, 1});
  auto lost = lost_.get_future();
  StepUntil([&] { return lost.wait_for(0s) == std::future_status::ready; });
  EXPECT_EQ(lost.get().reason, "LeaseTaken");
  EXPECT_FALSE(elector_.fence().Check().ok());
  EXPECT_FALSE(elector_.leading());
  EXPECT_THAT(metrics_.Serialize(), HasSubstr("leader_election_master_status{name=\"x\"} 0"));
  EXPECT_FALSE(elector_.Release(10s));
  EXPECT_EQ(store_.Spec()->holder, "b");
}

TEST_F(LeaderElectorTest, ReleaseClosesTheFenceAndGivesTheLeaseBack) {
  ASSERT_TRUE(Lead());
  EXPECT_TRUE(elector_.Release(60s));
  EXPECT_FALSE(elector_.fence().Check().ok());
  EXPECT_EQ(store_.Spec()->holder, "");
}

TEST_F(LeaderElectorTest, ReleaseDoesNotWaitForAServerThatDoesNotAnswer) {
  ASSERT_TRUE(Lead());
  store_.FailWith(Error{ErrorKind::kTransient, "ConnectionLost", "no way"});
  EXPECT_FALSE(elector_.Release(1ms));
  EXPECT_EQ(lost_.get_future().wait_for(0s), std::future_status::timeout) << "an orderly end";
}

TEST_F(LeaderElectorTest, TheWatchdogBarksWhenTheElectorIsStuck) {
  ASSERT_TRUE(Lead());
  store_.Hold(true);
  clock_.Step(5ms);
  store_.AwaitHeld();
  clock_.Step(1500ms + 20s - 10ms);
  EXPECT_TRUE(elector_.Watchdog().ok());
  clock_.Step(11ms);
  EXPECT_EQ(elector_.Watchdog().error().reason, "LeaseNotRenewed");
  EXPECT_FALSE(elector_.fence().Check().ok()) << "long closed";
  store_.Hold(false);
}

// A clock that stands still, and can hold up who reads it once there is a Lease: between the
// elector's look at what was asked of it and its wait for the next renewal.
class HoldingClock final : public Clock {
 public:
  explicit HoldingClock(const fakes::FakeLeaseStore& store) : store_(store) {}

  TimePoint Now() const override {
    if (store_.Spec() && !std::exchange(held_, true)) {
      arrived_.set_value();
      go_on_.get_future().wait();
    }
    return clock_.Now();
  }
  MonotonicTime Monotonic() const override { return clock_.Monotonic(); }
  void AwaitHeld() { arrived_.get_future().wait(); }
  void GoOn() { go_on_.set_value(); }

 private:
  const fakes::FakeLeaseStore& store_;
  fakes::FakeClock clock_;
  mutable bool held_ = false;  // the elector's thread alone asks for the time of day
  mutable std::promise<void> arrived_;
  mutable std::promise<void> go_on_;
};

TEST(LeaderElectorRaceTest, AReleaseJustBeforeTheWaitForTheNextRenewalEndsThatWait) {
  fakes::FakeLeaseStore store;
  HoldingClock clock(store);
  const auto random = MakeSeededRandom(1);
  Metrics metrics;
  constexpr LeaseTimes kLong{.lease = 15h, .renew_deadline = 10h, .retry_period = 2h};
  LeaderElector elector(store, "a", kLong, clock, *random, Logger(), metrics.AddGauge("x", "", {}),
                        {});
  elector.Start();
  ASSERT_TRUE(elector.WaitUntilLeading({}));
  clock.AwaitHeld();
  EXPECT_FALSE(elector.Release(0ms)) << "asked for, not done";
  clock.GoOn();
  EXPECT_TRUE(elector.Release(60s));
  EXPECT_EQ(store.Spec()->holder, "");
}

class StandbyTest : public LeaderElectorTest {
 protected:
  void SetUp() override {
    store_.Put({"b", 15s, {}, {}, 1});
    LeaderElectorTest::SetUp();
  }
};

TEST_F(StandbyTest, TheFenceIsClosed) {
  EXPECT_FALSE(elector_.fence().Check().ok());
  EXPECT_THAT(metrics_.Serialize(), HasSubstr("leader_election_master_status{name=\"x\"} 0"));
}

TEST_F(StandbyTest, AStopEndsTheWaitWithoutLeadership) {
  std::stop_source stop;
  auto waiting =
      std::async(std::launch::async, [&] { return elector_.WaitUntilLeading(stop.get_token()); });
  stop.request_stop();
  EXPECT_FALSE(waiting.get());
  EXPECT_TRUE(elector_.Release(60s)) << "nothing was held";
  EXPECT_EQ(store_.Spec()->holder, "b");
}

TEST_F(StandbyTest, ItLeadsSoonAfterTheLeaseWasGivenBack) {
  store_.Put({"", 1s, {}, {}, 1});
  auto leading = std::async(std::launch::async, [&] { return Lead(); });
  StepUntil([&] { return leading.wait_for(0s) == std::future_status::ready; });
  EXPECT_TRUE(leading.get());
}

}  // namespace
}  // namespace milink::runtime
