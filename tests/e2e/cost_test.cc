// What a settled world costs: reads grow with instances, not with links.
#include <cstdio>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/e2e/oracles.h"
#include "tests/e2e/stack.h"

namespace milink::e2e {
namespace {

using nlohmann::json;
using ::testing::IsEmpty;

constexpr int kDatabases = 10;
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
  int sql = 0;    // round trips
  int azure = 0;  // requests
};

Cost Measure(Stack& stack) {
  const auto start = stack.sim().journal().LastSequence();
  Pause(kWindow);
  Cost cost;
  for (const auto& entry : stack.sim().journal().Entries(start)) {
    cost.sql += entry.call.kind == sim::CallKind::kBatch ? 1 : 0;
    cost.azure += entry.call.kind == sim::CallKind::kRequest ? 1 : 0;
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
  // The window may hold one interval more or less.
  EXPECT_NEAR(one.sql, many.sql, 1);
  EXPECT_NEAR(one.azure, many.azure, 1);
  EXPECT_THAT(Repeated(Writes(stack)), IsEmpty());
}

}  // namespace
}  // namespace milink::e2e
