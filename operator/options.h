// The operator's flags. Every flag has an environment variable, so that a manifest can use either.
//
// Plain values, no thread rule.
#pragma once

#include <string>
#include <variant>
#include <vector>

#include "core/base/clock.h"
#include "core/base/log.h"

namespace milink::app {

struct Options {
  std::string kubeconfig;  // empty: $KUBECONFIG, the pod's service account, ~/.kube/config
  std::string context;
  std::string health_address = ":8081";  // /healthz, /readyz and /metrics
  LogFormat log_format = LogFormat::kJson;
  LogLevel log_level = LogLevel::kInfo;
  int replica_workers = 8;
  int link_workers = 16;
  Duration instance_interval = std::chrono::seconds(30);  // how often a managed instance is read
  Duration sync_timeout = std::chrono::seconds(120);
  Duration shutdown_grace = std::chrono::seconds(20);
  std::string azure_endpoint = "https://management.azure.com/";
  std::string azure_audience = "https://management.azure.com/";
  std::string azure_ca_file;  // empty: the system's trust store
  std::string instance_dns_pattern = "*.database.windows.net";
};

// The program ends with this code after what was asked for (--help) or wrong was printed.
struct ExitNow {
  int code = 0;
};

std::variant<Options, ExitNow> ParseOptions(int argc, const char* const* argv);

}  // namespace milink::app
