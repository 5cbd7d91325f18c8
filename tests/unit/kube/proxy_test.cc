#include "core/kube/proxy.h"

#include <map>

#include <gmock/gmock.h>

namespace milink::kube {
namespace {

struct UrlCase {
  const char* name;
  const char* url;
  const char* host;
  const char* port;
  const char* authorization;
};

class ProxyUrlTest : public testing::TestWithParam<UrlCase> {};

TEST_P(ProxyUrlTest, IsTakenApart) {
  const auto proxy = ParseProxyUrl(GetParam().url);
  ASSERT_TRUE(proxy.ok()) << ToString(proxy.error());
  EXPECT_EQ(proxy->host, GetParam().host);
  EXPECT_EQ(proxy->port, GetParam().port);
  EXPECT_EQ(proxy->authorization.Reveal(), GetParam().authorization);
}

INSTANTIATE_TEST_SUITE_P(
    Table, ProxyUrlTest,
    testing::Values(UrlCase{"Whole", "http://proxy.test:3128/", "proxy.test", "3128", ""},
                    UrlCase{"WithoutPort", "http://proxy.test", "proxy.test", "80", ""},
                    UrlCase{"WithoutScheme", "proxy.test:3128", "proxy.test", "3128", ""},
                    UrlCase{"SchemeInCapitals", "HTTP://proxy.test", "proxy.test", "80", ""},
                    UrlCase{"Ipv6", "http://[fd00::1]:3128", "fd00::1", "3128", ""},
                    // me:p@ss
                    UrlCase{"UserAndPassword", "http://me:p%40ss@proxy.test", "proxy.test", "80",
                            "Basic bWU6cEBzcw=="},
                    // me:
                    UrlCase{"UserAlone", "http://me@proxy.test", "proxy.test", "80", "Basic bWU6"}),
    [](const auto& test) { return test.param.name; });

TEST(ParseProxyUrl, WhatCannotBeUsedIsRefusedWithoutItsPassword) {
  for (const char* url : {"http://", "http://me:s3cret@", "ftp://me:s3cret@p", "http://p:0",
                          "http://p:99999", "http://me:s3cret%zz@p", "http://me:s3cret@p:x"}) {
    const auto proxy = ParseProxyUrl(url);
    ASSERT_FALSE(proxy.ok()) << url;
    EXPECT_EQ(proxy.error().kind, ErrorKind::kInvalid);
    EXPECT_THAT(ToString(proxy.error()), testing::Not(testing::HasSubstr("s3cret")));
  }
  EXPECT_EQ(ParseProxyUrl("socks5://me:s3cret@p").error().kind, ErrorKind::kUnsupported);
  EXPECT_EQ(ParseProxyUrl("https://p").error().kind, ErrorKind::kUnsupported);
}

struct ExemptCase {
  const char* name;
  const char* list;
  const char* host;
  bool exempt;
};

class ExemptTest : public testing::TestWithParam<ExemptCase> {};

TEST_P(ExemptTest, AtPort6443) {
  EXPECT_EQ(IsExempt(GetParam().list, GetParam().host, "6443"), GetParam().exempt);
}

INSTANTIATE_TEST_SUITE_P(
    Table, ExemptTest,
    testing::Values(ExemptCase{"NothingListed", "", "api.test", false},
                    ExemptCase{"Everything", "*", "api.test", true},
                    ExemptCase{"EverythingAmongOthers", "x.test, *", "10.0.0.1", true},
                    ExemptCase{"Name", "api.test", "api.test", true},
                    ExemptCase{"NameIgnoresCase", "API.Test", "api.TEST", true},
                    ExemptCase{"BelowTheName", "corp.test", "api.corp.test", true},
                    ExemptCase{"NameThatOnlyEndsAlike", "corp.test", "notcorp.test", false},
                    ExemptCase{"SuffixWithDot", ".corp.test", "api.corp.test", true},
                    ExemptCase{"SuffixWithDotIsNotTheName", ".corp.test", "corp.test", false},
                    ExemptCase{"SuffixWithStar", "*.corp.test", "api.corp.test", true},
                    ExemptCase{"SuffixWithStarIsNotTheName", "*.corp.test", "corp.test", false},
                    ExemptCase{"OurPort", "api.test:6443", "api.test", true},
                    ExemptCase{"AnotherPort", "api.test:443", "api.test", false},
                    ExemptCase{"Address", "10.0.0.1", "10.0.0.1", true},
                    ExemptCase{"AnotherAddress", "10.0.0.1", "10.0.0.2", false},
                    ExemptCase{"AddressWithPort", "10.0.0.1:6443", "10.0.0.1", true},
                    ExemptCase{"Network", "10.0.0.0/8", "10.200.3.4", true},
                    ExemptCase{"OutsideTheNetwork", "10.0.0.0/9", "10.200.3.4", false},
                    ExemptCase{"NetworkOfOddLength", "10.128.0.0/10", "10.191.0.1", true},
                    ExemptCase{"NetworkThatIsNone", "10.0.0.0/99", "10.0.0.0", false},
                    ExemptCase{"NetworkDoesNotHoldNames", "10.0.0.0/8", "api.test", false},
                    ExemptCase{"Ipv6", "fd00::1", "fd00:0::1", true},
                    ExemptCase{"Ipv6WithPort", "[fd00::1]:6443", "fd00::1", true},
                    ExemptCase{"Ipv6Network", "fd00::/16", "fd00:1::1", true},
                    ExemptCase{"MappedAddress", "10.0.0.0/8", "::ffff:10.0.0.1", true},
                    ExemptCase{"SuffixDoesNotHoldAddresses", ".1", "10.0.0.1", false},
                    ExemptCase{"BlanksAndEmptyEntries", " , api.test ,", "api.test", true}),
    [](const auto& test) { return test.param.name; });

class ProxyFromEnvironmentTest : public testing::Test {
 protected:
  // The host of the proxy for `server`; empty: none.
  std::string For(const std::string& server, std::map<std::string, std::string> variables) {
    const auto address = ParseServerUrl("https://" + server);
    const auto proxy = ProxyFromEnvironment(
        [&](const std::string& name) -> std::optional<std::string> {
          const auto it = variables.find(name);
          return it == variables.end() ? std::nullopt : std::optional(it->second);
        },
        *address);
    EXPECT_TRUE(proxy.ok());
    return *proxy ? (*proxy)->host : "";
  }
};

TEST_F(ProxyFromEnvironmentTest, CapitalsWinOverSmallLetters) {
  EXPECT_EQ(For("api.test", {}), "");
  EXPECT_EQ(For("api.test", {{"https_proxy", "small"}}), "small");
  EXPECT_EQ(For("api.test", {{"https_proxy", "small"}, {"HTTPS_PROXY", "large"}}), "large");
  EXPECT_EQ(For("api.test", {{"https_proxy", "small"}, {"HTTPS_PROXY", ""}}), "small");
  EXPECT_EQ(For("api.test", {{"HTTP_PROXY", "other"}}), "") << "that one is for plain HTTP";
}

TEST_F(ProxyFromEnvironmentTest, NoProxyExempts) {
  EXPECT_EQ(For("api.test", {{"HTTPS_PROXY", "p"}, {"NO_PROXY", "test"}}), "");
  EXPECT_EQ(For("api.test", {{"HTTPS_PROXY", "p"}, {"no_proxy", "test"}}), "");
  EXPECT_EQ(For("api.test:1234", {{"HTTPS_PROXY", "p"}, {"NO_PROXY", "api.test:443"}}), "p");
}

TEST_F(ProxyFromEnvironmentTest, ThisMachineNeedsNone) {
  for (const char* server : {"localhost:6443", "127.0.0.1:6443", "127.9.9.9", "[::1]:6443"}) {
    EXPECT_EQ(For(server, {{"HTTPS_PROXY", "p"}}), "") << server;
  }
}

}  // namespace
}  // namespace milink::kube
