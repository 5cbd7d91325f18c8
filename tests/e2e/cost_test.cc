// What links cost, counted at the simulated systems: a settled world (reads grow with instances,
// not with links) and one link more.
#include <cstdio>
#include <set>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/e2e/oracles.h"
#include "tests/e2e/stack.h"

namespace milink::e2e {
namespace {

using nlohmann::json;
using ::testing::IsEmpty;

constexpr int kDatabases = 20;
constexpr auto kWindow = std::chrono::seconds(20);

std::string DatabaseName(int number) { return "db" + std::to_string(number); }

Stack::Settings ManyDatabases() {
  Stack::Settings settings;
  auto& databases = settings.world["sqlServers"][0]["databases"];
  databases = json::array();
  for (int i = 1; i <= kDatabases; ++i) {
    databases.push_back({{"name", DatabaseName(i)},
                         {"recovery", "FULL"},
                         {"fullBackup", true},
                         {"sizeBytes", 1 << 20}});
  }
  return settings;
}

json LinkOf(const Stack& stack, const std::string& name, int first, int last) {
  json link = stack.LinkManifest();
  link["metadata"]["name"] = name;
  link["spec"]["databases"] = json::array();
  for (int i = first; i <= last; ++i) {
    link["spec"]["databases"].push_back({{"name", DatabaseName(i)}});
  }
  return link;
}

struct Cost {
  int sql = 0;                  // round trips
  int azure = 0;                // requests
  std::set<std::string> reads;  // what was asked, each once
};

Cost Measure(Stack& stack) {
  const auto start = stack.sim().journal().LastSequence();
  Pause(kWindow);
  Cost cost;
  for (const auto& entry : stack.sim().journal().Entries(start)) {
    const bool sql = entry.call.kind == sim::CallKind::kBatch;
    if (!sql && entry.call.kind != sim::CallKind::kRequest) {
      continue;
    }
    ++(sql ? cost.sql : cost.azure);
    cost.reads.insert(entry.call.operation + " " + entry.call.text);
  }
  return cost;
}

TEST(CostE2eTest, ASettledIntervalCostsTheSameForOneLinkAndForMany) {
  Stack stack(ManyDatabases());
  stack.ApplySecrets();
  stack.StartOperator();
  stack.Apply(stack.ReplicaManifest());
  stack.Apply(LinkOf(stack, "one", 1, 1));
  ASSERT_TRUE(stack.WaitCondition("mil", "one", "Ready", "True")) << stack.OperatorLog();
  Pause(std::chrono::seconds(6));
  const Cost one = Measure(stack);

  stack.Apply(LinkOf(stack, "many", 2, kDatabases));
  ASSERT_TRUE(stack.WaitCondition("mil", "many", "Ready", "True", std::chrono::seconds(120)))
      << stack.Get("mil", "many").dump(2) << stack.OperatorLog();
  Pause(std::chrono::seconds(6));
  const Cost many = Measure(stack);

  RecordProperty("sql_round_trips_with_1_link", one.sql);
  RecordProperty("sql_round_trips_with_many_links", many.sql);
  RecordProperty("azure_requests_with_1_link", one.azure);
  RecordProperty("azure_requests_with_many_links", many.azure);
  std::printf("in %d s: %d SQL round trips and %d Azure requests with 1 link, %d and %d with %d\n",
              static_cast<int>(kWindow.count()), one.sql, one.azure, many.sql, many.azure,
              kDatabases);
  EXPECT_GT(one.sql, 0);
  EXPECT_GT(one.azure, 0);
  // Nothing more is asked, and nothing more often: the window may hold one interval more. On a busy
  // machine it holds fewer.
  EXPECT_EQ(one.reads, many.reads);
  EXPECT_LE(many.sql, one.sql + 1);
  EXPECT_LE(many.azure, one.azure + 1);
  EXPECT_GT(many.sql, 0);
  EXPECT_GT(many.azure, 0);
  EXPECT_THAT(Repeated(Writes(stack)), IsEmpty());
}

struct LinkCost {
  int sql = 0;    // round trips
  int azure = 0;  // requests
  int polls = 0;  // of both kinds, not counted above
};

// What one more link has cost since `start`.
//
// Polls are told apart in two ways. Periodic observation is switched off by intervals of an hour,
// so whatever comes is the link's own; none of it may be excused as periodic. Of that, a poll is a
// request to an operation's address, or a read that repeats an earlier one word for word while
// nothing was written in between, on either system: then the operator waits for the world (for
// seeding) and looks again. The first look after each write counts: it is the verification.
LinkCost CostOfLink(Stack& stack, std::uint64_t start) {
  LinkCost cost;
  std::set<std::string> looked;  // since the last write
  for (const auto& entry : stack.sim().journal().Entries(start)) {
    const sim::Call& call = entry.call;
    const bool sql = call.kind == sim::CallKind::kBatch;
    if (!sql && call.kind != sim::CallKind::kRequest) {
      continue;
    }
    if (call.mutation) {
      looked.clear();
    } else if (call.operation.ends_with(" operation") ||
               !looked.insert(call.operation + " " + call.text).second) {
      ++cost.polls;
      continue;
    }
    ++(sql ? cost.sql : cost.azure);
    std::printf("  %s %s\n", call.operation.c_str(), call.text.substr(0, 70).c_str());
  }
  return cost;
}

TEST(CostE2eTest, OneMoreLinkOnAPreparedPairStaysWithinItsBudget) {
  Stack::Settings settings = ManyDatabases();
  settings.instance_interval = "1h";
  Stack stack(std::move(settings));
  stack.ApplySecrets();
  stack.StartOperator();
  json replica = stack.ReplicaManifest();
  replica["spec"]["observeInterval"] = "1h";
  stack.Apply(replica);
  stack.Apply(LinkOf(stack, "first", 1, 1));
  ASSERT_TRUE(stack.WaitCondition("mil", "first", "Ready", "True", std::chrono::seconds(120)))
      << stack.Get("mil", "first").dump(2) << stack.OperatorLog();
  Pause(std::chrono::seconds(6));
  const auto start = stack.sim().journal().LastSequence();
  Pause(std::chrono::seconds(6));
  ASSERT_EQ(stack.sim().journal().LastSequence(), start) << "something is read periodically";
  stack.Apply(LinkOf(stack, "second", 2, 2));
  ASSERT_TRUE(stack.WaitCondition("mil", "second", "Ready", "True", std::chrono::seconds(120)))
      << stack.Get("mil", "second").dump(2) << stack.OperatorLog();
  Pause(std::chrono::seconds(6));

  const LinkCost cost = CostOfLink(stack, start);
  RecordProperty("sql_round_trips", cost.sql);
  RecordProperty("azure_requests", cost.azure);
  std::printf(
      "one more link: %d SQL round trips (budget 8), %d Azure requests (budget 2), %d polls\n",
      cost.sql, cost.azure, cost.polls);
  EXPECT_GE(cost.sql, 3) << "two groups and a look at the result at least";
  EXPECT_LE(cost.sql, 8);
  EXPECT_GE(cost.azure, 1);
  EXPECT_LE(cost.azure, 2) << stack.OperatorLog();
}

}  // namespace
}  // namespace milink::e2e
