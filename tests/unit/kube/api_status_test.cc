#include "core/kube/api_status.h"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace milink::kube {
namespace {

struct RefusalCase {
  const char* name;
  int code;
  std::string body;
  ErrorKind kind;
  std::string reason;
};

std::string StatusBody(const std::string& reason) {
  return R"({"kind":"Status","apiVersion":"v1","status":"Failure","message":"no","reason":")" +
         reason + R"(","code":0})";
}

class DecodeRefusalTest : public testing::TestWithParam<RefusalCase> {};

TEST_P(DecodeRefusalTest, TellsTheCallerWhatToDo) {
  const Error error = DecodeRefusal(GetParam().code, GetParam().body, std::nullopt);
  EXPECT_EQ(ToString(error.kind), ToString(GetParam().kind));
  EXPECT_EQ(error.reason, GetParam().reason);
  EXPECT_FALSE(error.message.empty());
}

INSTANTIATE_TEST_SUITE_P(
    Table, DecodeRefusalTest,
    testing::Values(
        RefusalCase{"Forbidden", 403, StatusBody("Forbidden"), ErrorKind::kUnauthorized,
                    "Forbidden"},
        RefusalCase{"Unauthorized", 401, StatusBody("Unauthorized"), ErrorKind::kUnauthorized,
                    "Unauthorized"},
        RefusalCase{"NotFound", 404, StatusBody("NotFound"), ErrorKind::kNotFound, "NotFound"},
        RefusalCase{"Conflict", 409, StatusBody("Conflict"), ErrorKind::kConflict, "Conflict"},
        RefusalCase{"AlreadyExists", 409, StatusBody("AlreadyExists"), ErrorKind::kConflict,
                    "AlreadyExists"},
        RefusalCase{"Invalid", 422, StatusBody("Invalid"), ErrorKind::kInvalid, "Invalid"},
        RefusalCase{"Throttled", 429, StatusBody("TooManyRequests"), ErrorKind::kThrottled,
                    "TooManyRequests"},
        RefusalCase{"Expired", 410, StatusBody("Expired"), ErrorKind::kConflict, "Expired"},
        RefusalCase{"ServerTimeout", 500, StatusBody("ServerTimeout"), ErrorKind::kTransient,
                    "ServerTimeout"},
        RefusalCase{"ReasonBeforeCode", 500, StatusBody("NotFound"), ErrorKind::kNotFound,
                    "NotFound"},
        RefusalCase{"UnknownReasonFallsBackOnTheCode", 409, StatusBody("Strange"),
                    ErrorKind::kConflict, "Strange"},
        RefusalCase{"NoReasonTakesTheCodes", 404, StatusBody(""), ErrorKind::kNotFound, "NotFound"},
        RefusalCase{"PageOfAProxy", 502, "<html>bad gateway</html>", ErrorKind::kTransient,
                    "ServerError"},
        RefusalCase{"K12PageOfAProxyIsNoAbsence", 404, "<html>not found</html>",
                    ErrorKind::kTransient, "PathUnknown"},
        RefusalCase{"K14PathOfAMissingCrd", 404, "404 page not found\n", ErrorKind::kTransient,
                    "PathUnknown"},
        RefusalCase{"K12TruncatedStatus", 500, R"({"kind":"Status","apiVersion":"v1","rea)",
                    ErrorKind::kTransient, "InternalError"},
        RefusalCase{"K19WebhookDenies", 403,
                    R"({"kind":"Status","apiVersion":"v1","reason":"Forbidden",)"
                    R"("message":"admission webhook \"w\" denied the request: no"})",
                    ErrorKind::kUnauthorized, "Forbidden"},
        RefusalCase{"K19WebhookTimesOut", 500,
                    R"({"kind":"Status","apiVersion":"v1","reason":"InternalError",)"
                    R"("message":"failed calling webhook: context deadline exceeded"})",
                    ErrorKind::kTransient, "InternalError"},
        RefusalCase{"EmptyBody", 409, "", ErrorKind::kConflict, "Conflict"},
        RefusalCase{"JsonThatIsNoStatus", 400, R"({"error":"x"})", ErrorKind::kInvalid,
                    "BadRequest"},
        RefusalCase{"StatusWithFieldsOfOtherTypes", 503,
                    R"({"kind":"Status","apiVersion":"v1","code":"x",)"
                    R"("reason":7,"message":[],"details":"d"})",
                    ErrorKind::kTransient, "ServiceUnavailable"},
        RefusalCase{"UnknownClientError", 418, "", ErrorKind::kInvalid, "Refused"}),
    [](const auto& test) { return test.param.name; });

// Who refused, and how it shows.
struct SpeakerCase {
  const char* name;
  HttpHead head;
  std::string body;
  bool api_server;
};

class SpeakerTest : public testing::TestWithParam<SpeakerCase> {};

TEST_P(SpeakerTest, IsTheApiServerOrSomethingBeforeIt) {
  EXPECT_EQ(IsFromApiServer(GetParam().head, GetParam().body), GetParam().api_server);
}

const HttpHead kPlainHead{404, {{"content-type", "text/plain"}}};
const HttpHead kAuditedHead{404, {{"content-type", "text/plain"}, {"audit-id", "8b8cdb79"}}};

INSTANTIATE_TEST_SUITE_P(
    Table, SpeakerTest,
    testing::Values(SpeakerCase{"AStatus", kPlainHead, StatusBody("Forbidden"), true},
                    SpeakerCase{"K12PageOfAProxy", kPlainHead, "<html>not found</html>", false},
                    SpeakerCase{"K12PageOfAProxyInGo", kPlainHead, "404 page not found\n", false},
                    SpeakerCase{"K14PathOfAMissingCrd", kAuditedHead, "404 page not found\n", true},
                    SpeakerCase{"K12JsonOfAGateway", kPlainHead, R"({"error":"no route"})", false},
                    SpeakerCase{"K12StatusOfAnotherApi", kPlainHead,
                                R"({"kind":"Status","code":404})", false},
                    SpeakerCase{"NotAnObject", kPlainHead, "[]", false},
                    SpeakerCase{"EmptyBody", kPlainHead, "", false}),
    [](const auto& test) { return test.param.name; });

TEST(DecodeRefusal, APageOfAProxyLeavesABoundedExcerpt) {
  const Error error = DecodeRefusal(502, std::string(100'000, 'x'), std::nullopt);
  EXPECT_LE(error.detail.size(), 300U);
  EXPECT_TRUE(error.detail.starts_with("xxx"));
}

TEST(DecodeRefusal, CausesAreInTheDetail) {
  const Error error =
      DecodeRefusal(422,
                    R"({"kind":"Status","apiVersion":"v1","reason":"Invalid","details":{"causes":[)"
                    R"({"reason":"FieldValueInvalid","field":"spec.host","message":"too long"}]}})",
                    std::nullopt);
  EXPECT_EQ(error.detail, "FieldValueInvalid spec.host: too long");
}

TEST(DecodeRefusal, K15AConflictOfFieldManagersNamesTheFields) {
  const Error error =
      DecodeRefusal(409,
                    R"({"kind":"Status","apiVersion":"v1","reason":"Conflict",)"
                    R"("message":"Apply failed with 1 conflict","details":{"causes":[)"
                    R"({"reason":"FieldManagerConflict","field":".status.x",)"
                    R"("message":"conflict with \"kubectl\""}]}})",
                    std::nullopt);
  EXPECT_EQ(error.kind, ErrorKind::kConflict);
  EXPECT_EQ(error.detail, "FieldManagerConflict .status.x: conflict with \"kubectl\"");
}

TEST(DecodeRefusal, K19AWebhooksOwnWordsReachThePerson) {
  const Error error = DecodeRefusal(403,
                                    R"({"kind":"Status","apiVersion":"v1","reason":"Forbidden",)"
                                    R"("message":"admission webhook denied: no Sundays"})",
                                    std::nullopt);
  EXPECT_TRUE(error.message.ends_with("no Sundays"));
}

TEST(DecodeRefusal, RetryAfterComesFromTheHeaderThenTheBody) {
  const std::string body = R"({"kind":"Status","apiVersion":"v1","reason":"TooManyRequests",)"
                           R"("details":{"retryAfterSeconds":7}})";
  EXPECT_EQ(DecodeRefusal(429, body, std::chrono::seconds(3)).retry_after, std::chrono::seconds(3));
  EXPECT_EQ(DecodeRefusal(429, body, std::nullopt).retry_after, std::chrono::seconds(7));
  EXPECT_EQ(DecodeRefusal(429, "", std::nullopt).retry_after, std::chrono::seconds(1));
}

TEST(DecodeRefusal, AVersionFromTheFutureIsKnownByItsCauseAndByItsWords) {
  EXPECT_TRUE(IsVersionTooLarge(
      DecodeRefusal(504,
                    R"({"kind":"Status","apiVersion":"v1","reason":"Timeout",)"
                    R"("details":{"causes":[{"reason":"ResourceVersionTooLarge"}]}})",
                    std::nullopt)));
  EXPECT_TRUE(
      IsVersionTooLarge(DecodeRefusal(504,
                                      R"({"kind":"Status","apiVersion":"v1","reason":"Timeout",)"
                                      R"("message":"Too large resource version: 9"})",
                                      std::nullopt)));
  EXPECT_FALSE(IsVersionTooLarge(DecodeRefusal(504, StatusBody("Timeout"), std::nullopt)));
}

TEST(DecodeStatus, AnErrorEventOfAWatchIsRead) {
  const auto status =
      nlohmann::json::parse(R"({"kind":"Status","apiVersion":"v1","reason":"Expired",)"
                            R"("message":"too old resource version","code":410})");
  EXPECT_TRUE(IsExpired(DecodeStatus(status)));
  EXPECT_TRUE(IsExpired(DecodeStatus({{"code", 410}})));
  EXPECT_FALSE(IsExpired(DecodeStatus("text")));
}

TEST(ParseRetryAfter, TakesWholeSecondsOnly) {
  EXPECT_EQ(ParseRetryAfter(" 5 "), std::chrono::seconds(5));
  EXPECT_EQ(ParseRetryAfter("0"), std::chrono::seconds(0));
  EXPECT_EQ(ParseRetryAfter("-1"), std::nullopt);
  EXPECT_EQ(ParseRetryAfter("Wed, 21 Oct 2026 07:28:00 GMT"), std::nullopt);
  EXPECT_EQ(ParseRetryAfter(""), std::nullopt);
}

}  // namespace
}  // namespace milink::kube
