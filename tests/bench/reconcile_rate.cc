// How many settled links one core looks through in a second: queue, controller, observation, plan
// and the comparison of the status, with both systems' snapshots in memory.
#include <benchmark/benchmark.h>

#include "core/runtime/controller.h"
#include "tests/bench/converged_links.h"

namespace milink::bench {
namespace {

void ConvergedReconciles(benchmark::State& state) {
  ConvergedLinks links;
  const SystemClock clock;
  const auto random = MakeSeededRandom(1);
  runtime::Metrics metrics;
  runtime::QueueMetrics queue_metrics(metrics, "managedinstancelink");
  runtime::WorkQueue queue(clock, *random, &queue_metrics);
  runtime::Controller controller({"managedinstancelink", "ManagedInstanceLink", 1}, queue,
                                 links.controller(), Logger(), {metrics, "managedinstancelink"},
                                 clock, *random);
  const std::size_t writes_before = links.writes();
  std::int64_t reconciles = 0;
  for (auto _ : state) {
    for (const ObjectKey& key : links.keys()) {
      queue.Add(key);
    }
    while (controller.RunOne()) {
      ++reconciles;
    }
  }
  if (links.writes() != writes_before) {
    state.SkipWithError("a settled link was written");
  }
  state.counters["per_second"] =
      benchmark::Counter(static_cast<double>(reconciles), benchmark::Counter::kIsRate);
}
BENCHMARK(ConvergedReconciles)->Unit(benchmark::kMillisecond)->MinTime(2.0);

}  // namespace
}  // namespace milink::bench
