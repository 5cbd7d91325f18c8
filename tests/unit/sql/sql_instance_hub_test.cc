#include "core/sql/sql_instance_hub.h"

#include <algorithm>
#include <atomic>
#include <functional>
#include <stop_token>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "core/sql/catalog.h"
#include "tests/fakes/fake_clock.h"
#include "tests/unit/sql/fake_connector.h"
#include "tests/unit/sql/sample_replies.h"

namespace milink::sql {
namespace {

using namespace std::chrono_literals;

const ObjectKey kReplica{"ns", "sql1"};
constexpr Duration kTimeout = 10s;

SqlTarget Target(const std::string& host = "sql1") {
  SqlTarget target;
  target.host = host;
  target.user = "milink";
  target.password = Secret("a");
  return target;
}

SqlBatch Batch(const std::string& text) { return {Secret(text), text}; }

class SqlInstanceHubTest : public testing::Test {
 protected:
  SqlInstanceHubTest() {
    hub_.Subscribe([this](const ObjectKey&) { ++told_; });
    hub_.SetTarget(kReplica, Target());
  }

  Result<SqlReply> Answer(const std::string& batch) {
    if (on_batch_) {
      on_batch_();
    }
    if (batch == VersionProbeBatch().shown) {
      return VersionProbeReply();
    }
    if (batch == SlowBatch().shown) {
      return SlowReply();
    }
    if (batch == FastBatch({}).shown) {
      SqlReply reply = LinkedServer();
      const std::lock_guard lock(mutex_);
      reply.sets[0].rows[0][0] = server_name_;
      return reply;
    }
    return SqlReply{};
  }
  void Rename(const std::string& server_name) {
    const std::lock_guard lock(mutex_);
    server_name_ = server_name;
  }
  Result<std::shared_ptr<const InstanceSnapshot>> Refresh(
      RefreshScope scope = RefreshScope::kFast) {
    return hub_.Refresh(kReplica, scope);
  }
  Result<SqlReply> Act(const std::string& text) {
    return hub_.Run(kReplica, Lane::kAct, Batch(text), kTimeout, OkStatus, {});
  }

  std::mutex mutex_;
  std::string server_name_ = "SQL1";
  std::function<void()> on_batch_;
  std::atomic<int> told_ = 0;
  fakes::FakeClock clock_;
  FakeConnector connector_{[this](const std::string& batch) { return Answer(batch); }};
  SqlInstanceHub hub_{connector_, clock_};
};

const Error kRefused{ErrorKind::kUnauthorized, "LoginFailed", "18456", ""};
const Error kUnreachable{ErrorKind::kTransient, "ServerUnreachable", "", ""};

TEST_F(SqlInstanceHubTest, RefreshPublishesWithGrowingVersions) {
  EXPECT_EQ(hub_.Snapshot(kReplica), nullptr);
  const auto first = Refresh();
  ASSERT_TRUE(first.ok()) << ToString(first.error());
  EXPECT_EQ((*first)->properties.server_name, "SQL1");
  EXPECT_EQ((*first)->read_at, clock_.Now());
  EXPECT_EQ(hub_.Snapshot(kReplica), *first);
  const auto second = Refresh();
  ASSERT_TRUE(second.ok());
  EXPECT_GT((*second)->version, (*first)->version);
}

// What changes while it is read may be missing in it.
TEST_F(SqlInstanceHubTest, ASnapshotIsAsOldAsTheBeginOfItsRead) {
  const TimePoint began = clock_.Now();
  on_batch_ = [this] { clock_.Step(2s); };
  const auto snapshot = Refresh();
  ASSERT_TRUE(snapshot.ok());
  EXPECT_EQ((*snapshot)->read_at, began);
  EXPECT_GT(clock_.Now(), began);
}

TEST_F(SqlInstanceHubTest, SteadyRefreshIsOneRoundTrip) {
  ASSERT_TRUE(Refresh().ok());
  EXPECT_EQ(connector_.batches().size(), 2U);  // with the probe of the version
  ASSERT_TRUE(Refresh().ok());
  EXPECT_EQ(connector_.batches().size(), 3U);
  ASSERT_TRUE(Refresh(RefreshScope::kAll).ok());
  EXPECT_EQ(connector_.batches().size(), 5U);
  EXPECT_EQ(connector_.connects(), 1);
}

TEST_F(SqlInstanceHubTest, TellsOnlyWhenContentsChanged) {
  ASSERT_TRUE(Refresh().ok());
  EXPECT_EQ(told_, 1);
  clock_.Step(30s);
  ASSERT_TRUE(Refresh().ok());
  EXPECT_EQ(told_, 1);
  Rename("SQL2");
  ASSERT_TRUE(Refresh().ok());
  EXPECT_EQ(told_, 2);
}

TEST_F(SqlInstanceHubTest, AnErrorWithdrawsTheSnapshot) {
  ASSERT_TRUE(Refresh().ok());
  connector_.DropAll();
  connector_.FailConnect(kUnreachable);
  EXPECT_EQ(Refresh().error().reason, "ServerUnreachable");
  EXPECT_EQ(hub_.Snapshot(kReplica), nullptr);
  EXPECT_EQ(told_, 2);
  EXPECT_FALSE(Refresh().ok());
  EXPECT_EQ(told_, 2);
}

TEST_F(SqlInstanceHubTest, AConnectionLostWhileIdleIsReplacedWithoutAnError) {
  ASSERT_TRUE(Refresh().ok());
  connector_.DropAll();
  EXPECT_TRUE(Refresh().ok());
  EXPECT_EQ(connector_.connects(), 2);
  EXPECT_EQ(connector_.open(), 1);
}

TEST_F(SqlInstanceHubTest, AnActOnALostConnectionIsNotRepeated) {
  ASSERT_TRUE(Act("one").ok());
  connector_.DropAll();
  EXPECT_EQ(Act("two").error().reason, "OutcomeUnknown");
  EXPECT_TRUE(Act("three").ok());
  EXPECT_EQ(connector_.batches(), (std::vector<std::string>{"one", "three"}));
}

TEST_F(SqlInstanceHubTest, ACancelledConnectionIsNeverUsedAgain) {
  for (const Lane lane : {Lane::kAct, Lane::kObserve}) {
    const int connects = connector_.connects();
    const int open = connector_.open();
    std::jthread blocked([&] {
      const auto outcome =
          hub_.Run(kReplica, lane, Batch(FakeConnector::kBlocks), kTimeout, OkStatus, {});
      EXPECT_EQ(outcome.error().reason, "OutcomeUnknown");
    });
    connector_.WaitForBlocked(1);
    connector_.CancelBlocked();
    blocked.join();
    EXPECT_EQ(connector_.open(), open);
    EXPECT_TRUE(hub_.Run(kReplica, lane, Batch("next"), kTimeout, OkStatus, {}).ok());
    EXPECT_EQ(connector_.connects(), connects + 2);
  }
}

TEST_F(SqlInstanceHubTest, AnActAfterALongPauseGetsAFreshConnection) {
  ASSERT_TRUE(Act("one").ok());
  connector_.DropAll();
  clock_.Step(3min);
  EXPECT_TRUE(Act("two").ok());
}

TEST_F(SqlInstanceHubTest, TheGuardIsAskedAfterConnectingAndItsRefusalSendsNothing) {
  int connects_at_guard = 0;
  const auto refuse = [&] {
    connects_at_guard = connector_.connects();
    return Status(Error{ErrorKind::kConflict, "Fenced", "", ""});
  };
  const auto outcome = hub_.Run(kReplica, Lane::kAct, Batch("x"), kTimeout, refuse, {});
  EXPECT_EQ(outcome.error().reason, "Fenced");
  EXPECT_EQ(connects_at_guard, 1);
  EXPECT_TRUE(connector_.batches().empty());
}

class CountingFence final : public Fence {
 public:
  Status Check() const override {
    ++asked;
    return open ? OkStatus() : Status(Error{ErrorKind::kConflict, "NotLeader", "closed"});
  }
  bool open = false;
  mutable std::atomic<int> asked = 0;
};

TEST_F(SqlInstanceHubTest, ThroughAClosedFenceOnlyObservationPasses) {
  CountingFence fence;
  SqlInstanceHub hub(connector_, clock_, {.fence = &fence});
  hub.SetTarget(kReplica, Target());
  EXPECT_TRUE(hub.Refresh(kReplica, RefreshScope::kAll).ok());
  EXPECT_EQ(fence.asked, 0);
  const auto reads = connector_.batches().size();
  EXPECT_EQ(hub.Run(kReplica, Lane::kAct, Batch("x"), kTimeout, {}, {}).error().reason,
            "NotLeader");
  ASSERT_TRUE(hub.StartLong(kReplica, "id", Batch("y"), kTimeout, {}).ok());
  std::optional<Result<SqlReply>> outcome;
  while (!outcome) {
    outcome = hub.TakeLong(kReplica, "id").outcome;
  }
  EXPECT_EQ(outcome->error().reason, "NotLeader");
  EXPECT_EQ(connector_.batches().size(), reads);
  fence.open = true;
  EXPECT_TRUE(hub.Run(kReplica, Lane::kAct, Batch("x"), kTimeout, {}, {}).ok());
}

TEST_F(SqlInstanceHubTest, ARefusedLoginIsNotRepeatedForTenMinutes) {
  connector_.FailConnect(kRefused);
  const auto first = Refresh();
  EXPECT_EQ(first.error().reason, "LoginFailed");
  EXPECT_EQ(first.error().retry_after, Duration(10min));
  connector_.FailConnect(std::nullopt);
  clock_.Step(4min);
  const auto paused = Act("x");
  EXPECT_EQ(paused.error().kind, ErrorKind::kUnauthorized);
  EXPECT_EQ(paused.error().retry_after, Duration(6min));
  EXPECT_EQ(connector_.connects(), 1);
  clock_.Step(6min);
  EXPECT_TRUE(Refresh().ok());
}

TEST_F(SqlInstanceHubTest, ANewPasswordEndsTheLoginPause) {
  connector_.FailConnect(kRefused);
  EXPECT_FALSE(Refresh().ok());
  connector_.FailConnect(std::nullopt);
  SqlTarget target = Target();
  hub_.SetTarget(kReplica, target);
  EXPECT_FALSE(Refresh().ok());  // the same target again changes nothing
  target.password = Secret("b");
  hub_.SetTarget(kReplica, target);
  EXPECT_TRUE(Refresh().ok());
}

TEST_F(SqlInstanceHubTest, OtherFailuresToConnectAreTriedAgain) {
  connector_.FailConnect(kUnreachable);
  EXPECT_FALSE(Refresh().ok());
  connector_.FailConnect(std::nullopt);
  EXPECT_TRUE(Refresh().ok());
}

TEST_F(SqlInstanceHubTest, AnotherAddressWithdrawsTheSnapshotAndCloses) {
  ASSERT_TRUE(Refresh().ok());
  hub_.SetTarget(kReplica, Target("sql2"));
  EXPECT_EQ(hub_.Snapshot(kReplica), nullptr);
  EXPECT_EQ(connector_.open(), 0);
  EXPECT_EQ(told_, 2);
}

TEST_F(SqlInstanceHubTest, AnotherPartOfTheAddressWithdrawsTheSnapshotToo) {
  SqlTarget other_port = Target();
  other_port.port = 1434;
  SqlTarget named = Target();
  named.instance = "INST1";
  SqlTarget another_name = named;
  another_name.instance = "INST2";
  for (const SqlTarget& target : {other_port, named, another_name, Target()}) {
    SCOPED_TRACE(target.instance + ":" + std::to_string(target.port));
    ASSERT_TRUE(Refresh().ok());
    hub_.SetTarget(kReplica, target);
    EXPECT_EQ(hub_.Snapshot(kReplica), nullptr);
    EXPECT_EQ(connector_.open(), 0);
  }
}

TEST_F(SqlInstanceHubTest, ANewPasswordKeepsTheSnapshotAndCloses) {
  ASSERT_TRUE(Refresh().ok());
  SqlTarget target = Target();
  target.password = Secret("b");
  hub_.SetTarget(kReplica, target);
  EXPECT_NE(hub_.Snapshot(kReplica), nullptr);
  EXPECT_EQ(connector_.open(), 0);
}

TEST_F(SqlInstanceHubTest, AnUnknownReplicaHasNoTarget) {
  const ObjectKey other{"ns", "other"};
  EXPECT_EQ(hub_.Refresh(other, RefreshScope::kFast).error().reason, "NoTarget");
  EXPECT_EQ(hub_.Run(other, Lane::kAct, Batch("x"), kTimeout, {}, {}).error().reason, "NoTarget");
  EXPECT_EQ(hub_.StartLong(other, "b", Batch("x"), kTimeout, {}).error().reason, "NoTarget");
  EXPECT_EQ(hub_.Snapshot(other), nullptr);
}

TEST_F(SqlInstanceHubTest, RemoveForgetsAndCloses) {
  ASSERT_TRUE(Refresh().ok());
  hub_.Remove(kReplica);
  EXPECT_EQ(connector_.open(), 0);
  EXPECT_EQ(hub_.Snapshot(kReplica), nullptr);
  EXPECT_EQ(told_, 2);
  EXPECT_EQ(Refresh().error().reason, "NoTarget");
}

// As when its Secret is deleted and made again.
TEST_F(SqlInstanceHubTest, WithoutATargetNothingIsBegunAndWhatRunsEndsByItself) {
  ASSERT_TRUE(Refresh().ok());
  std::atomic<bool> go_on = false;
  std::atomic<int> running = 0;
  on_batch_ = [&] {
    ++running;
    go_on.wait(false);
  };
  ASSERT_TRUE(hub_.StartLong(kReplica, "b", Batch("BACKUP"), kTimeout, OkStatus).ok());
  std::jthread acting([&] { EXPECT_TRUE(Act("x").ok()) << "it was not cancelled"; });
  while (running < 2) std::this_thread::yield();
  hub_.ForgetTarget(kReplica);
  EXPECT_EQ(hub_.Snapshot(kReplica), nullptr);
  EXPECT_EQ(told_, 2);
  EXPECT_EQ(Refresh().error().reason, "NoTarget");
  EXPECT_EQ(Act("y").error().reason, "NoTarget");
  EXPECT_EQ(hub_.StartLong(kReplica, "c", Batch("z"), kTimeout, OkStatus).error().reason,
            "NoTarget");
  EXPECT_TRUE(hub_.TakeLong(kReplica, "b").running);
  go_on = true;
  go_on.notify_all();
  acting.join();
  auto backup = hub_.TakeLong(kReplica, "b");
  while (backup.running) backup = hub_.TakeLong(kReplica, "b");
  ASSERT_TRUE(backup.outcome.has_value());
  EXPECT_TRUE(backup.outcome->ok());
  hub_.ForgetTarget(kReplica);
  hub_.SetTarget(kReplica, Target());
  EXPECT_TRUE(Refresh().ok());
  EXPECT_TRUE(Act("y").ok());
}

// Whoever makes the Secret again with the same password must not be locked out.
TEST_F(SqlInstanceHubTest, TheLoginPauseOutlivesAForgottenTarget) {
  connector_.FailConnect(kRefused);
  EXPECT_FALSE(Refresh().ok());
  hub_.ForgetTarget(kReplica);
  hub_.SetTarget(kReplica, Target());
  EXPECT_FALSE(Refresh().ok());
  EXPECT_EQ(connector_.connects(), 1);
}

TEST_F(SqlInstanceHubTest, ShutdownCancelsWhatRunsOnAForgottenTarget) {
  std::jthread blocked([&] { EXPECT_FALSE(Act(FakeConnector::kBlocks).ok()); });
  ASSERT_TRUE(
      hub_.StartLong(kReplica, "b", Batch(FakeConnector::kBlocks), kTimeout, OkStatus).ok());
  connector_.WaitForBlocked(2);
  hub_.ForgetTarget(kReplica);
  hub_.Shutdown();
  blocked.join();
  EXPECT_EQ(connector_.open(), 0);
}

TEST_F(SqlInstanceHubTest, ABusyLaneIsAnErrorAndTheOtherLaneIsFree) {
  std::jthread blocked([&] { EXPECT_FALSE(Act(FakeConnector::kBlocks).ok()); });
  connector_.WaitForBlocked(1);
  EXPECT_EQ(Act("x").error().reason, "LaneBusy");
  EXPECT_TRUE(Refresh().ok());
  hub_.Remove(kReplica);  // cancels it
}

TEST_F(SqlInstanceHubTest, AStopOfTheRunCancelsItsStatementAndTheInstanceGoesOn) {
  std::stop_source run;
  std::jthread stopping([&] {
    connector_.WaitForBlocked(1);
    run.request_stop();
  });
  const auto outcome = hub_.Run(kReplica, Lane::kAct, Batch(FakeConnector::kBlocks), kTimeout,
                                OkStatus, run.get_token());
  ASSERT_FALSE(outcome.ok());
  EXPECT_EQ(outcome.error().reason, "OutcomeUnknown");
  EXPECT_TRUE(Act("x").ok());
}

TEST_F(SqlInstanceHubTest, ARunThatWasAskedToStopBeginsNoStatement) {
  std::stop_source run;
  run.request_stop();
  const auto outcome =
      hub_.Run(kReplica, Lane::kAct, Batch("x"), kTimeout, OkStatus, run.get_token());
  ASSERT_FALSE(outcome.ok());
  EXPECT_EQ(outcome.error().reason, "Stopped");
  EXPECT_TRUE(connector_.batches().empty());
}

TEST_F(SqlInstanceHubTest, ABusyObserveLaneKeepsTheSnapshot) {
  ASSERT_TRUE(Refresh().ok());
  std::jthread blocked([&] {
    EXPECT_FALSE(
        hub_.Run(kReplica, Lane::kObserve, Batch(FakeConnector::kBlocks), kTimeout, {}, {}));
  });
  connector_.WaitForBlocked(1);
  EXPECT_EQ(Refresh().error().reason, "LaneBusy");
  EXPECT_NE(hub_.Snapshot(kReplica), nullptr);
  hub_.Shutdown();
}

// The first read does not end before everybody has come.
TEST_F(SqlInstanceHubTest, WhoComesWhileAnotherReadsSeesWhatWasChangedBefore) {
  constexpr int kThreads = 8;
  SqlInstanceHub hub(connector_, clock_, {.refresh_wait = 1min, .refresh_waiters = kThreads});
  hub.SetTarget(kReplica, Target());
  ASSERT_TRUE(hub.Refresh(kReplica, RefreshScope::kFast).ok());
  const auto before = connector_.batches().size();
  std::atomic<int> came = 0;
  std::atomic<int> renamed = 0;
  on_batch_ = [&] {
    while (came < kThreads) std::this_thread::yield();
  };
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < kThreads; ++i) {
      threads.emplace_back([&, i] {
        const int mine = ++renamed;
        {
          const std::lock_guard lock(mutex_);
          server_name_ = std::max(server_name_, "SQL" + std::to_string(mine));
        }
        ++came;
        const auto scope = i % 2 == 0 ? RefreshScope::kFast : RefreshScope::kAll;
        const auto read = hub.Refresh(kReplica, scope);
        ASSERT_TRUE(read.ok()) << ToString(read.error());
        EXPECT_GE((*read)->properties.server_name, "SQL" + std::to_string(mine));
        EXPECT_EQ((*read)->files.empty() && scope == RefreshScope::kAll, false);
      });
    }
  }
  EXPECT_LE(connector_.batches().size() - before, 2U * kThreads);
  EXPECT_NE(hub.Snapshot(kReplica), nullptr);
}

TEST_F(SqlInstanceHubTest, NeitherLongNorManyWaitForTheReadOfAnother) {
  const SqlInstanceHubOptions not_long{.refresh_wait = 0s};
  const SqlInstanceHubOptions not_many{.refresh_wait = 1h, .refresh_waiters = 0};
  for (const SqlInstanceHubOptions& options : {not_long, not_many}) {
    on_batch_ = nullptr;
    SqlInstanceHub hub(connector_, clock_, options);
    hub.SetTarget(kReplica, Target());
    ASSERT_TRUE(hub.Refresh(kReplica, RefreshScope::kFast).ok());
    std::atomic<bool> reading = false;
    std::atomic<bool> go_on = false;
    on_batch_ = [&] {
      reading = true;
      go_on.wait(false);
    };
    std::jthread other([&] { EXPECT_TRUE(hub.Refresh(kReplica, RefreshScope::kFast).ok()); });
    while (!reading) std::this_thread::yield();
    EXPECT_EQ(hub.Refresh(kReplica, RefreshScope::kFast).error().reason, "LaneBusy");
    EXPECT_NE(hub.Snapshot(kReplica), nullptr);
    go_on = true;
    go_on.notify_all();
  }
}

TEST_F(SqlInstanceHubTest, WhoWaitsForTheReadOfAnotherIsLetGoWhenTheInstanceIsRemoved) {
  SqlInstanceHub hub(connector_, clock_, {.refresh_wait = 1h});
  hub.SetTarget(kReplica, Target());
  std::atomic<bool> reading = false;
  std::atomic<bool> go_on = false;
  on_batch_ = [&] {
    reading = true;
    go_on.wait(false);
  };
  std::jthread other([&] { EXPECT_FALSE(hub.Refresh(kReplica, RefreshScope::kFast).ok()); });
  while (!reading) std::this_thread::yield();
  std::jthread waits([&] { EXPECT_FALSE(hub.Refresh(kReplica, RefreshScope::kFast).ok()); });
  hub.Remove(kReplica);
  waits.join();
  go_on = true;
  go_on.notify_all();
}

TEST_F(SqlInstanceHubTest, APasswordThatChangesDuringAReadIsUsedAtOnce) {
  ASSERT_TRUE(Refresh().ok());
  bool changed = false;
  on_batch_ = [&] {
    if (!std::exchange(changed, true)) {
      SqlTarget target = Target();
      target.password = Secret("b");
      hub_.SetTarget(kReplica, target);
    }
  };
  const auto read = Refresh();
  EXPECT_TRUE(read.ok()) << ToString(read.error());
  EXPECT_EQ(connector_.connects(), 2);
}

TEST_F(SqlInstanceHubTest, ALongStatementRunsBesideTheLanes) {
  ASSERT_TRUE(
      hub_.StartLong(kReplica, "b", Batch(FakeConnector::kBlocks), kTimeout, OkStatus).ok());
  connector_.WaitForBlocked(1);
  EXPECT_EQ(hub_.StartLong(kReplica, "b", Batch("x"), kTimeout, OkStatus).error().reason,
            "AlreadyRunning");
  const auto seen = hub_.TakeLong(kReplica, "b");
  EXPECT_TRUE(seen.running);
  EXPECT_FALSE(seen.outcome.has_value());
  EXPECT_TRUE(Act("x").ok());
  EXPECT_TRUE(Refresh().ok());
}

TEST_F(SqlInstanceHubTest, ALongStatementTellsItsEndAndGivesItsOutcomeOnce) {
  std::atomic<bool> ended = false;
  hub_.Subscribe([&](const ObjectKey&) {
    ended = true;
    ended.notify_all();
  });
  ASSERT_TRUE(hub_.StartLong(kReplica, "b", Batch("BACKUP"), kTimeout, OkStatus).ok());
  ended.wait(false);
  const auto ended_statement = hub_.TakeLong(kReplica, "b");
  EXPECT_FALSE(ended_statement.running);
  ASSERT_TRUE(ended_statement.outcome.has_value());
  EXPECT_TRUE(ended_statement.outcome->ok());
  EXPECT_FALSE(hub_.TakeLong(kReplica, "b").outcome.has_value());
  EXPECT_EQ(connector_.open(), 0);
  hub_.Shutdown();  // the notice ends before what it writes to
}

TEST_F(SqlInstanceHubTest, ARefusedLongStatementDoesNotStart) {
  const auto refuse = [] { return Status(Error{ErrorKind::kConflict, "Fenced", "", ""}); };
  EXPECT_EQ(hub_.StartLong(kReplica, "b", Batch("x"), kTimeout, refuse).error().reason, "Fenced");
  EXPECT_FALSE(hub_.TakeLong(kReplica, "b").running);
}

TEST_F(SqlInstanceHubTest, AnOutcomeThatNobodyHasTakenIsNotLost) {
  std::atomic<bool> ended = false;
  hub_.Subscribe([&](const ObjectKey&) {
    ended = true;
    ended.notify_all();
  });
  ASSERT_TRUE(hub_.StartLong(kReplica, "b", Batch("BACKUP"), kTimeout, OkStatus).ok());
  ended.wait(false);
  const Status again = hub_.StartLong(kReplica, "b", Batch("BACKUP"), kTimeout, OkStatus);
  ASSERT_FALSE(again.ok());
  EXPECT_EQ(again.error().reason, "AlreadyRunning");
  EXPECT_TRUE(hub_.TakeLong(kReplica, "b").outcome.has_value());
  EXPECT_TRUE(hub_.StartLong(kReplica, "b", Batch("BACKUP"), kTimeout, OkStatus).ok());
  hub_.Shutdown();
}

// Whoever looks at any moment finds it running, or its outcome: never neither.
TEST_F(SqlInstanceHubTest, ALongStatementIsNeverSeenAsLost) {
  for (int i = 0; i < 200; ++i) {
    ASSERT_TRUE(hub_.StartLong(kReplica, "b", Batch("x"), kTimeout, OkStatus).ok());
    auto seen = hub_.TakeLong(kReplica, "b");
    while (seen.running) seen = hub_.TakeLong(kReplica, "b");
    ASSERT_TRUE(seen.outcome.has_value()) << "round " << i;
  }
}

TEST_F(SqlInstanceHubTest, ShutdownCancelsEverything) {
  std::jthread blocked([&] { EXPECT_FALSE(Act(FakeConnector::kBlocks).ok()); });
  ASSERT_TRUE(
      hub_.StartLong(kReplica, "b", Batch(FakeConnector::kBlocks), kTimeout, OkStatus).ok());
  connector_.WaitForBlocked(2);
  hub_.Shutdown();
  blocked.join();
  EXPECT_EQ(connector_.open(), 0);
  hub_.SetTarget(kReplica, Target());
  EXPECT_FALSE(Refresh().ok());
}

TEST_F(SqlInstanceHubTest, ManyThreadsAtOnce) {
  constexpr int kThreads = 8;
  constexpr int kRounds = 60;
  std::vector<std::jthread> threads;
  threads.reserve(kThreads);
  std::atomic<bool> in_order = true;
  for (int i = 0; i < kThreads; ++i) {
    threads.emplace_back([&, i] {
      std::uint64_t seen = 0;
      for (int round = 0; round < kRounds; ++round) {
        switch ((i + round) % 7) {
          case 0:
            Rename("SQL" + std::to_string(round));
            break;
          case 1:
            static_cast<void>(Act("x").ok());
            break;
          case 2:
            hub_.SetTarget(kReplica, Target(round % 20 == 0 ? "sql2" : "sql1"));
            break;
          case 3:
            static_cast<void>(
                hub_.StartLong(kReplica, std::to_string(i), Batch("b"), kTimeout, OkStatus).ok());
            break;
          case 4:
            static_cast<void>(hub_.TakeLong(kReplica, std::to_string(i)));
            break;
          case 5:
            connector_.DropAll();
            break;
          default:
            static_cast<void>(Refresh(RefreshScope::kAll).ok());
        }
        if (const auto snapshot = hub_.Snapshot(kReplica)) {
          in_order = in_order && snapshot->version >= seen;
          seen = snapshot->version;
        }
      }
    });
  }
  threads.clear();
  EXPECT_TRUE(in_order);
  hub_.Shutdown();
  EXPECT_EQ(connector_.open(), 0);
}

}  // namespace
}  // namespace milink::sql
