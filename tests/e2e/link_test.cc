// The demo's scenario, checked: two manifests bring a link up, a deletion takes it down.
#include <algorithm>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/e2e/oracles.h"
#include "tests/e2e/stack.h"

namespace milink::e2e {
namespace {

using nlohmann::json;
using ::testing::IsEmpty;

std::vector<std::string> NamesOf(const json& list) {
  std::vector<std::string> out;
  for (const auto& item : list) {
    out.push_back(item.at("name").get<std::string>());
  }
  std::ranges::sort(out);
  return out;
}

bool HasEvent(Stack& stack, const std::string& reason, const std::string& about) {
  const auto events = stack.Events();
  return std::ranges::any_of(events, [&](const json& event) {
    return event.value("reason", "") == reason && event.at("regarding").value("name", "") == about;
  });
}

void BringUp(Stack& stack) {
  stack.ApplySecrets();
  stack.StartOperator();
  stack.Apply(stack.ReplicaManifest());
  stack.Apply(stack.LinkManifest());
  ASSERT_TRUE(stack.WaitCondition("sqlr", "sql1", "Ready", "True"))
      << stack.Get("sqlr", "sql1").dump(2) << stack.OperatorLog();
  ASSERT_TRUE(stack.WaitCondition("mil", "shop", "Ready", "True"))
      << stack.Get("mil", "shop").dump(2) << stack.OperatorLog();
}

void CheckReplicaStatus(Stack& stack) {
  const json status = stack.Get("sqlr", "sql1").at("status");
  EXPECT_EQ(status.at("identity").at("serverName"), "SQL1");
  EXPECT_EQ(status.at("productVersion"), "16.0.4125.3");
  EXPECT_EQ(status.at("endpoint").at("port"), 5022);
  EXPECT_EQ(status.at("endpoint").at("owned"), true);
  EXPECT_EQ(status.at("links"), 1);
  for (const auto& condition : status.at("conditions")) {
    EXPECT_EQ(condition.at("status"), "True") << condition.dump();
  }
}

void CheckLinkStatus(Stack& stack) {
  const json status = stack.Get("mil", "shop").at("status");
  EXPECT_EQ(status.at("primary"), "SqlServer");
  EXPECT_EQ(status.at("summary").at("databases"), "2/2");
  for (const auto& database : status.at("databases")) {
    EXPECT_EQ(database.at("sqlServerRole"), "Primary") << database.dump();
    EXPECT_EQ(database.at("managedInstanceRole"), "Secondary") << database.dump();
    EXPECT_EQ(database.at("synchronizationHealth"), "HEALTHY") << database.dump();
  }
  for (const auto& record : status.at("databaseRecords")) {
    EXPECT_EQ(record.at("established"), true) << record.dump();
    EXPECT_EQ(record.at("acceptedPrimary"), "SqlServer") << record.dump();
    EXPECT_FALSE(record.contains("operation")) << record.dump();
  }
  for (const auto& owned : status.at("ownedObjects")) {
    EXPECT_EQ(owned.at("state"), "Created") << owned.dump();
  }
}

void CheckWorldUp(Stack& stack) {
  const json world = stack.ComparableWorld();
  const json& server = world.at("sqlServers").at(0);
  EXPECT_EQ(NamesOf(server.at("groups")),
            (std::vector<std::string>{"AG_orders", "AG_sales", "DAG_orders", "DAG_sales"}));
  const json& instance = world.at("managedInstances").at(0);
  EXPECT_EQ(NamesOf(instance.at("links")), (std::vector<std::string>{"DAG_orders", "DAG_sales"}));
  EXPECT_EQ(NamesOf(instance.at("trustCertificates")),
            std::vector<std::string>{"Cert_SQL1_endpoint"});
  EXPECT_EQ(NamesOf(server.at("certificates")),
            (std::vector<std::string>{"Cert_SQL1_endpoint", "DigiCertPKI", "MicrosoftPKI",
                                      "sqlmi1.a1b2c3d4e5f6.database.windows.net"}));
}

TEST(LinkE2eTest, TwoManifestsBringALinkUpAndADeletionTakesItDown) {
  Stack stack({});
  ASSERT_NO_FATAL_FAILURE(BringUp(stack));
  CheckReplicaStatus(stack);
  CheckLinkStatus(stack);
  CheckWorldUp(stack);
  EXPECT_TRUE(HasEvent(stack, "Ready", "sql1"));
  EXPECT_TRUE(HasEvent(stack, "CreatedEndpoint", "sql1"));
  EXPECT_THAT(Repeated(Writes(stack)), IsEmpty());
  EXPECT_THAT(LeakedSecrets(stack), IsEmpty());

  // Settled: nothing is written anywhere while the databases are.
  // Lag may find its bucket, and repeated events are folded with a delay of ten seconds.
  Pause(std::chrono::seconds(12));
  EXPECT_THAT(Unrest(stack, std::chrono::seconds(12)), IsEmpty());

  stack.Kubectl({"-n", Stack::kNamespace, "delete", "mil", "shop", "--wait=false"});
  ASSERT_TRUE(stack.WaitGone("mil", "shop"))
      << stack.Get("mil", "shop").dump(2) << stack.OperatorLog();
  const json world = stack.ComparableWorld();
  EXPECT_THAT(world.at("managedInstances").at(0).at("links"), IsEmpty());
  EXPECT_THAT(world.at("managedInstances").at(0).at("trustCertificates"), IsEmpty());
  EXPECT_THAT(world.at("sqlServers").at(0).at("groups"), IsEmpty());
  EXPECT_EQ(NamesOf(world.at("sqlServers").at(0).at("certificates")),
            std::vector<std::string>{"Cert_SQL1_endpoint"});
  EXPECT_THAT(Repeated(Writes(stack)), IsEmpty());

  stack.Kubectl({"-n", Stack::kNamespace, "patch", "sqlr", "sql1", "--type=merge", "-p",
                 R"({"spec":{"deletionPolicy":"RemoveOwned"}})"});
  stack.Kubectl({"-n", Stack::kNamespace, "delete", "sqlr", "sql1", "--wait=false"});
  ASSERT_TRUE(stack.WaitGone("sqlr", "sql1")) << stack.OperatorLog();
  EXPECT_TRUE(HasEvent(stack, "Released", "sql1"));
  {
    const auto left = stack.sim().world().Enter();
    const auto& server = *left->instances.at(0);
    EXPECT_FALSE(server.endpoint.has_value());
    EXPECT_THAT(server.certificates, IsEmpty());
    EXPECT_TRUE(server.master_key.exists);
  }
  EXPECT_THAT(Repeated(Writes(stack)), IsEmpty());
  EXPECT_THAT(LeakedSecrets(stack), IsEmpty());
  EXPECT_EQ(stack.StopOperator(), 0) << stack.OperatorLog();
}

TEST(LinkE2eTest, RetainLeavesEverythingAndNeedsNobody) {
  Stack stack({});
  stack.ApplySecrets();
  stack.StartOperator();
  stack.Apply(stack.ReplicaManifest());
  auto link = stack.LinkManifest();
  link["spec"]["deletionPolicy"] = "Retain";
  stack.Apply(link);
  ASSERT_TRUE(stack.WaitCondition("mil", "shop", "Ready", "True")) << stack.OperatorLog();
  const auto writes = Writes(stack);
  const json before = stack.ComparableWorld();
  stack.sim().Stop();  // neither SQL Server nor Azure answers any more
  stack.Kubectl({"-n", Stack::kNamespace, "delete", "secret", "--all"});
  stack.Kubectl({"-n", Stack::kNamespace, "delete", "mil,sqlr", "--all", "--wait=false"});
  EXPECT_TRUE(stack.WaitGone("mil", "shop")) << stack.Get("mil", "shop").dump(2);
  EXPECT_TRUE(stack.WaitGone("sqlr", "sql1")) << stack.Get("sqlr", "sql1").dump(2);
  EXPECT_EQ(Writes(stack), writes);
  EXPECT_EQ(stack.ComparableWorld().at("sqlServers"), before.at("sqlServers"));
  EXPECT_TRUE(HasEvent(stack, "LeftInPlace", "shop"));
}

// Nothing of ours is there, and nothing of ours is gone.
TEST(LinkE2eTest, AnotherServerBehindTheAddressTakesNothingApart) {
  Stack::Settings settings;
  json other = settings.world["sqlServers"][0];
  other["serverName"] = "SQL9";
  other["addresses"] = {"10.0.0.9"};
  settings.world["sqlServers"].push_back(other);
  Stack stack(settings);
  ASSERT_NO_FATAL_FAILURE(BringUp(stack));
  const auto lead_to = [&](const std::string& server) {
    const json patch = {{"spec", {{"port", stack.sim().tds_port(server)}}}};
    stack.Kubectl(
        {"-n", Stack::kNamespace, "patch", "sqlr", "sql1", "--type=merge", "-p", patch.dump()});
  };
  const auto writes = Writes(stack);
  const json up = stack.ComparableWorld();
  lead_to("SQL9");
  ASSERT_TRUE(stack.WaitCondition("mil", "shop", "ReplicaReady", "False DifferentInstance"))
      << stack.Get("mil", "shop").dump(2) << stack.OperatorLog();
  EXPECT_EQ(stack.Condition("mil", "shop", "Synchronized"), "Unknown Waiting");
  stack.Kubectl({"-n", Stack::kNamespace, "delete", "mil", "shop", "--wait=false"});
  ASSERT_TRUE(stack.WaitCondition("mil", "shop", "Ready", "False DeletionBlocked"))
      << stack.Get("mil", "shop").dump(2) << stack.OperatorLog();
  Pause(std::chrono::seconds(3));
  EXPECT_EQ(Writes(stack), writes);
  EXPECT_EQ(stack.ComparableWorld().at("managedInstances"), up.at("managedInstances"));

  lead_to("SQL1");
  // A deletion that is blocked looks again after a minute.
  ASSERT_TRUE(stack.WaitGone("mil", "shop", std::chrono::seconds(90)))
      << stack.Get("mil", "shop").dump(2) << stack.OperatorLog();
  const json down = stack.ComparableWorld();
  EXPECT_THAT(down.at("managedInstances").at(0).at("links"), IsEmpty());
  EXPECT_THAT(down.at("sqlServers").at(0).at("groups"), IsEmpty());
  EXPECT_THAT(Repeated(Writes(stack)), IsEmpty());
}

// What the reference leaves open must not matter.
struct OpenPoint {
  std::string name;
  json switches;
};

class OpenPointTest : public ::testing::TestWithParam<OpenPoint> {};

TEST_P(OpenPointTest, TheLinkComesUpAndGoesEitherWay) {
  Stack::Settings settings;
  settings.world["switches"] = GetParam().switches;
  Stack stack(settings);
  ASSERT_NO_FATAL_FAILURE(BringUp(stack));
  EXPECT_THAT(Repeated(Writes(stack)), IsEmpty());
  stack.Kubectl({"-n", Stack::kNamespace, "delete", "mil", "shop", "--wait=false"});
  ASSERT_TRUE(stack.WaitGone("mil", "shop"))
      << stack.Get("mil", "shop").dump(2) << stack.OperatorLog();
  EXPECT_THAT(Repeated(Writes(stack)), IsEmpty());
}

INSTANTIATE_TEST_SUITE_P(Switches, OpenPointTest,
                         ::testing::Values(OpenPoint{"SqlServerSide",
                                                     {{"roleBeforeJoin", "RESOLVING"},
                                                      {"remoteRowBeforeJoin", true},
                                                      {"seedingRowsCarryDistributedGroup", false},
                                                      {"physicalSeedingRowStays", true},
                                                      {"clusterTypeOfDistributedIsNull", true},
                                                      {"connectErrorStays", false}}},
                                           OpenPoint{"AzureSide",
                                                     {{"linkListedWhileCreating", false},
                                                      {"createEndsWhenSeeded", false},
                                                      {"oneLinkCreationAtATime", true},
                                                      {"longPollUrls", true},
                                                      {"linkIdIsInstanceId", true},
                                                      {"endpointBlobHasPrefix", true},
                                                      {"azureNoticesDroppedGroup", false}}}),
                         [](const auto& point) { return point.param.name; });

}  // namespace
}  // namespace milink::e2e
