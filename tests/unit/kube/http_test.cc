#include "core/kube/http.h"

#include <gtest/gtest.h>

namespace milink::kube {
namespace {

TEST(HttpMethod, HasItsNameOnTheWire) {
  EXPECT_EQ(ToString(HttpMethod::kGet), "GET");
  EXPECT_EQ(ToString(HttpMethod::kPost), "POST");
  EXPECT_EQ(ToString(HttpMethod::kPut), "PUT");
  EXPECT_EQ(ToString(HttpMethod::kPatch), "PATCH");
  EXPECT_EQ(ToString(HttpMethod::kDelete), "DELETE");
}

}  // namespace
}  // namespace milink::kube
