#include "core/azure/managed_instance_router.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/fakes/fake_clock.h"
#include "tests/fakes/scripted_http.h"

namespace milink::azure {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

class ManagedInstanceRouterTest : public testing::Test {
 protected:
  ManagedInstanceRouterTest() {
    http_.Otherwise([](const HttpRequest& request) -> Result<HttpResponse> {
      const bool signs_in = request.url.find("/token") != std::string::npos;
      return HttpResponse{
          200, {}, signs_in ? R"({"access_token":"t","expires_in":3600})" : R"({"value":[]})"};
    });
    settings_.own = CredentialSettings{
        .tenant_id = "own-tenant", .client_id = "own", .client_secret = Secret("own-secret")};
    settings_.offered = {.tenant_id = "own-tenant"};
  }

  ManagedInstanceRouter& Router() {
    if (router_ == nullptr) {
      router_ = std::make_unique<ManagedInstanceRouter>(
          settings_, ManagedInstanceRouter::Systems{
                         http_,
                         [](const ObjectKey& key) -> Result<std::map<std::string, Secret>> {
                           return std::map<std::string, Secret>{
                               {"clientSecret", Secret("secret-of-" + key.namespace_name)}};
                         },
                         clock_, *random_, Logger(), open_});
    }
    return *router_;
  }
  // Where the requests for a list of links went to, without their queries.
  std::vector<std::string> Asked(const std::string& cloud, const IdentityRef& identity) {
    const std::size_t before = http_.requests.size();
    const auto links = Router().ListLinks({"s", "rg", "mi", cloud, identity});
    EXPECT_TRUE(links.ok()) << ToString(links.error());
    std::vector<std::string> urls;
    for (std::size_t i = before; i < http_.requests.size(); ++i) {
      const std::string& url = http_.requests[i].url;
      urls.push_back(url.substr(0, url.find_first_of("/?", sizeof("https://"))));
    }
    return urls;
  }
  Error Refused(const std::string& cloud, const IdentityRef& identity) {
    return Router().ListLinks({"s", "rg", "mi", cloud, identity}).error();
  }

  fakes::FakeClock clock_;
  fakes::ScriptedHttp http_;
  std::unique_ptr<Random> random_ = MakeSeededRandom(1);
  OpenFence open_;
  RouterSettings settings_;
  std::unique_ptr<ManagedInstanceRouter> router_;
};

const IdentityRef kOfTeamA{IdentityKind::kClientSecret, "a", "ta", "team-a", "login"};
const IdentityRef kOfTeamB{IdentityKind::kClientSecret, "b", "tb", "team-b", "login"};

TEST_F(ManagedInstanceRouterTest, ALinkWithoutCredentialsUsesTheOperators) {
  EXPECT_THAT(Asked("", {}),
              ElementsAre("https://login.microsoftonline.com", "https://management.azure.com"));
  EXPECT_THAT(http_.requests[0].url, HasSubstr("/own-tenant/"));
  EXPECT_THAT(http_.requests[0].body, HasSubstr("client_id=own&"));
  EXPECT_THAT(Asked("AzurePublic", {}), testing::SizeIs(2)) << "the cloud written out";
}

TEST_F(ManagedInstanceRouterTest, ALinksCredentialsWinOverTheOperators) {
  Asked("", kOfTeamA);
  EXPECT_THAT(http_.requests[0].url, HasSubstr("/ta/"));
  EXPECT_THAT(http_.requests[0].body, HasSubstr("client_id=a&"));
  EXPECT_THAT(http_.requests[0].body, HasSubstr("client_secret=secret-of-team-a"));
  Asked("", kOfTeamB);
  EXPECT_THAT(http_.requests[2].body, HasSubstr("client_secret=secret-of-team-b"));
}

TEST_F(ManagedInstanceRouterTest, EveryCloudHasItsOwnSignInAndResourceManager) {
  EXPECT_THAT(
      Asked("AzureUSGovernment", kOfTeamA),
      ElementsAre("https://login.microsoftonline.us", "https://management.usgovcloudapi.net"));
  EXPECT_THAT(http_.requests[0].body, HasSubstr("management.usgovcloudapi.net%2F.default"));
  EXPECT_THAT(Asked("AzureChina", kOfTeamA),
              ElementsAre("https://login.chinacloudapi.cn", "https://management.chinacloudapi.cn"));
}

TEST_F(ManagedInstanceRouterTest, TheOperatorsIdentityIsShownToNoOtherCloud) {
  const Error error = Refused("AzureChina", {});
  EXPECT_EQ(error.reason, "CredentialMissing");
  EXPECT_THAT(error.message, HasSubstr("AzureChina"));
  EXPECT_TRUE(http_.requests.empty());
}

TEST_F(ManagedInstanceRouterTest, ACustomCloudIsWhatTheOperatorsConfigurationSays) {
  EXPECT_EQ(Refused("Custom", kOfTeamA).reason, "CloudUnknown");
  router_.reset();
  settings_.clouds = CloudTable(
      Cloud{"Custom", "https://login.corp/", "https://arm.corp", "https://arm.corp", "*.corp"});
  EXPECT_THAT(Asked("Custom", {}), ElementsAre("https://login.corp", "https://arm.corp"));
  EXPECT_THAT(Asked("", kOfTeamA), ElementsAre("https://login.corp", "https://arm.corp"));
}

TEST_F(ManagedInstanceRouterTest, AnOperatorWithoutIdentitySaysSoAndServesLinksThatHaveOne) {
  settings_.own = Error{ErrorKind::kInvalid, "CredentialMissing", "AZURE_TENANT_ID is not set", ""};
  EXPECT_THAT(Refused("", {}).message, HasSubstr("AZURE_TENANT_ID"));
  EXPECT_THAT(Asked("", kOfTeamA), testing::SizeIs(2));
}

TEST_F(ManagedInstanceRouterTest, WorkloadIdentityNeedsTheTokenOfThePod) {
  const Error error = Refused("", {.kind = IdentityKind::kWorkloadIdentity, .client_id = "w"});
  EXPECT_EQ(error.reason, "CredentialMissing");
  EXPECT_THAT(error.message, HasSubstr("AZURE_FEDERATED_TOKEN_FILE"));
}

TEST_F(ManagedInstanceRouterTest, AManagedIdentityIsAskedOfTheMachine) {
  settings_.offered.metadata_service = "http://127.0.0.1:1";
  EXPECT_THAT(Asked("", {.kind = IdentityKind::kManagedIdentity, .client_id = "m"}),
              ElementsAre("http://127.0.0.1:1", "https://management.azure.com"));
  EXPECT_THAT(http_.requests[0].url, HasSubstr("client_id=m"));
}

TEST_F(ManagedInstanceRouterTest, ATokenGoesToTheResourceManagerOfItsCloudOnly) {
  const auto polled = Router().PollOperation({"s", "rg", "mi", "AzureChina", kOfTeamA},
                                             "https://management.azure.com/operation");
  ASSERT_FALSE(polled.ok());
  EXPECT_EQ(polled.error().reason, "ForeignPollUrl");
  EXPECT_TRUE(http_.requests.empty());
}

TEST_F(ManagedInstanceRouterTest, OneTokenServesAllRequestsOfAnIdentity) {
  Asked("", kOfTeamA);
  EXPECT_THAT(Asked("", kOfTeamA), ElementsAre("https://management.azure.com"));
}

TEST_F(ManagedInstanceRouterTest, WhatIsNotUsedForAnHourIsForgotten) {
  Asked("", kOfTeamA);
  Asked("", kOfTeamB);
  EXPECT_EQ(Router().size(), 2U);
  clock_.Step(std::chrono::minutes(50));
  Asked("", kOfTeamB);
  clock_.Step(std::chrono::minutes(11));
  Asked("", kOfTeamB);
  EXPECT_EQ(Router().size(), 1U);
  Refused("AzureChina", {});
  EXPECT_EQ(Router().size(), 1U) << "an error leaves nothing behind";
}

}  // namespace
}  // namespace milink::azure
