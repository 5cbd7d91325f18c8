// The operator is killed at every write of what it does to one SQL Server, in three variants, and
// started again: a server of other people is altered once, an approved plan is carried out once,
// and what is owned is dropped once.
#include <map>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "tests/e2e/killer.h"
#include "tests/e2e/oracles.h"
#include "tests/e2e/stack.h"

namespace milink::e2e {
namespace {

using nlohmann::json;
using ::testing::IsEmpty;

struct Scenario {
  const char* name;
  json (*world)();
  void (*prepare)(Stack& stack);  // before the first kill
  void (*begin)(Stack& stack);
  bool (*over)(Stack& stack);
  std::size_t least;  // kills
};
void PrintTo(const Scenario& scenario, std::ostream* out) { *out << scenario.name; }

json WorldToAlter() {
  json world = ForeignWorld();
  world["sqlServers"][0]["masterKeyPassword"] = "Canary-Master-Key-1";
  return world;
}

void ApplyReplica(Stack& stack, const json& more) {
  json manifest = stack.ReplicaManifest();
  manifest["spec"].merge_patch(more);
  stack.ApplySecrets();
  stack.Apply(manifest);
}

void ApplyAltering(Stack& stack) {
  ApplyReplica(stack, {{"endpoint", {{"adoption", "Alter"}}}, {"traceFlags", "Enable"}});
}

void ApplyPlanned(Stack& stack) {
  ApplyReplica(stack,
               {{"endpoint", {{"adoption", "Alter"}}}, {"traceFlags", "Enable"}, {"mode", "Plan"}});
}

void MakeOwned(Stack& stack) {
  ApplyReplica(stack, {{"deletionPolicy", "RemoveOwned"}});
  stack.StartOperator();
  ASSERT_TRUE(stack.WaitCondition("sqlr", "sql1", "Ready", "True")) << stack.OperatorLog();
}

void Start(Stack& stack) { stack.StartOperator(); }

void Delete(Stack& stack) {
  stack.Kubectl({"-n", Stack::kNamespace, "delete", "sqlr", "sql1", "--wait=false"});
}

bool Prepared(Stack& stack) {
  return stack.Condition("sqlr", "sql1", "Ready").starts_with("True") &&
         stack.Condition("sqlr", "sql1", "TraceFlagsSet").starts_with("True");
}

// The first plan is approved, and no other: an interruption must not ask again.
bool PreparedByPlan(Stack& stack) {
  const json replica = stack.Get("sqlr", "sql1");
  const std::string hash = replica.value("/status/plan/hash"_json_pointer, "");
  const json annotations = replica.at("metadata").value("annotations", json::object());
  if (!hash.empty() && !annotations.contains("milink.dev/approve-plan")) {
    EXPECT_THAT(Writes(stack), IsEmpty()) << "nobody has permitted anything yet";
    stack.Kubectl(
        {"-n", Stack::kNamespace, "annotate", "sqlr", "sql1", "milink.dev/approve-plan=" + hash});
  }
  return hash.empty() && Prepared(stack);
}

bool Gone(Stack& stack) { return stack.Get("sqlr", "sql1").is_null(); }

constexpr Scenario kScenarios[] = {
    {"Altering", WorldToAlter, ApplyAltering, Start, Prepared, 8},
    {"AnApprovedPlan", WorldToAlter, ApplyPlanned, Start, PreparedByPlan, 10},
    {"RemovingWhatIsOwned", DefaultWorld, MakeOwned, Delete, Gone, 4},
};

Stack::Settings SettingsOf(const Scenario& scenario) {
  Stack::Settings settings = ThroughGate();
  settings.world = scenario.world();
  return settings;
}

class ReplicaKillTest : public ::testing::TestWithParam<std::tuple<Scenario, Variant>> {
 protected:
  static void TearDownTestSuite() { references_.clear(); }

  // What a run without a crash leads to.
  static const Outcome& Reference(const Scenario& scenario) {
    if (!references_.contains(scenario.name)) {
      Stack stack(SettingsOf(scenario));
      scenario.prepare(stack);
      scenario.begin(stack);
      EXPECT_TRUE(Eventually([&] { return scenario.over(stack); }, std::chrono::seconds(90)))
          << stack.OperatorLog();
      references_[scenario.name] = OutcomeOf(stack);
    }
    return references_[scenario.name];
  }

 private:
  static std::map<std::string, Outcome> references_;
};

std::map<std::string, Outcome> ReplicaKillTest::references_;

TEST_P(ReplicaKillTest, KilledAtEveryWriteItEndsTheSame) {
  const auto& [scenario, variant] = GetParam();
  const Outcome& reference = Reference(scenario);
  Stack stack(SettingsOf(scenario));
  ASSERT_NO_FATAL_FAILURE(scenario.prepare(stack));
  std::size_t kills = 0;
  {
    Killer killer(stack, variant);
    scenario.begin(stack);
    EXPECT_TRUE(killer.Until([&] { return scenario.over(stack); }, std::chrono::seconds(240)))
        << stack.Get("sqlr", "sql1").dump(2) << stack.OperatorLog();
    kills = killer.kills();
  }
  RecordProperty("kills", static_cast<int>(kills));
  EXPECT_GE(kills, scenario.least);
  EXPECT_EQ(stack.ComparableWorld(), reference.world);
  EXPECT_EQ(Writes(stack), reference.writes);
  EXPECT_THAT(Repeated(Writes(stack)), IsEmpty());
  EXPECT_THAT(NeverQuiet(stack), IsEmpty());
  EXPECT_THAT(LeakedSecrets(stack), IsEmpty());
}

INSTANTIATE_TEST_SUITE_P(Variants, ReplicaKillTest,
                         ::testing::Combine(::testing::ValuesIn(kScenarios), kVariants),
                         [](const auto& row) {
                           return std::string(std::get<0>(row.param).name) +
                                  NameOf({std::get<1>(row.param), row.index});
                         });

}  // namespace
}  // namespace milink::e2e
