// The network between the two sides is tested: by jobs on SQL Server and on the managed instance,
// or from the operator; nothing of the tests stays.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "tests/e2e/oracles.h"
#include "tests/e2e/stack.h"

namespace milink::e2e {
namespace {

using nlohmann::json;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr char kFqdn[] = "sqlmi1.a1b2c3d4e5f6.database.windows.net";

class NetworkE2eTest : public testing::Test {
 protected:
  void Start(json world, double speed = 60) {
    stack_ = std::make_unique<Stack>(Stack::Settings{.world = std::move(world), .speed = speed});
    stack_->ApplySecrets();
    stack_->StartOperator();
    stack_->Apply(stack_->ReplicaManifest());
  }
  // Both sides can try connections, and the operator has a login on each.
  void StartTestable(double speed = 60) {
    Start(TestableWorld(), speed);
    stack_->Apply(InstanceLogin(*stack_));
  }
  // The operator ends while jobs run on both sides, which stay there.
  void KillDuringATest() {
    ASSERT_TRUE(Eventually(
        [&] {
          const auto world = stack_->sim().world().Enter();
          return !world->FindInstance("SQL1")->agent.jobs.empty() &&
                 !InstanceServer(*world)->agent.jobs.empty();
        },
        std::chrono::seconds(60), std::chrono::milliseconds(5)))
        << stack_->OperatorLog();
    stack_->KillOperator();
    ASSERT_FALSE(JobsAreGone());
  }
  json Link(const std::string& mode, const std::string& name = "shop",
            const std::vector<std::string>& databases = {"sales", "orders"}) const {
    json link = TestedLink(*stack_, mode);
    link["metadata"]["name"] = name;
    link["spec"]["databases"] = json::array();
    for (const auto& database : databases)
      link["spec"]["databases"].push_back({{"name", database}});
    return link;
  }
  void Ask(const std::string& value) const {
    stack_->Kubectl({"-n", Stack::kNamespace, "annotate", "--overwrite", "mil", "shop",
                     "milink.dev/test-network=" + value});
  }
  std::string Verified(const std::string& link = "shop") const {
    return stack_->Condition("mil", link, "NetworkVerified");
  }
  bool Becomes(const std::string& wanted, const std::string& link = "shop") const {
    return Eventually([&] { return Verified(link) == wanted; }, std::chrono::seconds(60),
                      std::chrono::milliseconds(300));
  }
  bool Comes(const std::string& link = "shop") const {
    return stack_->WaitCondition("mil", link, "Ready", "True", std::chrono::seconds(120));
  }
  std::string Message() const {
    const json link = stack_->Get("mil", "shop");
    for (const auto& condition : link.at("status").at("conditions")) {
      if (condition.at("type") == "NetworkVerified") return condition.at("message");
    }
    return {};
  }
  int Jobs(const std::string& target) const {
    int count = 0;
    for (const auto& [what, times] : Writes(*stack_)) {
      if (what.find(target + ": EXEC sp_add_job milink-network-test-") == 0) count += times;
    }
    return count;
  }
  static sim::SqlServerInstance* InstanceServer(sim::WorldState& world) {
    return &*world.FindManagedInstance("sqlmi1")->sql;
  }
  bool JobsAreGone() const {
    const auto world = stack_->sim().world().Enter();
    return world->FindInstance("SQL1")->agent.jobs.empty() &&
           InstanceServer(*world)->agent.jobs.empty();
  }

  std::unique_ptr<Stack> stack_;
};

TEST_F(NetworkE2eTest, BothWaysAreTriedOncePerPairAndWhenAsked) {
  StartTestable();
  stack_->Apply(Link("Warn", "shop", {"sales"}));
  ASSERT_TRUE(Comes()) << stack_->OperatorLog();
  ASSERT_TRUE(Becomes("True Succeeded")) << Message();
  EXPECT_EQ(Jobs("SQL1"), 1);
  EXPECT_EQ(Jobs("sqlmi1"), 1);
  EXPECT_TRUE(JobsAreGone());

  stack_->Apply(Link("Warn", "second", {"orders"}));
  ASSERT_TRUE(Comes("second")) << stack_->OperatorLog();
  ASSERT_TRUE(Becomes("True Succeeded", "second"));
  EXPECT_EQ(Jobs("SQL1"), 1);
  EXPECT_THAT(Unrest(*stack_, std::chrono::seconds(6)), IsEmpty());

  stack_->sim().world().Enter()->network.Block({"10.0.0.4", 5022});
  Ask("after the change of the firewall");
  ASSERT_TRUE(Becomes("False SqlServerNotReached")) << Message();
  EXPECT_THAT(Message(), HasSubstr("sqlmi1 cannot reach SQL Server at 10.0.0.4:5022"));
  EXPECT_EQ(Jobs("SQL1"), 2);
  EXPECT_EQ(Jobs("sqlmi1"), 2);
  EXPECT_EQ(Verified("second"), "True Succeeded");
  EXPECT_TRUE(JobsAreGone());
  EXPECT_THAT(LeakedSecrets(*stack_), IsEmpty());
}

TEST_F(NetworkE2eTest, RequireMakesNothingBeforeAllIsReached) {
  StartTestable();
  {
    const auto world = stack_->sim().world().Enter();
    world->network.Block({kFqdn, 5022});
    auto& managed = *world->FindManagedInstance("sqlmi1");
    managed.security_rules.push_back({.name = "no-links", .access = "Deny", .ports = {"5022"}});
  }
  stack_->Apply(Link("Require"));
  ASSERT_TRUE(Becomes("False InstanceNotReached")) << Message() << stack_->OperatorLog();
  EXPECT_THAT(Message(), HasSubstr("10.0.1.0/24"));
  EXPECT_THAT(Message(), HasSubstr("rule no-links of network security group nsg-sqlmi1 denies"));
  EXPECT_EQ(stack_->Condition("mil", "shop", "Ready"), "False InstanceNotReached");
  // The certificates are exchanged meanwhile, and as long as they are it is not stalled.
  EXPECT_TRUE(Eventually(
      [&] { return stack_->Condition("mil", "shop", "Stalled") == "True InstanceNotReached"; },
      std::chrono::seconds(60), std::chrono::milliseconds(300)))
      << stack_->Get("mil", "shop").dump(2);
  EXPECT_THAT(Unrest(*stack_, std::chrono::seconds(6)), IsEmpty());
  for (const auto& [what, count] : Writes(*stack_)) {
    EXPECT_EQ(what.find("CREATE AVAILABILITY GROUP"), std::string::npos) << what;
  }

  {
    const auto world = stack_->sim().world().Enter();
    world->network.Unblock({kFqdn, 5022});
    world->FindManagedInstance("sqlmi1")->security_rules.clear();
    world->FindInstance("SQL1")->agent.running = false;
  }
  Ask("1");
  ASSERT_TRUE(Becomes("False NetworkTestIncomplete")) << Message();
  EXPECT_THAT(Message(), HasSubstr("SQL Server Agent is stopped"));

  stack_->sim().world().Enter()->FindInstance("SQL1")->agent.running = true;
  Ask("2");
  EXPECT_TRUE(Comes()) << stack_->Get("mil", "shop").dump(2);
  EXPECT_EQ(Verified(), "True Succeeded");
  EXPECT_TRUE(JobsAreGone());
  EXPECT_THAT(LeakedSecrets(*stack_), IsEmpty());
}

TEST_F(NetworkE2eTest, SkipAndDeletionTakeAwayWhatACrashHasLeft) {
  StartTestable(10);
  {
    const auto world = stack_->sim().world().Enter();
    for (auto* server : {world->FindInstance("SQL1"), InstanceServer(*world)}) {
      server->agent.step_time = std::chrono::hours(1);
    }
  }
  stack_->Apply(Link("Warn", "shop", {"sales"}));
  ASSERT_NO_FATAL_FAILURE(KillDuringATest());
  stack_->Apply(Link("Skip", "shop", {"sales"}));
  stack_->StartOperator();
  EXPECT_TRUE(Eventually(
      [&] {
        const json link = stack_->Get("mil", "shop");
        return link.at("status").at("networkTest").at("state") == "Incomplete";
      },
      std::chrono::seconds(60), std::chrono::milliseconds(300)))
      << stack_->Get("mil", "shop").dump(2) << stack_->OperatorLog();
  EXPECT_TRUE(JobsAreGone());
  EXPECT_EQ(Verified(), "Unknown NetworkTestSkipped");

  Ask("again");
  stack_->Apply(Link("Warn", "shop", {"sales"}));
  ASSERT_NO_FATAL_FAILURE(KillDuringATest());
  stack_->Kubectl({"-n", Stack::kNamespace, "delete", "mil", "shop", "--wait=false"});
  stack_->StartOperator();
  EXPECT_TRUE(stack_->WaitGone("mil", "shop")) << stack_->OperatorLog();
  EXPECT_TRUE(JobsAreGone());
  EXPECT_THAT(LeakedSecrets(*stack_), IsEmpty());
}

TEST_F(NetworkE2eTest, WhatCannotBeTriedIsNamedAndWarnGoesOn) {
  Start(DefaultWorld());
  stack_->Apply(stack_->LinkManifest());
  ASSERT_TRUE(Comes()) << stack_->OperatorLog();
  ASSERT_TRUE(Becomes("Unknown NetworkTestIncomplete")) << Message();
  EXPECT_THAT(Message(), HasSubstr("SQL Server on Linux has no PowerShell jobs"));
  EXPECT_THAT(Message(), HasSubstr("spec.managedInstance.sqlCredentialsSecretRef"));
  EXPECT_THAT(Unrest(*stack_, std::chrono::seconds(6)), IsEmpty());
  EXPECT_EQ(Jobs("SQL1"), 0);
}

}  // namespace
}  // namespace milink::e2e
