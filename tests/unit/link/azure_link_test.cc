#include "controllers/link/reasons.h"
#include "tests/unit/link/scene.h"

namespace milink::link {
namespace {

using gen::kFalse;
using gen::kTrue;
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
      {"A link that may be there unseen is not created",
       [](Scene& s) {
         s.Distributed();
         s.Hide(azure::InstancePart::kLinks);
       },
       type::kLinkEstablished,
       gen::kUnknown,
       reason::kActionsMissing,
       "its links without the right",
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
      {"Why nobody knows how far a creation is stands beside it",
       [](Scene& s) {
         s.Distributed();
         s.world.link.status.records.push_back(
             {DatabaseName("sales"), "SqlServer", false,
              api::ManagedInstanceLinkStatus::Operation{"Azure", "CreateLink", "DAG_sales",
                                                        "https://op", s.world.now}});
         s.Unread("CreateLink/DAG_sales");
       },
       type::kLinkEstablished,
       kFalse,
       reason::kCreatingLink,
       "is creating link DAG_sales; how far it is cannot be read without the right",
       {}},
      {"A link of our name with another partner is refused",
       [](Scene& s) {
         s.Distributed();
         s.world.instance.links.push_back(gen::AzureLink("sales"));
         s.link().partner_group = GroupName("AG_theirs");
       },
       type::kLinkEstablished,
       kFalse,
       reason::kAzureLinkDiffers,
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
  };
}

class PlanAzureLinkTable : public testing::TestWithParam<Row> {};

TEST_P(PlanAzureLinkTable, DecidesAsTheSentenceSays) { Check(GetParam()); }

INSTANTIATE_TEST_SUITE_P(, PlanAzureLinkTable, testing::ValuesIn(LinkRows()), gen::CaseName);

TEST(PlanAzureLink, ATwoWayLinkNeedsMatchingGenerationsAndACapableSqlServer) {
  Scene scene;
  scene.Distributed();
  EXPECT_EQ(std::get<CreateLink>(scene.Decide().steps.at(0)).failover_mode, "None");
  scene.world.replica.status.capabilities = {"OneWayLink", "ManagedInstancePrimary"};
  EXPECT_EQ(std::get<CreateLink>(scene.Decide().steps.at(0)).failover_mode, "Manual");
  scene.world.instance.instance.database_format = "AlwaysUpToDate";
  EXPECT_EQ(std::get<CreateLink>(scene.Decide().steps.at(0)).failover_mode, "None");
}

}  // namespace
}  // namespace milink::link
