#include "controllers/link/plan/plan.h"

#include <gtest/gtest.h>

#include "core/api/condition.h"
#include "tests/unit/link/scene.h"

namespace milink::link {
namespace {

using gen::ModelWorld;
using gen::Scene;

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

TEST(Planner, OneBadDatabaseDoesNotHoldTheOtherBack) {
  Scene scene;
  scene.world = ModelWorld({"sales", "hr"});
  scene.Trust();
  scene.world.sql.databases.front().read_only = true;
  const Plan plan = scene.Decide();
  ASSERT_EQ(plan.steps.size(), 1U);
  EXPECT_EQ(Describe(plan.steps[0]), "create availability group AG_hr for database hr");
}

}  // namespace
}  // namespace milink::link
