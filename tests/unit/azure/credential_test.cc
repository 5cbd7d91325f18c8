#include "core/azure/credential.h"

#include <cstdio>
#include <filesystem>
#include <fstream>

#include <gtest/gtest.h>

#include "tests/fakes/fake_clock.h"
#include "tests/fakes/scripted_http.h"

namespace milink::azure {
namespace {

constexpr char kAudience[] = "https://management.azure.com/";

CredentialSettings SecretSettings() {
  CredentialSettings settings;
  settings.authority = "https://login.example/";
  settings.tenant_id = "tenant-1";
  settings.client_id = "client-1";
  settings.client_secret = Secret("s3cret&=");
  return settings;
}

std::string TokenBody(const std::string& token, const std::string& lifetime) {
  return R"({"token_type":"Bearer","expires_in":)" + lifetime + R"(,"access_token":")" + token +
         "\"}";
}

class CredentialTest : public testing::Test {
 protected:
  fakes::FakeClock clock_;
  fakes::ScriptedHttp http_;
};

TEST_F(CredentialTest, AClientSecretIsSentAsAForm) {
  http_.Answer(200, TokenBody("t1", "3599"));
  const auto credential = MakeCredential(SecretSettings(), http_, clock_);
  const auto token = credential->Token(kAudience);
  ASSERT_TRUE(token.ok());
  EXPECT_EQ(token->Reveal(), "t1");
  ASSERT_EQ(http_.requests.size(), 1U);
  EXPECT_EQ(http_.requests[0].url, "https://login.example/tenant-1/oauth2/v2.0/token");
  EXPECT_EQ(http_.requests[0].content_type, "application/x-www-form-urlencoded");
  EXPECT_EQ(http_.requests[0].body,
            "grant_type=client_credentials&client_id=client-1"
            "&scope=https%3A%2F%2Fmanagement.azure.com%2F.default&client_secret=s3cret%26%3D");
}

TEST_F(CredentialTest, ATokenIsKeptUntilFiveMinutesBeforeItsEnd) {
  http_.Answer(200, TokenBody("t1", "3600"));
  http_.Answer(200, TokenBody("t2", "\"3600\""));
  const auto credential = MakeCredential(SecretSettings(), http_, clock_);
  EXPECT_EQ(credential->Token(kAudience)->Reveal(), "t1");
  clock_.Step(std::chrono::minutes(54));
  EXPECT_EQ(credential->Token(kAudience)->Reveal(), "t1");
  clock_.Step(std::chrono::minutes(2));
  EXPECT_EQ(credential->Token(kAudience)->Reveal(), "t2");
  EXPECT_EQ(http_.requests.size(), 2U);
}

TEST_F(CredentialTest, ARejectedTokenIsNotUsedAgain) {
  http_.Answer(200, TokenBody("t1", "3600"));
  http_.Answer(200, TokenBody("t2", "3600"));
  const auto credential = MakeCredential(SecretSettings(), http_, clock_);
  const auto first = credential->Token(kAudience);
  credential->Reject(*first);
  EXPECT_EQ(credential->Token(kAudience)->Reveal(), "t2");
  credential->Reject(*first);  // an old one: somebody has refreshed already
  EXPECT_EQ(credential->Token(kAudience)->Reveal(), "t2");
  EXPECT_EQ(http_.requests.size(), 2U);
}

TEST_F(CredentialTest, TheFederatedTokenFileIsReadForEveryRequest) {
  const auto path =
      std::filesystem::temp_directory_path() /
      ("milink-token-" + std::to_string(::testing::UnitTest::GetInstance()->random_seed()) +
       std::to_string(reinterpret_cast<std::uintptr_t>(this)));
  auto settings = SecretSettings();
  settings.client_secret = Secret();
  settings.federated_token_file = path.string();
  std::ofstream(path) << "jwt-1\n";
  http_.Answer(200, TokenBody("t1", "10"));
  http_.Answer(200, TokenBody("t2", "3600"));
  const auto credential = MakeCredential(settings, http_, clock_);
  ASSERT_TRUE(credential->Token(kAudience).ok());
  std::ofstream(path) << "jwt-2\n";
  clock_.Step(std::chrono::seconds(6));
  ASSERT_TRUE(credential->Token(kAudience).ok());
  EXPECT_NE(http_.requests[0].body.find("client_assertion=jwt-1"), std::string::npos);
  EXPECT_NE(http_.requests[1].body.find("client_assertion=jwt-2"), std::string::npos);
  std::filesystem::remove(path);
  clock_.Step(std::chrono::hours(2));
  EXPECT_EQ(credential->Token(kAudience).error().reason, "CredentialMissing");
}

TEST_F(CredentialTest, ARefusalShowsTheAuthoritysWordsAndNoSecret) {
  http_.Answer(
      401,
      R"({"error":"invalid_client","error_description":"AADSTS7000215: Invalid client secret provided."})");
  const auto credential = MakeCredential(SecretSettings(), http_, clock_);
  const auto token = credential->Token(kAudience);
  ASSERT_FALSE(token.ok());
  EXPECT_EQ(token.error().kind, ErrorKind::kUnauthorized);
  EXPECT_NE(token.error().message.find("AADSTS7000215"), std::string::npos);
  EXPECT_EQ(ToString(token.error()).find("s3cret"), std::string::npos);
}

TEST_F(CredentialTest, AnAnswerThatIsNoTokenIsTemporary) {
  http_.Answer(503, "busy");
  http_.Answer(500, R"({"error":"server_error"})");
  const auto credential = MakeCredential(SecretSettings(), http_, clock_);
  EXPECT_EQ(credential->Token(kAudience).error().kind, ErrorKind::kTransient);
  EXPECT_EQ(credential->Token(kAudience).error().kind, ErrorKind::kTransient);
}

TEST(CredentialFromEnvironmentTest, WhatIsMissingIsNamed) {
  const auto settings =
      CredentialFromEnvironment([](const std::string& name) -> std::optional<std::string> {
        return name == "AZURE_CLIENT_ID" ? std::optional<std::string>("c") : std::nullopt;
      });
  ASSERT_FALSE(settings.ok());
  EXPECT_NE(settings.error().message.find("AZURE_TENANT_ID"), std::string::npos);
  EXPECT_NE(settings.error().message.find("AZURE_FEDERATED_TOKEN_FILE"), std::string::npos);
  EXPECT_EQ(settings.error().message.find("AZURE_CLIENT_ID"), std::string::npos);
}

}  // namespace
}  // namespace milink::azure
