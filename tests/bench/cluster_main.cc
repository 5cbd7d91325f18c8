// Figures of the whole operator at scale. usage: bench_cluster OPERATOR [LINKS [REPLICAS]]
#include <cstdio>
#include <exception>
#include <stdexcept>
#include <string>
#include <vector>

#include "tests/bench/cluster.h"
#include "tests/bench/dead_watch.h"
#include "tests/bench/figures.h"
#include "tests/bench/hand_over.h"
#include "tests/bench/spies.h"

namespace milink::bench {
namespace {

constexpr char kSynced[] = "Caches are complete";
// Longer than the operator's intervals, so that each replica and each instance is read in it.
constexpr auto kQuietWindow = std::chrono::seconds(40);
constexpr int kSpecChanges = 200;

double Milliseconds(MonotonicTime since) {
  return std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - since)
      .count();
}

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

// What the server alone takes for the same objects, beside which a start is to be read. Not right
// before one: the server cleans up after it.
void MeasureBareList(Cluster& cluster) {
  const auto start = std::chrono::steady_clock::now();
  const auto list = cluster.kube().Kubectl(
      {"get", "--raw", "/apis/milink.dev/v1alpha1/managedinstancelinks?resourceVersion=0"});
  if (list.exit_code != 0) {
    throw std::runtime_error("bare list: " + list.err);
  }
  PrintFigure("bare_list", Milliseconds(start) / 1'000, "s", -1);
}

void MeasureStart(OperatorProcess& program) {
  PrintFigure("start_to_caches_synced", program.WaitForLine(kSynced), "s", 2);
  PrintFigure("start_processor", program.ProcessorSeconds(), "s", -1);
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
    if (!spies.links().WaitObserved(key.name, generation, std::chrono::seconds(30))) {
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
  PrintFigure("link_json", cluster.LinkSize(), "bytes", -1);
  const auto program = cluster.StartOperator("second.log");
  MeasureStart(*program);
  const Spies spies(cluster);
  MeasureRest(*program, spies);
  MeasureSpecChange(cluster, spies);
  MeasureBareList(cluster);
  PrintFigure("dead_watch_noticed", dead_watch.get(), "s", 75);
  program->Stop();
  MeasureHandOver(cluster);
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
