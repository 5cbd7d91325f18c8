#include "core/base/random.h"

#include <memory>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace milink {
namespace {

TEST(RandomTest, TheSameSeedGivesTheSameSequence) {
  const auto a = MakeSeededRandom(7);
  const auto b = MakeSeededRandom(7);
  const auto c = MakeSeededRandom(8);
  const auto first = a->Bits();
  EXPECT_EQ(first, b->Bits());
  EXPECT_NE(first, c->Bits());
  EXPECT_EQ(NewUuid(*a), NewUuid(*b));
}

TEST(RandomTest, UniformIsAtLeastZeroAndBelowOne) {
  const auto random = MakeSeededRandom(1);
  double sum = 0;
  for (int i = 0; i < 10'000; ++i) {
    const double value = random->Uniform();
    ASSERT_GE(value, 0.0);
    ASSERT_LT(value, 1.0);
    sum += value;
  }
  EXPECT_NEAR(sum / 10'000, 0.5, 0.02);
}

TEST(RandomTest, TwoSystemSourcesDiffer) {
  EXPECT_NE(MakeSystemRandom()->Bits(), MakeSystemRandom()->Bits());
}

TEST(RandomTest, UuidsAreVersion4InLowerCase) {
  const auto random = MakeSeededRandom(1);
  std::set<std::string> seen;
  for (int i = 0; i < 100; ++i) {
    const std::string uuid = NewUuid(*random);
    EXPECT_THAT(uuid, ::testing::MatchesRegex(
                          "[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}"));
    seen.insert(uuid);
  }
  EXPECT_EQ(seen.size(), 100U);
}

TEST(RandomTest, ThreadsMayShareOne) {
  const auto random = MakeSeededRandom(1);
  std::vector<std::vector<std::uint64_t>> drawn(4);
  {
    std::vector<std::jthread> threads;
    threads.reserve(drawn.size());
    for (auto& values : drawn) {
      threads.emplace_back([&] {
        for (int i = 0; i < 500; ++i) {
          values.push_back(random->Bits());
        }
      });
    }
  }
  std::set<std::uint64_t> all;
  for (const auto& values : drawn) {
    all.insert(values.begin(), values.end());
  }
  EXPECT_EQ(all.size(), 2'000U) << "no value was handed out twice";
}

}  // namespace
}  // namespace milink
