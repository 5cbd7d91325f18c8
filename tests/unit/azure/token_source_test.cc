#include "core/azure/token_source.h"

#include <gtest/gtest.h>

#include "core/base/time_format.h"

namespace milink::azure {
namespace {

const TimePoint kNow = *ParseRfc3339("2026-11-21T10:00:00Z");

TEST(ParseTokenTest, TheLifeOfATokenIsReadInEveryForm) {
  struct Case {
    const char* name;
    const char* body;
    const char* date;
    int seconds;
  };
  const Case cases[] = {
      {"a number", R"({"access_token":"t","expires_in":3599})", "", 3599},
      {"a number as text", R"({"access_token":"t","expires_in":"3599"})", "", 3599},
      {"the end alone, by our clock", R"({"access_token":"t","expires_on":"1795258800"})", "",
       3600},
      {"the end alone, by the server's clock, which is 10 minutes ahead",
       R"({"access_token":"t","expires_on":1795258800})", "Sat, 21 Nov 2026 10:10:00 GMT", 3000},
      {"both", R"({"access_token":"t","expires_in":"60","expires_on":1})", "", 60},
      {"nothing", R"({"access_token":"t"})", "", 0},
      {"nonsense", R"({"access_token":"t","expires_in":"soon"})", "", 0},
  };
  for (const auto& c : cases) {
    HttpResponse response{200, {}, c.body};
    if (*c.date != '\0') {
      response.headers.emplace("date", c.date);
    }
    const auto issued = ParseToken(response, kNow);
    ASSERT_TRUE(issued.has_value()) << c.name;
    EXPECT_EQ(issued->token.Reveal(), "t") << c.name;
    EXPECT_EQ(issued->lifetime, std::chrono::seconds(c.seconds)) << c.name;
  }
}

TEST(ParseTokenTest, TheAuthorityMayWishForAnEarlierRefresh) {
  EXPECT_EQ(ParseToken({200, {}, R"({"access_token":"t","expires_in":9,"refresh_in":"4"})"}, kNow)
                ->refresh_in,
            std::chrono::seconds(4));
  EXPECT_EQ(ParseToken({200, {}, R"({"access_token":"t","expires_in":9,"refresh_in":0})"}, kNow)
                ->refresh_in,
            std::nullopt);
}

TEST(ParseTokenTest, WhatIsNoTokenIsNone) {
  for (const HttpResponse& response :
       {HttpResponse{200, {}, "{}"}, HttpResponse{200, {}, "<html>"}, HttpResponse{200, {}, "[]"},
        HttpResponse{400, {}, R"({"access_token":"t"})"},
        HttpResponse{200, {}, R"({"access_token":7})"}}) {
    EXPECT_FALSE(ParseToken(response, kNow).has_value()) << response.body;
  }
}

}  // namespace
}  // namespace milink::azure
