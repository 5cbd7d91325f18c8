#include "core/azure/arm_client.h"

#include <gtest/gtest.h>

#include "tests/fakes/scripted_http.h"

namespace milink::azure {
namespace {

class CountingCredential final : public Credential {
 public:
  Result<Secret> Token(const std::string& audience) override {
    last_audience = audience;
    return Secret("token-" + std::to_string(number));
  }
  void Reject(const Secret& token) override {
    if (token.Reveal() == "token-" + std::to_string(number)) {
      ++number;
    }
  }
  int number = 1;
  std::string last_audience;
};

class ArmClientTest : public testing::Test {
 protected:
  std::string HeaderOf(std::size_t request, const std::string& name) {
    const auto it = http_.requests.at(request).headers.find(name);
    return it == http_.requests.at(request).headers.end() ? "" : it->second;
  }

  fakes::ScriptedHttp http_;
  CountingCredential credential_;
  std::unique_ptr<Random> random_ = MakeSeededRandom(1);
  OpenFence open_;
  ArmClient arm_{{}, http_, credential_, *random_, Logger(), open_};
};

TEST_F(ArmClientTest, ARequestCarriesTokenVersionAndId) {
  http_.Answer(200, R"({"a":1})");
  const auto response = arm_.Send("GET", "/subscriptions/s", "2023-08-01");
  ASSERT_TRUE(response.ok());
  EXPECT_EQ(response->body["a"], 1);
  EXPECT_EQ(http_.requests[0].url,
            "https://management.azure.com/subscriptions/s?api-version=2023-08-01");
  EXPECT_EQ(HeaderOf(0, "Authorization"), "Bearer token-1");
  EXPECT_EQ(HeaderOf(0, "x-ms-client-request-id").size(), 36U);
  EXPECT_TRUE(http_.requests[0].body.empty());
}

TEST_F(ArmClientTest, A401IsAnsweredOnceWithAFreshToken) {
  http_.Answer(401, R"({"error":{"code":"ExpiredAuthenticationToken","message":"old"}})");
  http_.Answer(200, "{}");
  EXPECT_TRUE(arm_.Send("GET", "/x", "v").ok());
  EXPECT_EQ(HeaderOf(1, "Authorization"), "Bearer token-2");

  http_.Answer(401, "{}");
  http_.Answer(401, "{}");
  EXPECT_EQ(arm_.Send("GET", "/x", "v").error().kind, ErrorKind::kUnauthorized);
  EXPECT_EQ(http_.requests.size(), 4U);
}

TEST_F(ArmClientTest, AWriteWhoseAnswerWasLostIsNotRepeated) {
  http_.Fail({ErrorKind::kTransient, "OutcomeUnknown", "broke", ""});
  EXPECT_EQ(arm_.Send("PUT", "/x", "v", {{"a", 1}}).error().reason, "OutcomeUnknown");
  EXPECT_EQ(http_.requests.size(), 1U);
}

class ClosedFence final : public Fence {
 public:
  Status Check() const override { return Error{ErrorKind::kConflict, "NotLeader", "closed"}; }
};

TEST_F(ArmClientTest, OnlyReadsPassAClosedFence) {
  const ClosedFence closed;
  ArmClient arm({}, http_, credential_, *random_, Logger(), closed);
  for (const char* method : {"PUT", "POST", "PATCH", "DELETE"}) {
    EXPECT_EQ(arm.Send(method, "/x", "v").error().reason, "NotLeader") << method;
  }
  EXPECT_TRUE(http_.requests.empty());
  http_.Answer(200, "{}");
  EXPECT_TRUE(arm.Send("GET", "/x", "v").ok());
}

TEST_F(ArmClientTest, APollUrlIsSentVerbatim) {
  http_.Answer(200, R"({"status":"InProgress"})", {{"retry-after", "15"}});
  const std::string url =
      "https://management.azure.com/x?api-version=2023-08-01&t=1&c=A%2Fb&s=x_-y&h=z";
  const auto response = arm_.Follow(url);
  ASSERT_TRUE(response.ok());
  EXPECT_EQ(http_.requests[0].url, url);
  EXPECT_EQ(response->retry_after, std::chrono::seconds(15));
}

TEST_F(ArmClientTest, TheTokenGoesToNoOtherHost) {
  for (const char* url : {"https://evil.example/x", "http://management.azure.com/x",
                          "https://management.azure.com:8443/x",
                          "https://management.azure.com@evil.example/x", "nonsense"}) {
    const auto response = arm_.Follow(url);
    ASSERT_FALSE(response.ok()) << url;
    EXPECT_EQ(response.error().kind, ErrorKind::kUnsafe) << url;
  }
  EXPECT_TRUE(http_.requests.empty());
}

TEST_F(ArmClientTest, AListFollowsNextLinkToItsEnd) {
  http_.Answer(200, R"({"value":[1,2],"nextLink":"https://management.azure.com/next?p=2"})");
  http_.Answer(200, R"({"value":[3],"nextLink":""})");
  const auto items = arm_.List("/x", "v");
  ASSERT_TRUE(items.ok());
  EXPECT_EQ(items->dump(), "[1,2,3]");
}

TEST_F(ArmClientTest, AListWithoutValuesIsNotAnEmptyList) {
  http_.Answer(200, R"({"other":[]})");
  EXPECT_EQ(arm_.List("/x", "v").error().reason, "UnexpectedAnswer");
}

TEST_F(ArmClientTest, TheOperationUrlIsReadFromTheHeader) {
  http_.Answer(202, R"({"operation":"X"})",
               {{"azure-asyncoperation", "https://management.azure.com/op?s=1"}});
  const auto response = arm_.Send("PUT", "/x", "v", {{"a", 1}});
  ASSERT_TRUE(response.ok());
  EXPECT_EQ(response->operation_url, "https://management.azure.com/op?s=1");
  EXPECT_EQ(http_.requests[0].body, R"({"a":1})");
}

}  // namespace
}  // namespace milink::azure
