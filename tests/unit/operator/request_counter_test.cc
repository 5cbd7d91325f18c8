#include "operator/request_counter.h"

#include <gmock/gmock.h>

namespace milink::app {
namespace {

using testing::HasSubstr;

TEST(RequestCounterTest, CountsByCodeAndWhatWasNeverAnswered) {
  runtime::Metrics metrics;
  RequestCounter counter(metrics, "api.test:443");
  counter.OnRequest({kube::HttpMethod::kPatch, "api.test:443", 409});
  counter.OnRequest({kube::HttpMethod::kGet, "api.test:443", 0});
  const std::string text = metrics.Serialize();
  EXPECT_THAT(text, HasSubstr("{code=\"409\",host=\"api.test:443\",method=\"PATCH\"} 1\n"));
  EXPECT_THAT(text, HasSubstr("{code=\"<error>\",host=\"api.test:443\",method=\"GET\"} 1\n"));
}

}  // namespace
}  // namespace milink::app
