#include "core/kube/request_headers.h"

#include <gmock/gmock.h>

namespace milink::kube {
namespace {

using testing::ElementsAre;
using testing::Pair;

TEST(FixedHeaders, TheUserAgentAlone) {
  EXPECT_THAT(*FixedHeaders("a/1", {}), ElementsAre(Pair("User-Agent", "a/1")));
}

TEST(FixedHeaders, ImpersonationWithEscapedKeysAndRepeatedValues) {
  const Impersonation jane{"jane", "u1", {"dev", "ops"}, {{"acme.test/a%", {"x", "y z"}}}};
  EXPECT_THAT(
      *FixedHeaders("a/1", jane),
      ElementsAre(Pair("User-Agent", "a/1"), Pair("Impersonate-User", "jane"),
                  Pair("Impersonate-Uid", "u1"), Pair("Impersonate-Group", "dev"),
                  Pair("Impersonate-Group", "ops"), Pair("Impersonate-Extra-acme.test%2Fa%25", "x"),
                  Pair("Impersonate-Extra-acme.test%2Fa%25", "y z")));
}

TEST(FixedHeaders, DetailsWithoutAUserAreRefused) {
  EXPECT_EQ(FixedHeaders("a/1", {"", "u1", {}, {}}).error().kind, ErrorKind::kInvalid);
  EXPECT_EQ(FixedHeaders("a/1", {"", "", {"g"}, {}}).error().kind, ErrorKind::kInvalid);
  EXPECT_EQ(FixedHeaders("a/1", {"", "", {}, {{"k", {}}}}).error().kind, ErrorKind::kInvalid);
}

TEST(FixedHeaders, ALineEndCannotSmuggleAHeader) {
  EXPECT_FALSE(FixedHeaders("a/1", {"jane\r\nImpersonate-User: root", "", {}, {}}).ok());
  EXPECT_FALSE(FixedHeaders("a/1", {"jane", "", {"a\nb"}, {}}).ok());
}

}  // namespace
}  // namespace milink::kube
