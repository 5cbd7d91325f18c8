#include "core/azure/identity.h"

#include <set>

#include <gtest/gtest.h>

#include "core/azure/models.h"

namespace milink::azure {
namespace {

TEST(IdentityKindTest, ANameAndAKindAreOneToOne) {
  for (const char* name :
       {"WorkloadIdentity", "ManagedIdentity", "ClientSecret", "ClientCertificate"}) {
    const auto kind = ParseIdentityKind(name);
    ASSERT_TRUE(kind.has_value()) << name;
    EXPECT_EQ(ToString(*kind), name);
  }
  EXPECT_EQ(ParseIdentityKind("Password"), std::nullopt);
}

// Whoever is left out here escapes the limits.
TEST(IdentityRefTest, TheOperatorVouchesForWhatNeedsNoSecretOfTheLink) {
  EXPECT_TRUE(IsVouchedForByOperator({}));
  EXPECT_TRUE(IsVouchedForByOperator({.kind = IdentityKind::kWorkloadIdentity}));
  EXPECT_TRUE(IsVouchedForByOperator({.kind = IdentityKind::kManagedIdentity}));
  EXPECT_FALSE(IsVouchedForByOperator({.kind = IdentityKind::kClientSecret}));
  EXPECT_FALSE(IsVouchedForByOperator({.kind = IdentityKind::kClientCertificate}));
}

TEST(ManagedInstanceRefTest, OneKeyForOneInstanceAndIdentity) {
  const ManagedInstanceRef plain{"sub", "rg", "mi"};
  EXPECT_EQ(plain.Key(), (ManagedInstanceRef{"SUB", "Rg", "mi"}.Key()));
  const ManagedInstanceRef others[] = {
      {"sub", "rg", "mi2"},
      {"sub", "rg", "mi", "AzureChina"},
      {"sub", "rg", "mi", "", {.kind = IdentityKind::kManagedIdentity}},
      {"sub", "rg", "mi", "", {.kind = IdentityKind::kManagedIdentity, .client_id = "c"}},
      {"sub", "rg", "mi", "", {IdentityKind::kClientSecret, "c", "t", "ns", "s"}},
      {"sub", "rg", "mi", "", {IdentityKind::kClientSecret, "c", "t", "ns2", "s"}},
      {"sub", "rg", "mi", "", {IdentityKind::kClientSecret, "c", "t", "ns", "s2"}},
      {"sub", "rg", "mi", "", {IdentityKind::kClientSecret, "c", "t2", "ns", "s"}},
  };
  std::set<std::string> keys{plain.Key()};
  for (const auto& other : others) {
    EXPECT_TRUE(keys.insert(other.Key()).second) << other.Key();
  }
}

}  // namespace
}  // namespace milink::azure
