// What the client sends, and what it makes of the answers. tests/integration/kube asks the real
// server the same questions.
#include "core/kube/client.h"

#include <deque>

#include <gmock/gmock.h>

#include "core/kube/api_status.h"
#include "tests/unit/kube/widgets.h"

namespace milink::kube {
namespace {

using nlohmann::json;

// Of an absent object, as the server says it.
constexpr const char* kNotFoundStatus =
    R"({"kind":"Status","apiVersion":"v1","reason":"NotFound","code":404})";
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
  EXPECT_EQ(client_.Get(kWidgets, kWidgetKey)->at("kind"), "Widget");
  EXPECT_EQ(Last().method, HttpMethod::kGet);
  EXPECT_EQ(Last().target, kPath);
}

TEST_F(ClientTest, CreatePostsTheKindAndVersion) {
  ASSERT_TRUE(client_.Create(kWidgets, "ns", {{"metadata", {{"name", "a"}}}}).ok());
  EXPECT_EQ(Last().method, HttpMethod::kPost);
  EXPECT_EQ(Last().target, "/apis/test.dev/v1/namespaces/ns/widgets?fieldValidation=Warn");
  EXPECT_EQ(
      LastBody(),
      (json{{"apiVersion", "test.dev/v1"}, {"kind", "Widget"}, {"metadata", {{"name", "a"}}}}));
}

TEST_F(ClientTest, DeleteCarriesTheUidAndTakesAbsentForSuccess) {
  sender_.Answer(404, kNotFoundStatus);
  EXPECT_TRUE(client_.Delete(kWidgets, kWidgetKey, "u1").ok());
  EXPECT_EQ(Last().method, HttpMethod::kDelete);
  EXPECT_EQ(LastBody().at("preconditions"), (json{{"uid", "u1"}}));
  EXPECT_TRUE(client_.Delete(kWidgets, kWidgetKey, "").ok());
  EXPECT_FALSE(LastBody().contains("preconditions"));
  sender_.Answer(409, "");
  EXPECT_EQ(client_.Delete(kWidgets, kWidgetKey, "u1").error().kind, ErrorKind::kConflict);
}

TEST_F(ClientTest, K12ADeletionAnsweredByAProxysPageIsNoSuccess) {
  sender_.Answer(404, "<html>no such site</html>");
  EXPECT_EQ(client_.Delete(kWidgets, kWidgetKey, "u1").error().reason, "PathUnknown");
}

TEST_F(ClientTest, K16ADeletionWhoseAnswerWasLostFindsNothingTheNextTime) {
  sender_.answers.emplace_back(Error{ErrorKind::kTransient, std::string(kOutcomeUnknown), "m"});
  EXPECT_EQ(client_.Delete(kWidgets, kWidgetKey, "u1").error().reason, kOutcomeUnknown);
  sender_.Answer(404, kNotFoundStatus);
  EXPECT_TRUE(client_.Delete(kWidgets, kWidgetKey, "u1").ok());
}

TEST_F(ClientTest, UpdatePutsTheWholeObjectWithTheVersionThatWasRead) {
  const json lease{{"metadata", {{"name", "a"}, {"resourceVersion", "7"}}}, {"spec", {{"x", 1}}}};
  ASSERT_TRUE(client_.Update(kWidgets, kWidgetKey, lease).ok());
  EXPECT_EQ(Last().method, HttpMethod::kPut);
  EXPECT_EQ(Last().target, std::string(kPath) + "?fieldValidation=Warn");
  EXPECT_EQ(Last().content_type, "application/json");
  EXPECT_EQ(LastBody().at("metadata").at("resourceVersion"), "7");
  EXPECT_EQ(LastBody().at("kind"), "Widget");
}

TEST_F(ClientTest, UpdateWithoutAVersionIsNeverSent) {
  EXPECT_EQ(client_.Update(kWidgets, kWidgetKey, json::object()).error().kind, ErrorKind::kInvalid);
  EXPECT_TRUE(sender_.requests.empty());
}

TEST_F(ClientTest, K15AStormOfConflictsIsHandedOnOneByOne) {
  const json seen{{"metadata", {{"resourceVersion", "7"}}}};
  for (int i = 0; i < 3; ++i) {
    sender_.Answer(409, R"({"kind":"Status","apiVersion":"v1","reason":"Conflict"})");
    EXPECT_EQ(client_.Update(kWidgets, kWidgetKey, seen).error().kind, ErrorKind::kConflict);
  }
  EXPECT_EQ(sender_.requests.size(), 3U) << "an old body must not be sent again";
}

TEST_F(ClientTest, AnExistingNameIsToldApartFromAnOldVersion) {
  sender_.Answer(409, R"({"kind":"Status","apiVersion":"v1","reason":"AlreadyExists"})");
  EXPECT_EQ(client_.Create(kWidgets, "ns", json::object()).error().reason, "AlreadyExists");
}

TEST_F(ClientTest, OptionsReachEveryRequest) {
  Client strict(sender_, {std::chrono::seconds(5), FieldValidation::kStrict});
  ASSERT_TRUE(strict.Create(kWidgets, "ns", json::object()).ok());
  EXPECT_TRUE(Last().target.ends_with("?fieldValidation=Strict"));
  EXPECT_EQ(Last().deadline, std::chrono::seconds(5));
  sender_.Answer(200, R"({"kind":"Widget"})");
  ASSERT_TRUE(strict.Get(kWidgets, kWidgetKey).ok());
  EXPECT_EQ(Last().deadline, std::chrono::seconds(5));
  EXPECT_EQ(Last().target, kPath);
  ASSERT_TRUE(strict.Delete(kWidgets, kWidgetKey, "").ok());
  EXPECT_EQ(Last().deadline, std::chrono::seconds(5));
}

TEST_F(ClientTest, BytesThatAreNoUtf8AreReplacedNotThrown) {
  ASSERT_TRUE(client_.MergePatch(kWidgets, kWidgetKey, {{"x", "a\xFF"}}).ok());
  EXPECT_EQ(LastBody().at("x"), "a\xEF\xBF\xBD");
}

TEST_F(ClientTest, ApplyStatusIsForcedAndHoldsOnlyTheStatus) {
  ASSERT_TRUE(client_.ApplyStatus(kWidgets, {.key = kWidgetKey}, "my manager", {{"x", 1}}).ok());
  EXPECT_EQ(Last().method, HttpMethod::kPatch);
  EXPECT_EQ(Last().target, std::string(kPath) +
                               "/status?fieldManager=my%20manager&force=true&fieldValidation=Warn");
  EXPECT_EQ(Last().content_type, "application/apply-patch+yaml");
  EXPECT_EQ(LastBody(), (json{{"apiVersion", "test.dev/v1"},
                              {"kind", "Widget"},
                              {"metadata", {{"name", "a"}, {"namespace", "ns"}}},
                              {"status", {{"x", 1}}}}));
}

TEST_F(ClientTest, K17ApplyStatusCarriesTheVersion) {
  ObjectMeta seen;
  seen.key = kWidgetKey;
  seen.resource_version = "7";
  ASSERT_TRUE(client_.ApplyStatus(kWidgets, seen, "m", {{"x", 1}}).ok());
  EXPECT_EQ(LastBody().at("metadata"),
            (json{{"name", "a"}, {"namespace", "ns"}, {"resourceVersion", "7"}}));
}

TEST_F(ClientTest, MergeStatusCarriesTheVersion) {
  ASSERT_TRUE(client_.MergeStatus(kWidgets, kWidgetKey, "journal", "7", {{"x", nullptr}}).ok());
  EXPECT_EQ(Last().target,
            std::string(kPath) + "/status?fieldManager=journal&fieldValidation=Warn");
  EXPECT_EQ(Last().content_type, "application/merge-patch+json");
  EXPECT_EQ(LastBody(),
            (json{{"metadata", {{"resourceVersion", "7"}}}, {"status", {{"x", nullptr}}}}));
}

TEST_F(ClientTest, SetFinalizersCarriesTheVersionAndTheWholeList) {
  ObjectMeta seen;
  seen.key = kWidgetKey;
  seen.resource_version = "7";
  ASSERT_TRUE(client_.SetFinalizers(kWidgets, seen, {"a/b", "c/d"}).ok());
  EXPECT_EQ(Last().target, std::string(kPath) + "?fieldValidation=Warn");
  EXPECT_EQ(LastBody(),
            (json{{"metadata", {{"resourceVersion", "7"}, {"finalizers", {"a/b", "c/d"}}}}}));
}

TEST_F(ClientTest, ARefusalIsDecodedWithItsRetryAfter) {
  HttpResponse busy{{429, {{"retry-after", "4"}}}, ""};
  sender_.answers.emplace_back(busy);
  const auto refused = client_.Get(kWidgets, kWidgetKey);
  EXPECT_EQ(refused.error().kind, ErrorKind::kThrottled);
  EXPECT_EQ(refused.error().retry_after, std::chrono::seconds(4));
}

TEST_F(ClientTest, ASuccessThatIsNotJsonIsAnError) {
  sender_.Answer(200, "<html>");
  EXPECT_EQ(client_.Get(kWidgets, kWidgetKey).error().reason, "AnswerGarbled");
}

TEST_F(ClientTest, K12_JsonOfAProxyIsNoObjectAndNoSecretWithoutKeys) {
  for (const char* body : {R"({"status":"maintenance"})", R"({"kind":"Table"})", "[]", "null"}) {
    sender_.Answer(200, body);
    EXPECT_EQ(client_.Get(kWidgets, kWidgetKey).error().reason, "AnswerGarbled") << body;
    sender_.Answer(200, body);
    EXPECT_EQ(client_.GetSecret(kWidgetKey).error().reason, "AnswerGarbled") << body;
  }
}

TEST_F(ClientTest, AnErrorOfTheTransportIsHandedOn) {
  sender_.answers.emplace_back(Error{ErrorKind::kTransient, std::string(kOutcomeUnknown), "m"});
  EXPECT_EQ(client_.Create(kWidgets, "ns", json::object()).error().reason, kOutcomeUnknown);
}

TEST_F(ClientTest, WithoutANameNothingIsSentSinceThePathWouldMeanAllObjects) {
  const ObjectKey nobody{"ns", ""};
  EXPECT_EQ(client_.Delete(kWidgets, nobody, "").error().kind, ErrorKind::kInvalid);
  EXPECT_EQ(client_.Get(kWidgets, nobody).error().kind, ErrorKind::kInvalid);
  EXPECT_EQ(client_.MergePatch(kWidgets, nobody, {}).error().kind, ErrorKind::kInvalid);
  EXPECT_TRUE(sender_.requests.empty());
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
  sender_.Answer(200, R"({"kind":"Secret","data":{"username":"c2E=","password":"cMOk"}})");
  const auto secret = client_.GetSecret(kWidgetKey);
  EXPECT_EQ(secret->at("username").Reveal(), "sa");
  EXPECT_EQ(Last().target, "/api/v1/namespaces/ns/secrets/a");
  sender_.Answer(200, R"({"kind":"Secret","data":{"password":"!s3cret!"}})");
  const auto bad = client_.GetSecret(kWidgetKey);
  EXPECT_EQ(bad.error().kind, ErrorKind::kInvalid);
  EXPECT_THAT(ToString(bad.error()), testing::Not(testing::HasSubstr("s3cret")));
  sender_.Answer(200, R"({"kind":"Secret"})");
  EXPECT_TRUE(client_.GetSecret(kWidgetKey)->empty());
}

TEST_F(ClientTest, ConfigMapsAreReadAsTheyAre) {
  sender_.Answer(200, R"({"kind":"ConfigMap","data":{"k":"v"}})");
  EXPECT_EQ(client_.GetConfigMap(kWidgetKey)->at("k"), "v");
}

}  // namespace
}  // namespace milink::kube
