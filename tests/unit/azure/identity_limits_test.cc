#include "core/azure/identity_limits.h"

#include <gtest/gtest.h>

namespace milink::azure {
namespace {

constexpr char kInstanceId[] =
    "/subscriptions/s1/resourceGroups/rg1/providers/Microsoft.Sql/managedInstances/mi1";

TEST(IdentityLimitsTest, NamespaceAndPrefixOfOneRuleMustFit) {
  struct Case {
    const char* name;
    std::vector<const char*> rules;
    bool allowed;
  };
  const Case cases[] = {
      {"no rules", {}, true},
      {"the namespace", {"team-a"}, true},
      {"another namespace", {"team-b"}, false},
      {"a namespace whose name begins the same", {"team"}, false},
      {"any namespace in the subscription", {"*=/subscriptions/s1"}, true},
      {"any namespace in another subscription", {"*=/subscriptions/s2"}, false},
      {"the namespace in the resource group",
       {"team-a=/subscriptions/s1/resourceGroups/rg1"},
       true},
      {"with a slash at its end", {"team-a=/subscriptions/s1/resourceGroups/rg1/"}, true},
      {"in other letters", {"team-a=/SUBSCRIPTIONS/S1/resourcegroups/RG1"}, true},
      {"a resource group whose name begins the same",
       {"team-a=/subscriptions/s1/resourceGroups/rg"},
       false},
      {"the instance itself",
       {"team-a=/subscriptions/s1/resourceGroups/rg1/providers/Microsoft.Sql/managedInstances/mi1"},
       true},
      {"what lies below the instance",
       {"team-a=/subscriptions/s1/resourceGroups/rg1/providers/Microsoft.Sql/managedInstances/mi1/"
        "x"},
       false},
      {"one of several", {"team-b", "*=/subscriptions/s2", "team-a"}, true},
      {"halves of two rules", {"team-a=/subscriptions/s2", "team-b=/subscriptions/s1"}, false},
  };
  for (const auto& c : cases) {
    std::vector<IdentityRule> rules;
    for (const char* text : c.rules) {
      const auto rule = ParseIdentityRule(text);
      ASSERT_TRUE(rule.has_value()) << text;
      rules.push_back(*rule);
    }
    const Status status = IdentityLimits(rules).Check("team-a", kInstanceId);
    EXPECT_EQ(status.ok(), c.allowed) << c.name;
    if (!status.ok()) {
      EXPECT_EQ(status.error().kind, ErrorKind::kUnauthorized);
      EXPECT_EQ(status.error().reason, "IdentityNotAllowed");
      EXPECT_NE(status.error().message.find("team-a"), std::string::npos);
    }
  }
}

// A rule that is read wrongly would open what should be shut.
TEST(IdentityLimitsTest, WhatIsNoRuleIsRefused) {
  for (const char* text :
       {"", "=", "=/subscriptions/s1", "team_a", "Team", "team-a=", "team-a=subscriptions/s1",
        "team-a=/resourceGroups/rg1", "team-a=/subscriptionsX", "**", "/subscriptions/s1"}) {
    EXPECT_EQ(ParseIdentityRule(text), std::nullopt) << text;
  }
}

}  // namespace
}  // namespace milink::azure
