#include "core/azure/cloud.h"

#include <gtest/gtest.h>

namespace milink::azure {
namespace {

TEST(CloudTest, EachNameStandsForItsOwnAddresses) {
  struct Case {
    const char* name;
    const char* authority;
    const char* endpoint;
    const char* pattern;
  };
  const Case cases[] = {
      {"AzurePublic", "https://login.microsoftonline.com/", "https://management.azure.com/",
       "*.database.windows.net"},
      {"AzureUSGovernment", "https://login.microsoftonline.us/",
       "https://management.usgovcloudapi.net/", "*.database.usgovcloudapi.net"},
      {"AzureChina", "https://login.chinacloudapi.cn/", "https://management.chinacloudapi.cn/",
       "*.database.chinacloudapi.cn"},
  };
  for (const auto& c : cases) {
    const auto cloud = FindCloud(c.name);
    ASSERT_TRUE(cloud.has_value()) << c.name;
    EXPECT_EQ(*cloud, (Cloud{c.name, c.authority, c.endpoint, c.endpoint, c.pattern}));
  }
}

TEST(CloudTest, ACustomCloudIsInNoTable) {
  EXPECT_EQ(FindCloud("Custom"), std::nullopt);
  EXPECT_EQ(FindCloud(""), std::nullopt);
  EXPECT_EQ(FindCloud("azurepublic"), std::nullopt);
}

TEST(CloudTest, ASignInAddressTellsItsCloudHoweverItIsWritten) {
  for (const char* authority :
       {"https://login.microsoftonline.us", "https://login.microsoftonline.us/",
        "https://LOGIN.microsoftonline.us:443/"}) {
    const auto cloud = FindCloudOfAuthority(authority);
    ASSERT_TRUE(cloud.has_value()) << authority;
    EXPECT_EQ(cloud->name, "AzureUSGovernment") << authority;
  }
  for (const char* authority : {"", "login.microsoftonline.us", "https://login.corp.example/",
                                "http://login.microsoftonline.us"}) {
    EXPECT_EQ(FindCloudOfAuthority(authority), std::nullopt) << authority;
  }
}

TEST(CloudTableTest, ALinkMayNameACloudOrMeanTheOperators) {
  const CloudTable in_public;
  EXPECT_EQ(in_public.Find("")->name, "AzurePublic");
  EXPECT_EQ(in_public.Find("AzureChina")->name, "AzureChina");
  EXPECT_EQ(in_public.Find("Custom").error().reason, "CloudUnknown");
  const CloudTable custom(Cloud{"Custom", "https://login.corp/", "https://arm.corp/", "a", "*.x"});
  EXPECT_EQ(custom.Find("")->endpoint, "https://arm.corp/");
  EXPECT_EQ(custom.Find("Custom")->endpoint, "https://arm.corp/");
  EXPECT_EQ(custom.Find("AzurePublic")->endpoint, "https://management.azure.com/");
}

}  // namespace
}  // namespace milink::azure
