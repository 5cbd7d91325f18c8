// What the client sends, and what it makes of the answers. tests/integration/kube asks the real
// server the same questions.
#include "core/kube/client.h"

#include <deque>

#include <gmock/gmock.h>

#include "core/kube/api_status.h"

namespace milink::kube {
namespace {

using nlohmann::json;

const ResourceType kWidgets{"test.dev", "v1", "widgets", "Widget"};
const ObjectKey kKey{"ns", "a"};
constexpr const char* kPath = "/apis/test.dev/v1/namespaces/ns/widgets/a";

class FakeSender final : public HttpSender {
 public:
  Result<HttpResponse> Send(const HttpRequest& request) override {
    requests.push_back(request);
    if (answers.empty()) {
      return HttpResponse{{200, {}}, "{}"};
    }
    auto answer = std::move(answers.front());
    answers.pop_front();
    return answer;
  }
  void Answer(int status, const std::string& body) {
    answers.emplace_back(HttpResponse{{status, {}}, body});
  }

  std::vector<HttpRequest> requests;
  std::deque<Result<HttpResponse>> answers;
};

class ClientTest : public testing::Test {
 protected:
  const HttpRequest& Last() { return sender_.requests.back(); }
  json LastBody() { return json::parse(Last().body); }

  FakeSender sender_;
  Client client_{sender_};
};

TEST_F(ClientTest, GetReadsTheObject) {
  sender_.Answer(200, R"({"kind":"Widget"})");
  EXPECT_EQ(client_.Get(kWidgets, kKey)->at("kind"), "Widget");
  EXPECT_EQ(Last().method, HttpMethod::kGet);
  EXPECT_EQ(Last().target, kPath);
}

TEST_F(ClientTest, CreatePostsTheKindAndVersion) {
  ASSERT_TRUE(client_.Create(kWidgets, "ns", {{"metadata", {{"name", "a"}}}}).ok());
  EXPECT_EQ(Last().method, HttpMethod::kPost);
  EXPECT_EQ(Last().target, "/apis/test.dev/v1/namespaces/ns/widgets");
  EXPECT_EQ(
      LastBody(),
      (json{{"apiVersion", "test.dev/v1"}, {"kind", "Widget"}, {"metadata", {{"name", "a"}}}}));
}

TEST_F(ClientTest, DeleteCarriesTheUidAndTakesAbsentForSuccess) {
  sender_.Answer(404, "");
  EXPECT_TRUE(client_.Delete(kWidgets, kKey, "u1").ok());
  EXPECT_EQ(Last().method, HttpMethod::kDelete);
  EXPECT_EQ(LastBody().at("preconditions"), (json{{"uid", "u1"}}));
  EXPECT_TRUE(client_.Delete(kWidgets, kKey, "").ok());
  EXPECT_FALSE(LastBody().contains("preconditions"));
  sender_.Answer(409, "");
  EXPECT_EQ(client_.Delete(kWidgets, kKey, "u1").error().kind, ErrorKind::kConflict);
}

TEST_F(ClientTest, ApplyStatusIsForcedAndHoldsOnlyTheStatus) {
  ASSERT_TRUE(client_.ApplyStatus(kWidgets, kKey, "my manager", {{"x", 1}}).ok());
  EXPECT_EQ(Last().method, HttpMethod::kPatch);
  EXPECT_EQ(Last().target, std::string(kPath) + "/status?fieldManager=my%20manager&force=true");
  EXPECT_EQ(Last().content_type, "application/apply-patch+yaml");
  EXPECT_EQ(LastBody(), (json{{"apiVersion", "test.dev/v1"},
                              {"kind", "Widget"},
                              {"metadata", {{"name", "a"}, {"namespace", "ns"}}},
                              {"status", {{"x", 1}}}}));
}

TEST_F(ClientTest, MergeStatusCarriesTheVersion) {
  ASSERT_TRUE(client_.MergeStatus(kWidgets, kKey, "journal", "7", {{"x", nullptr}}).ok());
  EXPECT_EQ(Last().target, std::string(kPath) + "/status?fieldManager=journal");
  EXPECT_EQ(Last().content_type, "application/merge-patch+json");
  EXPECT_EQ(LastBody(),
            (json{{"metadata", {{"resourceVersion", "7"}}}, {"status", {{"x", nullptr}}}}));
}

TEST_F(ClientTest, SetFinalizersCarriesTheVersionAndTheWholeList) {
  ObjectMeta seen;
  seen.key = kKey;
  seen.resource_version = "7";
  ASSERT_TRUE(client_.SetFinalizers(kWidgets, seen, {"a/b", "c/d"}).ok());
  EXPECT_EQ(Last().target, kPath);
  EXPECT_EQ(LastBody(),
            (json{{"metadata", {{"resourceVersion", "7"}, {"finalizers", {"a/b", "c/d"}}}}}));
}

TEST_F(ClientTest, ARefusalIsDecodedWithItsRetryAfter) {
  HttpResponse busy{{429, {{"retry-after", "4"}}}, ""};
  sender_.answers.emplace_back(busy);
  const auto refused = client_.Get(kWidgets, kKey);
  EXPECT_EQ(refused.error().kind, ErrorKind::kThrottled);
  EXPECT_EQ(refused.error().retry_after, std::chrono::seconds(4));
}

TEST_F(ClientTest, ASuccessThatIsNotJsonIsAnError) {
  sender_.Answer(200, "<html>");
  EXPECT_EQ(client_.Get(kWidgets, kKey).error().reason, "AnswerGarbled");
}

TEST_F(ClientTest, AnErrorOfTheTransportIsHandedOn) {
  sender_.answers.emplace_back(Error{ErrorKind::kTransient, std::string(kOutcomeUnknown), "m"});
  EXPECT_EQ(client_.Create(kWidgets, "ns", json::object()).error().reason, kOutcomeUnknown);
}

TEST_F(ClientTest, ANameThatIsNoNameIsNeverSent) {
  EXPECT_EQ(client_.Get(kWidgets, {"ns", "../x"}).error().kind, ErrorKind::kInvalid);
  EXPECT_TRUE(sender_.requests.empty());
}

TEST_F(ClientTest, ListAllFollowsThePages) {
  sender_.Answer(200, R"({"kind":"WidgetList","metadata":{"resourceVersion":"9","continue":"t"},)"
                      R"("items":[{"a":1}]})");
  sender_.Answer(200, R"({"kind":"WidgetList","metadata":{"resourceVersion":"9"},"items":[{}]})");
  ListQuery query;
  query.label_selector = "x=y";
  EXPECT_EQ(client_.ListAll(kWidgets, query)->size(), 2U);
  EXPECT_EQ(Last().target, "/apis/test.dev/v1/widgets?labelSelector=x%3Dy&continue=t");
}

TEST_F(ClientTest, SecretsAreDecodedAndBadOnesNamedWithoutTheirContent) {
  sender_.Answer(200, R"({"data":{"username":"c2E=","password":"cMOk"}})");
  const auto secret = client_.GetSecret(kKey);
  EXPECT_EQ(secret->at("username").Reveal(), "sa");
  EXPECT_EQ(Last().target, "/api/v1/namespaces/ns/secrets/a");
  sender_.Answer(200, R"({"data":{"password":"!s3cret!"}})");
  const auto bad = client_.GetSecret(kKey);
  EXPECT_EQ(bad.error().kind, ErrorKind::kInvalid);
  EXPECT_THAT(ToString(bad.error()), testing::Not(testing::HasSubstr("s3cret")));
  sender_.Answer(200, R"({"kind":"Secret"})");
  EXPECT_TRUE(client_.GetSecret(kKey)->empty());
}

TEST_F(ClientTest, ConfigMapsAreReadAsTheyAre) {
  sender_.Answer(200, R"({"data":{"k":"v"}})");
  EXPECT_EQ(client_.GetConfigMap(kKey)->at("k"), "v");
}

}  // namespace
}  // namespace milink::kube
