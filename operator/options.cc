#include "operator/options.h"

#include <map>

#include <CLI/CLI.hpp>

#include "core/base/time_format.h"
#include "operator/version.h"

namespace milink::app {
namespace {

constexpr int kUsageError = 2;

// A duration as Go writes it, checked while flags are read so that the error names the flag.
CLI::Option* AddDuration(CLI::App& app, const std::string& flag, const std::string& variable,
                         Duration& into, const std::string& help) {
  const auto read = [&into](const std::string& text) {
    const auto parsed = ParseDuration(text);
    if (!parsed || *parsed <= Duration::zero()) {
      throw CLI::ValidationError(text, "is not a duration such as 30s or 1h30m");
    }
    into = *parsed;
  };
  return app.add_option_function<std::string>(flag, read, help)
      ->envname(variable)
      ->type_name("DURATION")
      ->default_str(FormatDuration(into));
}

void AddClusterFlags(CLI::App& app, Options& options) {
  app.add_option("--kubeconfig", options.kubeconfig,
                 "Path of a kubeconfig; without it $KUBECONFIG, the pod's service account and "
                 "~/.kube/config are tried")
      ->envname("MILINK_KUBECONFIG");
  app.add_option("--context", options.context, "Context of the kubeconfig")
      ->envname("MILINK_CONTEXT");
  app.add_option("--health-address", options.health_address,
                 "Address of /healthz, /readyz and /metrics; port 0 takes a free one")
      ->envname("MILINK_HEALTH_ADDRESS")
      ->capture_default_str();
  AddDuration(app, "--sync-timeout", "MILINK_SYNC_TIMEOUT", options.sync_timeout,
              "How long the first read of all objects may take");
  AddDuration(app, "--shutdown-grace", "MILINK_SHUTDOWN_GRACE", options.shutdown_grace,
              "How long running reconciles may go on after SIGTERM");
}

void AddAzureFlags(CLI::App& app, Options& options) {
  app.add_option("--azure-endpoint", options.azure_endpoint, "Azure Resource Manager")
      ->envname("MILINK_AZURE_ENDPOINT")
      ->capture_default_str();
  app.add_option("--azure-audience", options.azure_audience, "What tokens are asked for")
      ->envname("MILINK_AZURE_AUDIENCE")
      ->capture_default_str();
  app.add_option("--azure-ca-file", options.azure_ca_file,
                 "Certificate authorities for Azure's endpoints; default: the system's")
      ->envname("MILINK_AZURE_CA_FILE");
  app.add_option("--instance-dns-pattern", options.instance_dns_pattern,
                 "Names of managed instances for which the Azure root authorities are trusted")
      ->envname("MILINK_INSTANCE_DNS_PATTERN")
      ->capture_default_str();
  AddDuration(app, "--instance-interval", "MILINK_INSTANCE_INTERVAL", options.instance_interval,
              "How often a managed instance is read");
}

void AddProcessFlags(CLI::App& app, Options& options) {
  static const std::map<std::string, LogFormat> kFormats{{"json", LogFormat::kJson},
                                                         {"text", LogFormat::kText}};
  static const std::map<std::string, LogLevel> kLevels{{"debug", LogLevel::kDebug},
                                                       {"info", LogLevel::kInfo},
                                                       {"warning", LogLevel::kWarning},
                                                       {"error", LogLevel::kError}};
  app.add_option("--log-format", options.log_format, "json or text")
      ->envname("MILINK_LOG_FORMAT")
      ->transform(CLI::CheckedTransformer(kFormats, CLI::ignore_case));
  app.add_option("--log-level", options.log_level, "debug, info, warning or error")
      ->envname("MILINK_LOG_LEVEL")
      ->transform(CLI::CheckedTransformer(kLevels, CLI::ignore_case));
  app.add_option("--replica-workers", options.replica_workers,
                 "SqlServerReplica objects reconciled at the same time")
      ->envname("MILINK_REPLICA_WORKERS")
      ->check(CLI::Range(1, 256))
      ->capture_default_str();
  app.add_option("--link-workers", options.link_workers,
                 "ManagedInstanceLink objects reconciled at the same time")
      ->envname("MILINK_LINK_WORKERS")
      ->check(CLI::Range(1, 256))
      ->capture_default_str();
}

}  // namespace

std::variant<Options, ExitNow> ParseOptions(int argc, const char* const* argv) {
  Options options;
  CLI::App app("Kubernetes operator for Azure SQL Managed Instance links", "milink-operator");
  app.footer(
      "The operator's Azure identity comes from AZURE_TENANT_ID, AZURE_CLIENT_ID and "
      "AZURE_FEDERATED_TOKEN_FILE (workload identity) or AZURE_CLIENT_SECRET, with "
      "AZURE_AUTHORITY_HOST for other clouds.\n"
      "Exit codes: 0 stopped by a signal, 1 could not start or go on, 2 wrong flags.");
  app.set_version_flag("--version", kProgramVersion);
  AddClusterFlags(app, options);
  AddAzureFlags(app, options);
  AddProcessFlags(app, options);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return ExitNow{app.exit(error) == 0 ? 0 : kUsageError};
  }
  return options;
}

}  // namespace milink::app
