#include "core/azure/errors.h"

#include <gtest/gtest.h>

namespace milink::azure {
namespace {

HttpResponse Answer(int status, const std::string& code,
                    std::multimap<std::string, std::string> headers = {}) {
  return {status, std::move(headers),
          R"({"error":{"code":")" + code + R"(","message":"text of the service"}})"};
}

TEST(AzureErrorsTest, CodeDecidesBeforeStatus) {
  struct Case {
    std::string name;
    int status;
    std::string code;
    ErrorKind kind;
    std::string reason;
  };
  const Case cases[] = {
      {"a busy instance is waited for", 409, "ManagedInstanceIsBusy", ErrorKind::kConflict,
       "InstanceBusy"},
      {"a link being created blocks others with 400", 400, "OperationCanNotStartDueToMiLink",
       ErrorKind::kConflict, "InstanceBusy"},
      {"a stopped instance answers 400 and is temporary", 400, "ManagedInstanceStoppingOrStopped",
       ErrorKind::kTransient, "InstanceStopped"},
      {"a missing right needs a person", 403, "AuthorizationFailed", ErrorKind::kUnauthorized,
       "AuthorizationFailed"},
      {"a lock is no conflict that passes", 409, "ScopeLocked", ErrorKind::kInvalid, "ScopeLocked"},
      {"a missing resource group is a missing instance", 404, "ResourceGroupNotFound",
       ErrorKind::kNotFound, "ManagedInstanceNotFound"},
      {"a bad request is the user's", 400,
       "InvalidDistributedAvailabilityGroupsCreateOrUpdateRequestDatabases", ErrorKind::kInvalid,
       "InvalidDistributedAvailabilityGroupsCreateOrUpdateRequestDatabases"},
      {"an unknown 500 is temporary", 500, "SomethingNew", ErrorKind::kTransient, "SomethingNew"},
      {"an unknown 409 means observe again", 409, "SomethingNew", ErrorKind::kConflict,
       "SomethingNew"},
      {"every 429 is throttling", 429, "ConflictingSubscriptionOperation", ErrorKind::kThrottled,
       "ConflictingSubscriptionOperation"},
  };
  for (const auto& c : cases) {
    const Error error = ToError(Answer(c.status, c.code));
    EXPECT_EQ(error.kind, c.kind) << c.name;
    EXPECT_EQ(error.reason, c.reason) << c.name;
    EXPECT_EQ(error.message, "text of the service") << c.name;
  }
}

TEST(AzureErrorsTest, TheTwoAuthorsOfNotFoundAreToldApart) {
  EXPECT_EQ(ToError(Answer(404, "ResourceNotFound")).reason, "ResourceNotFound");
  EXPECT_EQ(ToError(Answer(404, "ResourceNotFound", {{"x-ms-failure-cause", "gateway"}})).reason,
            "ManagedInstanceNotFound");
}

TEST(AzureErrorsTest, OnlyA404ThatNamesTheInstanceOrItsGroupSaysThatItIsGone) {
  struct Case {
    std::string name;
    int status;
    std::string code;
    bool from_gateway;
    bool gone;
  };
  const Case cases[] = {
      {"the front has no such resource", 404, "ResourceNotFound", true, true},
      {"the front has no such group", 404, "ResourceGroupNotFound", true, true},
      {"the provider has no such thing below the instance", 404, "ResourceNotFound", false, false},
      {"the subscription is out of sight", 404, "SubscriptionNotFound", true, false},
      {"the provider does not find the subscription", 404, "SubscriptionNotFound", false, false},
      {"the subscription has no such server", 404, "SubscriptionDoesNotHaveServer", false, false},
      {"the server is in another group", 404, "ServerNotInSubscriptionResourceGroup", false, false},
      {"the tenant is another one", 404, "InvalidSubscriptionId", true, false},
      {"something new is missing", 404, "SomethingNew", true, false},
      {"an operation is not known", 404, "OperationIdNotFound", false, false},
      {"it may not be read", 403, "AuthorizationFailed", true, false},
      {"a refusal that only sounds so", 400, "ResourceGroupNotFoundByThisApiVersion", true, false},
  };
  for (const auto& c : cases) {
    std::multimap<std::string, std::string> headers;
    if (c.from_gateway) headers.emplace("x-ms-failure-cause", "gateway");
    EXPECT_EQ(SaysInstanceIsGone(ToError(Answer(c.status, c.code, headers))), c.gone) << c.name;
  }
  EXPECT_FALSE(SaysInstanceIsGone(ToError({404, {}, "<html>Not Found</html>"})));
}

TEST(AzureErrorsTest, RetryAfterIsRead) {
  const Error error = ToError(Answer(429, "SubscriptionTooManyRequests", {{"retry-after", "17"}}));
  EXPECT_EQ(error.retry_after, std::chrono::seconds(17));
  EXPECT_EQ(ToError(Answer(429, "X", {{"retry-after", "soon"}})).retry_after, std::nullopt);
}

TEST(AzureErrorsTest, AnAnswerThatIsNoJsonStillIsAnError) {
  const Error error = ToError({502, {}, "<html>Bad Gateway</html>"});
  EXPECT_EQ(error.kind, ErrorKind::kTransient);
  EXPECT_EQ(error.reason, "HttpStatus502");
  EXPECT_EQ(ToError({400, {}, R"({"error":{"code":7,"message":[]}})"}).reason, "HttpStatus400");
}

TEST(AzureErrorsTest, RequestIdsAreInTheDetail) {
  const Error error =
      ToError(Answer(403, "AuthorizationFailed",
                     {{"x-ms-request-id", "r-1"}, {"x-ms-correlation-request-id", "c-2"}}));
  EXPECT_NE(error.detail.find("r-1"), std::string::npos);
  EXPECT_NE(error.detail.find("c-2"), std::string::npos);
}

TEST(AzureErrorsTest, AFailedOperationIsMappedByItsCode) {
  EXPECT_EQ(OperationError("OperationIdNotFound", "x").kind, ErrorKind::kNotFound);
  EXPECT_EQ(OperationError("ManagedInstanceLinkConnectivityIsNotEstablished", "x").kind,
            ErrorKind::kTransient);
  EXPECT_EQ(OperationError("ManagedInstanceLinkSourceDbHasFilestream", "x").kind,
            ErrorKind::kInvalid);
  EXPECT_EQ(OperationError("", "").reason, "OperationFailed");
}

}  // namespace
}  // namespace milink::azure
