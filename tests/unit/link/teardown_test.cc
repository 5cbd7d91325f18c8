#include "controllers/link/reasons.h"
#include "core/api/codec.h"
#include "tests/unit/link/scene.h"

namespace milink::link {
namespace {

using gen::kFalse;
using gen::kTrue;
using gen::Row;
using gen::Scene;
namespace type = api::condition_type;

std::vector<Row> DeletionRows() {
  return {
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
  };
}

class PlanTeardownTable : public testing::TestWithParam<Row> {};

TEST_P(PlanTeardownTable, DecidesAsTheSentenceSays) { Check(GetParam()); }

INSTANTIATE_TEST_SUITE_P(, PlanTeardownTable, testing::ValuesIn(DeletionRows()), gen::CaseName);

TEST(PlanTeardown, DeletingWhileSuspendedActsAsRetain) {
  Scene scene;
  scene.Established();
  scene.world.link.spec.suspend = true;
  scene.Delete("Unlink");
  const Plan plan = PlanLink(scene.Observe());
  EXPECT_TRUE(plan.remove_finalizer);
  EXPECT_TRUE(plan.steps.empty());
}

TEST(PlanTeardown, AnAbandonedDeletionEndsWithoutAnySystem) {
  Scene scene;
  scene.Established();
  scene.sql_unreachable = true;
  scene.instance_unread = true;
  scene.world.link.meta.annotations[api::kAbandonAnnotation] = "true";
  scene.Delete("Unlink");
  EXPECT_TRUE(PlanLink(scene.Observe()).remove_finalizer);
}

TEST(PlanTeardown, AnObjectThatWasNeverLookedAtIsDeletedAtOnce) {
  Scene scene;
  scene.replica_missing = true;
  scene.instance_unread = true;
  scene.Delete("Unlink");
  EXPECT_TRUE(PlanLink(scene.Observe()).remove_finalizer);
}

}  // namespace
}  // namespace milink::link
