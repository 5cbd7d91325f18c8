// What a supervisor sees of the process: exit codes, health, how it stops.
#include <algorithm>
#include <atomic>
#include <future>
#include <memory>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/e2e/stack.h"
#include "tests/integration/command.h"

namespace milink::e2e {
namespace {

using std::chrono::seconds;
using ::testing::HasSubstr;

constexpr auto kPatience = seconds(90);

class ProcessTest : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    stack_ = std::make_unique<Stack>(Stack::Settings{.through_gate = true});
  }
  static void TearDownTestSuite() { stack_.reset(); }

  void TearDown() override {
    LetWritesGo();
    stack_->sim().calls().ClearFaults();
    stack_->sim().calls().ReleaseAll();
  }

  // Writes whose path has this in it get no answer until LetWritesGo.
  void HoldWrites(const std::string& path) {
    stack_->gate()->Watch([hold = hold_, path](const KubeWrite& write, GatePoint point) {
      if (point != GatePoint::kBefore || write.path.find(path) == std::string::npos) {
        return true;
      }
      hold->reached = true;
      hold->released.wait();
      return false;
    });
  }
  void LetWritesGo() {
    stack_->gate()->Watch({});
    hold_->release.set_value();
  }
  bool WaitHeldWrite() {
    return Eventually([this] { return hold_->reached.load(); }, kPatience);
  }
  // Starts an operator of this name.
  static std::unique_ptr<Process> Start(const std::vector<std::string>& arguments) {
    return stack_->Launch(Name(), stack_->direct_kubeconfig(), arguments);
  }
  static std::string Name() {
    return testing::UnitTest::GetInstance()->current_test_info()->name();
  }
  static std::string Log() { return stack_->LogOf(Name()); }
  static bool WaitLog(const std::string& text) {
    return Eventually([&] { return Log().find(text) != std::string::npos; }, kPatience,
                      std::chrono::milliseconds(20));
  }
  static std::string Ask(const std::string& path) {
    const std::string log = Log();
    const std::string mark = "\"port\":";
    const auto at = log.find(mark, log.find("Serving health and metrics")) + mark.size();
    const auto port = log.substr(at, log.find_first_not_of("0123456789", at) - at);
    return test::RunCommand({"curl", "-s", "http://127.0.0.1:" + port + path}).out;
  }
  // An object whose way up is held at the first change of this operation, with a worker waiting.
  static void HoldWork(const std::string& operation) {
    sim::Fault hold;
    hold.mutation = true;
    hold.operation = operation;
    hold.what = sim::Fault::kHold;
    stack_->sim().calls().AddFault(hold);
    stack_->ApplySecrets();
    stack_->Apply(stack_->ReplicaManifest());
    stack_->Apply(stack_->LinkManifest());
  }
  static bool WaitHeld() {
    return Eventually([] { return !stack_->sim().calls().HeldCalls().empty(); }, kPatience);
  }
  static nlohmann::json Lease() {
    return nlohmann::json::parse(stack_->Kubectl({"-n", Stack::kSystemNamespace, "get", "lease",
                                                  "milink-operator", "-o", "json"}))
        .at("spec");
  }
  // Who holds the Lease; empty: it was given back.
  static std::string Holder() { return Lease().value("holderIdentity", ""); }
  // The Lease was renewed once more.
  static bool WaitRenewed() {
    const std::string before = Lease().at("renewTime");
    return Eventually([&] { return Lease().at("renewTime") != before; }, kPatience);
  }

  static std::unique_ptr<Stack> stack_;

  struct Hold {
    std::atomic<bool> reached{false};
    std::promise<void> release;
    std::shared_future<void> released = release.get_future().share();
  };
  const std::shared_ptr<Hold> hold_ = std::make_shared<Hold>();
};

std::unique_ptr<Stack> ProcessTest::stack_;

TEST_F(ProcessTest, WrongFlagsAreCodeTwo) {
  EXPECT_EQ(Start({"--no-such-flag"})->Wait(kPatience), 2);
  EXPECT_THAT(Log(), HasSubstr("--no-such-flag"));
}

TEST_F(ProcessTest, AStartThatFailsIsCodeOne) {
  const auto process = stack_->Launch(Name(), "/nowhere/kubeconfig");
  EXPECT_EQ(process->Wait(kPatience), 1);
  EXPECT_THAT(Log(), HasSubstr("/nowhere/kubeconfig"));
}

TEST_F(ProcessTest, ALeaderIsHealthyAndReadyAndStopsWithCodeZero) {
  const auto process = Start({});
  ASSERT_TRUE(WaitLog("Became the leader")) << Log();
  EXPECT_EQ(Ask("/healthz"), "ok");
  EXPECT_EQ(Ask("/healthz?verbose"),
            "[+]ping ok\n[+]watches ok\n[+]leader-election ok\nhealthz check passed\n");
  EXPECT_EQ(Ask("/readyz?verbose"),
            "[+]sqlserverreplicas ok\n[+]managedinstancelinks ok\n[+]watches ok\n[+]shutdown ok\n"
            "readyz check passed\n");
  EXPECT_THAT(Ask("/metrics"),
              HasSubstr("leader_election_master_status{name=\"milink-operator\"} 1"));
  process->Terminate();
  EXPECT_EQ(process->Wait(kPatience), 0) << Log();
  EXPECT_THAT(Log(), HasSubstr("Gave the Lease back"));
}

TEST_F(ProcessTest, AStandbyIsReadyAndStopsWithoutEverWorking) {
  const auto leader = stack_->Launch(Name() + "-leader", stack_->direct_kubeconfig());
  ASSERT_TRUE(Eventually(
      [&] {
        return stack_->LogOf(Name() + "-leader").find("Became the leader") != std::string::npos;
      },
      kPatience));
  const auto process = Start({});
  ASSERT_TRUE(WaitLog("Standing by")) << Log();
  EXPECT_EQ(Ask("/readyz"), "ok");
  EXPECT_THAT(Ask("/metrics"),
              HasSubstr("leader_election_master_status{name=\"milink-operator\"} 0"));
  process->Terminate();
  EXPECT_EQ(process->Wait(kPatience), 0) << Log();
  EXPECT_THAT(Log(), testing::Not(HasSubstr("Started workers")));
  leader->Terminate();
  EXPECT_EQ(leader->Wait(kPatience), 0);
}

TEST_F(ProcessTest, ReadinessEndsWhenItIsToldToStopAndASecondSignalEndsItAtOnce) {
  const auto process = Start({"--leader-elect=false"});
  HoldWork("");
  ASSERT_TRUE(WaitHeld()) << Log();
  process->Terminate();
  ASSERT_TRUE(WaitLog("Stopping")) << Log();
  EXPECT_THAT(Ask("/readyz?verbose"), HasSubstr("[-]shutdown failed"));
  EXPECT_EQ(Ask("/healthz"), "ok") << "it must not be killed for stopping";
  EXPECT_TRUE(process->Running());
  process->Terminate();
  EXPECT_EQ(process->Wait(kPatience), 128 + 15) << Log();
}

TEST_F(ProcessTest, TheLeaseIsKeptWhileWorkRunsAndGivenBackAfterIt) {
  const auto process = Start({"--shutdown-grace", "60s"});
  ASSERT_TRUE(WaitLog("Became the leader")) << Log();
  const std::string holder = Holder();
  EXPECT_NE(holder, "");
  HoldWork("PUT");
  ASSERT_TRUE(WaitHeld()) << Log();
  process->Terminate();
  ASSERT_TRUE(WaitLog("Stopping")) << Log();
  ASSERT_TRUE(WaitRenewed()) << Log();
  EXPECT_EQ(Holder(), holder);
  EXPECT_TRUE(process->Running()) << Log();
  stack_->sim().calls().ClearFaults();
  stack_->sim().calls().ReleaseAll();
  EXPECT_EQ(process->Wait(kPatience), 0) << Log();
  EXPECT_EQ(Holder(), "") << Log();
}

TEST_F(ProcessTest, ARequestToKubernetesThatHangsIsCutOffAfterTheGraceAndTheLeaseGivenBack) {
  HoldWrites("/sqlserverreplicas/");
  const auto process =
      stack_->Launch(Name(), stack_->gate()->kubeconfig(), {"--shutdown-grace", "1s"});
  ASSERT_TRUE(WaitLog("Became the leader")) << Log();
  auto manifest = stack_->ReplicaManifest();
  manifest["metadata"]["name"] = "fresh";
  stack_->Apply(manifest);
  ASSERT_TRUE(WaitHeldWrite()) << Log();
  process->Terminate();
  EXPECT_EQ(process->Wait(kPatience), 0) << Log();
  EXPECT_THAT(Log(), HasSubstr("Gave the Lease back"));
  EXPECT_EQ(Holder(), "") << Log();
}

TEST_F(ProcessTest, WorkThatCannotBeCancelledIsCodeFourAndItsLeaseEndsByItself) {
  const auto process = Start({"--shutdown-grace", "1s"});
  ASSERT_TRUE(WaitLog("Became the leader")) << Log();
  const std::string holder = Holder();
  HoldWork("PUT");
  ASSERT_TRUE(WaitHeld()) << Log();
  process->Terminate();
  EXPECT_EQ(process->Wait(kPatience), 4) << Log();
  EXPECT_THAT(Log(), HasSubstr("leaving at once"));
  EXPECT_EQ(Holder(), holder) << "nobody knows how that work ends";
}

}  // namespace
}  // namespace milink::e2e
