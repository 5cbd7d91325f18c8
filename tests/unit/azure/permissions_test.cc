#include <gtest/gtest.h>

#include "core/azure/managed_instance_api.h"

namespace milink::azure {
namespace {

TEST(PermissionsTest, AnActionIsAllowedByOneEntryWhoseOwnExceptionsDoNotForbidIt) {
  struct Case {
    std::string name;
    std::vector<Permission> permissions;
    std::vector<std::string> missing;
  };
  const std::vector<std::string> wanted{"Microsoft.Sql/managedInstances/read",
                                        "Microsoft.Sql/managedInstances/links/write"};
  const Case cases[] = {
      {"nothing granted", {}, wanted},
      {"owner", {{{"*"}, {}}}, {}},
      {"reader", {{{"*/read"}, {}}}, {"Microsoft.Sql/managedInstances/links/write"}},
      {"contributor of instances", {{{"Microsoft.Sql/managedInstances/*"}, {}}}, {}},
      {"case does not matter", {{{"microsoft.sql/MANAGEDINSTANCES/*"}, {}}}, {}},
      {"an exception takes away",
       {{{"*"}, {"*/write"}}},
       {"Microsoft.Sql/managedInstances/links/write"}},
      {"another entry's exception does not", {{{"*"}, {"*/write"}}, {{"*/write"}, {}}}, {}},
      {"a longer action is not matched by its beginning",
       {{{"Microsoft.Sql/managedInstances"}, {}}},
       wanted},
  };
  for (const auto& c : cases) {
    EXPECT_EQ(MissingActions(c.permissions, wanted), c.missing) << c.name;
  }
}

TEST(PermissionsTest, TheBuiltInContributorRoleIsEnough) {
  EXPECT_TRUE(
      MissingActions({{{"Microsoft.Sql/managedInstances/*"}, {}}}, RequiredActions()).empty());
}

}  // namespace
}  // namespace milink::azure
