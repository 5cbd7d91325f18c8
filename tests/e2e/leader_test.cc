// Several operators on the same objects: one works, and what happens when it cannot any more.
//
// Figures are printed beside their budgets; how fast this machine is today is no test. What the
// times of the Lease promise is asserted, with room for a slow machine.
#include <atomic>
#include <fstream>
#include <iostream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/base/text.h"
#include "core/base/time_format.h"
#include "core/kube/kubeconfig.h"
#include "tests/e2e/oracles.h"
#include "tests/e2e/stack.h"

namespace milink::e2e {
namespace {

using std::chrono::seconds;
using std::chrono::steady_clock;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr auto kPatience = seconds(180);
// What every operator here is started with.
constexpr auto kLease = seconds(15);
constexpr auto kRenewDeadline = seconds(10);
constexpr auto kRetryPeriod = seconds(2);

std::vector<std::string> LeaseArguments() {
  const auto text = [](seconds value) { return std::to_string(value.count()) + "s"; };
  return {"--leader-elect-lease-duration", text(kLease),
          "--leader-elect-renew-deadline", text(kRenewDeadline),
          "--leader-elect-retry-period",   text(kRetryPeriod)};
}

// An operator with a way to the API server of its own, on which its writes are counted.
class Contender {
 public:
  Contender(Stack& stack, std::string name) : stack_(stack), name_(std::move(name)) {
    const auto folder = stack.directory() / name_;
    std::filesystem::create_directories(folder);
    auto gate = KubeGate::Start(stack.direct_kubeconfig(), folder);
    if (!gate) {
      throw std::runtime_error(ToString(gate.error()));
    }
    gate_ = std::move(*gate);
    gate_->Watch([this](const KubeWrite& /*write*/, GatePoint point) {
      writes_ += point == GatePoint::kBefore ? 1 : 0;
      return true;
    });
    process_ = stack.Launch(name_, gate_->kubeconfig(), LeaseArguments());
  }

  bool Says(const std::string& text) const { return Log().find(text) != std::string::npos; }
  bool WaitSays(const std::string& text) const {
    return Eventually([&] { return Says(text); }, kPatience, std::chrono::milliseconds(10));
  }
  bool Leads() const { return Says("Became the leader"); }
  bool WaitLeads() const { return WaitSays("Became the leader"); }
  bool WaitStandsBy() const { return WaitSays("Standing by"); }

  Process& process() { return *process_; }
  std::string Log() const { return stack_.LogOf(name_); }
  int writes() const { return writes_; }

 private:
  Stack& stack_;
  const std::string name_;
  std::atomic<int> writes_ = 0;
  std::unique_ptr<KubeGate> gate_;
  std::unique_ptr<Process> process_;
};

double SecondsSince(steady_clock::time_point start) {
  return std::chrono::duration<double>(steady_clock::now() - start).count();
}

void Print(const char* what, double value, double budget) {
  std::cout << "[ FIGURE   ] " << what << " " << value << " s, budget " << budget << " s\n";
}

// The n-th change takes effect, and whoever sent it does not hear of it until it is released.
void HoldAnswer(Stack& stack, int nth) {
  sim::Fault hold;
  hold.mutation = true;
  hold.nth = nth;
  hold.what = sim::Fault::kHold;
  hold.when = sim::Fault::kAfter;
  stack.sim().calls().AddFault(hold);
}

bool WaitHeld(Stack& stack) {
  return Eventually([&] { return !stack.sim().calls().HeldCalls().empty(); }, kPatience);
}

void LetGo(Stack& stack) {
  stack.sim().calls().ClearFaults();
  stack.sim().calls().ReleaseAll();
}

void Apply(Stack& stack) {
  stack.ApplySecrets();
  stack.Apply(stack.ReplicaManifest());
  stack.Apply(stack.LinkManifest());
}

bool WaitReady(Stack& stack) {
  return stack.WaitCondition("mil", "shop", "Ready", "True", kPatience);
}

std::vector<std::string> Mutations(Stack& stack, std::uint64_t after) {
  std::vector<std::string> out;
  for (const auto& entry : stack.sim().journal().Entries(after)) {
    if (entry.call.mutation) {
      out.push_back(entry.call.target + ": " + entry.call.operation + " " + entry.call.object);
    }
  }
  return out;
}

TEST(LeaderE2eTest, TheNextGoesOnWhenTheLeaderIsKilledAndWhenItLeaves) {
  Stack stack({});
  Contender first(stack, "first");
  ASSERT_TRUE(first.WaitLeads()) << first.Log();
  Contender second(stack, "second");
  ASSERT_TRUE(second.WaitStandsBy()) << second.Log();
  HoldAnswer(stack, 4);
  Apply(stack);
  ASSERT_TRUE(WaitHeld(stack)) << first.Log();
  EXPECT_FALSE(second.Leads());
  EXPECT_EQ(second.writes(), 0);

  auto start = steady_clock::now();
  first.process().Kill();
  LetGo(stack);
  ASSERT_TRUE(second.WaitLeads()) << second.Log();
  const double after_a_crash = SecondsSince(start);
  Print("hand-over after a crash", after_a_crash, 24);
  EXPECT_LT(after_a_crash, 2 * kLease.count()) << "a Lease that ends is taken at once";
  ASSERT_TRUE(WaitReady(stack)) << stack.Get("mil", "shop").dump(2) << second.Log();
  EXPECT_THAT(Repeated(Writes(stack)), IsEmpty());

  Contender third(stack, "third");
  ASSERT_TRUE(third.WaitStandsBy()) << third.Log();
  start = steady_clock::now();
  second.process().Terminate();
  ASSERT_TRUE(third.WaitLeads()) << third.Log();
  const double to_the_next = SecondsSince(start);
  Print("hand-over to the next", to_the_next, 2);
  EXPECT_LT(2 * to_the_next, kLease.count()) << "its end was not waited for";
  EXPECT_EQ(second.process().Wait(kPatience), 0) << second.Log();
  EXPECT_THAT(second.Log(), HasSubstr("Gave the Lease back"));

  stack.Kubectl({"-n", Stack::kNamespace, "delete", "mil", "shop", "--wait=false"});
  EXPECT_TRUE(stack.WaitGone("mil", "shop", kPatience)) << third.Log();
  EXPECT_THAT(Repeated(Writes(stack)), IsEmpty());
}

// Whether its worker meets the fence or its election ends the process first is a race that either
// may win; the fence alone is shown in tests/integration/fence.
TEST(LeaderE2eTest, ALeaderThatWasStoppedChangesNothingWhenItGoesOn) {
  Stack stack({});
  Contender first(stack, "first");
  ASSERT_TRUE(first.WaitLeads()) << first.Log();
  Contender second(stack, "second");
  ASSERT_TRUE(second.WaitStandsBy()) << second.Log();
  HoldAnswer(stack, 3);
  Apply(stack);
  ASSERT_TRUE(WaitHeld(stack)) << first.Log();

  // In the middle of its work: the answer that it waits for is there when it goes on.
  first.process().Suspend();
  LetGo(stack);
  ASSERT_TRUE(second.WaitLeads()) << second.Log();
  ASSERT_TRUE(WaitReady(stack)) << stack.Get("mil", "shop").dump(2) << second.Log();
  ASSERT_TRUE(Eventually([&] { return Unrest(stack, seconds(3)).empty(); }, kPatience));

  const auto before = stack.sim().journal().LastSequence();
  const int writes = first.writes();
  first.process().Resume();
  EXPECT_EQ(first.process().Wait(kPatience), 3) << first.Log();
  EXPECT_THAT(first.Log(), HasSubstr("Lost the leadership"));
  EXPECT_EQ(first.writes(), writes) << "it wrote to Kubernetes";
  Pause(seconds(1));
  EXPECT_THAT(Mutations(stack, before), IsEmpty());
  EXPECT_THAT(Repeated(Writes(stack)), IsEmpty());
  EXPECT_TRUE(second.process().Running()) << second.Log();
}

// A kubeconfig with a credential plugin. Its first run, which is for everything but the Lease,
// prints a token that can be taken away; its second, for the Lease, one that lasts; later ones say
// so by the folder "hangs" and do not end.
class HangingPlugin {
 public:
  explicit HangingPlugin(Stack& stack) : stack_(stack), folder_(stack.directory() / "plugin") {
    std::filesystem::create_directories(folder_);
    const auto access = kube::LoadKubeconfig(stack.direct_kubeconfig(), "");
    if (!access.ok()) {
      throw std::runtime_error(ToString(access.error()));
    }
    Kubectl({"create", "secret", "generic", "short"});
    std::ofstream(folder_ / "1") << Kubectl({"create", "token", "milink-operator",
                                             "--bound-object-kind=Secret",
                                             "--bound-object-name=short"});
    std::ofstream(folder_ / "2") << access->token.Reveal();
    std::ofstream(folder_ / "ca.crt") << access->ca_pem;
    std::ofstream(folder_ / "login")
        << "cd \"$1\"\n"
           "for run in 1 2; do\n"
           "  mkdir \"run$run\" 2>/dev/null || continue\n"
           "  printf "
           "'{\"apiVersion\":\"client.authentication.k8s.io/v1\",\"kind\":\"ExecCredential\",'\n"
           "  printf '\"status\":{\"token\":\"%s\"}}' \"$(cat \"$run\")\"\n"
           "  exit 0\n"
           "done\n"
           "mkdir hangs\n"
           "while [ -e login ]; do sleep 0.1; done\n";
    std::ofstream(kubeconfig())
        << "apiVersion: v1\nkind: Config\ncurrent-context: c\n"
        << "contexts:\n- name: c\n  context: {cluster: c, user: u}\n"
        << "clusters:\n- name: c\n  cluster: {server: '" << access->server
        << "', certificate-authority: ca.crt}\n"
        << "users:\n- name: u\n  user:\n    exec: {command: sh, args: ['"
        << (folder_ / "login").string() << "', '" << folder_.string()
        << "'], interactiveMode: Never, apiVersion: client.authentication.k8s.io/v1}\n";
  }
  std::filesystem::path kubeconfig() const { return folder_ / "kubeconfig"; }
  void TakeTokenAway() { Kubectl({"delete", "secret", "short"}); }
  bool Hangs() const { return std::filesystem::exists(folder_ / "hangs"); }

 private:
  std::string Kubectl(std::vector<std::string> args) {
    args.insert(args.begin(), {"-n", Stack::kSystemNamespace});
    const auto output = stack_.kube().Kubectl(args);
    EXPECT_TRUE(output.ok()) << output.err;
    return std::string(Trim(output.out));
  }

  Stack& stack_;
  const std::filesystem::path folder_;
};

TimePoint RenewTime(Stack& stack) {
  const auto output = stack.kube().Kubectl({"-n", Stack::kSystemNamespace, "get", "lease",
                                            "milink-operator", "-o", "jsonpath={.spec.renewTime}"});
  return ParseRfc3339(output.out).value_or(TimePoint());
}

TEST(LeaderE2eTest, TheLeaseIsRenewedWhileACredentialPluginHangsForEverythingElse) {
  Stack stack({});
  HangingPlugin plugin(stack);
  const auto leader =
      stack.Launch("leader", plugin.kubeconfig(),
                   {"--leader-elect-lease-duration", "3s", "--leader-elect-renew-deadline", "2s",
                    "--leader-elect-retry-period", "500ms"});
  const auto says = [&](const char* text) {
    return stack.LogOf("leader").find(text) != std::string::npos;
  };
  ASSERT_TRUE(Eventually([&] { return says("Became the leader"); }, kPatience))
      << stack.LogOf("leader");
  plugin.TakeTokenAway();
  stack.ApplySecrets();
  // The API server believes in a token for some seconds; each object makes the operator ask it.
  int replicas = 0;
  ASSERT_TRUE(Eventually(
      [&] {
        auto manifest = stack.ReplicaManifest();
        manifest["metadata"]["name"] = "other-" + std::to_string(++replicas);
        stack.Apply(manifest);
        return plugin.Hangs();
      },
      kPatience, std::chrono::milliseconds(500)))
      << stack.LogOf("leader");
  const TimePoint before = RenewTime(stack);
  EXPECT_TRUE(Eventually([&] { return RenewTime(stack) >= before + seconds(5); }, seconds(60)))
      << stack.LogOf("leader");
  EXPECT_TRUE(leader->Running());
  EXPECT_FALSE(says("Lost the leadership")) << stack.LogOf("leader");
}

TEST(LeaderE2eTest, K20ALeaderWithoutTheApiServerLeavesAndTheNextRepeatsNothing) {
  Stack stack({});
  const auto start = [&](const std::string& name) {
    return stack.Launch(name, stack.direct_kubeconfig(), LeaseArguments());
  };
  const auto leads = [&](const std::string& name) {
    return Eventually(
        [&] { return stack.LogOf(name).find("Became the leader") != std::string::npos; },
        kPatience);
  };
  const auto first = start("first");
  ASSERT_TRUE(leads("first")) << stack.LogOf("first");
  HoldAnswer(stack, 4);
  Apply(stack);
  ASSERT_TRUE(WaitHeld(stack)) << stack.LogOf("first");

  ASSERT_TRUE(stack.kube().StopApiServer().ok());
  LetGo(stack);  // what was under way ends, and cannot be written down
  EXPECT_EQ(first->Wait(kPatience), 3) << stack.LogOf("first");
  EXPECT_THAT(stack.LogOf("first"), HasSubstr("Lost the leadership"));

  ASSERT_TRUE(stack.kube().RestartApiServer().ok());
  const auto second = start("second");
  ASSERT_TRUE(leads("second")) << stack.LogOf("second");
  ASSERT_TRUE(WaitReady(stack)) << stack.Get("mil", "shop").dump(2) << stack.LogOf("second");
  EXPECT_THAT(Repeated(Writes(stack)), IsEmpty());
  EXPECT_TRUE(second->Running());
}

}  // namespace
}  // namespace milink::e2e
