#include "tests/bench/dead_watch.h"

#include <stdexcept>
#include <string>

#include <nlohmann/json.hpp>

#include "core/kube/informer.h"
#include "core/kube/resource_path.h"
#include "core/kube/watch_driver.h"
#include "tests/e2e/process.h"
#include "tests/integration/engine/tcp_relay.h"

namespace milink::bench {
namespace {

struct Any {
  ObjectMeta meta;
};

Result<Any> DecodeAny(const nlohmann::json& object) {
  auto meta = ParseObjectMeta(object);
  return meta.ok() ? Result<Any>(Any{*std::move(meta)}) : Result<Any>(meta.error());
}

double Measure(kube::ClusterAccess access) {
  const auto server = kube::ParseServerUrl(access.server);
  test::TcpRelay relay(std::stoi(server->port));
  access.server = "https://127.0.0.1:" + std::to_string(relay.port());
  const SystemClock clock;
  const auto random = MakeSeededRandom(1);
  kube::Informer<Any> namespaces("Namespace", DecodeAny, Logger());
  kube::WatchDriver driver(*kube::Dialer::Make(access, "milink-bench", clock, Logger()), clock,
                           *random, Logger());
  driver.Add({{"", "v1", "namespaces", "Namespace"}, "", "", ""}, namespaces);
  driver.Start();
  const auto watching = [&] { return driver.Health().at(0).watching; };
  if (!e2e::Eventually(watching, std::chrono::minutes(1))) {
    throw std::runtime_error("the watch did not start");
  }
  const int connections = relay.counts().connections;
  relay.FallSilent();
  const auto start = std::chrono::steady_clock::now();
  if (!e2e::Eventually([&] { return relay.counts().connections > connections; },
                       std::chrono::minutes(5))) {
    throw std::runtime_error("the dead watch was never noticed");
  }
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

}  // namespace

std::future<double> MeasureDeadWatch(const kube::ClusterAccess& access) {
  return std::async(std::launch::async, Measure, access);
}

}  // namespace milink::bench
