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

std::vector<Row> LinkRows() {
  return {
      {"With both groups there the link is created",
       [](Scene& s) { s.Distributed(); },
       type::kLinkEstablished,
       kFalse,
       reason::kCreatingLink,
       "DAG_sales",
       {"create link DAG_sales on the managed instance for database sales"}},
      {"A link that is being created is not asked for again",
       [](Scene& s) {
         s.Distributed();
         s.world.link.status.records.push_back(
             {DatabaseName("sales"), "SqlServer", false,
              api::ManagedInstanceLinkStatus::Operation{"Azure", "CreateLink", "DAG_sales",
                                                        "https://arm/op", s.world.now}});
       },
       type::kLinkEstablished,
       kFalse,
       reason::kCreatingLink,
       "is creating",
       {}},
      {"A refused creation is told and tried again later",
       [](Scene& s) {
         s.Distributed();
         s.world.facts.failures["CreateLink/DAG_sales"] = {
             {ErrorKind::kInvalid, "LinkRefused", "41987: the name is used", ""},
             1,
             s.world.now + std::chrono::minutes(5),
             1};
       },
       type::kLinkEstablished,
       kFalse,
       "LinkRefused",
       "41987",
       {}},
      {"After a change of the spec a refused creation is tried at once",
       [](Scene& s) {
         s.Distributed();
         s.world.link.meta.generation = 2;
         s.world.facts.failures["CreateLink/DAG_sales"] = {
             {ErrorKind::kInvalid, "LinkRefused", "41987: the name is used", ""},
             1,
             s.world.now + std::chrono::minutes(5),
             1};
       },
       type::kLinkEstablished,
       kFalse,
       reason::kCreatingLink,
       "DAG_sales",
       {"create link DAG_sales on the managed instance for database sales"}},
      {"A link of our name with another partner is refused",
       [](Scene& s) {
         s.Distributed();
         s.world.instance.links.push_back(gen::AzureLink("sales"));
         s.link().partner_group = GroupName("AG_theirs");
       },
       type::kLinkEstablished,
       kFalse,
       reason::kLinkDiffers,
       "AG_theirs",
       {}},
      {"A young link without databases and endpoint is ours all the same",
       [](Scene& s) {
         s.Linked();
         s.link().databases.clear();
         s.link().partner_endpoint.clear();
         s.distributed().replicas.at(1).connected_state = "DISCONNECTED";
       },
       type::kLinkEstablished,
       kFalse,
       reason::kConnecting,
       "waiting",
       {}},
      {"A missing connection is no problem in the first two minutes",
       [](Scene& s) {
         s.Linked();
         s.distributed().replicas.at(1).connected_state = "DISCONNECTED";
         s.distributed().replicas.at(1).last_connect_error = 10060;
         s.world.facts.disconnected_since[DatabaseName("sales")] =
             s.world.now - std::chrono::seconds(119);
       },
       type::kLinkEstablished,
       kFalse,
       reason::kConnecting,
       "waiting",
       {}},
      {"A missing connection is a problem after two minutes, with its error",
       [](Scene& s) {
         s.Linked();
         s.distributed().replicas.at(1).connected_state = "DISCONNECTED";
         s.distributed().replicas.at(1).last_connect_error = 10060;
         s.world.facts.disconnected_since[DatabaseName("sales")] =
             s.world.now - std::chrono::seconds(120);
       },
       type::kLinkEstablished,
       kFalse,
       reason::kConnectionProblem,
       "10060",
       {}},
      {"Seeding shows its progress",
       [](Scene& s) {
         s.Linked();
         s.world.sql.database_states.clear();
         sql::Seeding seeding;
         seeding.group_id = "id-of-DAG_sales";
         seeding.database = DatabaseName("sales");
         seeding.state = "SEEDING";
         seeding.database_bytes = 200;
         seeding.transferred_bytes = 91;
         s.world.sql.seedings.push_back(seeding);
       },
       type::kLinkEstablished,
       kFalse,
       reason::kSeeding,
       "45%",
       {}},
      {"Failed seeding waits for a person",
       [](Scene& s) {
         s.Linked();
         s.world.sql.database_states.clear();
         sql::Seeding seeding;
         seeding.group_id = "id-of-DAG_sales";
         seeding.database = DatabaseName("sales");
         seeding.state = "FAILED";
         seeding.failure_state = "Seeding Check Message Timeout";
         s.world.sql.seedings.push_back(seeding);
       },
       type::kLinkEstablished,
       kFalse,
       reason::kSeedingFailed,
       "Timeout",
       {}},
      {"A healthy link is ready",
       [](Scene& s) { s.Established(); },
       type::kReady,
       kTrue,
       reason::kReplicating,
       "1 of 1",
       {}},
      {"A link that a person made is adopted",
       [](Scene& s) {
         s.Linked();
         s.world.link.status.records.clear();
       },
       type::kReady,
       kTrue,
       reason::kReplicating,
       "1 of 1",
       {}},
      {"An interrupted link stays established and is not synchronized",
       [](Scene& s) {
         s.Established();
         s.distributed().replicas.at(1).connected_state = "DISCONNECTED";
       },
       type::kSynchronized,
       kFalse,
       reason::kDisconnected,
       "is down",
       {}},
      {"An interrupted link is still established",
       [](Scene& s) {
         s.Established();
         s.distributed().replicas.at(1).connected_state = "DISCONNECTED";
       },
       type::kLinkEstablished,
       kTrue,
       reason::kSucceeded,
       "",
       {}},
      {"Suspended data movement is told with its reason",
       [](Scene& s) {
         s.Established();
         s.world.sql.database_states.front().suspended = true;
         s.world.sql.database_states.front().suspend_reason = "SUSPEND_FROM_USER";
       },
       type::kSynchronized,
       kFalse,
       reason::kDataMovementSuspended,
       "SUSPEND_FROM_USER",
       {}},
      {"An unhealthy copy is told",
       [](Scene& s) {
         s.Established();
         s.world.sql.database_states.front().synchronization_state = "NOT SYNCHRONIZING";
       },
       type::kSynchronized,
       kFalse,
       reason::kUnhealthy,
       "NOT SYNCHRONIZING",
       {}},
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
      {"A suspended link tells what it would do and does nothing",
       [](Scene& s) {
         s.Trust();
         s.world.link.spec.suspend = true;
       },
       type::kReady,
       kFalse,
       reason::kSuspended,
       "would create availability group AG_sales",
       {}},
  };
}

class PlanAzureLinkTable : public testing::TestWithParam<Row> {};

TEST_P(PlanAzureLinkTable, DecidesAsTheSentenceSays) { Check(GetParam()); }

INSTANTIATE_TEST_SUITE_P(, PlanAzureLinkTable, testing::ValuesIn(LinkRows()), gen::CaseName);

}  // namespace
}  // namespace milink::link
