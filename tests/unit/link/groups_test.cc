#include "controllers/link/reasons.h"
#include "tests/unit/link/scene.h"

namespace milink::link {
namespace {

using gen::kFalse;
using gen::Row;
using gen::Scene;
namespace type = api::condition_type;

std::vector<Row> GroupRows() {
  return {
      {"A prepared database gets its availability group",
       [](Scene& s) { s.Trust(); },
       type::kAvailabilityGroupsReady,
       kFalse,
       reason::kCreatingGroups,
       "AG_sales",
       {"create availability group AG_sales for database sales"}},
      {"The older of two links with the same database goes on",
       [](Scene& s) {
         s.Trust();
         s.OtherLink("sales", std::chrono::seconds(-60));
       },
       type::kAvailabilityGroupsReady,
       kFalse,
       reason::kCreatingGroups,
       "AG_sales",
       {"create availability group AG_sales for database sales"}},
      {"An availability group that fits is used",
       [](Scene& s) { s.Group(); },
       type::kAvailabilityGroupsReady,
       kFalse,
       reason::kCreatingGroups,
       "DAG_sales",
       {"create distributed availability group DAG_sales of AG_sales and AG_sales_MI"}},
      {"A basic availability group is refused",
       [](Scene& s) {
         s.Group();
         s.group().basic = true;
       },
       type::kAvailabilityGroupsReady,
       kFalse,
       reason::kAvailabilityGroupDiffers,
       "basic",
       {}},
      {"A contained availability group is refused",
       [](Scene& s) {
         s.Group();
         s.group().contained = true;
       },
       type::kAvailabilityGroupsReady,
       kFalse,
       reason::kAvailabilityGroupDiffers,
       "contained",
       {}},
      {"A group with a second database is refused and the database named",
       [](Scene& s) {
         s.Group();
         s.group().databases.emplace_back("hr");
       },
       type::kAvailabilityGroupsReady,
       kFalse,
       reason::kAvailabilityGroupDiffers,
       "also holds database hr",
       {}},
      {"A group whose local role is not primary is refused",
       [](Scene& s) {
         s.Group();
         s.group().replicas.front().role = "SECONDARY";
       },
       type::kAvailabilityGroupsReady,
       kFalse,
       reason::kAvailabilityGroupDiffers,
       "SECONDARY",
       {}},
      {"A distributed group of our name with another partner is refused",
       [](Scene& s) {
         s.Distributed();
         s.distributed().replicas.at(1).endpoint_url = "tcp://elsewhere:5022;Server=[other]";
       },
       type::kAvailabilityGroupsReady,
       kFalse,
       reason::kDistributedGroupDiffers,
       "elsewhere",
       {}},
      {"An ordinary group under the link's name is refused",
       [](Scene& s) {
         s.Group();
         s.world.sql.groups.push_back(gen::Group("DAG_sales", "hr"));
       },
       type::kAvailabilityGroupsReady,
       kFalse,
       reason::kDistributedGroupDiffers,
       "ordinary",
       {}},
      {"A database is not prepared for a group whose name is taken",
       [](Scene& s) {
         s.Trust();
         s.world.sql.groups.push_back(gen::Group("AG_sales", "hr"));
         s.database().recovery_model = "SIMPLE";
         s.world.link.spec.preparation.set_full_recovery = true;
       },
       type::kDatabasesPrepared,
       kFalse,
       reason::kWaiting,
       "waiting until what is wrong is corrected; then: set",
       {}},
      {"An endpoint that listens elsewhere is dialled where it listens",
       [](Scene& s) {
         s.Distributed();
         s.world.sql.endpoints.front().port = 5099;
       },
       type::kAvailabilityGroupsReady,
       kFalse,
       reason::kDistributedGroupDiffers,
       "TCP://10.0.0.4:5099",
       {}},
  };
}

class PlanGroupsTable : public testing::TestWithParam<Row> {};

TEST_P(PlanGroupsTable, DecidesAsTheSentenceSays) { Check(GetParam()); }

INSTANTIATE_TEST_SUITE_P(, PlanGroupsTable, testing::ValuesIn(GroupRows()), gen::CaseName);

TEST(PlanGroups, TheFirstGroupOfSqlServer2016HasNoClusterType) {
  Scene scene;
  scene.Trust();
  scene.world.sql.properties.product_version = "13.0.7000.253";
  const Plan plan = scene.Decide();
  ASSERT_EQ(plan.steps.size(), 1U);
  EXPECT_FALSE(std::get<CreateGroup>(plan.steps[0]).cluster_type_clause);
}

}  // namespace
}  // namespace milink::link
