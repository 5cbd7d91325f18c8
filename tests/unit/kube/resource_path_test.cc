#include "core/kube/resource_path.h"

#include <gtest/gtest.h>

namespace milink::kube {
namespace {

const ResourceType kPods{"", "v1", "pods", "Pod"};
const ResourceType kWidgets{"test.dev", "v1alpha1", "widgets", "Widget"};

struct UrlCase {
  const char* name;
  const char* url;
  ServerAddress expected;  // empty host: refused
};

class ParseServerUrlTest : public testing::TestWithParam<UrlCase> {};

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
    testing::Values(UrlCase{"HostOnly", "https://api.test", {"api.test", "443", ""}},
                    UrlCase{"WithPort", "https://10.0.0.1:6443", {"10.0.0.1", "6443", ""}},
                    UrlCase{"WithPath",
                            "https://api.test/k8s/clusters/c1/",
                            {"api.test", "443", "/k8s/clusters/c1"}},
                    UrlCase{"Ipv6", "https://[fd00::1]:6443", {"fd00::1", "6443", ""}},
                    UrlCase{"Ipv6WithoutPort", "https://[::1]", {"::1", "443", ""}},
                    UrlCase{"PlainHttp", "http://api.test", {}},
                    UrlCase{"NoHost", "https://:6443", {}},
                    UrlCase{"PortThatIsNoNumber", "https://api.test:http", {}},
                    UrlCase{"PortMissing", "https://api.test:", {}},
                    UrlCase{"BracketOpen", "https://[::1", {}},
                    UrlCase{"JunkAfterBracket", "https://[::1]x", {}},
                    UrlCase{"WithUser", "https://me@api.test", {}},
                    UrlCase{"WithQuery", "https://api.test?x=1", {}}),
    [](const auto& test) { return test.param.name; });

TEST(HostHeader, BracketsIpv6) {
  EXPECT_EQ(HostHeader({"::1", "6443", ""}), "[::1]:6443");
  EXPECT_EQ(HostHeader({"api.test", "443", ""}), "api.test:443");
}

TEST(ResourcePath, FollowsTheGroupTheScopeAndThePartsGiven) {
  EXPECT_EQ(*ResourcePath(kPods, "ns"), "/api/v1/namespaces/ns/pods");
  EXPECT_EQ(*ResourcePath(kWidgets, ""), "/apis/test.dev/v1alpha1/widgets");
  EXPECT_EQ(*ResourcePath(kWidgets, "ns", "a", "status"),
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
