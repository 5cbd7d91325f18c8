#include "core/api/group_names.h"

#include <gtest/gtest.h>

namespace milink::api {
namespace {

TEST(GroupNames, AreMadeFromTheDatabaseAsItIsWritten) {
  const DatabaseName database("Sales 2");
  EXPECT_EQ(DefaultAvailabilityGroup(database).str(), "AG_Sales 2");
  EXPECT_EQ(DefaultInstanceAvailabilityGroup(database).str(), "AG_Sales 2_MI");
  EXPECT_EQ(DefaultDistributedAvailabilityGroup(database).str(), "DAG_Sales 2");
}

}  // namespace
}  // namespace milink::api
