#include "core/kube/exec_credentials.h"

#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>

#include <gmock/gmock.h>

#include "core/base/time_format.h"
#include "tests/fakes/fake_clock.h"
#include "tests/fakes/log_collector.h"
#include "tests/unit/kube/await_identity.h"

namespace milink::kube {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;
using testing::Contains;
using testing::HasSubstr;
using testing::Not;
using testing::Pair;

class ExecCredentialsTest : public testing::Test {
 protected:
  ExecCredentialsTest() {
    access_.plugin.emplace();
    access_.plugin->command = "login";
    access_.plugin->arguments = {"get", "token"};
    access_.plugin->environment = {{"A", "b"}};
    access_.plugin->api_version = "client.authentication.k8s.io/v1";
    access_.plugin->interaction = PluginInteraction::kNever;
    access_.plugin->install_hint = "see login.test";
  }
  CredentialSource& Source() {
    if (!source_) {
      auto made = ExecCredentials::Make(
          access_, [this](const ProcessRequest& request, const Clock&) { return Run(request); },
          clock_, Logger(log_));
      EXPECT_TRUE(made.ok());
      source_ = *std::move(made);
    }
    return *source_;
  }
  // The plugin prints this token the next time, valid for `lifetime`.
  void Print(const std::string& token, const std::string& expires = "") {
    const std::lock_guard lock(mutex_);
    const std::string end = expires.empty() ? "" : R"(,"expirationTimestamp":")" + expires + "\"";
    answers_.emplace_back(ProcessOutput{
        0, R"({"apiVersion":"client.authentication.k8s.io/v1","kind":"ExecCredential","status":)"
           R"({"token":")" +
               token + "\"" + end + "}}"});
  }
  void Fail(const std::string& reason) {
    const std::lock_guard lock(mutex_);
    answers_.emplace_back(Error{ErrorKind::kTransient, reason, "m"});
  }
  std::string Token() { return TokenOf(AwaitIdentity(Source())); }
  static std::string TokenOf(const IdentityResult& identity) {
    return identity.ok() ? std::string((*identity)->token.Reveal()) : identity.error().reason;
  }
  // Who asks meanwhile finds the plugin running.
  void Hold() {
    const std::lock_guard lock(mutex_);
    holds_ = true;
  }
  void GoOn() {
    const std::lock_guard lock(mutex_);
    holds_ = false;
    changed_.notify_all();
  }
  std::size_t Runs() {
    const std::lock_guard lock(mutex_);
    return runs_.size();
  }
  void AwaitRun(std::size_t number) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return runs_.size() >= number; });
  }
  // Until the latest run has been taken note of.
  void AwaitToken(const std::string& token) {
    while (Token() != token) {
      std::this_thread::yield();
    }
  }
  // Running the plugin without an answer is a failure of the test.
  Result<ProcessOutput> Run(const ProcessRequest& request) {
    std::unique_lock lock(mutex_);
    runs_.push_back(request);
    changed_.notify_all();
    changed_.wait(lock, request.stop, [this] { return !holds_; });
    if (answers_.empty()) {
      ADD_FAILURE() << "the plugin was run once too often";
      return ProcessOutput{1, ""};
    }
    auto answer = std::move(answers_.front());
    answers_.pop_front();
    return answer;
  }

  ClusterAccess access_;
  fakes::FakeClock clock_;  // at 10:00
  std::shared_ptr<fakes::LogCollector> log_ = std::make_shared<fakes::LogCollector>();
  std::deque<Result<ProcessOutput>> answers_;
  std::vector<ProcessRequest> runs_;
  std::mutex mutex_;
  std::condition_variable_any changed_;
  bool holds_ = false;
  std::unique_ptr<CredentialSource> source_;
};

TEST_F(ExecCredentialsTest, RunsTheCommandAsItIsWritten) {
  Print("t");
  EXPECT_EQ(Token(), "t");
  ASSERT_EQ(Runs(), 1U);
  EXPECT_EQ(runs_[0].program, "login");
  EXPECT_EQ(runs_[0].arguments, (std::vector<std::string>{"get", "token"}));
  EXPECT_THAT(runs_[0].environment, Contains(Pair("A", "b")));
  EXPECT_THAT(runs_[0].environment,
              Contains(Pair("KUBERNETES_EXEC_INFO", HasSubstr("\"interactive\":false"))));
  EXPECT_FALSE(runs_[0].gives_terminal);
}

TEST_F(ExecCredentialsTest, NothingIsRunBeforeItIsNeeded) {
  Source();
  EXPECT_EQ(Runs(), 0U);
}

TEST_F(ExecCredentialsTest, ServesUntilItExpires) {
  Print("one", "2026-11-21T10:05:00Z");
  EXPECT_EQ(Token(), "one");
  clock_.Step(minutes(4) - seconds(1));  // not yet renewed beside that
  EXPECT_EQ(Token(), "one");
  Print("two");
  clock_.Step(minutes(1) + seconds(1));
  EXPECT_EQ(Token(), "two");
  clock_.Step(std::chrono::hours(100));
  EXPECT_EQ(Token(), "two") << "without an end it serves for ever";
}

TEST_F(ExecCredentialsTest, ItIsRenewedBeforeItExpiresAndServesMeanwhile) {
  Print("one", "2026-11-21T10:10:00Z");
  EXPECT_EQ(Token(), "one");
  clock_.Step(minutes(8) - seconds(1));
  EXPECT_EQ(Token(), "one");
  EXPECT_EQ(Runs(), 1U) << "a fifth of its time is left";
  clock_.Step(seconds(1));
  Hold();
  Print("two", "2026-11-21T10:20:00Z");
  EXPECT_EQ(Token(), "one");
  AwaitRun(2);
  EXPECT_EQ(Token(), "one") << "nobody waits for the plugin";
  GoOn();
  AwaitToken("two");
  EXPECT_EQ(Runs(), 2U);
}

TEST_F(ExecCredentialsTest, OneThatLivesLongIsRenewedFiveMinutesBeforeItsEnd) {
  Print("one", "2026-11-21T12:00:00Z");
  EXPECT_EQ(Token(), "one");
  clock_.Step(minutes(115) - seconds(1));
  EXPECT_EQ(Token(), "one");
  Print("two");
  clock_.Step(seconds(1));
  AwaitToken("two");
}

TEST_F(ExecCredentialsTest, APluginThatPrintsTheSameAgainIsNotAskedInALoop) {
  Print("one", "2026-11-21T10:10:00Z");
  EXPECT_EQ(Token(), "one");
  for (int i = 0; i < 20; ++i) {
    Print("one", "2026-11-21T10:10:00Z");
  }
  clock_.Step(minutes(8));
  for (; clock_.Now() < *ParseRfc3339("2026-11-21T10:10:00Z"); clock_.Step(seconds(1))) {
    EXPECT_EQ(Token(), "one");
  }
  EXPECT_LE(Runs(), 6U);
}

TEST_F(ExecCredentialsTest, AFailedRenewalLeavesTheOldOneAndIsTriedAgain) {
  Print("one", "2026-11-21T10:10:00Z");
  EXPECT_EQ(Token(), "one");
  clock_.Step(minutes(8));
  Fail("ProgramTimeout");
  EXPECT_EQ(Token(), "one");
  while (log_->Lines("A credential plugin failed").empty()) {
    std::this_thread::yield();
  }
  EXPECT_EQ(Token(), "one");
  EXPECT_EQ(Runs(), 2U) << "it rests";
  clock_.Step(seconds(5));
  Print("two");
  AwaitToken("two");
}

TEST_F(ExecCredentialsTest, TheEndDoesNotWaitForThePlugin) {
  Hold();
  EXPECT_FALSE(Source().Get([](const IdentityResult&) { ADD_FAILURE() << "nobody is told"; }));
  AwaitRun(1);
  Print("t");
  source_.reset();
}

TEST_F(ExecCredentialsTest, K13ARefusalOfWhatIsInUseRunsThePluginAgain) {
  Print("one");
  EXPECT_EQ(Token(), "one");
  clock_.Step(seconds(1));
  Source().Refused(clock_.Monotonic());
  Print("two");
  EXPECT_EQ(Token(), "two");
}

TEST_F(ExecCredentialsTest, K13ARefusalOfARequestOlderThanTheCredentialsChangesNothing) {
  const MonotonicTime early = clock_.Monotonic();
  clock_.Step(seconds(1));
  Print("one");
  EXPECT_EQ(Token(), "one");
  Source().Refused(early);
  EXPECT_EQ(Token(), "one");
}

TEST_F(ExecCredentialsTest, K13AFailureIsHandedOnAndThePluginRests) {
  Fail("ProgramTimeout");
  EXPECT_EQ(Token(), "ProgramTimeout");
  EXPECT_EQ(Token(), "ProgramTimeout");
  EXPECT_EQ(Runs(), 1U);
  clock_.Step(seconds(5));
  Print("one");
  EXPECT_EQ(Token(), "one");
}

TEST_F(ExecCredentialsTest, K13AFailureLeavesWhatIsStillValidInUse) {
  Print("one", "2026-11-21T10:05:00Z");
  EXPECT_EQ(Token(), "one");
  clock_.Step(seconds(1));
  Source().Refused(clock_.Monotonic());
  Fail("ProgramTimeout");
  EXPECT_EQ(Token(), "one");
  clock_.Step(minutes(5));
  Fail("ProgramTimeout");
  EXPECT_EQ(Token(), "ProgramTimeout") << "it has expired meanwhile";
}

TEST_F(ExecCredentialsTest, AnExitCodeIsAFailureAndItsOutputIsNotShown) {
  answers_.emplace_back(ProcessOutput{2, "s3cret"});
  const auto identity = AwaitIdentity(Source());
  EXPECT_EQ(identity.error().reason, "PluginFailed");
  EXPECT_THAT(ToString(identity.error()), Not(HasSubstr("s3cret")));
}

TEST_F(ExecCredentialsTest, AMissingProgramGivesItsHintTenTimesAnHour) {
  for (int i = 0; i < 15; ++i) {
    Fail("ProgramMissing");
    EXPECT_EQ(Token(), "ProgramMissing");
    clock_.Step(seconds(5));
  }
  const auto hints = log_->Lines("A credential plugin is not installed");
  EXPECT_EQ(hints.size(), 10U);
  EXPECT_EQ(hints.at(0).Field("hint"), "see login.test");
  clock_.Step(std::chrono::hours(1));
  Fail("ProgramMissing");
  EXPECT_EQ(Token(), "ProgramMissing");
  EXPECT_EQ(log_->Lines("A credential plugin is not installed").size(), 11U);
}

TEST_F(ExecCredentialsTest, NoLineOfTheLogHasTheToken) {
  Print("s3cret");
  EXPECT_EQ(Token(), "s3cret");
  for (const auto& line : log_->Lines()) {
    for (const auto& field : line.fields) {
      EXPECT_THAT(field.text, Not(HasSubstr("s3cret")));
    }
  }
}

TEST_F(ExecCredentialsTest, ManyThreadsRunThePluginOnce) {
  Print("t");
  Source();
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([this] { EXPECT_EQ(Token(), "t"); });
  }
  for (std::thread& thread : threads) {
    thread.join();
  }
  EXPECT_EQ(Runs(), 1U);
}

TEST_F(ExecCredentialsTest, AnUnknownVersionIsRefusedAtOnce) {
  access_.plugin->api_version = "client.authentication.k8s.io/v1alpha1";
  const auto made = ExecCredentials::Make(access_, RunProcess, clock_, Logger());
  EXPECT_EQ(made.error().reason, "PluginConfigInvalid");
}

}  // namespace
}  // namespace milink::kube
