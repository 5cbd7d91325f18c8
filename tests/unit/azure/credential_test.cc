#include "core/azure/credential.h"

#include <atomic>
#include <latch>
#include <thread>

#include <gtest/gtest.h>

#include "core/base/time_format.h"
#include "tests/fakes/fake_clock.h"
#include "tests/fakes/scripted_http.h"

namespace milink::azure {
namespace {

constexpr char kAudience[] = "https://management.azure.com/";

std::string TokenBody(const std::string& token, const std::string& lifetime) {
  return R"({"token_type":"Bearer","expires_in":)" + lifetime + R"(,"access_token":")" + token +
         "\"}";
}

class CredentialTest : public testing::Test {
 protected:
  std::string Token() {
    const auto token = credential_->Token(kAudience);
    return token.ok() ? std::string(token->Reveal()) : token.error().reason;
  }
  std::size_t Asked() const { return http_.requests.size(); }

  fakes::FakeClock clock_;
  fakes::ScriptedHttp http_;
  std::unique_ptr<Random> random_ = MakeSeededRandom(1);
  std::unique_ptr<Credential> credential_ = MakeCredential({.authority = "https://login.example",
                                                            .tenant_id = "tenant-1",
                                                            .client_id = "client-1",
                                                            .client_secret = Secret("s3cret")},
                                                           http_, clock_, *random_);
};

TEST_F(CredentialTest, ATokenIsKeptUntilFiveMinutesBeforeItsEnd) {
  http_.Answer(200, TokenBody("t1", "3600"));
  http_.Answer(200, TokenBody("t2", "3600"));
  EXPECT_EQ(Token(), "t1");
  clock_.Step(std::chrono::minutes(54));
  EXPECT_EQ(Token(), "t1");
  clock_.Step(std::chrono::minutes(2));
  EXPECT_EQ(Token(), "t2");
  EXPECT_EQ(Asked(), 2U);
}

TEST_F(CredentialTest, AShortTokenIsUsedForHalfItsLife) {
  http_.Answer(200, TokenBody("t1", "60"));
  http_.Answer(200, TokenBody("t2", "60"));
  EXPECT_EQ(Token(), "t1");
  clock_.Step(std::chrono::seconds(29));
  EXPECT_EQ(Token(), "t1");
  clock_.Step(std::chrono::seconds(2));
  EXPECT_EQ(Token(), "t2");
}

TEST_F(CredentialTest, AClockThatIsSetMakesATokenNeitherOldNorYoung) {
  http_.Answer(200, TokenBody("t1", "3600"));
  EXPECT_EQ(Token(), "t1");
  clock_.SetNow(*ParseRfc3339("2036-01-01T00:00:00Z"));
  EXPECT_EQ(Token(), "t1");
  EXPECT_EQ(Asked(), 1U);
}

TEST_F(CredentialTest, ARefreshThatFailsCostsNothingWhileTheOldTokenIsGood) {
  http_.Answer(200, TokenBody("t1", "3600"));
  http_.Answer(503, "busy");
  http_.Answer(401, R"({"error":"invalid_client","error_codes":[7000222]})");
  EXPECT_EQ(Token(), "t1");
  clock_.Step(std::chrono::minutes(56));
  EXPECT_EQ(Token(), "t1");
  EXPECT_EQ(Token(), "t1");
  EXPECT_EQ(Asked(), 2U) << "not asked again at once";
  clock_.Step(std::chrono::seconds(31));
  EXPECT_EQ(Token(), "t1");
  EXPECT_EQ(Asked(), 3U);
  clock_.Step(std::chrono::minutes(4));
  http_.Answer(200, TokenBody("t2", "3600"));
  EXPECT_EQ(Token(), "t2") << "the old one has ended";
}

TEST_F(CredentialTest, ARejectedTokenIsNotUsedAgain) {
  http_.Answer(200, TokenBody("t1", "3600"));
  http_.Answer(200, TokenBody("t2", "3600"));
  EXPECT_EQ(Token(), "t1");
  credential_->Reject(Secret("t1"));
  EXPECT_EQ(Token(), "t2");
  credential_->Reject(Secret("t1"));  // an old one: somebody has refreshed already
  EXPECT_EQ(Token(), "t2");
  EXPECT_EQ(Asked(), 2U);
}

TEST_F(CredentialTest, ARefusedIdentityIsNotTriedByEverybodyAtOnce) {
  http_.Answer(401, R"({"error":"invalid_client","error_codes":[7000215]})");
  http_.Answer(200, TokenBody("t1", "3600"));
  EXPECT_EQ(Token(), "CredentialRejected");
  EXPECT_EQ(Token(), "CredentialRejected");
  EXPECT_EQ(Asked(), 1U);
  clock_.Step(std::chrono::seconds(31));
  EXPECT_EQ(Token(), "t1");
}

TEST_F(CredentialTest, ABusyAuthorityIsLeftAloneForAsLongAsItAsks) {
  http_.Answer(429, "{}", {{"retry-after", "120"}});
  http_.Answer(200, TokenBody("t1", "3600"));
  EXPECT_EQ(Token(), "TokenServiceBusy");
  clock_.Step(std::chrono::seconds(100));
  EXPECT_EQ(Token(), "TokenServiceBusy");
  clock_.Step(std::chrono::seconds(21));
  EXPECT_EQ(Token(), "t1");
}

TEST_F(CredentialTest, AFailureOfTheServiceIsTriedAgainAtOnce) {
  http_.Answer(503, "busy");
  http_.Answer(200, TokenBody("t1", "3600"));
  EXPECT_EQ(Token(), "TokenServiceFailed");
  EXPECT_EQ(Token(), "t1");
}

TEST_F(CredentialTest, EachAudienceHasItsToken) {
  http_.Answer(200, TokenBody("t1", "3600"));
  http_.Answer(200, TokenBody("t2", "3600"));
  EXPECT_EQ(Token(), "t1");
  EXPECT_EQ(credential_->Token("https://database.windows.net/")->Reveal(), "t2");
  EXPECT_EQ(Token(), "t1");
}

TEST_F(CredentialTest, ManyCallersAskOnce) {
  http_.Otherwise([](const HttpRequest&) -> Result<HttpResponse> {
    return HttpResponse{200, {}, TokenBody("t1", "3600")};
  });
  constexpr int kCallers = 8;
  std::latch ready(kCallers);
  std::atomic<int> good{0};
  {
    std::vector<std::jthread> callers;
    for (int i = 0; i < kCallers; ++i) {
      callers.emplace_back([&] {
        ready.arrive_and_wait();
        good += Token() == "t1" ? 1 : 0;
      });
    }
  }
  EXPECT_EQ(good, kCallers);
  EXPECT_EQ(Asked(), 1U);
}

TEST_F(CredentialTest, WhileOneRefreshesTheOthersGoOnWithTheOldToken) {
  http_.Answer(200, TokenBody("t1", "3600"));
  EXPECT_EQ(Token(), "t1");
  clock_.Step(std::chrono::minutes(56));
  std::string meanwhile;
  http_.Otherwise([&](const HttpRequest&) -> Result<HttpResponse> {
    // Would wait for ever if it were to ask, too.
    std::jthread([&] { meanwhile = Token(); }).join();
    return HttpResponse{200, {}, TokenBody("t2", "3600")};
  });
  EXPECT_EQ(Token(), "t2");
  EXPECT_EQ(meanwhile, "t1");
}

TEST(ManagedIdentityTest, AsksTheMetadataService) {
  fakes::FakeClock clock;
  fakes::ScriptedHttp http;
  const auto random = MakeSeededRandom(1);
  http.Answer(200, TokenBody("t1", "\"86400\""));
  const auto credential =
      MakeCredential({.kind = IdentityKind::kManagedIdentity}, http, clock, *random);
  EXPECT_EQ(credential->Token(kAudience)->Reveal(), "t1");
  EXPECT_TRUE(http.requests[0].url.starts_with("http://169.254.169.254/metadata/identity/"));
}

}  // namespace
}  // namespace milink::azure
