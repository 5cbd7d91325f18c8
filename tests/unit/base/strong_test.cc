#include "core/base/strong.h"

#include <type_traits>
#include <unordered_set>

#include <gtest/gtest.h>

namespace milink {
namespace {

static_assert(!std::is_convertible_v<std::string, DatabaseName>);
static_assert(!std::is_convertible_v<DatabaseName, std::string>);
static_assert(!std::is_constructible_v<GroupName, DatabaseName>);
static_assert(!std::is_assignable_v<GroupName&, DatabaseName>);

TEST(StrongStringTest, ComparesByItsText) {
  EXPECT_EQ(DatabaseName("sales"), DatabaseName("sales"));
  EXPECT_NE(DatabaseName("sales"), DatabaseName("Sales"));
  EXPECT_LT(DatabaseName("a"), DatabaseName("b"));
  EXPECT_EQ(GroupName("AG_sales").str(), "AG_sales");
  EXPECT_TRUE(DatabaseName().empty());
}

TEST(StrongStringTest, WorksInHashedContainers) {
  const std::unordered_set<DatabaseName> names{DatabaseName("a"), DatabaseName("b"),
                                               DatabaseName("a")};
  EXPECT_EQ(names.size(), 2U);
}

}  // namespace
}  // namespace milink
