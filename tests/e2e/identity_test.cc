// Whose rights a link uses in Azure, and which: the operator's identity is kept for another
// namespace, so a link is refused until it brings credentials of its own, and then runs with these
// alone; and of what an identity may not see nothing is concluded.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "tests/e2e/oracles.h"
#include "tests/e2e/stack.h"

namespace milink::e2e {
namespace {

using nlohmann::json;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr char kLinkClient[] = "44444444-4444-4444-4444-444444444444";
// Found by LeakedSecrets() as the operator's own is, because it begins the same.
constexpr char kLinkSecret[] = "canary-azure-secret-of-link";
// A changed Secret is used within a minute; a little for a loaded machine.
constexpr auto kNoticed = std::chrono::seconds(80);

// The link's identity has all rights on the instance, the operator's none.
json WorldOfTwoIdentities() {
  json world = DefaultWorld();
  json principal = world["principals"][0];
  principal["clientId"] = kLinkClient;
  principal["objectId"] = "55555555-5555-5555-5555-555555555555";
  principal["secret"] = kLinkSecret;
  world["principals"].push_back(principal);
  world["managedInstances"][0]["permissions"] = {{kLinkClient, {{{"actions", {"*"}}}}}};
  return world;
}

// The custom role that Azure's "Prepare your environment for a link" asks for, to the letter; and
// to list one's own rights takes a right that it lacks.
json WorldOfTheDocumentedRole() {
  json actions = json::array();
  for (const char* action : {"read",
                             "write",
                             "hybridCertificate/action",
                             "databases/read",
                             "databases/delete",
                             "databases/write",
                             "databases/completeRestore/action",
                             "databases/readBackups/action",
                             "databases/restoreDetails/read",
                             "distributedAvailabilityGroups/read",
                             "distributedAvailabilityGroups/write",
                             "distributedAvailabilityGroups/delete",
                             "distributedAvailabilityGroups/setRole/action",
                             "endpointCertificates/read",
                             "hybridLink/read",
                             "hybridLink/write",
                             "hybridLink/delete",
                             "serverTrustCertificates/write",
                             "serverTrustCertificates/delete",
                             "serverTrustCertificates/read"}) {
    actions.push_back("Microsoft.Sql/managedInstances/" + std::string(action));
  }
  json world = DefaultWorld();
  world["switches"] = {{"listingRightsTakesRight", true}, {"hybridLinkRights", true}};
  const std::string client = world["principals"][0]["clientId"];
  world["managedInstances"][0]["permissions"] = {{client, {{{"actions", actions}}}}};
  return world;
}

std::string MessageOf(Stack& stack, const std::string& type) {
  const json link = stack.Get("mil", "shop");
  for (const auto& condition : link.at("status").at("conditions")) {
    if (condition.at("type") == type) {
      return condition.at("message");
    }
  }
  return "";
}

class IdentityE2eTest : public testing::Test {
 protected:
  IdentityE2eTest()
      : stack_({.world = WorldOfTwoIdentities(),
                .arguments = {"--azure-identity-limits", "other-team"}}) {
    stack_.ApplySecrets();
    stack_.StartOperator();
    stack_.Apply(stack_.ReplicaManifest());
  }

  // An empty object: none of its own.
  void ApplyLink(const json& credentials) {
    json manifest = stack_.LinkManifest();
    if (!credentials.empty()) {
      manifest["spec"]["managedInstance"]["credentials"] = credentials;
    }
    stack_.Apply(manifest);
  }
  void ApplySecret(const std::string& value) {
    stack_.Apply({{"apiVersion", "v1"},
                  {"kind", "Secret"},
                  {"metadata", {{"name", "shop-azure"}, {"namespace", Stack::kNamespace}}},
                  {"stringData", {{"clientSecret", value}}}});
  }
  bool Authorized(const std::string& wanted, Duration timeout = std::chrono::seconds(60)) {
    return Eventually([&] { return stack_.Condition("mil", "shop", "AzureAuthorized") == wanted; },
                      timeout, std::chrono::milliseconds(300));
  }
  std::string Explanation() { return MessageOf(stack_, "AzureAuthorized"); }
  json OwnCredentials() const {
    return {{"type", "ClientSecret"},
            {"clientId", kLinkClient},
            {"tenantId", WorldOfTwoIdentities()["principals"][0]["tenantId"]},
            {"secretRef", {{"name", "shop-azure"}}}};
  }

  Stack stack_;
};

TEST_F(IdentityE2eTest, ALinkOutsideTheLimitsRunsWithItsOwnCredentialsOnly) {
  ApplyLink(json::object());
  ASSERT_TRUE(Authorized("False IdentityNotAllowed")) << stack_.Get("mil", "shop").dump(2);
  EXPECT_THAT(Explanation(), HasSubstr("--azure-identity-limits"));
  EXPECT_THAT(Explanation(), HasSubstr("namespace shop"));
  EXPECT_THAT(Explanation(), HasSubstr("spec.managedInstance.credentials"));
  EXPECT_EQ(stack_.Condition("mil", "shop", "ManagedInstanceReady"), "Unknown IdentityNotAllowed");
  EXPECT_TRUE(stack_.Condition("mil", "shop", "Stalled").starts_with("True"));

  // An identity for which the operator's pod vouches is under the limits, too.
  ApplyLink({{"type", "WorkloadIdentity"}, {"clientId", kLinkClient}});
  Pause(std::chrono::seconds(3));
  ASSERT_TRUE(Authorized("False IdentityNotAllowed"));

  ApplyLink(OwnCredentials());
  ASSERT_TRUE(Authorized("False SecretNotFound")) << Explanation();
  EXPECT_THAT(Explanation(), HasSubstr("shop-azure"));
  ApplySecret("canary-azure-secret-of-nobody");
  ASSERT_TRUE(Authorized("False CredentialRejected", kNoticed)) << Explanation();
  EXPECT_THAT(Explanation(), HasSubstr("AADSTS"));
  EXPECT_THAT(Explanation(), HasSubstr(kLinkClient));
  ApplySecret(kLinkSecret);
  ASSERT_TRUE(stack_.WaitCondition("mil", "shop", "Ready", "True", std::chrono::seconds(200)))
      << stack_.Get("mil", "shop").dump(2) << stack_.OperatorLog();
  EXPECT_THAT(Unrest(stack_, std::chrono::seconds(6)), IsEmpty());
  EXPECT_THAT(Repeated(Writes(stack_)), IsEmpty());

  stack_.Kubectl({"-n", Stack::kNamespace, "delete", "mil", "shop", "--wait=false"});
  EXPECT_TRUE(stack_.WaitGone("mil", "shop", std::chrono::seconds(120)))
      << stack_.Get("mil", "shop").dump(2);
  EXPECT_THAT(LeakedSecrets(stack_), IsEmpty());
}

class RightsE2eTest : public testing::Test {
 protected:
  RightsE2eTest() : stack_({.world = WorldOfTheDocumentedRole()}) {}

  void TakeAway(const std::vector<std::string>& actions) {
    const auto world = stack_.sim().world().Enter();
    for (auto& [client, roles] : world->FindManagedInstance("sqlmi1")->permissions) {
      roles.at(0).not_actions = actions;
    }
  }
  bool Becomes(const std::string& type, const std::string& wanted) {
    return Eventually([&] { return stack_.Condition("mil", "shop", type) == wanted; },
                      std::chrono::seconds(30), std::chrono::milliseconds(200));
  }

  Stack stack_;
};

TEST_F(RightsE2eTest, TheDocumentedRoleIsEnoughAndWhatItMayNotSeeIsLeftAlone) {
  const std::string right = "Microsoft.Sql/managedInstances/distributedAvailabilityGroups/read";
  stack_.ApplySecrets();
  stack_.StartOperator();
  stack_.Apply(stack_.ReplicaManifest());
  stack_.Apply(stack_.LinkManifest());
  ASSERT_TRUE(stack_.WaitCondition("mil", "shop", "Ready", "True"))
      << stack_.Get("mil", "shop").dump(2) << stack_.OperatorLog();
  EXPECT_EQ(stack_.Condition("mil", "shop", "AzureAuthorized"), "True Succeeded");
  EXPECT_THAT(MessageOf(stack_, "AzureAuthorized"),
              HasSubstr("Microsoft.Authorization/permissions/read"));
  const WriteSummary made = Writes(stack_);

  // A new process, which has never seen the link.
  ASSERT_EQ(stack_.StopOperator(), 0);
  TakeAway({right});
  stack_.StartOperator();
  ASSERT_TRUE(Becomes("AzureAuthorized", "False ActionsMissing"))
      << stack_.Get("mil", "shop").dump(2) << stack_.OperatorLog();
  EXPECT_THAT(MessageOf(stack_, "AzureAuthorized"), HasSubstr(right));
  EXPECT_EQ(stack_.Condition("mil", "shop", "LinkEstablished"), "Unknown ActionsMissing");

  stack_.Kubectl({"-n", Stack::kNamespace, "delete", "mil", "shop", "--wait=false"});
  ASSERT_TRUE(Becomes("Ready", "False DeletionBlocked")) << stack_.Get("mil", "shop").dump(2);
  EXPECT_THAT(MessageOf(stack_, "Ready"), HasSubstr(right));
  EXPECT_THAT(Unrest(stack_, std::chrono::seconds(5)), IsEmpty());
  EXPECT_EQ(Writes(stack_), made) << "nothing was changed while the link could not be seen";

  TakeAway({});
  ASSERT_TRUE(stack_.WaitGone("mil", "shop"))
      << stack_.Get("mil", "shop").dump(2) << stack_.OperatorLog();
  const auto left = stack_.sim().world().Enter();
  EXPECT_THAT(left->FindManagedInstance("sqlmi1")->links, IsEmpty());
  EXPECT_THAT(left->FindManagedInstance("sqlmi1")->trust_certificates, IsEmpty());
  EXPECT_THAT(left->instances.at(0)->groups, IsEmpty());
}

}  // namespace
}  // namespace milink::e2e
