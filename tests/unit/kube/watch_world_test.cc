// List and watch under generated histories and faults, in virtual time: at the end the store is the
// server's, handlers were told of everything, and nothing ran hot on the way.
#include "tests/unit/kube/watch_world.h"

#include <gmock/gmock.h>

namespace milink::kube {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;

// One random act of a user, or of the server itself.
void SomethingHappens(WatchWorld& world) {
  const std::string name(1, static_cast<char>('a' + world.Pick(8)));
  switch (world.Pick(8)) {
    case 0:
      world.cluster.Erase(kWidgets, {"ns", name});
      return;
    case 1:
      world.cluster.Erase(kWidgets, {"ns", name});
      world.cluster.Put(kWidgets, MakeWidget(name, world.Pick(100)));
      return;
    case 2:
      if (world.Chance(0.1)) {
        world.cluster.Compact();
      }
      return;
    default:
      world.cluster.Put(kWidgets, MakeWidget(name, world.Pick(100)));
  }
}

Troubles RandomTroubles(WatchWorld& world) {
  Troubles troubles;
  troubles.refuse_request = world.Chance(0.5) ? 0.5 * world.Chance(0.9) : 0.05;
  troubles.lag = world.Chance(0.4) ? 0.6 : 0;
  troubles.cut = world.Chance(0.5) ? 0.05 : 0;
  troubles.garble = world.Chance(0.3) ? 0.02 : 0;
  troubles.silence = world.Chance(0.3) ? 0.01 : 0;
  troubles.nonsense = world.Chance(0.5) ? 0.2 : 0;
  troubles.repeat = world.Chance(0.5) ? 0.3 : 0;
  troubles.down = world.Chance(0.1);
  troubles.bookmarks = world.Chance(0.7);
  return troubles;
}

// By streaming list or by list, and the first of ten seeds.
class WatchWorldTest : public testing::TestWithParam<std::tuple<bool, int>> {};

TEST_P(WatchWorldTest, WhateverHappensTheStoreIsTheServersInTheEnd) {
  const auto [streaming, first] = GetParam();
  for (int i = 0; i < 10; ++i) {
    const auto seed = static_cast<std::uint64_t>(first + i);
    WatchWorld world(seed, 1, streaming);
    for (int phase = 0; phase < 8; ++phase) {
      world.troubles = RandomTroubles(world);
      world.Run(seconds(60), [&] {
        if (world.Chance(0.05)) {
          SomethingHappens(world);
        }
      });
    }
    EXPECT_LT(world.Busiest(seconds(10)), 60U) << "seed " << seed << " ran hot";
    world.troubles = {};
    // A silent stream of a server without bookmarks lasts to its end, then a backoff at its cap.
    world.Run(minutes(12));
    ASSERT_EQ(world.witness(0).Difference(world.cluster), "") << "seed " << seed;
    ASSERT_THAT(world.witness(0).Violations(), testing::IsEmpty()) << "seed " << seed;
    world.ForgetRequests();
    world.Run(minutes(60));
    ASSERT_LE(world.requests().size(), 12U) << "seed " << seed << " is not quiet";
    ASSERT_EQ(world.lists(), 0U) << "seed " << seed;
  }
}

INSTANTIATE_TEST_SUITE_P(Syncs, WatchWorldTest,
                         testing::Combine(testing::Bool(), testing::Values(1, 11, 21, 31)),
                         [](const auto& test) {
                           const bool streaming = std::get<0>(test.param);
                           return (streaming ? "ByStreamingListFrom" : "ByListFrom") +
                                  std::to_string(std::get<1>(test.param));
                         });

struct ThrottledCase {
  const char* name;
  int seconds;
  int Troubles::* busy;
  bool lists;  // throttled before the first list, else while it watches
};

class ThrottledWorld : public testing::TestWithParam<ThrottledCase> {};

TEST_P(ThrottledWorld, K03_NothingIsAskedBeforeItsTimeAndNoWatchBecomesAList) {
  const ThrottledCase& row = GetParam();
  WatchWorld world(1, 1, false);
  world.cluster.Put(kWidgets, MakeWidget("a"));
  if (!row.lists) {
    world.Run(seconds(10));
    world.ForgetRequests();
    world.troubles.cut = 0.999999;  // the one that is open ends
    world.Run(WatchWorld::kTick);
  }
  world.troubles = {};
  world.troubles.*row.busy = row.seconds;
  world.Run(minutes(10));
  const auto& sent = world.requests();
  ASSERT_GE(sent.size(), 5U);
  EXPECT_LE(sent.size(), 40U);
  for (std::size_t i = 1; i < sent.size(); ++i) {
    EXPECT_GE(sent[i] - sent[i - 1], seconds(row.seconds)) << "request " << i;
  }
  EXPECT_EQ(world.lists(), row.lists ? sent.size() : 0U);
  world.troubles = {};
  world.cluster.Put(kWidgets, MakeWidget("a", 2));
  world.Run(minutes(2));
  EXPECT_EQ(world.witness(0).Difference(world.cluster), "");
}

INSTANTIATE_TEST_SUITE_P(
    Table, ThrottledWorld,
    testing::Values(ThrottledCase{"ListOneSecond", 1, &Troubles::busy_start, true},
                    ThrottledCase{"ListHalfAMinute", 30, &Troubles::busy_start, true},
                    ThrottledCase{"StartOneSecond", 1, &Troubles::busy_start, false},
                    ThrottledCase{"StartHalfAMinute", 30, &Troubles::busy_start, false},
                    ThrottledCase{"StreamOneSecond", 1, &Troubles::busy_stream, false},
                    ThrottledCase{"StreamHalfAMinute", 30, &Troubles::busy_stream, false}),
    [](const auto& test) { return test.param.name; });

TEST(WatchWorld, K04_ErrorsWithoutRetryAfterBackOff) {
  WatchWorld world(1, 1, true);
  world.troubles.refuse_request = 0.999999;
  world.Run(minutes(10));
  // 0.8 s, 1.6 s .. 30 s, each spread to its double: at most two requests in each wait.
  EXPECT_LT(world.requests().size(), 60U);
  EXPECT_GT(world.requests().size(), 10U);
}

TEST(WatchWorld, K07_SilenceIsNoticedWithin75Seconds) {
  WatchWorld world(1, 1, true);
  world.cluster.Put(kWidgets, MakeWidget("a"));
  world.Run(minutes(5));
  world.troubles.silence = 0.999999;
  world.Run(WatchWorld::kTick);
  world.troubles = {};
  world.cluster.Put(kWidgets, MakeWidget("a", 2));
  // What was heard last may be a minute old: the limit counts from there.
  world.Run(seconds(75) + 3 * WatchWorld::kTick);
  EXPECT_EQ(world.witness(0).Difference(world.cluster), "");
}

TEST(WatchWorld, K11_VeryShortWatchesComeFurtherAndFurtherApart) {
  WatchWorld world(1, 1, true);
  world.Run(seconds(10));
  world.ForgetRequests();
  world.troubles.cut = 0.999999;
  world.Run(minutes(10));
  const auto& sent = world.requests();
  ASSERT_GT(sent.size(), 8U);
  EXPECT_LT(sent.size(), 30U);
  EXPECT_LE(sent[2] - sent[1], seconds(4));
  EXPECT_GE(sent.back() - sent[sent.size() - 2], seconds(30));
  EXPECT_EQ(world.lists(), 0U);
}

struct Outage {
  const char* name;
  Duration length;
};

class OutageTest : public testing::TestWithParam<Outage> {};

// 40 watches lose their server at once.
TEST_P(OutageTest, K20_WatchesComeBackApartAndWithoutLists) {
  constexpr std::size_t kWatches = 40;
  WatchWorld world(3, kWatches, true);
  world.cluster.Put(kWidgets, MakeWidget("a"));
  world.Run(minutes(5));
  world.ForgetRequests();
  world.troubles.down = true;
  world.Run(GetParam().length);
  EXPECT_LE(world.requests().size(),
            kWatches * (8 + static_cast<std::size_t>(GetParam().length / seconds(30))));
  world.cluster.Put(kWidgets, MakeWidget("a", 2));
  world.cluster.Put(kWidgets, MakeWidget("b"));
  world.ForgetRequests();
  world.troubles.down = false;
  world.Run(seconds(61));
  for (std::size_t i = 0; i < kWatches; ++i) {
    EXPECT_EQ(world.witness(i).Difference(world.cluster), "") << "watch " << i;
  }
  EXPECT_EQ(world.lists(), 0U);
  EXPECT_EQ(world.requests().size(), kWatches) << "one watch each, from where it was";
  EXPECT_LE(world.Busiest(seconds(1)), kWatches / 3) << "a herd";
}

INSTANTIATE_TEST_SUITE_P(Table, OutageTest,
                         testing::Values(Outage{"TenSeconds", seconds(10)},
                                         Outage{"TenMinutes", minutes(10)}),
                         [](const auto& test) { return test.param.name; });

TEST(WatchWorld, K22_ServersThatLagNeverMoveTheStoreBack) {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    WatchWorld world(seed, 2, seed % 2 == 0);
    world.troubles = {.lag = 0.7, .cut = 0.05};
    world.Run(minutes(5), [&] {
      if (world.Chance(0.1)) {
        SomethingHappens(world);
      }
    });
    world.troubles = {};
    world.Run(minutes(2));
    for (const std::size_t watch : {0U, 1U}) {
      EXPECT_THAT(world.witness(watch).Violations(), testing::IsEmpty()) << "seed " << seed;
      EXPECT_EQ(world.witness(watch).Difference(world.cluster), "") << "seed " << seed;
    }
  }
}

}  // namespace
}  // namespace milink::kube
