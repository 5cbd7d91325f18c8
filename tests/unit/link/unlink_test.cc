#include "controllers/link/reasons.h"
#include "tests/unit/link/scene.h"

namespace milink::link {
namespace {

using gen::kFalse;
using gen::kTrue;
using gen::Row;
using gen::Scene;
namespace type = api::condition_type;

std::vector<Row> UnlinkRows() {
  return {
      {"Unlink asks Azure first",
       [](Scene& s) {
         s.Established();
         s.OwnAll();
         s.Delete("Unlink");
       },
       type::kReady,
       kFalse,
       reason::kUnlinking,
       "delete link DAG_sales",
       {"delete link DAG_sales on the managed instance"}},
      {"Once Azure's link is gone the distributed group goes",
       [](Scene& s) {
         s.Established();
         s.OwnAll();
         s.world.instance.links.clear();
         s.Delete("Unlink");
       },
       type::kReady,
       kFalse,
       reason::kUnlinking,
       "DAG_sales",
       {"drop distributed availability group DAG_sales"}},
      {"Then the availability group that we made goes",
       [](Scene& s) {
         s.Established();
         s.OwnAll();
         s.world.instance.links.clear();
         s.world.sql.groups.pop_back();
         s.Delete("Unlink");
       },
       type::kReady,
       kFalse,
       reason::kUnlinking,
       "AG_sales",
       {"drop availability group AG_sales"}},
      {"A link is not deleted while the instance is primary",
       [](Scene& s) {
         s.Established();
         s.distributed().replicas.at(0).role = "SECONDARY";
         s.link().instance_role = "Primary";
         s.Delete("Unlink");
       },
       type::kStalled,
       kTrue,
       reason::kDeletionBlocked,
       "ManagedInstance",
       {}},
      {"A creation without answer is given time before the delete",
       [](Scene& s) {
         s.Distributed();
         s.world.link.status.records.push_back(
             {DatabaseName("sales"), "SqlServer", false,
              api::ManagedInstanceLinkStatus::Operation{"Azure", "CreateLink", "DAG_sales", "",
                                                        s.world.now - std::chrono::seconds(30)}});
         s.Delete("Unlink");
       },
       type::kReady,
       kFalse,
       reason::kUnlinking,
       "waiting for the end",
       {}},
      {"A creation whose answer is long overdue is not waited for",
       [](Scene& s) {
         s.Distributed();
         s.world.link.status.records.push_back(
             {DatabaseName("sales"), "SqlServer", false,
              api::ManagedInstanceLinkStatus::Operation{"Azure", "CreateLink", "DAG_sales", "",
                                                        s.world.now - std::chrono::minutes(3)}});
         s.Delete("Unlink");
       },
       type::kReady,
       kFalse,
       reason::kUnlinking,
       "DAG_sales",
       {"drop distributed availability group DAG_sales"}},
      {"A running deletion is waited for",
       [](Scene& s) {
         s.Established();
         s.OwnAll();
         s.world.link.status.records.front().operation = api::ManagedInstanceLinkStatus::Operation{
             "Azure", "DeleteLink", "DAG_sales", "https://arm/op", s.world.now};
         s.Delete("Unlink");
       },
       type::kReady,
       kFalse,
       reason::kUnlinking,
       "is deleting link DAG_sales",
       {}},
      {"Why nobody knows how far a deletion is stands beside it",
       [](Scene& s) {
         s.Established();
         s.OwnAll();
         s.world.link.status.records.front().operation = api::ManagedInstanceLinkStatus::Operation{
             "Azure", "DeleteLink", "DAG_sales", "https://op", s.world.now};
         s.Unread("DeleteLink/DAG_sales");
         s.Delete("Unlink");
       },
       type::kReady,
       kFalse,
       reason::kUnlinking,
       "is deleting link DAG_sales; how far it is cannot be read",
       {}},
      {"A creation that is waited for tells why nobody knows how far it is",
       [](Scene& s) {
         s.Distributed();
         s.world.link.status.records.push_back(
             {DatabaseName("sales"), "SqlServer", false,
              api::ManagedInstanceLinkStatus::Operation{"Azure", "CreateLink", "DAG_sales",
                                                        "https://op", s.world.now}});
         s.Unread("CreateLink/DAG_sales");
         s.Delete("Unlink");
       },
       type::kReady,
       kFalse,
       reason::kUnlinking,
       "on the managed instance; how far it is cannot be read",
       {}},
      {"A deletion that cannot be asked for is over once the link is gone",
       [](Scene& s) {
         s.Established();
         s.OwnAll();
         s.world.instance.links.clear();
         s.world.link.status.records.front().operation = api::ManagedInstanceLinkStatus::Operation{
             "Azure", "DeleteLink", "DAG_sales", "https://op", s.world.now};
         s.Unread("DeleteLink/DAG_sales");
         s.Delete("Unlink");
       },
       type::kReady,
       kFalse,
       reason::kUnlinking,
       "",
       {"drop distributed availability group DAG_sales"}},
      {"The distributed group is not dropped where SQL Server is secondary",
       [](Scene& s) {
         s.Established();
         s.world.instance.links.clear();
         s.distributed().replicas.at(0).role = "SECONDARY";
         s.Delete("Unlink");
       },
       type::kStalled,
       kTrue,
       reason::kDeletionBlocked,
       "only while SQL Server is its primary",
       {}},
  };
}

class PlanUnlinkTable : public testing::TestWithParam<Row> {};

TEST_P(PlanUnlinkTable, DecidesAsTheSentenceSays) { Check(GetParam()); }

INSTANTIATE_TEST_SUITE_P(, PlanUnlinkTable, testing::ValuesIn(UnlinkRows()), gen::CaseName);

TEST(PlanUnlink, AdoptedGroupsAreLeftAtUnlinkAndNamed) {
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

TEST(PlanUnlink, PendingGroupsAreLeftAtUnlinkAndNamed) {
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

TEST(PlanUnlink, AGroupThatAnotherLinkUsesStays) {
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

TEST(PlanUnlink, AHalfDeletedGroupThatResolvesIsDroppedWhereTheDatabaseIsWritable) {
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

TEST(PlanUnlink, AForeignLinkOfTheSameNameIsNotDeleted) {
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

TEST(PlanUnlink, AGroupMadeAgainByAnotherHandStays) {
  Scene scene;
  scene.Established();
  scene.Own("SqlServer", "AvailabilityGroup", "AG_sales", "another-id");
  scene.world.instance.links.clear();
  scene.world.sql.groups.pop_back();
  scene.Delete("Unlink");
  const Plan plan = scene.Decide();
  EXPECT_TRUE(plan.remove_finalizer);
  EXPECT_NE(plan.notes.at(0).message.find("not the one"), std::string::npos);
}

TEST(PlanUnlink, ADistributedGroupOfOtherMembersStays) {
  Scene scene;
  scene.Established();
  scene.world.instance.links.clear();
  scene.distributed().replicas.at(1).server_name = "AG_theirs";
  scene.Delete("Unlink");
  const Plan plan = scene.Decide();
  EXPECT_TRUE(plan.steps.empty());
  EXPECT_NE(plan.notes.at(0).message.find("it is not this link"), std::string::npos);
}

// Unknown is not absent.
TEST(PlanUnlinkTest, AGroupStaysWhileALinkThatMayUseItCannotBeRead) {
  Scene scene;
  scene.Established();
  scene.OwnAll();
  scene.world.instance.links.clear();
  std::erase_if(scene.world.sql.groups, [](const auto& group) { return group.distributed; });
  scene.Delete("Unlink");
  Observation seen = scene.Observe();
  EXPECT_EQ(PlanLink(seen).steps.size(), 1U);
  seen.undecodable = {"ManagedInstanceLink newer"};
  const Plan plan = PlanLink(seen);
  EXPECT_TRUE(plan.steps.empty());
  EXPECT_NE(plan.notes.at(0).message.find("ManagedInstanceLink newer may use it"),
            std::string::npos);
}

}  // namespace
}  // namespace milink::link
