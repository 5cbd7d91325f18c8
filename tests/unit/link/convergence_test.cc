// The planner followed through a whole life in the model: it arrives, stays there, and arrives at
// the same place wherever it was cut short.
#include <algorithm>

#include <gtest/gtest.h>

#include "controllers/link/reasons.h"
#include "core/api/condition.h"
#include "tests/unit/link/model_world.h"

namespace milink::link {
namespace {

using gen::ModelWorld;

bool IsReady(const ModelWorld& world) {
  const auto* ready = api::FindCondition(world.link.status.conditions, "Ready");
  return ready != nullptr && ready->status == api::ConditionStatus::kTrue;
}

TEST(Convergence, TwoDatabasesComeUpFromNothing) {
  ModelWorld world({"sales", "hr"});
  world.link.meta.finalizers.clear();
  ASSERT_TRUE(world.Settle());
  EXPECT_TRUE(IsReady(world)) << world.Picture();
  EXPECT_EQ(world.link.status.phase, "Replicating");
  EXPECT_EQ(world.link.status.summary->databases, "2/2");
  EXPECT_EQ(world.link.status.primary, "SqlServer");
  EXPECT_EQ(world.instance.links.size(), 2U);
  for (const auto& entry : world.link.status.owned_objects) {
    EXPECT_EQ(entry.state, api::OwnedState::kCreated) << entry.name;
    EXPECT_FALSE(entry.identity.empty()) << entry.name;
  }
  for (const auto& record : world.link.status.records) {
    EXPECT_TRUE(record.established) << record.name.str();
    EXPECT_FALSE(record.operation.has_value()) << record.name.str();
    EXPECT_EQ(record.accepted_primary, "SqlServer");
  }
}

// In the name of the instance, or in another one.
ModelWorld WorldWithCertificateOfOthers(const std::string& name) {
  ModelWorld world({"sales"});
  gen::Trust(world.sql, world.instance, world.facts);
  auto& foreign = world.sql.certificates.at(1);
  foreign.name = CertificateName(name);
  if (name == gen::kFqdn) foreign.thumbprint = "EE";
  world.link.spec.preparation.replace_instance_certificate = true;
  return world;
}

TEST(Convergence, AReplacedCertificateOfOthersIsOursAfterwards) {
  for (const char* name : {gen::kFqdn, "by hand"}) {
    ModelWorld world = WorldWithCertificateOfOthers(name);
    ASSERT_TRUE(world.Settle());
    EXPECT_TRUE(IsReady(world)) << world.Picture();
    const api::OwnedObject ours{"SqlServer", "Certificate", gen::kFqdn, gen::kInstanceThumbprint,
                                api::OwnedState::kCreated};
    EXPECT_EQ(std::ranges::count(world.link.status.owned_objects, ours), 1);
  }
}

TEST(Convergence, ACertificateOfOthersIsReplacedOnceWhereverThatIsCutShort) {
  for (const char* name : {gen::kFqdn, "by hand"}) {
    for (std::size_t steps = 0; steps <= 3; ++steps) {
      ModelWorld world = WorldWithCertificateOfOthers(name);
      for (int pass = 0; pass < 6; ++pass) {
        world.Pass(pass % 2 == 0 ? steps : 1);
        world.Restart();
      }
      ASSERT_TRUE(world.Settle());
      EXPECT_TRUE(IsReady(world)) << world.Picture();
      const std::string drop = "drop certificate " + std::string(name) + " from SQL Server";
      EXPECT_EQ(std::ranges::count(world.done, drop), 1);
    }
  }
}

TEST(Convergence, NothingIsDoneTwice) {
  ModelWorld world({"sales", "hr"});
  ASSERT_TRUE(world.Settle());
  std::set<std::string> once(world.done.begin(), world.done.end());
  EXPECT_EQ(once.size(), world.done.size());
}

TEST(Convergence, AConvergedWorldHasAnEmptyPlan) {
  ModelWorld world({"sales"});
  ASSERT_TRUE(world.Settle());
  const Plan plan = PlanLink(world.Observe());
  EXPECT_TRUE(plan.steps.empty());
  EXPECT_FALSE(plan.write_journal);
  EXPECT_FALSE(plan.requeue_after.has_value());
  world.Restart();
  const Plan after_restart = PlanLink(world.Observe());
  EXPECT_TRUE(after_restart.steps.empty());
  EXPECT_FALSE(after_restart.write_journal);
}

TEST(Convergence, OneMoreLinkOnAPreparedPairCostsThreeChanges) {
  ModelWorld world({"sales", "hr"});
  world.link.spec.databases.pop_back();
  ASSERT_TRUE(world.Settle());
  world.done.clear();
  world.link.spec.databases.push_back(gen::Names("hr"));
  ++world.link.meta.generation;
  ASSERT_TRUE(world.Settle());
  EXPECT_EQ(world.done, (std::vector<std::string>{
                            "create availability group AG_hr for database hr",
                            "create distributed availability group DAG_hr of AG_hr and AG_hr_MI",
                            "create link DAG_hr on the managed instance for database hr"}));
}

TEST(Convergence, UnlinkTakesAwayWhatWasMade) {
  ModelWorld world({"sales", "hr"});
  const std::string before = world.Picture();
  ASSERT_TRUE(world.Settle());
  world.link.spec.deletion_policy = api::DeletionPolicy::kUnlink;
  world.link.meta.deletion_time = world.now;
  ASSERT_TRUE(world.Settle());
  EXPECT_TRUE(world.gone);
  EXPECT_EQ(world.Picture(), before);
}

TEST(Convergence, RetainLeavesEverythingAtOnce) {
  ModelWorld world({"sales"});
  ASSERT_TRUE(world.Settle());
  const std::string before = world.Picture();
  world.link.meta.deletion_time = world.now;
  world.Pass();
  EXPECT_TRUE(world.gone);
  EXPECT_EQ(world.Picture(), before);
  ASSERT_EQ(world.notes.size(), 1U);
  EXPECT_EQ(world.notes[0].reason, reason::kLeftInPlace);
}

TEST(Convergence, AnEntryTakenOutIsUnlinkedAloneAndItsJournalForgotten) {
  ModelWorld world({"sales", "hr"});
  ASSERT_TRUE(world.Settle());
  world.link.spec.deletion_policy = api::DeletionPolicy::kUnlink;
  world.link.spec.databases.pop_back();
  ++world.link.meta.generation;
  ASSERT_TRUE(world.Settle());
  EXPECT_EQ(world.instance.links.size(), 1U);
  EXPECT_EQ(world.sql.FindGroup(GroupName("AG_hr")), nullptr);
  EXPECT_NE(world.sql.FindGroup(GroupName("AG_sales")), nullptr);
  EXPECT_EQ(world.link.status.records.size(), 1U);
  for (const auto& entry : world.link.status.owned_objects) {
    EXPECT_EQ(entry.name.find("_hr"), std::string::npos) << entry.name;
  }
  EXPECT_TRUE(IsReady(world));
}

TEST(Convergence, AnEntryTakenOutIsLeftUnderRetain) {
  ModelWorld world({"sales", "hr"});
  ASSERT_TRUE(world.Settle());
  const std::string before = world.Picture();
  world.link.spec.databases.pop_back();
  ++world.link.meta.generation;
  ASSERT_TRUE(world.Settle());
  EXPECT_EQ(world.Picture(), before);
  EXPECT_EQ(world.link.status.records.size(), 1U);
}

// How the process ends in the middle of a pass.
enum class Cut { kBeforeStep, kUnanswered, kAfterStep };

// Runs until `n` steps took effect, and ends the process there.
void RunUntilStep(ModelWorld& world, std::size_t n, Cut cut) {
  for (int i = 0; i < 200 && world.done.size() < n; ++i) {
    const Plan next = PlanLink([&] {
      Refresh(world.facts, world.Observe());
      return world.Observe();
    }());
    const bool acts = !next.write_journal && !next.add_finalizer && !next.remove_finalizer;
    if (acts && world.done.size() + next.steps.size() >= n) {
      const std::size_t before = n - world.done.size() - 1;
      world.Pass(before);
      if (cut == Cut::kUnanswered) world.Apply(next.steps[before], false);
      if (cut == Cut::kAfterStep) world.Apply(next.steps[before], true);
      break;
    }
    world.Pass();
    if (world.gone) break;
    world.Wait(std::chrono::seconds(20));
  }
  world.Restart();
}

class CrashAnywhere : public testing::TestWithParam<Cut> {};

TEST_P(CrashAnywhere, WhileComingUpEndsInTheSameWorld) {
  ModelWorld reference({"sales", "hr"});
  ASSERT_TRUE(reference.Settle());
  ASSERT_GT(reference.done.size(), 8U);
  for (std::size_t n = 1; n <= reference.done.size(); ++n) {
    SCOPED_TRACE(n);
    ModelWorld world({"sales", "hr"});
    RunUntilStep(world, n, GetParam());
    ASSERT_TRUE(world.Settle());
    EXPECT_TRUE(IsReady(world));
    EXPECT_EQ(world.Picture(), reference.Picture());
    for (const auto& step : world.done) EXPECT_EQ(step.find("drop"), std::string::npos);
  }
}

TEST_P(CrashAnywhere, WhileUnlinkingEndsUnlinked) {
  ModelWorld linked({"sales", "hr"});
  ASSERT_TRUE(linked.Settle());
  const auto unlink = [&] {
    ModelWorld world({"sales", "hr"});
    EXPECT_TRUE(world.Settle());
    world.done.clear();
    world.link.spec.deletion_policy = api::DeletionPolicy::kUnlink;
    world.link.meta.deletion_time = world.now;
    return world;
  };
  ModelWorld reference = unlink();
  ASSERT_TRUE(reference.Settle());
  for (std::size_t n = 1; n <= reference.done.size(); ++n) {
    SCOPED_TRACE(n);
    ModelWorld world = unlink();
    RunUntilStep(world, n, GetParam());
    ASSERT_TRUE(world.Settle());
    EXPECT_TRUE(world.gone);
    EXPECT_EQ(world.Picture(), reference.Picture());
  }
}

INSTANTIATE_TEST_SUITE_P(, CrashAnywhere,
                         testing::Values(Cut::kBeforeStep, Cut::kUnanswered, Cut::kAfterStep));

}  // namespace
}  // namespace milink::link
