// From the moment a server sends a watch event to the start of the object's reconcile: TLS, HTTP,
// decoding a link of 4 KiB, store, queue and worker, at 500 events a second.
#include <algorithm>
#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include <benchmark/benchmark.h>

#include "core/api/codec.h"
#include "core/kube/informer.h"
#include "core/kube/watch_driver.h"
#include "core/runtime/controller.h"
#include "tests/fakes/scripted_server.h"
#include "tests/gen/manifests.h"

namespace milink::bench {
namespace {

using nlohmann::json;

constexpr int kEvents = 2'500;
constexpr auto kInterval = std::chrono::microseconds(2'000);
constexpr std::size_t kObjectBytes = 4'096;
const kube::ResourceType kLinkType{api::kGroup, api::kVersion, api::kLinkPlural, api::kLinkKind};

std::string EventOf(int number) {
  json link = gen::AsStored(gen::LinkManifest("link" + std::to_string(number), {"sales"}));
  link["metadata"]["resourceVersion"] = std::to_string(1'000 + number);
  link["metadata"]["annotations"]["note"] = "";
  const std::size_t size = link.dump().size();
  link["metadata"]["annotations"]["note"] = std::string(kObjectBytes - size, 'x');
  return json{{"type", "ADDED"}, {"object", link}}.dump() + "\n";
}

// When each event was sent and its reconcile began, in nanoseconds of the steady clock.
struct Times {
  std::vector<std::atomic<std::int64_t>> sent = std::vector<std::atomic<std::int64_t>>(kEvents);
  std::vector<std::atomic<std::int64_t>> begun = std::vector<std::atomic<std::int64_t>>(kEvents);
  std::atomic<int> count{0};

  static std::int64_t Now() { return std::chrono::steady_clock::now().time_since_epoch().count(); }
};

class Noter final : public runtime::Reconciler {
 public:
  explicit Noter(Times& times) : times_(times) {}
  runtime::Outcome Reconcile(const ObjectKey& key, const runtime::ReconcileContext&) override {
    const auto number = static_cast<std::size_t>(std::stoi(key.name.substr(4)));
    times_.begun[number] = Times::Now();
    ++times_.count;
    times_.count.notify_all();
    return runtime::Outcome::Success();
  }

 private:
  Times& times_;
};

// Lists nothing, then sends the events at their pace on the first watch.
fakes::ScriptedServer::Script PacedEvents(Times& times, const std::vector<std::string>& events) {
  return [&times, &events](const fakes::ScriptedRequest& request, fakes::ScriptedAnswer& answer) {
    if (request.target.find("sendInitialEvents=true") != std::string::npos) {
      answer.Respond(400, "{}");  // a server without streaming lists
      return;
    }
    if (request.target.find("watch=1") == std::string::npos) {
      answer.Respond(200, R"({"kind":"ManagedInstanceLinkList","apiVersion":"milink.dev/v1alpha1",)"
                          R"("metadata":{"resourceVersion":"1"},"items":[]})");
      return;
    }
    answer.Begin(200);
    auto due = std::chrono::steady_clock::now();
    for (std::size_t i = 0; i < events.size(); ++i) {
      std::this_thread::sleep_until(due += kInterval);
      times.sent[i] = Times::Now();
      answer.Chunk(events[i]);
    }
    answer.WaitForClose();
  };
}

double Percentile(const std::vector<double>& sorted, double share) {
  return sorted[static_cast<std::size_t>(share * static_cast<double>(sorted.size() - 1))];
}

void EventToReconcile(benchmark::State& state) {
  std::vector<std::string> events;
  events.reserve(kEvents);
  for (int i = 0; i < kEvents; ++i) {
    events.push_back(EventOf(i));
  }
  for (auto _ : state) {
    Times times;
    fakes::ScriptedServer server(PacedEvents(times, events));
    const SystemClock clock;
    const auto random = MakeSeededRandom(1);
    runtime::WorkQueue queue(clock, *random);
    Noter noter(times);
    runtime::Controller controller({"bench", "ManagedInstanceLink", 16}, queue, noter, Logger(), {},
                                   clock, *random);
    kube::Informer<api::ManagedInstanceLink> links("ManagedInstanceLink", api::DecodeLink,
                                                   Logger());
    kube::Informer<api::ManagedInstanceLink>::Handler handler;
    handler.on_change = [&queue](const auto& change) { queue.Add(change.key); };
    links.AddHandler(std::move(handler));
    kube::WatchDriver driver(*kube::Dialer::Make(server.Access(), "bench", clock, Logger()), clock,
                             *random, Logger());
    driver.Add({kLinkType, "", "", ""}, links);
    controller.Start();
    driver.Start();
    for (int seen = 0; seen < kEvents; seen = times.count) {
      times.count.wait(seen);
    }
    driver.Stop();
    std::vector<double> milliseconds;
    for (std::size_t i = 0; i < kEvents; ++i) {
      milliseconds.push_back(static_cast<double>(times.begun[i] - times.sent[i]) / 1e6);
    }
    std::ranges::sort(milliseconds);
    state.counters["p50_ms"] = Percentile(milliseconds, 0.50);
    state.counters["p99_ms"] = Percentile(milliseconds, 0.99);
  }
}
BENCHMARK(EventToReconcile)->Unit(benchmark::kMillisecond)->Iterations(1)->UseRealTime();

}  // namespace
}  // namespace milink::bench
