#include "controllers/link/reasons.h"
#include "tests/unit/link/scene.h"

namespace milink::link {
namespace {

using gen::kFalse;
using gen::kTrue;
using gen::kUnknown;
using gen::Row;
using gen::Scene;
namespace type = api::condition_type;

std::vector<Row> RoleRows() {
  return {
      {"A link that vanished from Azure is lost and not created again",
       [](Scene& s) {
         s.Established();
         s.world.instance.links.clear();
       },
       type::kLinkEstablished,
       kFalse,
       reason::kLinkLost,
       "on the managed instance",
       {}},
      {"A link whose distributed group was dropped is lost",
       [](Scene& s) {
         s.Established();
         s.world.sql.groups.pop_back();
       },
       type::kLinkEstablished,
       kFalse,
       reason::kLinkLost,
       "on SQL Server",
       {}},
      {"A link that is gone on both sides is lost on both",
       [](Scene& s) {
         s.Established();
         s.world.instance.links.clear();
         s.world.sql.groups.pop_back();
       },
       type::kLinkEstablished,
       kFalse,
       reason::kLinkLost,
       "on both sides",
       {}},
      {"A link is not lost because another server answers",
       [](Scene& s) {
         s.Established();
         s.AddressLeadsElsewhere();
       },
       type::kSynchronized,
       kUnknown,
       reason::kWaiting,
       "both sides must be readable",
       {}},
      {"What another server says of its roles is no split brain",
       [](Scene& s) {
         s.Established();
         s.link().instance_role = "Primary";
         s.world.sql.properties.server_name = "SQL9";
       },
       type::kSplitBrain,
       kUnknown,
       reason::kWaiting,
       "both sides must be readable",
       {}},
      {"A link that may not be seen is unknown and not lost",
       [](Scene& s) {
         s.Established();
         s.Hide(azure::InstancePart::kLinks);
       },
       type::kLinkEstablished,
       kUnknown,
       reason::kActionsMissing,
       "distributedAvailabilityGroups/read",
       {}},
      {"A link that may not be seen may have two primaries",
       [](Scene& s) {
         s.Established();
         s.Hide(azure::InstancePart::kLinks);
       },
       type::kSplitBrain,
       kUnknown,
       reason::kWaiting,
       "",
       {}},
      {"A link that may not be seen may not synchronize",
       [](Scene& s) {
         s.Established();
         s.Hide(azure::InstancePart::kLinks);
       },
       type::kSynchronized,
       kUnknown,
       reason::kWaiting,
       "",
       {}},
      {"A link that is gone on SQL Server is not made again while the other half is hidden",
       [](Scene& s) {
         s.Established();
         s.Hide(azure::InstancePart::kLinks);
         s.world.sql.groups.pop_back();
       },
       type::kAvailabilityGroupsReady,
       kFalse,
       reason::kWaiting,
       "",
       {}},
      {"A lost link stalls",
       [](Scene& s) {
         s.Established();
         s.world.instance.links.clear();
       },
       type::kStalled,
       kTrue,
       reason::kLinkLost,
       "",
       {}},
      {"A primary that moved is reported and not moved back",
       [](Scene& s) {
         s.Established();
         s.distributed().replicas.at(0).role = "SECONDARY";
         s.link().instance_role = "Primary";
       },
       type::kStalled,
       kTrue,
       reason::kPrimaryDrifted,
       "the primary is ManagedInstance",
       {}},
      {"Two primaries are a split brain and nothing is done",
       [](Scene& s) {
         s.Established();
         s.link().instance_role = "Primary";
       },
       type::kSplitBrain,
       kTrue,
       reason::kBothPrimary,
       "writable on SQL Server and",
       {}},
      {"No primary is waited for",
       [](Scene& s) {
         s.Established();
         s.distributed().replicas.at(0).role = "SECONDARY";
       },
       type::kLinkEstablished,
       kFalse,
       reason::kRoleUnclear,
       "SECONDARY",
       {}},
      {"A resolving role is waited for",
       [](Scene& s) {
         s.Established();
         s.distributed().replicas.at(0).role = "RESOLVING";
       },
       type::kLinkEstablished,
       kFalse,
       reason::kRoleUnclear,
       "RESOLVING",
       {}},
      {"A link that never replicated is not lost but made again",
       [](Scene& s) {
         s.Linked();
         s.world.instance.links.clear();
         s.world.instance.database_names.clear();
       },
       type::kLinkEstablished,
       kFalse,
       reason::kCreatingLink,
       "DAG_sales",
       {"create link DAG_sales on the managed instance for database sales"}},
      {"Roles of another link under our name say nothing of ours",
       [](Scene& s) {
         s.Established();
         s.link().partner_group = GroupName("AG_theirs");
         s.link().instance_role = "Primary";
       },
       type::kLinkEstablished,
       kFalse,
       reason::kAzureLinkDiffers,
       "AG_theirs",
       {}},
      {"A spec that wants the instance as primary changes nothing",
       [](Scene& s) {
         s.Established();
         s.world.link.spec.primary = "ManagedInstance";
       },
       type::kStalled,
       kTrue,
       reason::kPrimaryDrifted,
       "only SqlServer can be primary",
       {}},
  };
}

class PlanRolesTable : public testing::TestWithParam<Row> {};

TEST_P(PlanRolesTable, DecidesAsTheSentenceSays) { Check(GetParam()); }

INSTANTIATE_TEST_SUITE_P(, PlanRolesTable, testing::ValuesIn(RoleRows()), gen::CaseName);

}  // namespace
}  // namespace milink::link
