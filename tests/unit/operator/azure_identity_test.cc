#include "operator/azure_identity.h"

#include <map>
#include <memory>

#include <gtest/gtest.h>

#include "tests/fakes/log_collector.h"

namespace milink::app {
namespace {

azure::EnvironmentReader Of(std::map<std::string, std::string> variables) {
  return [variables = std::move(variables)](const std::string& name) {
    const auto it = variables.find(name);
    return it == variables.end() ? std::nullopt : std::optional(it->second);
  };
}

TEST(OwnCloudTest, FlagsWinOverTheVariableAndADescriptionMakesItCustom) {
  struct Case {
    const char* name;
    AzureOptions options;
    const char* authority;
    azure::Cloud cloud;
  };
  const azure::Cloud open = *azure::FindCloud("AzurePublic");
  const azure::Cloud government = *azure::FindCloud("AzureUSGovernment");
  azure::Cloud custom = open;
  custom.name = "Custom";
  azure::Cloud with_authority = custom;
  with_authority.authority = "https://login.corp";
  azure::Cloud with_endpoint = custom;
  with_endpoint.endpoint = "https://arm.corp";
  azure::Cloud stack{"Custom", "https://login.corp", "https://arm.corp", "https://a", "*.corp"};
  azure::Cloud through_proxy = government;
  through_proxy.name = "Custom";
  through_proxy.endpoint = "https://arm.corp";
  const Case cases[] = {
      {"nothing said", {}, nullptr, open},
      {"by flag", {.cloud = "AzureUSGovernment"}, nullptr, government},
      {"by variable", {}, "https://login.microsoftonline.us", government},
      {"flag before variable", {.cloud = "AzurePublic"}, "https://login.microsoftonline.us", open},
      {"another sign-in", {}, "https://login.corp", with_authority},
      {"another endpoint", {.endpoint = "https://arm.corp"}, nullptr, with_endpoint},
      {"another endpoint in a known cloud",
       {.endpoint = "https://arm.corp"},
       "https://login.microsoftonline.us/",
       through_proxy},
      {"all of it",
       {.cloud = "Custom",
        .endpoint = "https://arm.corp",
        .audience = "https://a",
        .instance_dns_pattern = "*.corp"},
       "https://login.corp",
       stack},
  };
  for (const auto& c : cases) {
    const azure::Cloud cloud = OwnCloud(
        c.options, c.authority == nullptr ? Of({}) : Of({{"AZURE_AUTHORITY_HOST", c.authority}}));
    azure::Cloud expected = c.cloud;
    if (cloud.authority + "/" == expected.authority ||
        cloud.authority == expected.authority + "/") {
      expected.authority = cloud.authority;  // the slash at its end means nothing
    }
    EXPECT_EQ(cloud, expected) << c.name;
  }
}

TEST(OwnIdentityTest, TheFlagDecidesAmongWhatTheEnvironmentOffers) {
  const auto variables = Of({{"AZURE_TENANT_ID", "t"},
                             {"AZURE_CLIENT_ID", "c"},
                             {"AZURE_CLIENT_SECRET", "s"},
                             {"AZURE_FEDERATED_TOKEN_FILE", "/token"}});
  EXPECT_EQ(OwnIdentity({}, variables)->kind, azure::IdentityKind::kClientSecret);
  EXPECT_EQ(OwnIdentity({.identity = "WorkloadIdentity"}, variables)->kind,
            azure::IdentityKind::kWorkloadIdentity);
  EXPECT_EQ(OwnIdentity({.identity = "ManagedIdentity"}, Of({}))->kind,
            azure::IdentityKind::kManagedIdentity);
  EXPECT_EQ(OwnIdentity({}, Of({})).error().reason, "CredentialMissing");
}

TEST(AzureSettingsTest, WithoutAnIdentityItGoesOnAndTheLogSaysWhatIsMissing) {
  const auto log = std::make_shared<fakes::LogCollector>();
  const auto without = AzureSettings({}, Of({{"AZURE_TENANT_ID", "t"}}), "agent", Logger(log));
  EXPECT_FALSE(without.own.ok());
  EXPECT_EQ(without.offered.tenant_id, "t");
  EXPECT_EQ(without.clouds.own().name, "AzurePublic");
  EXPECT_EQ(without.user_agent, "agent");
  ASSERT_EQ(log->Lines().size(), 1U);
  EXPECT_EQ(log->Lines().front().Field("error"), without.own.error().message);
  const auto with = AzureSettings({.identity = "ManagedIdentity"}, Of({}), "agent", Logger(log));
  EXPECT_TRUE(with.own.ok());
  EXPECT_EQ(log->Lines().size(), 1U);
}

}  // namespace
}  // namespace milink::app
