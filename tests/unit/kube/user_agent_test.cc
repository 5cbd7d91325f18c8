#include "core/kube/user_agent.h"

#include <gmock/gmock.h>

namespace milink::kube {
namespace {

TEST(UserAgent, NamesSystemAndProcessorAsGoDoes) {
  EXPECT_THAT(UserAgent("milink-operator/1"),
              testing::MatchesRegex("milink-operator/1 \\(linux/[a-z0-9_]+\\)"));
  EXPECT_THAT(UserAgent("x"), testing::Not(testing::HasSubstr("x86_64")));
}

}  // namespace
}  // namespace milink::kube
