#include "core/sql/direct_probe.h"

#include <chrono>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/sim/world/network.h"

namespace milink::sql {
namespace {

using ::testing::ElementsAre;

// Trials of this machine end in no time; the limit is for a test that would hang.
std::vector<NetworkTrial> AwaitTrial(DirectProbe& probe, const std::string& id) {
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(30);
  auto seen = probe.Take(id);
  while (seen.running && std::chrono::steady_clock::now() < end) {
    std::this_thread::yield();
    seen = probe.Take(id);
  }
  return seen.outcome.value_or(std::vector<NetworkTrial>());
}

TEST(DirectProbeTest, TellsWhoListensAndWhoDoesNot) {
  sim::Network network;
  ASSERT_TRUE(network.Listen("x", {"10.0.0.4"}, 5022));
  const int port = network.RealPort({"10.0.0.4", 5022});
  const auto probe = MakeDirectProbe();
  probe->Start("a", {{"127.0.0.1", port}});
  EXPECT_THAT(AwaitTrial(*probe, "a"), ElementsAre(NetworkTrial{true, "127.0.0.1"}));
  network.Close("x");
  probe->Start("a", {{"127.0.0.1", port}, {"127.0.0.1", port}});
  EXPECT_THAT(AwaitTrial(*probe, "a"),
              ElementsAre(NetworkTrial{false, ""}, NetworkTrial{false, ""}));
}

TEST(DirectProbeTest, AnOutcomeIsTakenOnce) {
  const auto probe = MakeDirectProbe();
  EXPECT_FALSE(probe->Take("a").outcome.has_value());
  EXPECT_FALSE(probe->Take("a").running);
  probe->Start("a", {});
  static_cast<void>(AwaitTrial(*probe, "a"));
  EXPECT_FALSE(probe->Take("a").outcome.has_value());
}

}  // namespace
}  // namespace milink::sql
