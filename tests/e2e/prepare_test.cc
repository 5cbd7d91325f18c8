// A server that somebody else has prepared for other things: its master key came from another host,
// its endpoint knows Windows authentication alone, its trace flags are off. The operator makes it
// fit for links, as far as the spec permits, and a link runs over it.
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "tests/e2e/oracles.h"
#include "tests/e2e/stack.h"

namespace milink::e2e {
namespace {

using nlohmann::json;

class PrepareE2eTest : public testing::Test {
 protected:
  PrepareE2eTest() : stack_({.world = ForeignWorld()}) {
    stack_.ApplySecrets();
    stack_.StartOperator();
  }

  template <typename Change>
  void OnServer(Change change) {
    auto world = stack_.sim().world().Enter();
    change(*world->FindInstance("SQL1"));
  }
  std::string Condition(const char* type) { return stack_.Condition("sqlr", "sql1", type); }
  bool Becomes(const char* type, const std::string& wanted) {
    return Eventually([&] { return Condition(type) == wanted; }, std::chrono::seconds(60),
                      std::chrono::milliseconds(300));
  }

  Stack stack_;
};

// Nothing is done before the plan is approved, then what it shows, and that once.
TEST_F(PrepareE2eTest, WithModePlanAPersonDecidesFirst) {
  json manifest = stack_.ReplicaManifest();
  manifest["spec"]["mode"] = "Plan";
  manifest["spec"]["endpoint"]["adoption"] = "Alter";
  manifest["spec"]["traceFlags"] = "Enable";
  OnServer([](auto& server) { server.master_key.password = "Canary-Master-Key-1"; });
  stack_.Apply(manifest);
  ASSERT_TRUE(Becomes("Stalled", "True ApprovalRequired")) << stack_.OperatorLog();
  const json plan = stack_.Get("sqlr", "sql1").at("status").at("plan");
  const std::string hash = plan.at("hash");
  EXPECT_EQ(plan.at("steps").size(), 4U) << plan.dump(2);
  const json published = json::parse(
      stack_.Kubectl({"-n", Stack::kNamespace, "get", "configmap", "sql1-plan", "-o", "json"}));
  const std::string script = published.at("data").at("script.sql");
  EXPECT_NE(script.find("ALTER ENDPOINT"), std::string::npos) << script;
  const auto& secret = manifest["spec"]["masterKey"]["passwordSecretRef"];
  EXPECT_NE(script.find("<" + secret.at("name").get<std::string>() + "/"), std::string::npos)
      << script;
  EXPECT_TRUE(Unrest(stack_, std::chrono::seconds(6)).empty());
  EXPECT_TRUE(Writes(stack_).empty());

  stack_.Kubectl(
      {"-n", Stack::kNamespace, "annotate", "sqlr", "sql1", "milink.dev/approve-plan=" + hash});
  ASSERT_TRUE(stack_.WaitCondition("sqlr", "sql1", "Ready", "True"))
      << stack_.Get("sqlr", "sql1").dump(2);
  const json status = stack_.Get("sqlr", "sql1").at("status");
  EXPECT_FALSE(status.contains("plan"));
  EXPECT_EQ(status.at("approval").at("hash"), hash);

  OnServer([](auto& instance) { instance.trace_flags.clear(); });
  ASSERT_TRUE(Becomes("TraceFlagsSet", "False ApprovalRequired"));
  EXPECT_NE(stack_.Get("sqlr", "sql1").at("status").at("plan").at("hash"), hash);
  EXPECT_TRUE(LeakedSecrets(stack_).empty());
}

TEST_F(PrepareE2eTest, WhatIsThereIsAlteredOnlyWhereTheSpecSaysSo) {
  json manifest = stack_.ReplicaManifest();
  manifest["spec"].erase("masterKey");
  stack_.Apply(manifest);
  ASSERT_TRUE(Becomes("MasterKeyReady", "False MasterKeyNotOpenable")) << stack_.OperatorLog();
  EXPECT_EQ(Condition("EndpointReady"), "False EndpointUnsuitable");
  EXPECT_EQ(Condition("TraceFlagsSet"), "False TraceFlagsMissing");
  EXPECT_TRUE(Unrest(stack_, std::chrono::seconds(6)).empty());
  EXPECT_TRUE(Writes(stack_).empty());

  // Permitted, but with a password that does not open the key.
  manifest = stack_.ReplicaManifest();
  manifest["spec"]["endpoint"]["adoption"] = "Alter";
  manifest["spec"]["traceFlags"] = "Enable";
  stack_.Apply(manifest);
  ASSERT_TRUE(Becomes("MasterKeyReady", "False MasterKeyPasswordWrong"));
  EXPECT_EQ(Condition("Stalled"), "True MasterKeyPasswordWrong");
  EXPECT_EQ(Condition("EndpointReady"), "False DependencyNotReady");
  EXPECT_TRUE(LeakedSecrets(stack_).empty());
  EXPECT_TRUE(Writes(stack_).empty());

  OnServer([](auto& server) { server.master_key.password = "Canary-Master-Key-1"; });
  ASSERT_TRUE(Becomes("Ready", "True Succeeded")) << stack_.Get("sqlr", "sql1").dump(2);
  OnServer([](auto& server) {
    EXPECT_EQ(Desc(server.endpoint->auth), "NEGOTIATE, CERTIFICATE");
    EXPECT_EQ(Desc(server.endpoint->encryption), "AES, RC4");
    EXPECT_EQ(server.endpoint->port, 7022);
    EXPECT_EQ(server.endpoint->name, "Hadr_endpoint");
    EXPECT_TRUE(server.endpoint->listening);
    EXPECT_EQ(server.trace_flags, (std::vector{1800, 9567}));
    server.trace_flags.clear();  // as a restart does
  });
  EXPECT_TRUE(Eventually(
      [&] {
        std::size_t on = 0;
        OnServer([&](auto& server) { on = server.trace_flags.size(); });
        return on == 2;
      },
      std::chrono::seconds(60), std::chrono::milliseconds(300)));

  stack_.Apply(stack_.LinkManifest());
  EXPECT_TRUE(stack_.WaitCondition("mil", "shop", "Ready", "True", std::chrono::seconds(120)))
      << stack_.Get("mil", "shop").dump(2);
  ASSERT_TRUE(Becomes("Ready", "True Succeeded"));
  EXPECT_TRUE(Unrest(stack_, std::chrono::seconds(6)).empty());
  EXPECT_TRUE(LeakedSecrets(stack_).empty());
  const auto owned = stack_.Get("sqlr", "sql1").at("status").at("ownedObjects");
  ASSERT_EQ(owned.size(), 1U) << owned.dump();
  EXPECT_EQ(owned[0].at("kind"), "Certificate");
}

}  // namespace
}  // namespace milink::e2e
