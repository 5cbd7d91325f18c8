#include "controllers/link/plan/plan.h"

#include <gtest/gtest.h>

#include "controllers/link/reasons.h"
#include "core/api/codec.h"
#include "core/api/condition.h"
#include "tests/unit/link/scene.h"

namespace milink::link {
namespace {

using gen::ModelWorld;
using gen::Scene;
namespace type = api::condition_type;

TEST(Planner, WritesTheJournalBeforeTheFirstStep) {
  Scene scene;
  scene.Trust();
  const Plan plan = PlanLink(scene.Observe());
  EXPECT_TRUE(plan.write_journal);
  EXPECT_TRUE(plan.steps.empty());
  ASSERT_EQ(plan.status.owned_objects.size(), 2U);
  EXPECT_EQ(plan.status.owned_objects[0].name, "AG_sales");
  EXPECT_EQ(plan.status.owned_objects[0].state, api::OwnedState::kPending);
  EXPECT_EQ(plan.status.records.at(0).accepted_primary, "SqlServer");
}

TEST(Planner, SetsTheFinalizerBeforeAnythingElse) {
  Scene scene;
  scene.Trust();
  scene.world.link.meta.finalizers.clear();
  const Plan plan = PlanLink(scene.Observe());
  EXPECT_TRUE(plan.add_finalizer);
  EXPECT_FALSE(plan.write_journal);
  EXPECT_TRUE(plan.steps.empty());
}

TEST(Planner, NeverAgreesOnAPrimaryThatItDoesNotSee) {
  Scene scene;
  scene.Linked();
  scene.world.link.status.records.clear();
  scene.distributed().replicas.at(0).role = "SECONDARY";
  scene.link().instance_role = "Primary";
  const Plan plan = scene.Decide();
  EXPECT_EQ(plan.status.records.at(0).accepted_primary, "");
  EXPECT_NE(api::FindCondition(plan.status.conditions, type::kStalled), nullptr);
}

TEST(Planner, OneBadDatabaseDoesNotHoldTheOtherBack) {
  Scene scene;
  scene.world = ModelWorld({"sales", "hr"});
  scene.Trust();
  scene.world.sql.databases.front().read_only = true;
  const Plan plan = scene.Decide();
  ASSERT_EQ(plan.steps.size(), 1U);
  EXPECT_EQ(Describe(plan.steps[0]), "create availability group AG_hr for database hr");
  EXPECT_NE(api::FindCondition(plan.status.conditions, type::kReconciling), nullptr);
  EXPECT_EQ(api::FindCondition(plan.status.conditions, type::kStalled), nullptr);
}

TEST(Planner, AdoptedGroupsAreLeftAtUnlinkAndNamed) {
  Scene scene;
  scene.Established();
  scene.world.instance.links.clear();
  scene.world.sql.groups.pop_back();
  scene.Delete("Unlink");
  const Plan plan = scene.Decide();
  EXPECT_TRUE(plan.remove_finalizer);
  ASSERT_FALSE(plan.notes.empty());
  EXPECT_NE(plan.notes[0].message.find("it was there before"), std::string::npos);
}

TEST(Planner, PendingGroupsAreLeftAtUnlinkAndNamed) {
  Scene scene;
  scene.Established();
  scene.Own("SqlServer", "AvailabilityGroup", "AG_sales", "");
  scene.world.instance.links.clear();
  scene.world.sql.groups.pop_back();
  scene.Delete("Unlink");
  const Plan plan = scene.Decide();
  EXPECT_TRUE(plan.remove_finalizer);
  EXPECT_NE(plan.notes[0].message.find("not certain"), std::string::npos);
}

TEST(Planner, AGroupThatAnotherLinkUsesStays) {
  Scene scene;
  scene.Established();
  scene.OwnAll();
  scene.world.instance.links.clear();
  scene.distributed().name = GroupName("DAG_elsewhere");
  scene.Delete("Unlink");
  const Plan plan = scene.Decide();
  for (const Step& step : plan.steps) {
    EXPECT_EQ(Describe(step).find("drop availability group"), std::string::npos);
  }
}

TEST(Planner, CertificatesThatAnotherLinkUsesStay) {
  Scene scene;
  scene.Established();
  scene.OwnAll();
  scene.world.instance.links.clear();
  scene.world.sql.groups.clear();
  scene.OtherLink("hr", std::chrono::seconds(60));
  scene.Delete("Unlink");
  const Plan plan = scene.Decide();
  EXPECT_TRUE(plan.steps.empty());
  EXPECT_TRUE(plan.remove_finalizer);
  EXPECT_NE(plan.notes.at(0).message.find("ManagedInstanceLink other uses it"), std::string::npos);
}

TEST(Planner, ALinkOfAnotherSqlServerOnTheInstanceDoesNotHoldTheCertificate) {
  Scene scene;
  scene.Established();
  scene.OwnAll();
  scene.world.instance.links.clear();
  scene.world.instance.links.push_back(gen::AzureLink("other"));
  scene.link().partner_endpoint = "tcp://10.9.9.9:5022";
  scene.world.sql.groups.clear();
  scene.Delete("Unlink");
  EXPECT_EQ(scene.Decide().steps.size(), 2U);
}

TEST(Planner, AHalfDeletedGroupThatResolvesIsDroppedWhereTheDatabaseIsWritable) {
  Scene scene;
  scene.Established();
  scene.OwnAll();
  scene.world.instance.links.clear();
  scene.distributed().replicas.at(0).role = "RESOLVING";
  scene.Delete("Unlink");
  ASSERT_EQ(scene.Decide().steps.size(), 1U);
  scene.distributed().replicas.at(0).role = "SECONDARY";
  EXPECT_TRUE(scene.Decide().steps.empty());
}

TEST(Planner, ABusyInstanceMayBeBusyWithOurOwnRequest) {
  Scene scene;
  scene.Distributed();
  scene.world.link.status.records.push_back(
      {DatabaseName("sales"), "SqlServer", false,
       api::ManagedInstanceLinkStatus::Operation{"Azure", "CreateLink", "DAG_sales", "",
                                                 scene.world.now}});
  scene.world.facts.failures["CreateLink/DAG_sales"] = {
      {ErrorKind::kConflict, "InstanceBusy", "busy", ""},
      1,
      scene.world.now + std::chrono::seconds(2),
      1};
  EXPECT_TRUE(scene.Decide().status.records.at(0).operation.has_value());
  scene.world.facts.failures.begin()->second.error.kind = ErrorKind::kInvalid;
  EXPECT_FALSE(scene.Decide().status.records.at(0).operation.has_value());
}

TEST(Planner, DeletingWhileSuspendedActsAsRetain) {
  Scene scene;
  scene.Established();
  scene.world.link.spec.suspend = true;
  scene.Delete("Unlink");
  const Plan plan = PlanLink(scene.Observe());
  EXPECT_TRUE(plan.remove_finalizer);
  EXPECT_TRUE(plan.steps.empty());
}

TEST(Planner, AnAbandonedDeletionEndsWithoutAnySystem) {
  Scene scene;
  scene.Established();
  scene.sql_unreachable = true;
  scene.instance_unread = true;
  scene.world.link.meta.annotations[api::kAbandonAnnotation] = "true";
  scene.Delete("Unlink");
  EXPECT_TRUE(PlanLink(scene.Observe()).remove_finalizer);
}

TEST(Planner, AnObjectThatWasNeverLookedAtIsDeletedAtOnce) {
  Scene scene;
  scene.replica_missing = true;
  scene.instance_unread = true;
  scene.Delete("Unlink");
  EXPECT_TRUE(PlanLink(scene.Observe()).remove_finalizer);
}

TEST(Planner, AForeignLinkOfTheSameNameIsNotDeleted) {
  Scene scene;
  scene.Trust();
  scene.world.link.status.records.push_back({DatabaseName("sales"), "SqlServer", false, {}});
  scene.world.instance.links.push_back(gen::AzureLink("sales"));
  scene.link().partner_group = GroupName("AG_theirs");
  scene.Delete("Unlink");
  const Plan plan = scene.Decide();
  EXPECT_TRUE(plan.remove_finalizer);
  EXPECT_NE(plan.notes.at(0).message.find("other groups"), std::string::npos);
}

TEST(Planner, TheFirstGroupOfSqlServer2016HasNoClusterType) {
  Scene scene;
  scene.Trust();
  scene.world.sql.properties.product_version = "13.0.7000.253";
  const Plan plan = scene.Decide();
  ASSERT_EQ(plan.steps.size(), 1U);
  EXPECT_FALSE(std::get<CreateGroup>(plan.steps[0]).cluster_type_clause);
}

TEST(Planner, ATwoWayLinkNeedsMatchingGenerationsAndACapableSqlServer) {
  Scene scene;
  scene.Distributed();
  EXPECT_EQ(std::get<CreateLink>(scene.Decide().steps.at(0)).failover_mode, "None");
  scene.world.replica.status.capabilities = {"OneWayLink", "ManagedInstancePrimary"};
  EXPECT_EQ(std::get<CreateLink>(scene.Decide().steps.at(0)).failover_mode, "Manual");
  scene.world.instance.instance.database_format = "AlwaysUpToDate";
  EXPECT_EQ(std::get<CreateLink>(scene.Decide().steps.at(0)).failover_mode, "None");
}

TEST(Planner, SeedingIsLookedAtOften) {
  Scene scene;
  scene.Linked();
  scene.world.sql.database_states.clear();
  const Plan plan = scene.Decide();
  EXPECT_EQ(plan.freshness.sql, Duration(std::chrono::seconds(10)));
  EXPECT_TRUE(plan.requeue_after.has_value());
}

}  // namespace
}  // namespace milink::link
