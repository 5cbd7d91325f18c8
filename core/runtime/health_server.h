// HTTP server of /healthz, /readyz and /metrics.
//
// Plain HTTP, for probes and a scraper inside the cluster. `?verbose` lists every check. A failing
// check answers 500 as kube-apiserver's endpoints do; its error is logged, not sent.
// Thread rule: checks and content functions are called on the server's threads and may run at the
// same time; they must be quick. Add everything before Start.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "core/base/log.h"
#include "core/base/result.h"

namespace milink::runtime {

struct ListenAddress {
  std::string host;  // empty: all addresses, IPv6 and IPv4
  int port = 0;      // 0: any free port

  bool operator==(const ListenAddress&) const = default;
};

// "127.0.0.1:8081", "[::1]:8081", ":8081". kInvalid otherwise.
Result<ListenAddress> ParseListenAddress(std::string_view text);

class HealthServer {
 public:
  using Check = std::function<Status()>;

  explicit HealthServer(Logger log);
  // Stops.
  ~HealthServer();
  HealthServer(const HealthServer&) = delete;
  HealthServer& operator=(const HealthServer&) = delete;

  // Is the process sound? A failure makes the kubelet restart it.
  void AddLiveCheck(const std::string& name, Check check);
  // Can it work now? Standby replicas are ready too.
  void AddReadyCheck(const std::string& name, Check check);
  void ServeMetrics(std::function<std::string()> text, const std::string& content_type);

  // Listens from when this returns. Returns the bound port. kInvalid "AddressInUse" when it cannot.
  Result<int> Start(const ListenAddress& address);
  // Requests under way are answered. Idempotent.
  void Stop();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace milink::runtime
