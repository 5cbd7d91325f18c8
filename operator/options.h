// What the operator is told: by flags, by environment variables, and by a configuration file, in
// this order; the first that says something wins. Every flag has all three.
//
// Plain values, no thread rule.
#pragma once

#include <string>
#include <variant>
#include <vector>

#include "core/azure/identity_limits.h"
#include "core/base/clock.h"
#include "core/base/log.h"
#include "operator/exit_code.h"

namespace milink::app {

// Who leads when several processes run. The names of the flags are those of Kubernetes' own
// components.
struct ElectionOptions {
  bool enabled = true;
  std::string name = "milink-operator";  // of the Lease; a shard's name is added to it
  std::string namespace_name;            // empty: the pod's, or the context's
  Duration lease_duration = std::chrono::seconds(15);
  Duration renew_deadline = std::chrono::seconds(10);
  Duration retry_period = std::chrono::seconds(2);
};

// Which objects are this process's business.
struct ScopeOptions {
  std::vector<std::string> namespaces;  // empty: all
  std::string shard;                    // empty: objects that carry no shard label
};

// As whom Azure is asked, and where. What is empty is that of the cloud.
struct AzureOptions {
  std::string identity;  // as azure::ParseIdentityKind reads it; empty: by the environment
  std::vector<azure::IdentityRule> identity_limits;
  std::string cloud;  // empty: by AZURE_AUTHORITY_HOST, or AzurePublic
  std::string endpoint;
  std::string audience;
  std::string instance_dns_pattern;
  std::string ca_file;                // empty: the system's trust store
  std::string root_authorities_file;  // beside the two that are built in
};

struct Options {
  std::string config;      // path of the configuration file
  std::string kubeconfig;  // empty: $KUBECONFIG, the pod's service account, ~/.kube/config
  std::string context;
  std::string odbc_driver = "FreeTDS";   // as sql::FindOdbcDriver() takes it
  std::string health_address = ":8081";  // /healthz, /readyz and /metrics
  LogFormat log_format = LogFormat::kJson;
  LogLevel log_level = LogLevel::kInfo;
  int replica_workers = 8;
  int link_workers = 16;
  Duration instance_interval = std::chrono::seconds(30);  // how often a managed instance is read
  Duration sync_timeout = std::chrono::seconds(120);
  Duration shutdown_grace = std::chrono::seconds(20);
  ElectionOptions election;
  ScopeOptions scope;
  AzureOptions azure;
};

// The program ends with this code after what was asked for (--help) or wrong was printed.
struct ExitNow {
  ExitCode code = ExitCode::kStopped;
};

// Prints to stdout and stderr as programs do. Reads the environment: call it before any thread.
std::variant<Options, ExitNow> ParseOptions(int argc, const char* const* argv);

}  // namespace milink::app
