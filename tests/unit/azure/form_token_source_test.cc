#include <filesystem>
#include <fstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "core/azure/token_source.h"
#include "core/base/time_format.h"
#include "tests/fakes/fake_clock.h"
#include "tests/fakes/scripted_http.h"
#include "tests/sim/arm/jwt.h"
#include "tests/sim/world/x509.h"

namespace milink::azure {
namespace {

using ::testing::HasSubstr;

constexpr char kTokenAudience[] = "https://management.azure.com/";
constexpr char kToken[] = R"({"expires_in":3600,"access_token":"t1"})";

class FormTokenSourceTest : public testing::Test {
 protected:
  FormTokenSourceTest() {
    std::string folder = std::filesystem::temp_directory_path() / "milink-identity-XXXXXX";
    directory_ = mkdtemp(folder.data());
    settings_.authority = "https://login.example/";
    settings_.tenant_id = "tenant-1";
    settings_.client_id = "client-1";
  }
  ~FormTokenSourceTest() override { std::filesystem::remove_all(directory_); }

  std::string File(const std::string& text) {
    const auto path = directory_ / "file";
    std::ofstream(path) << text;
    return path;
  }
  void UseCertificate() {
    const auto made = sim::MakeCertificate({.common_name = "client",
                                            .dns_names = {},
                                            .not_before = clock_.Now(),
                                            .not_after = clock_.Now() + std::chrono::hours(24),
                                            .authority = false,
                                            .rsa = true});
    settings_.kind = IdentityKind::kClientCertificate;
    settings_.certificate = Secret(made.key_pem + made.certificate_pem);
  }
  Result<IssuedToken> Ask() {
    if (source_ == nullptr) {
      source_ = MakeFormTokenSource(settings_, http_, clock_, *random_);
    }
    return source_->Ask(kTokenAudience);
  }
  nlohmann::json ClaimsOf(std::size_t request) const {
    const std::string& form = http_.requests.at(request).body;
    const std::string mark = "client_assertion=";
    return sim::ReadJwt(form.substr(form.rfind(mark) + mark.size()))->payload;
  }
  std::int64_t Seconds(Duration later) const {
    return std::chrono::duration_cast<std::chrono::seconds>(
               (clock_.Now() + later).time_since_epoch())
        .count();
  }

  std::filesystem::path directory_;
  fakes::FakeClock clock_;
  fakes::ScriptedHttp http_;
  std::unique_ptr<Random> random_ = MakeSeededRandom(1);
  CredentialSettings settings_;
  std::unique_ptr<TokenSource> source_;
};

TEST_F(FormTokenSourceTest, AClientSecretIsSentAsAForm) {
  settings_.client_secret = Secret("s3cret&=");
  http_.Answer(200, kToken);
  ASSERT_TRUE(Ask().ok());
  EXPECT_EQ(http_.requests[0].method, "POST");
  EXPECT_EQ(http_.requests[0].url, "https://login.example/tenant-1/oauth2/v2.0/token");
  EXPECT_EQ(http_.requests[0].content_type, "application/x-www-form-urlencoded");
  EXPECT_EQ(http_.requests[0].body,
            "grant_type=client_credentials&client_id=client-1"
            "&scope=https%3A%2F%2Fmanagement.azure.com%2F.default&client_secret=s3cret%26%3D");
}

TEST_F(FormTokenSourceTest, TheFederatedTokenFileIsReadForEveryRequest) {
  settings_.kind = IdentityKind::kWorkloadIdentity;
  settings_.federated_token_file = File("jwt-1\n");
  http_.Answer(200, kToken);
  http_.Answer(200, kToken);
  ASSERT_TRUE(Ask().ok());
  File("jwt-2\n");
  ASSERT_TRUE(Ask().ok());
  EXPECT_THAT(http_.requests[0].body, HasSubstr("client_assertion=jwt-1"));
  EXPECT_THAT(http_.requests[1].body, HasSubstr("client_assertion=jwt-2"));
  std::filesystem::remove(settings_.federated_token_file);
  EXPECT_EQ(Ask().error().reason, "CredentialMissing");
}

TEST_F(FormTokenSourceTest, ACertificateSignsANewAssertionForEveryRequest) {
  UseCertificate();
  http_.Answer(200, kToken);
  http_.Answer(200, kToken);
  ASSERT_TRUE(Ask().ok());
  ASSERT_TRUE(Ask().ok());
  EXPECT_THAT(http_.requests[0].body,
              HasSubstr("client_assertion_type=urn%3Aietf%3Aparams%3Aoauth%3A"
                        "client-assertion-type%3Ajwt-bearer&client_assertion="));
  EXPECT_EQ(ClaimsOf(0)["aud"], "https://login.example/tenant-1/oauth2/v2.0/token");
  EXPECT_EQ(ClaimsOf(0)["nbf"], Seconds({}));
  EXPECT_NE(ClaimsOf(0)["jti"], ClaimsOf(1)["jti"]);
}

TEST_F(FormTokenSourceTest, ACertificateFileIsReadForEveryRequest) {
  UseCertificate();
  settings_.certificate_file = File(std::string(settings_.certificate.Reveal()));
  settings_.certificate = Secret();
  http_.Answer(200, kToken);
  EXPECT_TRUE(Ask().ok());
  File("no certificate");
  EXPECT_EQ(Ask().error().reason, "CredentialUnusable");
}

constexpr char kWrongTime[] =
    R"({"error":"invalid_client","error_description":"AADSTS700024: Client assertion is not within its valid time range.","error_codes":[700024]})";

TEST_F(FormTokenSourceTest, AClockThatIsWrongIsLearntFromTheAuthority) {
  UseCertificate();
  clock_.SetNow(*ParseRfc3339("2026-11-21T09:40:00Z"));
  const std::multimap<std::string, std::string> date{{"date", "Sat, 21 Nov 2026 10:00:00 GMT"}};
  http_.Answer(401, kWrongTime, date);
  http_.Answer(200, kToken, date);
  http_.Answer(200, kToken, date);
  ASSERT_TRUE(Ask().ok());
  EXPECT_EQ(ClaimsOf(0)["nbf"], Seconds({}));
  EXPECT_EQ(ClaimsOf(1)["nbf"], Seconds(std::chrono::minutes(20)));
  ASSERT_TRUE(Ask().ok());
  EXPECT_EQ(ClaimsOf(2)["nbf"], Seconds(std::chrono::minutes(20))) << "and remembered";
}

TEST_F(FormTokenSourceTest, ATimeThatIsRefusedAllTheSameIsNotRepeatedForEver) {
  UseCertificate();
  clock_.SetNow(*ParseRfc3339("2026-11-21T10:00:00Z"));
  http_.Answer(401, kWrongTime, {{"date", "Sat, 21 Nov 2026 10:00:00 GMT"}});
  EXPECT_EQ(Ask().error().reason, "ClockSkew");
  http_.Answer(401, kWrongTime);
  EXPECT_EQ(Ask().error().reason, "ClockSkew") << "no clock is shown";
  EXPECT_EQ(http_.requests.size(), 2U);
}

TEST_F(FormTokenSourceTest, ARefusalShowsTheAuthoritysWordsAndNoSecret) {
  settings_.client_secret = Secret("s3cret");
  http_.Answer(
      401, R"({"error":"invalid_client","error_description":"AADSTS7000215: Invalid secret."})");
  const auto refused = Ask();
  ASSERT_FALSE(refused.ok());
  EXPECT_THAT(refused.error().message, HasSubstr("AADSTS7000215"));
  EXPECT_THAT(refused.error().message, HasSubstr("client client-1 of tenant tenant-1"));
  EXPECT_EQ(ToString(refused.error()).find("s3cret"), std::string::npos);
}

TEST_F(FormTokenSourceTest, AnAuthorityThatCannotBeReachedIsTemporary) {
  http_.Fail({ErrorKind::kTransient, "ConnectionFailed", "no route", ""});
  EXPECT_EQ(Ask().error().reason, "ConnectionFailed");
}

}  // namespace
}  // namespace milink::azure
