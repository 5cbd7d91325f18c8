#include "core/kube/resource_path.h"

#include <gtest/gtest.h>

namespace milink::kube {
namespace {

const ResourceType kPods{"", "v1", "pods", "Pod"};
const ResourceType kAlphaWidgets{"test.dev", "v1alpha1", "widgets", "Widget"};

struct ServerUrlCase {
  const char* name;
  const char* url;
  ServerAddress expected;  // empty host: refused
};

class ParseServerUrlTest : public testing::TestWithParam<ServerUrlCase> {};

TEST_P(ParseServerUrlTest, TakesTheUrlApart) {
  const auto address = ParseServerUrl(GetParam().url);
  ASSERT_EQ(address.ok(), !GetParam().expected.host.empty());
  if (address.ok()) {
    EXPECT_EQ(address->host, GetParam().expected.host);
    EXPECT_EQ(address->port, GetParam().expected.port);
    EXPECT_EQ(address->path_prefix, GetParam().expected.path_prefix);
  }
}

INSTANTIATE_TEST_SUITE_P(
    Table, ParseServerUrlTest,
    testing::Values(ServerUrlCase{"HostOnly", "https://api.test", {"api.test", "443", ""}},
                    ServerUrlCase{"WithPort", "https://10.0.0.1:6443", {"10.0.0.1", "6443", ""}},
                    ServerUrlCase{"WithPath",
                                  "https://api.test/k8s/clusters/c1/",
                                  {"api.test", "443", "/k8s/clusters/c1"}},
                    ServerUrlCase{"Ipv6", "https://[fd00::1]:6443", {"fd00::1", "6443", ""}},
                    ServerUrlCase{"Ipv6WithoutPort", "https://[::1]", {"::1", "443", ""}},
                    ServerUrlCase{"PlainHttp", "http://api.test", {}},
                    ServerUrlCase{"NoHost", "https://:6443", {}},
                    ServerUrlCase{"PortThatIsNoNumber", "https://api.test:http", {}},
                    ServerUrlCase{"PortMissing", "https://api.test:", {}},
                    ServerUrlCase{"BracketOpen", "https://[::1", {}},
                    ServerUrlCase{"JunkAfterBracket", "https://[::1]x", {}},
                    ServerUrlCase{"WithUser", "https://me@api.test", {}},
                    ServerUrlCase{"WithQuery", "https://api.test?x=1", {}}),
    [](const auto& test) { return test.param.name; });

TEST(HostHeader, BracketsIpv6) {
  EXPECT_EQ(HostHeader({"::1", "6443", ""}), "[::1]:6443");
  EXPECT_EQ(HostHeader({"api.test", "443", ""}), "api.test:443");
}

TEST(ResourcePath, FollowsTheGroupTheScopeAndThePartsGiven) {
  EXPECT_EQ(*ResourcePath(kPods, "ns"), "/api/v1/namespaces/ns/pods");
  EXPECT_EQ(*ResourcePath(kAlphaWidgets, ""), "/apis/test.dev/v1alpha1/widgets");
  EXPECT_EQ(*ResourcePath(kAlphaWidgets, "ns", "a", "status"),
            "/apis/test.dev/v1alpha1/namespaces/ns/widgets/a/status");
}

TEST(ResourcePath, ANameThatWouldChangeThePathIsRefused) {
  for (const std::string name : {"..", ".", "a/b", "a%2fb"}) {
    EXPECT_EQ(ResourcePath(kPods, "ns", name).error().kind, ErrorKind::kInvalid) << name;
    EXPECT_EQ(ResourcePath(kPods, name, "x").error().kind, ErrorKind::kInvalid) << name;
  }
  EXPECT_EQ(*ResourcePath(kPods, "ns", "a?b#c"), "/api/v1/namespaces/ns/pods/a%3Fb%23c");
}

TEST(EscapeQuery, KeepsOnlyUnreservedCharacters) {
  EXPECT_EQ(EscapeQuery("app=x,y in (a)"), "app%3Dx%2Cy%20in%20%28a%29");
  EXPECT_EQ(EscapeQuery("a-b_c.d~e"), "a-b_c.d~e");
}

}  // namespace
}  // namespace milink::kube
