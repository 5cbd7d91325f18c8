// The operator is killed at every write of the path, in three variants, and started again: the
// world ends the same, and nothing takes effect twice.
//
// One run kills at every write it meets for the first time, so that each of them is the place of a
// crash, and the runs after a crash are crashed into as well.
#include <condition_variable>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <set>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/base/digest.h"
#include "tests/e2e/oracles.h"
#include "tests/e2e/stack.h"

namespace milink::e2e {
namespace {

using ::testing::IsEmpty;

enum class Variant { kBefore, kAfterEffect, kAfterAnswer };

// Writes of one kind to one object are many (status, events): the first few of each are killed at.
constexpr int kKillsPerKubePath = 4;

// Kills the operator at writes, once each, and starts it again.
class Killer {
 public:
  Killer(Stack& stack, Variant variant) : stack_(stack), variant_(variant) {
    const GatePoint point = variant == Variant::kBefore        ? GatePoint::kBefore
                            : variant == Variant::kAfterEffect ? GatePoint::kAfterEffect
                                                               : GatePoint::kAfterAnswer;
    stack_.gate()->Watch([this, point](const KubeWrite& write, GatePoint at) {
      return at != point || AtKubeWrite(write);
    });
    sim::Fault hold;
    hold.mutation = true;
    hold.times = 0;
    hold.what = sim::Fault::kHold;
    hold.when = variant == Variant::kBefore ? sim::Fault::kBefore : sim::Fault::kAfter;
    stack_.sim().calls().AddFault(hold);
  }

  ~Killer() {
    stack_.gate()->Watch({});
    {
      const std::lock_guard lock(mutex_);
      over_ = true;  // who waits for a kill goes on
      changed_.notify_all();
    }
    stack_.sim().calls().ClearFaults();
    stack_.sim().calls().ReleaseAll();
  }
  Killer(const Killer&) = delete;
  Killer& operator=(const Killer&) = delete;

  // Runs until `done` or the time is up. How often it killed is in kills().
  bool Until(const std::function<bool()>& done, Duration timeout) {
    auto ask_again = std::chrono::steady_clock::now();
    return Eventually(
        [&] {
          Serve();
          if (std::chrono::steady_clock::now() < ask_again) {
            return false;
          }
          const bool over = done();
          ask_again = std::chrono::steady_clock::now() + std::chrono::milliseconds(500);
          return over;
        },
        timeout, std::chrono::milliseconds(5));
  }

  std::size_t kills() const { return kills_; }

 private:
  // On the gate's thread. False: cut, because the operator was killed here.
  bool AtKubeWrite(const KubeWrite& write) {
    std::unique_lock lock(mutex_);
    if (over_) {
      return true;
    }
    const std::string path = write.method + " " + write.path.substr(0, write.path.find('?')) +
                             (write.path.find("journal") != std::string::npos ? " journal" : "");
    const std::string path_key = path.find("/events") != std::string::npos ? "events" : path;
    if (!seen_.insert(Sha256Hex(path + write.body)).second ||
        ++kube_counts_[path_key] > kKillsPerKubePath) {
      return true;
    }
    wanted_ = true;
    changed_.wait(lock, [this] { return !wanted_ || over_; });
    return wanted_;  // over before the kill came: as if nothing had been
  }

  // On the test's thread, which owns the operator's process.
  void Serve() {
    {
      const std::unique_lock lock(mutex_);
      if (wanted_) {
        stack_.KillOperator();
        ++kills_;
        wanted_ = false;
        changed_.notify_all();
        stack_.StartOperator();
      }
    }
    for (const auto sequence : stack_.sim().calls().HeldCalls()) {
      AtHeldCall(sequence);
    }
  }

  void AtHeldCall(std::uint64_t sequence) {
    const auto entries = stack_.sim().journal().Entries(sequence - 1);
    const auto& call = entries.at(0).call;
    if (!seen_.insert(call.target + call.operation + call.object).second) {
      stack_.sim().calls().ReleaseAll();
      return;
    }
    if (variant_ == Variant::kAfterAnswer) {
      stack_.sim().calls().ReleaseAll();
      Pause(std::chrono::milliseconds(2));
    }
    stack_.KillOperator();
    ++kills_;
    stack_.sim().calls().CutHeld();
    stack_.StartOperator();
  }

  Stack& stack_;
  const Variant variant_;
  std::mutex mutex_;
  std::condition_variable changed_;
  bool wanted_ = false;  // a kill
  bool over_ = false;
  std::set<std::string> seen_;
  std::map<std::string, int> kube_counts_;
  std::size_t kills_ = 0;
};

Stack::Settings ThroughGate() {
  Stack::Settings settings;
  settings.through_gate = true;
  return settings;
}

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
  nlohmann::json up;
  WriteSummary up_writes;
  nlohmann::json down;
  WriteSummary down_writes;
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
    reference_->up = stack.ComparableWorld();
    reference_->up_writes = Writes(stack);
    stack.Kubectl({"-n", Stack::kNamespace, "delete", "mil", "shop", "--wait=false"});
    ASSERT_TRUE(stack.WaitGone("mil", "shop")) << stack.OperatorLog();
    reference_->down = stack.ComparableWorld();
    reference_->down_writes = Writes(stack);
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
  EXPECT_EQ(stack.ComparableWorld(), reference_->up);
  EXPECT_EQ(Writes(stack), reference_->up_writes);
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
  EXPECT_EQ(stack.ComparableWorld(), reference_->down);
  EXPECT_EQ(Writes(stack), reference_->down_writes);
}

// A server of other people is made fit for links: what was there before is altered once.
class AlteringKillTest : public ::testing::TestWithParam<Variant> {
 protected:
  static Stack::Settings Settings() {
    Stack::Settings settings = ThroughGate();
    settings.world = ForeignWorld();
    settings.world["sqlServers"][0]["masterKeyPassword"] = "Canary-Master-Key-1";
    return settings;
  }
  static void ApplyReplica(Stack& stack) {
    nlohmann::json manifest = stack.ReplicaManifest();
    manifest["spec"]["endpoint"]["adoption"] = "Alter";
    manifest["spec"]["traceFlags"] = "Enable";
    stack.ApplySecrets();
    stack.Apply(manifest);
  }
  static bool Prepared(Stack& stack) {
    return stack.Condition("sqlr", "sql1", "Ready").starts_with("True") &&
           stack.Condition("sqlr", "sql1", "TraceFlagsSet").starts_with("True");
  }
  static void SetUpTestSuite() {
    Stack stack(Settings());
    ApplyReplica(stack);
    stack.StartOperator();
    ASSERT_TRUE(Eventually([&] { return Prepared(stack); }, std::chrono::seconds(90)))
        << stack.OperatorLog();
    reference_ = std::make_unique<Reference>();
    reference_->up = stack.ComparableWorld();
    reference_->up_writes = Writes(stack);
  }
  static void TearDownTestSuite() { reference_.reset(); }

  static std::unique_ptr<Reference> reference_;
};

std::unique_ptr<Reference> AlteringKillTest::reference_;

TEST_P(AlteringKillTest, KilledAtEveryWriteItAltersOnce) {
  ASSERT_NE(reference_, nullptr);
  Stack stack(Settings());
  ApplyReplica(stack);
  std::size_t kills = 0;
  {
    Killer killer(stack, GetParam());
    stack.StartOperator();
    EXPECT_TRUE(killer.Until([&] { return Prepared(stack); }, std::chrono::seconds(240)))
        << stack.Get("sqlr", "sql1").dump(2) << stack.OperatorLog();
    kills = killer.kills();
  }
  RecordProperty("kills", static_cast<int>(kills));
  EXPECT_GE(kills, 8U) << "four statements, and what is written of them";
  EXPECT_EQ(stack.ComparableWorld(), reference_->up);
  EXPECT_EQ(Writes(stack), reference_->up_writes);
  EXPECT_THAT(Repeated(Writes(stack)), IsEmpty());
  EXPECT_THAT(LeakedSecrets(stack), IsEmpty());
}

std::string NameOf(const ::testing::TestParamInfo<Variant>& variant) {
  switch (variant.param) {
    case Variant::kBefore:
      return "BeforeItIsSent";
    case Variant::kAfterEffect:
      return "AfterItTookEffect";
    case Variant::kAfterAnswer:
      return "AfterTheAnswer";
  }
  return "";
}

const auto kVariants =
    ::testing::Values(Variant::kBefore, Variant::kAfterEffect, Variant::kAfterAnswer);
INSTANTIATE_TEST_SUITE_P(Variants, KillTest, kVariants, NameOf);
INSTANTIATE_TEST_SUITE_P(Variants, AlteringKillTest, kVariants, NameOf);

}  // namespace
}  // namespace milink::e2e
