// Figures of the whole operator at scale. usage: bench_cluster OPERATOR [LINKS [REPLICAS]]
#include <atomic>
#include <cstdio>
#include <exception>
#include <map>
#include <mutex>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "core/kube/watch_driver.h"
#include "tests/bench/cluster.h"
#include "tests/bench/dead_watch.h"
#include "tests/bench/figures.h"

namespace milink::bench {
namespace {

using nlohmann::json;

constexpr char kSynced[] = "Caches are complete";
constexpr auto kSettleWindow = std::chrono::seconds(5);
constexpr auto kSettleLimit = std::chrono::minutes(10);
// Longer than the operator's intervals, so that each replica and each instance is read in it.
constexpr auto kQuietWindow = std::chrono::seconds(40);
constexpr int kSpecChanges = 200;

double Milliseconds(MonotonicTime since) {
  return std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - since)
      .count();
}

// What nobody decides by and what changes with every write.
json Essence(json object) {
  object["metadata"].erase("managedFields");
  object["metadata"].erase("resourceVersion");
  return object;
}

// Counts what the server tells after the first list, keeps the first difference, and knows which
// generation was observed.
class Spy final : public kube::ObjectSink {
 public:
  void Stage(json item) override { Keep(std::move(item)); }
  void Unstage(json /*object*/) override {}
  void DiscardStaged() override {}
  void Replace(const std::string& /*version*/) override { ready_ = true; }
  void Upsert(json object) override {
    ++events_;
    Keep(std::move(object));
  }
  void Remove(json /*object*/) override { ++events_; }
  void Progress(const std::string& /*version*/) override {}
  void Replay() override {}

  bool ready() const { return ready_; }
  int events() const { return events_; }
  int Observed(const std::string& name) const {
    const std::lock_guard lock(mutex_);
    const auto it = seen_.find(name);
    const auto status = it == seen_.end() ? json() : it->second.value("status", json::object());
    return status.is_object() ? status.value("observedGeneration", 0) : 0;
  }
  // How the last object that was told of differs from what was known of it: a JSON patch.
  std::string LastDifference() const {
    const std::lock_guard lock(mutex_);
    return last_difference_;
  }

 private:
  void Keep(json object) {
    const std::lock_guard lock(mutex_);
    json now = Essence(std::move(object));
    json& known = seen_[now.at("metadata").at("name")];
    last_difference_ = now.at("metadata").at("name").get<std::string>() + ": " +
                       (known.is_null() ? "new" : json::diff(known, now).dump());
    known = std::move(now);
  }

  std::atomic<bool> ready_{false};
  std::atomic<int> events_{0};
  mutable std::mutex mutex_;
  std::map<std::string, json> seen_;
  std::string last_difference_;
};

// Watches everything that the operator writes, apart from its Lease.
class Spies {
 public:
  explicit Spies(Cluster& cluster)
      : driver_(*kube::Dialer::Make(cluster.AdminAccess(), "milink-bench", clock_, Logger()),
                clock_, *random_, Logger()) {
    driver_.Add({kReplicaType, "", "", ""}, replicas_);
    driver_.Add({kLinkType, "", "", ""}, links_);
    driver_.Add({{"events.k8s.io", "v1", "events", "Event"}, "", "", ""}, notices_);
    driver_.Start();
    e2e::Eventually([this] { return replicas_.ready() && links_.ready() && notices_.ready(); },
                    kSettleLimit);
  }
  int writes() const { return replicas_.events() + links_.events() + notices_.events(); }
  const Spy& links() const { return links_; }
  // On stderr, for whoever wonders what is written.
  void TellLast() const {
    for (const Spy* spy : {&replicas_, &links_, &notices_}) {
      std::fprintf(stderr, "last change of %d: %s\n", spy->events(), spy->LastDifference().c_str());
    }
  }

  // Waits until nothing was written for a while. False: it went on and on.
  bool WaitQuiet() const {
    int seen = writes();
    auto since = std::chrono::steady_clock::now();
    return e2e::Eventually(
        [&] {
          if (const int now = writes(); now != seen) {
            seen = now;
            since = std::chrono::steady_clock::now();
          }
          return std::chrono::steady_clock::now() - since >= kSettleWindow;
        },
        kSettleLimit);
  }

 private:
  SystemClock clock_;
  std::unique_ptr<Random> random_ = MakeSeededRandom(3);
  Spy replicas_;
  Spy links_;
  Spy notices_;
  kube::WatchDriver driver_;
};

void MeasureIdle(Cluster& cluster) {
  const auto program = cluster.StartOperator("idle.log");
  program->WaitForLine(kSynced);
  e2e::Pause(std::chrono::seconds(3));
  PrintFigure("memory_idle", program->ReadMemory().resident, "MiB", 15);
  program->Stop();
}

// Brings the world to rest; the operator ends.
void Settle(Cluster& cluster, const Spies& spies) {
  const auto program = cluster.StartOperator("first.log");
  program->WaitForLine(kSynced);
  if (!spies.WaitQuiet()) {
    std::fprintf(stderr, "bench_cluster: the operator goes on writing\n");
  }
  PrintFigure("first_reconcile_of_all_memory_peak", program->ReadMemory().peak, "MiB", -1);
  program->Stop();
}

void MeasureStart(OperatorProcess& program) {
  PrintFigure("start_to_caches_synced", program.WaitForLine(kSynced), "s", 2);
  // Everything that a start brings about: connections, snapshots, a first look at every link.
  e2e::Pause(kQuietWindow);
}

void MeasureRest(const OperatorProcess& program, const Spies& spies) {
  const int before = spies.writes();
  const double busy = program.ProcessorSeconds();
  e2e::Pause(kQuietWindow);
  const int writes = spies.writes() - before;
  if (writes > 0) {
    spies.TellLast();
  }
  PrintFigure("converged_writes", writes, "count", 0);
  PrintFigure("converged_processor",
              (program.ProcessorSeconds() - busy) * 1'000 /
                  static_cast<double>(std::chrono::seconds(kQuietWindow).count()),
              "ms/s", -1);
  const Memory memory = program.ReadMemory();
  PrintFigure("memory_at_scale", memory.resident, "MiB", 60);
  PrintFigure("memory_at_scale_start_peak", memory.peak, "MiB", 75);
}

// The bare patch is of the same objects, so that it costs the server as much.
double BareStatusPatch(Cluster& cluster) {
  std::vector<double> took;
  for (int i = 0; i < kSpecChanges; ++i) {
    const auto start = std::chrono::steady_clock::now();
    const auto patched = cluster.client().ApplyStatus(
        kLinkType, {.key = cluster.LinkKey(i)}, "bench", {{"phase", "Bare" + std::to_string(i)}});
    took.push_back(Milliseconds(start));
    if (!patched.ok()) {
      throw std::runtime_error("bare status patch: " + ToString(patched.error()));
    }
  }
  return Percentile(took, 0.99);
}

void MeasureSpecChange(Cluster& cluster, const Spies& spies) {
  std::vector<double> took;
  for (int i = 0; i < kSpecChanges; ++i) {
    const ObjectKey key = cluster.LinkKey(i);
    const auto changed =
        cluster.client().MergePatch(kLinkType, key, {{"spec", {{"deletionPolicy", "Unlink"}}}});
    const auto start = std::chrono::steady_clock::now();
    if (!changed.ok()) {
      throw std::runtime_error("spec change: " + ToString(changed.error()));
    }
    const int generation = changed->at("metadata").at("generation").get<int>();
    if (!e2e::Eventually([&] { return spies.links().Observed(key.name) >= generation; },
                         std::chrono::seconds(30), Duration(0))) {
      throw std::runtime_error("a spec change was not answered within 30 s");
    }
    took.push_back(Milliseconds(start));
  }
  const double bare = BareStatusPatch(cluster);
  PrintFigure("bare_status_patch_p99", bare, "ms", -1);
  PrintFigure("spec_change_to_status_p50", Percentile(took, 0.5), "ms", -1);
  PrintFigure("spec_change_to_status_p99", Percentile(took, 0.99), "ms", bare + 15);
}

void Run(const Settings& settings) {
  Cluster cluster(settings);
  auto dead_watch = MeasureDeadWatch(cluster.AdminAccess());
  MeasureIdle(cluster);
  cluster.CreateObjects();
  {
    const Spies spies(cluster);
    Settle(cluster, spies);
  }
  cluster.PadLinks();
  PrintFigure("link_json", cluster.LinkBytes(), "bytes", -1);
  const auto program = cluster.StartOperator("second.log");
  MeasureStart(*program);
  const Spies spies(cluster);
  MeasureRest(*program, spies);
  MeasureSpecChange(cluster, spies);
  PrintFigure("dead_watch_noticed", dead_watch.get(), "s", 75);
  program->Stop();
}

}  // namespace
}  // namespace milink::bench

int main(int argc, char** argv) {
  try {
    const std::vector<std::string> arguments(argv + 1, argv + argc);
    if (arguments.empty()) {
      throw std::runtime_error("usage: bench_cluster OPERATOR [LINKS [REPLICAS]]");
    }
    milink::bench::Settings settings{.program = arguments[0]};
    settings.links = arguments.size() > 1 ? std::stoi(arguments[1]) : settings.links;
    settings.replicas = arguments.size() > 2 ? std::stoi(arguments[2]) : settings.replicas;
    milink::bench::Run(settings);
  } catch (const std::exception& e) {
    std::fprintf(stderr, "bench_cluster: %s\n", e.what());
    return 1;
  }
  return 0;
}
