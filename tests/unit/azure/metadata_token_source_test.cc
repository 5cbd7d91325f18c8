#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/azure/token_source.h"
#include "tests/fakes/fake_clock.h"
#include "tests/fakes/scripted_http.h"

namespace milink::azure {
namespace {

using ::testing::HasSubstr;

class MetadataTokenSourceTest : public testing::Test {
 protected:
  MetadataTokenSourceTest() { settings_.kind = IdentityKind::kManagedIdentity; }

  Result<IssuedToken> Ask() {
    return MakeMetadataTokenSource(settings_, http_, clock_)->Ask("https://management.azure.com/");
  }

  fakes::FakeClock clock_;
  fakes::ScriptedHttp http_;
  CredentialSettings settings_;
};

TEST_F(MetadataTokenSourceTest, TheMachineIsAskedForAResourceAndNotForAScope) {
  http_.Answer(200, R"({"access_token":"t1","expires_in":"86399","expires_on":"1795258800"})");
  const auto issued = Ask();
  ASSERT_TRUE(issued.ok());
  EXPECT_EQ(issued->lifetime, std::chrono::seconds(86'399));
  EXPECT_EQ(http_.requests[0].method, "GET");
  EXPECT_EQ(http_.requests[0].url,
            "http://169.254.169.254/metadata/identity/oauth2/token?api-version=2018-02-01"
            "&resource=https%3A%2F%2Fmanagement.azure.com%2F");
  EXPECT_EQ(http_.requests[0].headers.find("Metadata")->second, "true");
}

TEST_F(MetadataTokenSourceTest, AnIdentityOfItsOwnIsNamedAndTheHostCanBeAnother) {
  settings_.client_id = "client 1";
  settings_.metadata_service = "http://127.0.0.1:2579/";
  http_.Answer(200, R"({"access_token":"t1","expires_in":60})");
  ASSERT_TRUE(Ask().ok());
  EXPECT_THAT(http_.requests[0].url, HasSubstr("http://127.0.0.1:2579/metadata/"));
  EXPECT_THAT(http_.requests[0].url, HasSubstr("&client_id=client%201"));
}

TEST_F(MetadataTokenSourceTest, WhatPassesIsToldFromWhatMustBeChanged) {
  struct Case {
    int status;
    ErrorKind kind;
    const char* reason;
  };
  for (const Case& c : {Case{404, ErrorKind::kTransient, "TokenServiceFailed"},
                        Case{410, ErrorKind::kTransient, "TokenServiceFailed"},
                        Case{429, ErrorKind::kTransient, "TokenServiceFailed"},
                        Case{500, ErrorKind::kTransient, "TokenServiceFailed"},
                        Case{200, ErrorKind::kTransient, "TokenServiceFailed"},
                        Case{400, ErrorKind::kUnauthorized, "CredentialRejected"}}) {
    http_.Answer(c.status,
                 R"({"error":"invalid_request","error_description":"Identity not found"})",
                 {{"retry-after", "9"}});
    const auto refused = Ask();
    ASSERT_FALSE(refused.ok()) << c.status;
    EXPECT_EQ(refused.error().kind, c.kind) << c.status;
    EXPECT_EQ(refused.error().reason, c.reason) << c.status;
    if (c.status == 400) {
      EXPECT_THAT(refused.error().message, HasSubstr("Identity not found"));
    } else {
      EXPECT_EQ(refused.error().retry_after, std::chrono::seconds(9)) << c.status;
    }
  }
}

TEST_F(MetadataTokenSourceTest, AMachineThatIsNotInAzureIsToldSo) {
  http_.Fail({ErrorKind::kTransient, "ConnectionFailed", "cannot connect", ""});
  const auto refused = Ask();
  EXPECT_EQ(refused.error().kind, ErrorKind::kTransient);
  EXPECT_THAT(refused.error().message, HasSubstr("does not run on a machine of Azure"));
}

}  // namespace
}  // namespace milink::azure
