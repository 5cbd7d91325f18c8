#include "core/sql/login_pause.h"

#include <gtest/gtest.h>

namespace milink::sql {
namespace {

using namespace std::chrono_literals;

const Error kWrongPassword{ErrorKind::kUnauthorized, "LoginFailed", "18456", ""};
constexpr MonotonicTime kBegan{1h};

TEST(LoginPause, WithoutARefusalALoginMayBeTried) {
  LoginPause pause(10min);
  EXPECT_FALSE(pause.Check(kBegan).has_value());
}

TEST(LoginPause, TheRefusalIsGivenAgainWithTheTimeThatIsLeft) {
  LoginPause pause(10min);
  pause.Begin(kWrongPassword, kBegan);
  const auto paused = pause.Check(kBegan + 4min);
  ASSERT_TRUE(paused.has_value());
  EXPECT_EQ(paused->reason, "LoginFailed");
  EXPECT_EQ(paused->retry_after, Duration(6min));
  EXPECT_TRUE(pause.Check(kBegan + 10min - 1ms).has_value());
  EXPECT_FALSE(pause.Check(kBegan + 10min).has_value());
}

TEST(LoginPause, WhatIsLeftIsNeverToldAsNothing) {
  LoginPause pause(10min);
  pause.Begin(kWrongPassword, kBegan);
  EXPECT_EQ(pause.Check(kBegan + 10min - 1ns)->retry_after, Duration(1));
}

TEST(LoginPause, AnotherLoginEndsIt) {
  LoginPause pause(10min);
  pause.Begin(kWrongPassword, kBegan);
  pause.End();
  EXPECT_FALSE(pause.Check(kBegan).has_value());
}

}  // namespace
}  // namespace milink::sql
