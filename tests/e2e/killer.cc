#include "tests/e2e/killer.h"

#include "core/base/digest.h"

namespace milink::e2e {
namespace {

// Writes of one kind to one object are many (status, events): the first few of each are killed at.
constexpr int kKillsPerKubePath = 4;

}  // namespace

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

Stack::Settings ThroughGate(Stack::Settings settings) {
  settings.through_gate = true;
  return settings;
}

Killer::Killer(Stack& stack, Variant variant) : stack_(stack), variant_(variant) {
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

Killer::~Killer() {
  stack_.gate()->Watch({});
  {
    const std::lock_guard lock(mutex_);
    over_ = true;  // who waits for a kill goes on
    changed_.notify_all();
  }
  stack_.sim().calls().ClearFaults();
  stack_.sim().calls().ReleaseAll();
}
bool Killer::Until(const std::function<bool()>& done, Duration timeout) {
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

bool Killer::AtKubeWrite(const KubeWrite& write) {
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

void Killer::Serve() {
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

void Killer::AtHeldCall(std::uint64_t sequence) {
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

}  // namespace milink::e2e
