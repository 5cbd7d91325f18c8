#include "core/azure/http.h"

#include <gtest/gtest.h>

#include "core/base/time_format.h"

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

TEST(HttpResponseTest, ReadsTheServersClock) {
  const auto date = [](const char* text) { return HttpResponse{200, {{"date", text}}, ""}.Date(); };
  EXPECT_EQ(date("Sat, 21 Nov 2026 10:00:00 GMT"), ParseRfc3339("2026-11-21T10:00:00Z"));
  for (const char* wrong : {"", "now", "2026-11-21T10:00:00Z", "Sat, 21 Nov 2026"}) {
    EXPECT_EQ(date(wrong), std::nullopt) << wrong;
  }
  EXPECT_EQ(HttpResponse().Date(), std::nullopt);
}

TEST(HttpResponseTest, RetryAfterIsANumberOfSeconds) {
  const auto seconds = [](const char* text) {
    return HttpResponse{429, {{"retry-after", text}}, ""}.RetryAfter();
  };
  EXPECT_EQ(seconds("15"), std::chrono::seconds(15));
  for (const char* other : {"", "soon", "-1", "Sat, 21 Nov 2026 10:00:00 GMT"}) {
    EXPECT_EQ(seconds(other), std::nullopt) << other;
  }
}

TEST(UrlEncodeTest, OnlyUnreservedCharactersStay) {
  EXPECT_EQ(UrlEncode("aZ09-._~"), "aZ09-._~");
  EXPECT_EQ(UrlEncode("a b/c?d&e=\xC3\xA4"), "a%20b%2Fc%3Fd%26e%3D%C3%A4");
}

}  // namespace
}  // namespace milink::azure
