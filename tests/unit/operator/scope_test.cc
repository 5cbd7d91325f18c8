#include "operator/scope.h"

#include <gtest/gtest.h>

namespace milink::app {
namespace {

TEST(ScopeTest, EveryObjectIsInOneShardExactly) {
  EXPECT_EQ(LabelSelectorOf({}), "!milink.dev/shard");
  EXPECT_EQ(LabelSelectorOf({.shard = "blue"}), "milink.dev/shard=blue");
}

TEST(ScopeTest, EachShardHasItsOwnLease) {
  EXPECT_EQ(LeaseNameOf({}, {}), "milink-operator");
  EXPECT_EQ(LeaseNameOf({}, {.shard = "blue"}), "milink-operator-blue");
  EXPECT_EQ(LeaseNameOf({.name = "x"}, {.shard = "blue"}), "x-blue");
}

}  // namespace
}  // namespace milink::app
