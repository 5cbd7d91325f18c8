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

std::vector<Row> DeletionRows() {
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
      {"At last the certificates go",
       [](Scene& s) {
         s.Established();
         s.OwnAll();
         s.world.instance.links.clear();
         s.world.sql.groups.clear();
         s.Delete("Unlink");
       },
       type::kReady,
       kFalse,
       reason::kUnlinking,
       "certificate",
       {"drop certificate sqlmi1.73d19f36a420a.database.windows.net from SQL Server",
        "delete certificate Cert_SQL1_endpoint from the managed instance"}},
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
      {"Unlink without SQL Server is blocked and says how to get out",
       [](Scene& s) {
         s.Established();
         s.sql_unreachable = true;
         s.Delete("Unlink");
       },
       type::kStalled,
       kTrue,
       reason::kDeletionBlocked,
       "milink.dev/abandon",
       {}},
      {"Unlink without Azure is blocked",
       [](Scene& s) {
         s.Established();
         s.instance_error = Error{ErrorKind::kTransient, "Unreachable", "no route", ""};
         s.Delete("Unlink");
       },
       type::kStalled,
       kTrue,
       reason::kDeletionBlocked,
       "no route",
       {}},
      {"When the instance itself is gone only SQL Server is cleaned",
       [](Scene& s) {
         s.Established();
         s.OwnAll();
         s.instance_error = Error{ErrorKind::kNotFound, "ManagedInstanceNotFound", "404", ""};
         s.Delete("Unlink");
       },
       type::kReady,
       kFalse,
       reason::kUnlinking,
       "DAG_sales",
       {"drop distributed availability group DAG_sales"}},
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
  };
}

class PlanTeardownTable : public testing::TestWithParam<Row> {};

TEST_P(PlanTeardownTable, DecidesAsTheSentenceSays) { Check(GetParam()); }

INSTANTIATE_TEST_SUITE_P(, PlanTeardownTable, testing::ValuesIn(DeletionRows()), gen::CaseName);

}  // namespace
}  // namespace milink::link
