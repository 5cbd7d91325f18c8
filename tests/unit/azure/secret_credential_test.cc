#include "core/azure/secret_credential.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/fakes/fake_clock.h"
#include "tests/fakes/scripted_http.h"

namespace milink::azure {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

class SecretCredentialTest : public testing::Test {
 protected:
  SecretCredentialTest() {
    // The sign-in knows two secrets, and gives each its own token.
    http_.Otherwise([this](const HttpRequest& request) -> Result<HttpResponse> {
      const std::string secret = request.body.substr(request.body.rfind('=') + 1);
      if (secret == bad_) {
        return HttpResponse{401, {}, R"({"error":"x","error_codes":[7000215]})"};
      }
      return HttpResponse{200, {}, R"({"expires_in":3600,"access_token":"of-)" + secret + "\"}"};
    });
    Put("one");
  }

  void Put(const std::string& secret) {
    content_ = std::map<std::string, Secret>{{"clientSecret", Secret(secret)}};
  }
  std::unique_ptr<Credential> Make(IdentityKind kind) {
    return MakeSecretCredential(
        {.kind = kind, .authority = "https://login.example", .tenant_id = "t", .client_id = "c"},
        {"team-a", "mi-login"},
        [this](const ObjectKey& key) {
          ++reads_;
          EXPECT_EQ(ToString(key), "team-a/mi-login");
          return content_;
        },
        http_, clock_, *random_);
  }
  std::string Token() {
    const auto token = credential_->Token("https://management.azure.com/");
    if (!token.ok()) {
      message_ = ToString(token.error());
    }
    return token.ok() ? std::string(token->Reveal()) : token.error().reason;
  }

  fakes::FakeClock clock_;
  fakes::ScriptedHttp http_;
  std::unique_ptr<Random> random_ = MakeSeededRandom(1);
  Result<std::map<std::string, Secret>> content_ = Error{};
  std::string bad_;
  std::string message_;
  int reads_ = 0;
  std::unique_ptr<Credential> credential_ = Make(IdentityKind::kClientSecret);
};

TEST_F(SecretCredentialTest, AReadingServesForTwentyFiveSeconds) {
  EXPECT_EQ(Token(), "of-one");
  Put("two");
  clock_.Step(std::chrono::seconds(24));
  EXPECT_EQ(Token(), "of-one");
  EXPECT_EQ(reads_, 1);
  clock_.Step(std::chrono::seconds(1));
  EXPECT_EQ(Token(), "of-two");
}

TEST_F(SecretCredentialTest,
       AChangedSecretIsUsedWithinAMinuteWhereTokensAreAskedForEveryThirtySeconds) {
  EXPECT_EQ(Token(), "of-one");
  Put("two");
  constexpr auto kInterval = std::chrono::seconds(31);  // and the time that a reading takes
  auto waited = kInterval;
  clock_.Step(kInterval);
  for (; Token() != "of-two"; waited += kInterval) {
    clock_.Step(kInterval);
  }
  EXPECT_LE(waited, std::chrono::seconds(60));
}

TEST_F(SecretCredentialTest, AnUnchangedSecretNeedsNoNewToken) {
  EXPECT_EQ(Token(), "of-one");
  clock_.Step(std::chrono::minutes(2));
  EXPECT_EQ(Token(), "of-one");
  EXPECT_EQ(reads_, 2);
  EXPECT_EQ(http_.requests.size(), 1U);
}

TEST_F(SecretCredentialTest, ARefusedSecretIsReadAgainAtOnce) {
  EXPECT_EQ(Token(), "of-one");
  bad_ = "one";
  credential_->Reject(Secret("of-one"));
  EXPECT_EQ(Token(), "CredentialRejected");
  Put("two");
  EXPECT_EQ(Token(), "of-two") << "without waiting until the reading is old";
}

TEST_F(SecretCredentialTest, WhatIsMissingIsNamed) {
  struct Case {
    const char* name;
    Result<std::map<std::string, Secret>> content;
    IdentityKind kind;
    const char* reason;
    const char* says;
  };
  const Error forbidden{ErrorKind::kUnauthorized, "Forbidden", "may not get", ""};
  const Case cases[] = {
      {"no Secret", Error{ErrorKind::kNotFound, "NotFound", "", ""}, IdentityKind::kClientSecret,
       "SecretNotFound", "team-a/mi-login"},
      {"no key", std::map<std::string, Secret>{}, IdentityKind::kClientSecret, "SecretKeyMissing",
       "clientSecret"},
      {"an empty key", std::map<std::string, Secret>{{"clientSecret", Secret()}},
       IdentityKind::kClientSecret, "SecretKeyMissing", "clientSecret"},
      {"a certificate without key", std::map<std::string, Secret>{{"tls.crt", Secret("hush")}},
       IdentityKind::kClientCertificate, "SecretKeyMissing", "tls.key"},
      {"no certificate",
       std::map<std::string, Secret>{{"tls.crt", Secret("hush")}, {"tls.key", Secret("hush")}},
       IdentityKind::kClientCertificate, "CredentialUnusable", "none in PEM form"},
      {"forbidden", forbidden, IdentityKind::kClientSecret, "ReferenceUnreadable", "may not get"},
  };
  for (const auto& c : cases) {
    credential_ = Make(c.kind);
    content_ = c.content;
    EXPECT_EQ(Token(), c.reason) << c.name;
    EXPECT_THAT(message_, HasSubstr(c.says)) << c.name;
    EXPECT_THAT(message_, Not(HasSubstr("hush"))) << c.name;
  }
  EXPECT_TRUE(http_.requests.empty());
}

TEST_F(SecretCredentialTest, AnApiServerThatDoesNotAnswerTakesNothingAway) {
  EXPECT_EQ(Token(), "of-one");
  content_ = Error{ErrorKind::kTransient, "ConnectionFailed", "down", ""};
  clock_.Step(std::chrono::minutes(2));
  EXPECT_EQ(Token(), "of-one");
}

TEST_F(SecretCredentialTest, ASecretThatIsTakenAwayIsNotUsedAnyMore) {
  EXPECT_EQ(Token(), "of-one");
  content_ = Error{ErrorKind::kNotFound, "NotFound", "", ""};
  clock_.Step(std::chrono::minutes(1));
  EXPECT_EQ(Token(), "SecretNotFound");
}

}  // namespace
}  // namespace milink::azure
