#include "core/pki/one_time_password.h"

#include <algorithm>
#include <cctype>

#include <gtest/gtest.h>

namespace milink::pki {
namespace {

TEST(OneTimePasswordTest, IsStrongAsciiAndNeverTheSame) {
  const auto one = MakeOneTimePassword();
  const auto other = MakeOneTimePassword();
  ASSERT_TRUE(one.ok() && other.ok());
  EXPECT_FALSE(one->SameAs(*other));
  EXPECT_GE(one->Reveal().size(), 24U);
  EXPECT_LE(one->Reveal().size(), 64U);
  const auto has = [&](auto kind) { return std::ranges::any_of(one->Reveal(), kind); };
  EXPECT_TRUE(has([](unsigned char c) { return std::isupper(c) != 0; }));
  EXPECT_TRUE(has([](unsigned char c) { return std::islower(c) != 0; }));
  EXPECT_TRUE(has([](unsigned char c) { return std::isdigit(c) != 0; }));
  EXPECT_TRUE(has([](unsigned char c) { return std::ispunct(c) != 0; }));
  EXPECT_FALSE(has([](unsigned char c) { return c > 0x7E || c == '\''; }));
}

}  // namespace
}  // namespace milink::pki
