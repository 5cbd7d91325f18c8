// Thousands of objects come, change and go while every connection of the engine is cut at random
// bytes.
#include <cstdio>

#include <gmock/gmock.h>

#include "tests/integration/engine/engine_test.h"
#include "tests/integration/engine/load.h"

namespace milink::test {
namespace {

constexpr int kObjects = 5'000;
constexpr std::uint64_t kSeed = 20'261'121;
// Past the handshake, and far less than all that has to pass.
constexpr std::uint64_t kShortest = 8U << 10U;
constexpr std::uint64_t kLongest = 512U << 10U;
constexpr int kFewestCuts = 20;
constexpr Duration kLoadLimit = std::chrono::seconds(420);
constexpr Duration kQuiet = std::chrono::seconds(3);

double Seconds(MonotonicTime since) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - since).count();
}

TEST_F(EngineTest, ThousandsOfObjectsUnderRandomCutsEndRightAndQuiet) {
  const auto random = MakeSeededRandom(kSeed);
  TcpRelay relay(ServerPort());
  relay.SetPlan([&]() -> std::optional<std::uint64_t> {
    return kShortest + random->Bits() % (kLongest - kShortest);
  });
  Keeper keeper(Through(relay, AdminAccess()), namespace_);
  ASSERT_TRUE(keeper.Start(kPatience));
  const auto start = std::chrono::steady_clock::now();
  const Load load(AdminAccess(),
                  {.namespace_name = namespace_, .objects = kObjects, .seed = kSeed});
  ASSERT_TRUE(Eventually([&] { return load.finished(); }, kLoadLimit)) << load.done();
  const double loaded = Seconds(start);
  EXPECT_GE(relay.counts().cuts, kFewestCuts);

  relay.SetPlan(nullptr);
  relay.CutAll();  // also those that still have their end before them
  ASSERT_TRUE(EventuallySettled(keeper, kLoadLimit));
  std::printf(
      "%d objects, %d changes in %.1f s, settled after %.1f s; %d connections, %d cuts, "
      "%d status writes, %zu deletions seen late\n",
      kObjects, load.total(), loaded, Seconds(start), relay.counts().connections,
      relay.counts().cuts, keeper.writes(), keeper.MissedDeletions().size());
  EXPECT_EQ(keeper.widgets().size(), load.survivors().size());

  // Not one byte from us: no request, no new watch, no write.
  const auto before = relay.counts();
  const Versions settled = OnServer();
  Pause(kQuiet);
  const auto after = relay.counts();
  EXPECT_EQ(after.bytes_up, before.bytes_up);
  EXPECT_EQ(after.connections, before.connections);
  EXPECT_EQ(OnServer(), settled);
  EXPECT_TRUE(Settled(keeper));
}

}  // namespace
}  // namespace milink::test
