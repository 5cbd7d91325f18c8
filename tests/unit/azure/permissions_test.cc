#include "core/azure/permissions.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace milink::azure {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Not;

const std::set<Feature> kAll{Feature::kObserve,  Feature::kLink,         Feature::kUnlink,
                             Feature::kFailover, Feature::kDropDatabase, Feature::kTdeCertificates};

TEST(AllowsTest, AnActionIsAllowedByOneEntryWhoseOwnExceptionsDoNotForbidIt) {
  struct Case {
    std::string name;
    std::vector<Permission> permissions;
    bool read;
    bool write;
  };
  const Case cases[] = {
      {"nothing granted", {}, false, false},
      {"owner", {{{"*"}, {}}}, true, true},
      {"reader", {{{"*/read"}, {}}}, true, false},
      {"contributor of instances", {{{"Microsoft.Sql/managedInstances/*"}, {}}}, true, true},
      {"case does not matter", {{{"microsoft.sql/MANAGEDINSTANCES/*"}, {}}}, true, true},
      {"an exception takes away", {{{"*"}, {"*/write"}}}, true, false},
      {"another entry's exception does not", {{{"*"}, {"*/write"}}, {{"*/write"}, {}}}, true, true},
      {"a longer action is not matched by its beginning",
       {{{"Microsoft.Sql/managedInstances"}, {}}},
       false,
       false},
  };
  for (const auto& c : cases) {
    EXPECT_EQ(Allows(c.permissions, "Microsoft.Sql/managedInstances/read"), c.read) << c.name;
    EXPECT_EQ(Allows(c.permissions, "Microsoft.Sql/managedInstances/links/write"), c.write)
        << c.name;
  }
}

TEST(FindMissingRightsTest, EveryFeatureHasItsOwn) {
  struct Case {
    Feature feature;
    std::vector<std::string> needed;  // below Microsoft.Sql/managedInstances/
  };
  const Case cases[] = {
      {Feature::kObserve,
       {"read", "databases/read", "distributedAvailabilityGroups/read", "endpointCertificates/read",
        "serverTrustCertificates/read"}},
      {Feature::kLink,
       {"distributedAvailabilityGroups/write", "serverTrustCertificates/write",
        "serverTrustCertificates/delete"}},
      {Feature::kUnlink, {"distributedAvailabilityGroups/delete"}},
      {Feature::kFailover,
       {"distributedAvailabilityGroups/failover/action",
        "distributedAvailabilityGroups/setRole/action"}},
      {Feature::kDropDatabase, {"databases/delete"}},
      {Feature::kTdeCertificates, {"tdeCertificates/action"}},
  };
  for (const auto& c : cases) {
    std::vector<std::string> needed;
    for (const auto& action : c.needed) {
      needed.push_back("Microsoft.Sql/managedInstances/" + action);
    }
    EXPECT_EQ(FindMissingRights({}, {c.feature}).needed, needed);
  }
  EXPECT_EQ(FindMissingRights({}, {}), MissingRights());
}

TEST(ActionToReadTest, IsARightThatIsAskedForWhileTheListOfRightsIsKnown) {
  const auto observe = FindMissingRights({}, {Feature::kObserve}).needed;
  for (const InstancePart part :
       {InstancePart::kLinks, InstancePart::kTrustCertificates, InstancePart::kEndpointCertificate,
        InstancePart::kDatabaseNames}) {
    EXPECT_THAT(observe, Contains(ActionToRead(part)));
  }
  EXPECT_EQ(ActionToRead(InstancePart::kPermissions), "Microsoft.Authorization/permissions/read");
}

// The custom role of the documentation: nothing that it lacks may stop a link.
TEST(FindMissingRightsTest, TheDocumentedCustomRoleIsEnoughForLinks) {
  const std::string mi = "Microsoft.Sql/managedInstances";
  const std::vector<Permission> role{{{mi + "/read",
                                       mi + "/write",
                                       mi + "/hybridCertificate/action",
                                       mi + "/databases/read",
                                       mi + "/databases/delete",
                                       mi + "/databases/write",
                                       mi + "/databases/completeRestore/action",
                                       mi + "/databases/readBackups/action",
                                       mi + "/databases/restoreDetails/read",
                                       mi + "/distributedAvailabilityGroups/read",
                                       mi + "/distributedAvailabilityGroups/write",
                                       mi + "/distributedAvailabilityGroups/delete",
                                       mi + "/distributedAvailabilityGroups/setRole/action",
                                       mi + "/endpointCertificates/read",
                                       mi + "/hybridLink/read",
                                       mi + "/hybridLink/write",
                                       mi + "/hybridLink/delete",
                                       mi + "/serverTrustCertificates/write",
                                       mi + "/serverTrustCertificates/delete",
                                       mi + "/serverTrustCertificates/read"},
                                      {}}};
  const auto missing =
      FindMissingRights(role, {Feature::kObserve, Feature::kLink, Feature::kUnlink});
  EXPECT_THAT(missing.needed, IsEmpty());
  EXPECT_THAT(missing.advised,
              ElementsAre(mi + "/operations/read",
                          "Microsoft.Sql/locations/"
                          "distributedAvailabilityGroupsAzureAsyncOperation/read"));
  // It was written before failover could be asked for by this name, and says nothing of TDE.
  EXPECT_THAT(FindMissingRights(role, kAll).needed,
              ElementsAre(mi + "/distributedAvailabilityGroups/failover/action",
                          mi + "/tdeCertificates/action"));
}

TEST(FindMissingRightsTest, WhatOnlyTheDocumentationAsksForIsAdvice) {
  const auto missing = FindMissingRights({}, {Feature::kLink});
  EXPECT_THAT(missing.advised, Contains("Microsoft.Sql/managedInstances/hybridLink/write"));
  EXPECT_THAT(missing.needed, Not(Contains("Microsoft.Sql/managedInstances/hybridLink/write")));
}

TEST(FindMissingRightsTest, TheBuiltInContributorRoleIsEnough) {
  const std::vector<Permission> role{
      {{"Microsoft.Sql/managedInstances/*", "Microsoft.Sql/locations/*/read"}, {}}};
  EXPECT_EQ(FindMissingRights(role, kAll), MissingRights());
}

}  // namespace
}  // namespace milink::azure
