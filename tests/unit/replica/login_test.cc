// Passwords that change and passwords that are wrong, with the real hub: what counts is how often
// the server is asked to log in, and when.
#include <atomic>
#include <map>

#include <gtest/gtest.h>

#include "controllers/replica/controller.h"
#include "core/sql/catalog.h"
#include "core/sql/sql_instance_hub.h"
#include "tests/unit/replica/controller_fixture.h"
#include "tests/unit/sql/sample_replies.h"

namespace milink::replica {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;

// A server that lets in who knows its password, and counts.
class GuardedServer final : public sql::SqlConnector {
 public:
  Result<std::unique_ptr<sql::SqlSession>> Connect(const sql::SqlTarget& target,
                                                   Duration /*timeout*/) override {
    const std::string shown(target.password.Reveal());
    ++logins[shown];
    if (shown != password) {
      return Error{ErrorKind::kUnauthorized, "LoginFailed", "18456", ""};
    }
    return std::make_unique<Session>(*this);
  }

  std::string password = "p1";
  std::map<std::string, int> logins;  // by the password that was tried
  int era = 0;                        // connections of an earlier one are lost
  std::atomic<bool> backup_runs = false;
  std::atomic<bool> backup_ends = false;
  std::atomic<int> cancelled = 0;

 private:
  class Session final : public sql::SqlSession {
   public:
    explicit Session(GuardedServer& server) : server_(server), era_(server.era) {}
    Result<sql::SqlReply> Run(const sql::SqlBatch& batch, Duration /*timeout*/) override {
      if (Dead()) {
        return Error{ErrorKind::kTransient, "OutcomeUnknown", "lost", ""};
      }
      if (batch.shown == "BACKUP") {
        server_.backup_runs = true;
        server_.backup_runs.notify_all();
        server_.backup_ends.wait(false);
        return sql::SqlReply{};
      }
      if (batch.shown == sql::VersionProbeBatch().shown) {
        return sql::VersionProbeReply();
      }
      return batch.shown == sql::SlowBatch().shown ? sql::SlowReply() : sql::LinkedServer();
    }
    void Cancel() override { ++server_.cancelled; }
    bool Dead() const override { return era_ != server_.era; }

   private:
    GuardedServer& server_;
    const int era_;
  };
};

class LoginTest : public ReplicaControllerTest {
 protected:
  void PutPassword(const std::string& password) {
    objects_.PutSecret({"prod", "sql1-login"}, {{"username", "sa"}, {"password", password}});
  }
  // Passes as late as the spread of requeues allows, for so long.
  void Live(Duration time) {
    const MonotonicTime end = clock_.Monotonic() + time;
    for (;;) {
      const auto outcome = controller_with_server_.Reconcile(kKey, {});
      const Duration next =
          outcome.status ? outcome.requeue_after.value_or(minutes(1)) : Duration(seconds(1));
      if (clock_.Monotonic() + next * 11 / 10 > end) {
        break;
      }
      clock_.Step(std::max<Duration>(next * 11 / 10, Duration(1)));
    }
    clock_.Step(std::chrono::duration_cast<Duration>(end - clock_.Monotonic()));
  }
  int Tried(const std::string& password) { return server_side_.logins[password]; }

  GuardedServer server_side_;
  sql::SqlInstanceHub real_hub_{server_side_, clock_};
  ReplicaController controller_with_server_{Cache(),   objects_, events_,
                                            real_hub_, clock_,   *random_};
};

TEST_F(LoginTest, AWrongPasswordIsTriedSixTimesInAnHour) {
  PutPassword("wrong");
  Live(minutes(60));
  EXPECT_GE(Tried("wrong"), 5);
  EXPECT_LE(Tried("wrong"), 6);
}

TEST_F(LoginTest, ARightedSecretIsTriedWithinAMinute) {
  PutPassword("wrong");
  Live(minutes(5));
  PutPassword("p1");
  Live(minutes(1));
  EXPECT_EQ(Tried("p1"), 1);
  EXPECT_EQ(Tried("wrong"), 1);
}

// While the API server does not answer, the operator must not forget that the login was refused.
TEST_F(LoginTest, ASilentApiServerDoesNotEndTheLoginPause) {
  PutPassword("wrong");
  Live(minutes(1));
  objects_.Fail([](const auto& call) { return call.verb == "GetSecret"; },
                {ErrorKind::kTransient, "ServerUnreachable", "no answer", ""}, 1'000);
  Live(minutes(8));
  EXPECT_EQ(Tried("wrong"), 1);
}

TEST_F(LoginTest, ASilentApiServerDoesNotCostAWorkingLogin) {
  Live(minutes(1));
  objects_.Fail([](const auto& call) { return call.verb == "GetSecret"; },
                {ErrorKind::kTransient, "ServerUnreachable", "no answer", ""}, 1'000);
  Live(minutes(8));
  EXPECT_NE(real_hub_.Snapshot(kKey), nullptr);
  EXPECT_EQ(Tried("p1"), 1);
}

// A backup of a day that is cut off begins anew; the links must not notice a refusal, either.
class LostSecretTest : public LoginTest {
 protected:
  void BeginBackup() {
    Live(minutes(1));
    ASSERT_TRUE(real_hub_
                    .StartLong(kKey, "backup", {Secret("BACKUP"), "BACKUP"}, std::chrono::hours(24),
                               OkStatus)
                    .ok());
    server_side_.backup_runs.wait(false);
    real_hub_.Subscribe([this](const ObjectKey&) { ++told_; });
  }
  void FailSecret(ErrorKind kind, int times) {
    objects_.Fail([](const auto& call) { return call.verb == "GetSecret"; },
                  {kind, "Refused", "no", ""}, times);
  }
  void ExpectTheBackupEnds() {
    EXPECT_EQ(server_side_.cancelled, 0);
    EXPECT_TRUE(real_hub_.TakeLong(kKey, "backup").running);
    server_side_.backup_ends = true;
    server_side_.backup_ends.notify_all();
    auto backup = real_hub_.TakeLong(kKey, "backup");
    while (backup.running) {
      backup = real_hub_.TakeLong(kKey, "backup");
    }
    ASSERT_TRUE(backup.outcome.has_value());
    EXPECT_TRUE(backup.outcome->ok());
  }
  ~LostSecretTest() override {
    server_side_.backup_ends = true;
    server_side_.backup_ends.notify_all();
    real_hub_.Shutdown();
  }

  std::atomic<int> told_ = 0;
};

TEST_F(LostSecretTest, K13K20ARefusalOfAMomentChangesNothing) {
  BeginBackup();
  const auto before = Stored().status.conditions.size();
  FailSecret(ErrorKind::kUnauthorized, 5);
  Live(minutes(1));
  EXPECT_EQ(Condition(kReachable)->status, api::ConditionStatus::kTrue);
  EXPECT_EQ(stored_.status.conditions.size(), before);
  EXPECT_EQ(Condition(kReachable)->reason, reason::kReferenceUnreadable) << "and it is told";
  EXPECT_NE(Condition(kReachable)->message.find("prod/sql1-login"), std::string::npos);
  Live(minutes(5));
  EXPECT_EQ(Condition(kReachable)->reason, reason::kSucceeded);
  EXPECT_NE(real_hub_.Snapshot(kKey), nullptr);
  EXPECT_EQ(told_, 0) << "no link was woken by the instance";
  EXPECT_EQ(Tried("p1"), 2) << "the first look, and the backup";
  ExpectTheBackupEnds();
}

TEST_F(LostSecretTest, ARefusalThatLastsStopsNewWorkAndCancelsNothing) {
  BeginBackup();
  FailSecret(ErrorKind::kUnauthorized, 1'000);
  Live(minutes(10));
  EXPECT_EQ(Condition(kReachable)->reason, reason::kReferenceUnreadable);
  EXPECT_EQ(Condition(kReachable)->status, api::ConditionStatus::kFalse);
  EXPECT_EQ(real_hub_.Snapshot(kKey), nullptr);
  ExpectTheBackupEnds();
}

TEST_F(LostSecretTest, ASecretThatIsDeletedAndMadeAgainCancelsNothing) {
  BeginBackup();
  FailSecret(ErrorKind::kNotFound, 1);
  Live(minutes(1));
  EXPECT_GE(told_, 1);
  Live(minutes(2));
  EXPECT_EQ(Condition(kReachable)->status, api::ConditionStatus::kTrue);
  EXPECT_NE(real_hub_.Snapshot(kKey), nullptr);
  ExpectTheBackupEnds();
}

TEST_F(LoginTest, SecretsAreReadOneByOneAndNeverListed) {
  Live(minutes(5));
  for (const auto& call : objects_.Calls()) {
    EXPECT_TRUE(call.plural != "secrets" || call.verb == "GetSecret") << call.verb;
  }
}

class RotationTest : public LoginTest, public ::testing::WithParamInterface<const char*> {};

TEST_P(RotationTest, AChangedPasswordIsUsedWithinAMinuteAndOnce) {
  Create({{"observeInterval", GetParam()}});
  Live(minutes(10));
  ASSERT_EQ(Tried("p1"), 1);
  server_side_.password = "p2";
  PutPassword("p2");
  Live(minutes(1));
  EXPECT_EQ(Tried("p2"), 1) << "tried at once, however rarely the instance is read";
  Live(minutes(30));
  EXPECT_EQ(Tried("p2"), 1);
  EXPECT_EQ(Tried("p1"), 1) << "the old one is not tried again";
}

TEST_P(RotationTest, AConnectionThatIsRefusedLooksForANewPasswordAtOnce) {
  Create({{"observeInterval", GetParam()}});
  Live(minutes(10));
  // The password changes, connections are lost, and the Secret follows in the same moment.
  server_side_.password = "p2";
  ++server_side_.era;
  PutPassword("p2");
  Live(minutes(1));
  EXPECT_EQ(Tried("p2"), 1);
  EXPECT_LE(Tried("p1"), 2) << "at most once more: the first login, and one that was refused";
  Live(std::chrono::hours(2));
  EXPECT_LE(Tried("p1"), 2);
  EXPECT_NE(real_hub_.Snapshot(kKey), nullptr);
}

INSTANTIATE_TEST_SUITE_P(Intervals, RotationTest, ::testing::Values("5s", "30s", "90s", "1h"),
                         [](const auto& test) { return std::string(test.param); });

}  // namespace
}  // namespace milink::replica
