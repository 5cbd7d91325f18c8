#include "core/azure/http.h"

#include <gtest/gtest.h>

namespace milink::azure {
namespace {

TEST(SplitUrlTest, AbsoluteUrlsAreSplit) {
  struct Case {
    std::string url;
    std::string origin;
    std::string host;
    std::string target;
  };
  const Case cases[] = {
      {"https://management.azure.com", "https://management.azure.com:443", "management.azure.com",
       "/"},
      {"HTTPS://Management.Azure.com/a?b=c", "https://management.azure.com:443",
       "management.azure.com", "/a?b=c"},
      {"http://127.0.0.1:8080/x", "http://127.0.0.1:8080", "127.0.0.1", "/x"},
      {"https://[::1]:9/x", "https://[::1]:9", "[::1]", "/x"},
      {"https://[::1]/x", "https://[::1]:443", "[::1]", "/x"},
      {"https://h?q", "https://h:443", "h", "/?q"},
  };
  for (const auto& c : cases) {
    const auto parts = SplitUrl(c.url);
    ASSERT_TRUE(parts.has_value()) << c.url;
    EXPECT_EQ(parts->origin, c.origin) << c.url;
    EXPECT_EQ(parts->host, c.host) << c.url;
    EXPECT_EQ(parts->target, c.target) << c.url;
  }
}

TEST(SplitUrlTest, WhatIsNoAbsoluteHttpUrlIsRefused) {
  for (const char* url : {"", "/relative", "ftp://host/x", "https://", "https:///x",
                          "https://management.azure.com@evil.example/x"}) {
    EXPECT_FALSE(SplitUrl(url).has_value()) << url;
  }
}

TEST(UrlEncodeTest, OnlyUnreservedCharactersStay) {
  EXPECT_EQ(UrlEncode("aZ09-._~"), "aZ09-._~");
  EXPECT_EQ(UrlEncode("a b/c?d&e=\xC3\xA4"), "a%20b%2Fc%3Fd%26e%3D%C3%A4");
}

}  // namespace
}  // namespace milink::azure
