#include "core/azure/client_assertion.h"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "core/base/text.h"
#include "core/base/time_format.h"
#include "tests/sim/arm/jwt.h"
#include "tests/sim/world/x509.h"

namespace milink::azure {
namespace {

sim::CertificateWithKey Made(bool rsa) {
  const TimePoint now = *ParseRfc3339("2026-11-21T10:00:00Z");
  return sim::MakeCertificate({.common_name = "client",
                               .dns_names = {},
                               .not_before = now,
                               .not_after = now + std::chrono::hours(24),
                               .authority = false,
                               .rsa = rsa});
}

const AssertionClaims kClaims{.audience = "https://login.example/t/oauth2/v2.0/token",
                              .client_id = "client-1",
                              .id = "id-1",
                              .now = TimePoint(std::chrono::seconds(1'700'000'000))};

class ClientAssertionTest : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    ours = Made(true);
    other = Made(true);
  }

  static inline sim::CertificateWithKey ours;
  static inline sim::CertificateWithKey other;
};

TEST_F(ClientAssertionTest, SaysWhoForWhomAndHowLongAndIsSigned) {
  const auto jwt = SignAssertion(Secret(ours.certificate_pem + ours.key_pem), Secret(), kClaims);
  ASSERT_TRUE(jwt.ok()) << ToString(jwt.error());
  const auto read = sim::ReadJwt(std::string(jwt->Reveal()));
  ASSERT_TRUE(read.has_value());
  EXPECT_EQ(read->header["alg"], "RS256");
  EXPECT_EQ(read->header["typ"], "JWT");
  EXPECT_EQ(read->header["kid"], sim::ThumbprintOf(ours.der));
  EXPECT_EQ(sim::DecodeBase64Url(read->header["x5t"].get<std::string>()),
            FromHex(sim::ThumbprintOf(ours.der)));
  EXPECT_EQ(read->payload, (nlohmann::json{{"aud", "https://login.example/t/oauth2/v2.0/token"},
                                           {"iss", "client-1"},
                                           {"sub", "client-1"},
                                           {"jti", "id-1"},
                                           {"nbf", 1'700'000'000},
                                           {"exp", 1'700'000'600}}));
  EXPECT_TRUE(sim::VerifyJwt(*read, ours.certificate_pem));
  EXPECT_FALSE(sim::VerifyJwt(*read, other.certificate_pem));
}

TEST_F(ClientAssertionTest, TheOrderOfCertificateAndKeyDoesNotMatter) {
  EXPECT_TRUE(SignAssertion(Secret(ours.key_pem + ours.certificate_pem + other.certificate_pem),
                            Secret(), kClaims)
                  .ok());
}

TEST_F(ClientAssertionTest, SaysWhatIsWrongWithTheCertificate) {
  const auto elliptic = Made(false);
  struct Case {
    const char* name;
    std::string pem;
    const char* says;
  };
  const Case cases[] = {
      {"nothing", "", "there is none"},
      {"a key alone", ours.key_pem, "there is none"},
      {"a certificate alone", ours.certificate_pem, "no key"},
      {"a key of another", ours.certificate_pem + other.key_pem, "another certificate"},
      {"an elliptic key", elliptic.certificate_pem + elliptic.key_pem, "no RSA key"},
      {"a damaged key",
       ours.certificate_pem + "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n",
       "no key"},
  };
  for (const auto& c : cases) {
    const auto jwt = SignAssertion(Secret(c.pem), Secret("x"), kClaims);
    ASSERT_FALSE(jwt.ok()) << c.name;
    EXPECT_EQ(jwt.error().reason, "CredentialUnusable") << c.name;
    EXPECT_EQ(jwt.error().kind, ErrorKind::kInvalid) << c.name;
    EXPECT_NE(jwt.error().message.find(c.says), std::string::npos) << jwt.error().message;
    EXPECT_EQ(ToString(jwt.error()).find("BEGIN"), std::string::npos) << c.name;
  }
}

}  // namespace
}  // namespace milink::azure
