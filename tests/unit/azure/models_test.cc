#include "core/azure/models.h"

#include <gtest/gtest.h>

namespace milink::azure {
namespace {

TEST(Models, AnInstanceHasTheIdThatAzureGivesIt) {
  const ManagedInstanceRef instance{"0000-1", "rg", "mi1"};
  EXPECT_EQ(instance.Id().str(),
            "/subscriptions/0000-1/resourceGroups/rg/providers/Microsoft.Sql/managedInstances/mi1");
}

TEST(Models, ALinkIsFoundWithoutRegardToCase) {
  ManagedInstanceSnapshot snapshot;
  snapshot.links = {Link{.name = GroupName("DAG_a")}, Link{.name = GroupName("DAG_b")}};
  ASSERT_NE(snapshot.FindLink(GroupName("dag_B")), nullptr);
  EXPECT_EQ(snapshot.FindLink(GroupName("dag_B"))->name, GroupName("DAG_b"));
  EXPECT_EQ(snapshot.FindLink(GroupName("DAG")), nullptr);
}

}  // namespace
}  // namespace milink::azure
