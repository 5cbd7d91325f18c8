// The operator is killed at every write of the path, in three variants, and started again: the
// world ends the same, nothing takes effect twice, and then it is quiet.
#include <memory>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/e2e/killer.h"
#include "tests/e2e/oracles.h"
#include "tests/e2e/stack.h"

namespace milink::e2e {
namespace {

using ::testing::IsEmpty;

bool Ready(Stack& stack) {
  return stack.Condition("mil", "shop", "Ready").starts_with("True") &&
         stack.Condition("sqlr", "sql1", "Ready").starts_with("True");
}

void Apply(Stack& stack) {
  stack.ApplySecrets();
  stack.Apply(stack.ReplicaManifest());
  stack.Apply(stack.LinkManifest());
}

// What a run without a crash leads to.
struct Reference {
  Outcome up;
  Outcome down;
};

class KillTest : public ::testing::TestWithParam<Variant> {
 protected:
  static void SetUpTestSuite() {
    Stack stack(ThroughGate());
    Apply(stack);
    stack.StartOperator();
    ASSERT_TRUE(Eventually([&] { return Ready(stack); }, std::chrono::seconds(90)))
        << stack.OperatorLog();
    reference_ = std::make_unique<Reference>();
    reference_->up = OutcomeOf(stack);
    stack.Kubectl({"-n", Stack::kNamespace, "delete", "mil", "shop", "--wait=false"});
    ASSERT_TRUE(stack.WaitGone("mil", "shop")) << stack.OperatorLog();
    reference_->down = OutcomeOf(stack);
  }
  static void TearDownTestSuite() { reference_.reset(); }

  static std::unique_ptr<Reference> reference_;
};

std::unique_ptr<Reference> KillTest::reference_;

TEST_P(KillTest, KilledAtEveryWriteOfTheWayUpItComesUpTheSame) {
  ASSERT_NE(reference_, nullptr);
  Stack stack(ThroughGate());
  Apply(stack);
  std::size_t kills = 0;
  {
    Killer killer(stack, GetParam());
    stack.StartOperator();
    EXPECT_TRUE(killer.Until([&] { return Ready(stack); }, std::chrono::seconds(240)))
        << stack.Get("mil", "shop").dump(2) << stack.OperatorLog();
    kills = killer.kills();
  }
  RecordProperty("kills", static_cast<int>(kills));
  EXPECT_GE(kills, 30U) << "a way up has more writes than that";
  EXPECT_EQ(stack.ComparableWorld(), reference_->up.world);
  EXPECT_EQ(Writes(stack), reference_->up.writes);
  EXPECT_THAT(NeverQuiet(stack), IsEmpty());
  EXPECT_THAT(LeakedSecrets(stack), IsEmpty());
}

TEST_P(KillTest, KilledAtEveryWriteOfTheWayDownItGoesTheSame) {
  ASSERT_NE(reference_, nullptr);
  Stack stack(ThroughGate());
  Apply(stack);
  stack.StartOperator();
  ASSERT_TRUE(Eventually([&] { return Ready(stack); }, std::chrono::seconds(90)))
      << stack.OperatorLog();
  std::size_t kills = 0;
  {
    Killer killer(stack, GetParam());
    stack.Kubectl({"-n", Stack::kNamespace, "delete", "mil", "shop", "--wait=false"});
    EXPECT_TRUE(
        killer.Until([&] { return stack.Get("mil", "shop").is_null(); }, std::chrono::seconds(240)))
        << stack.Get("mil", "shop").dump(2) << stack.OperatorLog();
    kills = killer.kills();
  }
  RecordProperty("kills", static_cast<int>(kills));
  EXPECT_GE(kills, 8U) << "a way down has more writes than that";
  EXPECT_EQ(stack.ComparableWorld(), reference_->down.world);
  EXPECT_EQ(Writes(stack), reference_->down.writes);
  EXPECT_THAT(NeverQuiet(stack), IsEmpty());
}

// Before the groups are made the network is tested, by jobs on both sides.
class NetworkKillTest : public ::testing::TestWithParam<Variant> {
 protected:
  static Stack::Settings Settings() {
    Stack::Settings settings = ThroughGate();
    settings.world = TestableWorld();
    return settings;
  }
  static void ApplyTested(Stack& stack) {
    stack.ApplySecrets();
    stack.Apply(InstanceLogin(stack));
    stack.Apply(stack.ReplicaManifest());
    stack.Apply(TestedLink(stack, "Require"));
  }
  // A test that was interrupted is made again, so its jobs are there more often.
  static WriteSummary WithoutJobs(WriteSummary writes) {
    std::erase_if(writes, [](const auto& write) {
      return write.first.find(" EXEC sp_") != std::string::npos &&
             write.first.find("_job") != std::string::npos;
    });
    return writes;
  }
  static void SetUpTestSuite() {
    Stack stack(Settings());
    ApplyTested(stack);
    stack.StartOperator();
    ASSERT_TRUE(Eventually([&] { return Ready(stack); }, std::chrono::seconds(90)))
        << stack.OperatorLog();
    reference_ = std::make_unique<Outcome>(OutcomeOf(stack));
  }
  static void TearDownTestSuite() { reference_.reset(); }

  static std::unique_ptr<Outcome> reference_;
};

std::unique_ptr<Outcome> NetworkKillTest::reference_;

TEST_P(NetworkKillTest, KilledAtEveryWriteOfATestNothingOfItStays) {
  ASSERT_NE(reference_, nullptr);
  Stack stack(Settings());
  ApplyTested(stack);
  std::size_t kills = 0;
  {
    Killer killer(stack, GetParam());
    stack.StartOperator();
    EXPECT_TRUE(killer.Until([&] { return Ready(stack); }, std::chrono::seconds(300)))
        << stack.Get("mil", "shop").dump(2) << stack.OperatorLog();
    kills = killer.kills();
  }
  RecordProperty("kills", static_cast<int>(kills));
  EXPECT_GE(kills, 40U) << "two jobs, and all that a way up writes";
  EXPECT_EQ(stack.ComparableWorld(), reference_->world);
  EXPECT_EQ(WithoutJobs(Writes(stack)), WithoutJobs(reference_->writes));
  EXPECT_EQ(stack.Condition("mil", "shop", "NetworkVerified"), "True Succeeded");
  EXPECT_THAT(NeverQuiet(stack), IsEmpty());
  EXPECT_THAT(LeakedSecrets(stack), IsEmpty());
}

INSTANTIATE_TEST_SUITE_P(Variants, KillTest, kVariants, NameOf);
INSTANTIATE_TEST_SUITE_P(Variants, NetworkKillTest, kVariants, NameOf);

}  // namespace
}  // namespace milink::e2e
