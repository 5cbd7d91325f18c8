#include "core/kube/retry.h"

#include <gtest/gtest.h>

#include "core/kube/api_status.h"

namespace milink::kube {
namespace {

using std::chrono::seconds;

Result<HttpResponse> AnswerWith(int status, const std::string& retry_after = "") {
  HttpResponse response{{status, {}}, ""};
  if (!retry_after.empty()) {
    response.head.headers["retry-after"] = retry_after;
  }
  return response;
}

Result<HttpResponse> BrokenBy(std::string_view reason) {
  return Error{ErrorKind::kTransient, std::string(reason), "m"};
}

struct RetryCase {
  const char* name;
  HttpMethod method;
  Result<HttpResponse> outcome;
  std::optional<Duration> expected;
};

class RetryDelayTest : public testing::TestWithParam<RetryCase> {};

TEST_P(RetryDelayTest, FirstAttempt) {
  EXPECT_EQ(RetryDelay(1, GetParam().method, GetParam().outcome, seconds(30)), GetParam().expected);
}

INSTANTIATE_TEST_SUITE_P(
    Table, RetryDelayTest,
    testing::Values(
        RetryCase{"Success", HttpMethod::kGet, AnswerWith(200, "5"), std::nullopt},
        RetryCase{"ThrottledWithATime", HttpMethod::kPost, AnswerWith(429, "5"), seconds(5)},
        RetryCase{"ThrottledWithoutATime", HttpMethod::kGet, AnswerWith(429), std::nullopt},
        RetryCase{"ServerErrorWithATime", HttpMethod::kPatch, AnswerWith(503, "2"), seconds(2)},
        RetryCase{"ServerErrorWithoutATime", HttpMethod::kGet, AnswerWith(500), std::nullopt},
        RetryCase{"RefusalWithATime", HttpMethod::kGet, AnswerWith(403, "5"), std::nullopt},
        RetryCase{"TimeThatIsNoNumber", HttpMethod::kGet, AnswerWith(429, "soon"), std::nullopt},
        RetryCase{"TimeBeyondTheDeadline", HttpMethod::kGet, AnswerWith(429, "30"), std::nullopt},
        RetryCase{"ReadThatLostItsConnection", HttpMethod::kGet, BrokenBy(kConnectionLost),
                  seconds(1)},
        RetryCase{"WriteThatLostItsConnection", HttpMethod::kPatch, BrokenBy(kConnectionLost),
                  std::nullopt},
        RetryCase{"ReadThatTimedOut", HttpMethod::kGet, BrokenBy(kTimeout), std::nullopt},
        RetryCase{"NobodyListening", HttpMethod::kGet, BrokenBy(kConnectionRefused), std::nullopt},
        RetryCase{"ShuttingDown", HttpMethod::kGet, BrokenBy(kStopped), std::nullopt}),
    [](const auto& test) { return test.param.name; });

TEST(RetryDelay, EndsWithTheTenthAttempt) {
  EXPECT_TRUE(RetryDelay(9, HttpMethod::kGet, AnswerWith(429, "1"), seconds(30)));
  EXPECT_FALSE(RetryDelay(10, HttpMethod::kGet, AnswerWith(429, "1"), seconds(30)));
}

}  // namespace
}  // namespace milink::kube
