#include "core/base/secret.h"

#include <algorithm>
#include <ostream>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace milink {
namespace {

template <typename T>
concept Streamable = requires(std::ostream& out, const T& value) { out << value; };
template <typename T>
concept Comparable = requires(const T& a, const T& b) { a == b; };

static_assert(!Streamable<Secret>);
static_assert(!fmt::is_formattable<Secret>::value);
static_assert(!Comparable<Secret>);
static_assert(!std::is_constructible_v<nlohmann::json, Secret>);
static_assert(!std::is_convertible_v<Secret, std::string>);
static_assert(!std::is_convertible_v<Secret, std::string_view>);
static_assert(!std::is_convertible_v<std::string, Secret>, "what becomes a secret says so");

TEST(SecretTest, OnlyRevealGivesTheText) {
  EXPECT_EQ(Secret("pa$$word").Reveal(), "pa$$word");
  EXPECT_TRUE(Secret().empty());
  EXPECT_FALSE(Secret("x").empty());
}

TEST(SecretTest, TheSameTextIsTheSame) {
  EXPECT_TRUE(Secret("a").SameAs(Secret("a")));
  EXPECT_FALSE(Secret("a").SameAs(Secret("b")));
}

// Short texts live inside the object and long ones on the heap; both must be handled.
class SecretTextTest : public ::testing::TestWithParam<std::string> {};

TEST_P(SecretTextTest, ACopyIsIndependent) {
  Secret original(GetParam());
  const Secret copy = original;
  original = Secret("other");
  EXPECT_EQ(copy.Reveal(), GetParam());
}

TEST_P(SecretTextTest, AMoveLeavesNothingBehind) {
  Secret original(GetParam());
  Secret moved(std::move(original));
  EXPECT_EQ(moved.Reveal(), GetParam());
  EXPECT_TRUE(original.empty());  // NOLINT(bugprone-use-after-move): that is the promise
  Secret assigned("something before");
  assigned = std::move(moved);
  EXPECT_EQ(assigned.Reveal(), GetParam());
  EXPECT_TRUE(moved.empty());  // NOLINT(bugprone-use-after-move)
}

TEST_P(SecretTextTest, AssigningToItselfKeepsTheText) {
  Secret secret(GetParam());
  Secret& same = secret;
  secret = same;
  EXPECT_EQ(secret.Reveal(), GetParam());
  secret = std::move(same);
  EXPECT_EQ(secret.Reveal(), GetParam());
}

TEST_P(SecretTextTest, WipingOverwritesEveryByte) {
  std::string text = GetParam();
  const std::size_t size = text.size();
  const char* bytes = text.data();
  WipeMemory(text);
  EXPECT_TRUE(text.empty());
  EXPECT_TRUE(std::all_of(bytes, bytes + size, [](char c) { return c == '\0'; }));
}

INSTANTIATE_TEST_SUITE_P(Lengths, SecretTextTest,
                         ::testing::Values("", "short", std::string(200, 'x')),
                         [](const auto& test) {
                           return std::to_string(test.param.size()) + "Characters";
                         });

}  // namespace
}  // namespace milink
