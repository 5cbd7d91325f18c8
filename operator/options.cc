#include "operator/options.h"

#include <algorithm>
#include <fstream>
#include <map>

#include <CLI/CLI.hpp>

#include "core/azure/cloud.h"
#include "core/base/time_format.h"
#include "operator/version.h"

namespace milink::app {
namespace {

constexpr const char* kFooter =
    "Each flag can be given as the environment variable that stands beside it, or in a TOML file "
    "(--config) under its name without the dashes. A flag wins over its variable, the variable "
    "over the file.\n\n"
    "The operator's Azure identity comes from AZURE_TENANT_ID, AZURE_CLIENT_ID and "
    "AZURE_FEDERATED_TOKEN_FILE (workload identity), AZURE_CLIENT_SECRET or "
    "AZURE_CLIENT_CERTIFICATE_PATH, with AZURE_AUTHORITY_HOST for other clouds; with "
    "--azure-identity ManagedIdentity from the machine (AZURE_CLIENT_ID names one of several).\n\n"
    "Exit codes: 0 stopped by a signal; 1 could not start or go on; 2 wrong flags, variables or "
    "file; 3 lost leadership; 4 work did not end in time after a signal; 128+n second signal n.";

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

// What the names of namespaces and Leases are made of (RFC 1123). Empty is "not given".
std::string CheckLabel(const std::string& text) {
  const auto allowed = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
  };
  const bool good = text.size() <= 63 && std::all_of(text.begin(), text.end(), allowed) &&
                    !text.starts_with('-') && !text.ends_with('-');
  return good ? std::string()
              : "'" + text + "' is not a name: lower-case letters, digits and '-', at most 63";
}

void AddClusterFlags(CLI::App& app, Options& options) {
  app.add_option("--config", options.config, "Path of a TOML file with any of these flags")
      ->envname("MILINK_CONFIG")
      ->configurable(false);
  app.add_option("--kubeconfig", options.kubeconfig,
                 "Path of a kubeconfig; without it $KUBECONFIG, the pod's service account and "
                 "~/.kube/config are tried")
      ->envname("MILINK_KUBECONFIG");
  app.add_option("--context", options.context, "Context of the kubeconfig")
      ->envname("MILINK_CONTEXT");
  AddDuration(app, "--sync-timeout", "MILINK_SYNC_TIMEOUT", options.sync_timeout,
              "How long the first read of all objects may take");
}

void AddScopeFlags(CLI::App& app, ScopeOptions& scope) {
  app.add_option("--namespaces", scope.namespaces,
                 "Serve these namespaces only, separated by commas; rights are needed there alone")
      ->envname("MILINK_NAMESPACES")
      ->type_name("NAME,..")
      ->delimiter(',')
      ->check(CLI::Validator(CheckLabel, "", "name"));
  app.add_option("--shard", scope.shard,
                 "Serve the objects that carry the label milink.dev/shard with this value; without "
                 "it those that carry no such label")
      ->envname("MILINK_SHARD")
      ->type_name("NAME")
      ->check(CLI::Validator(CheckLabel, "", "name"));
}

void AddElectionFlags(CLI::App& app, ElectionOptions& election) {
  app.add_flag("--leader-elect,!--no-leader-elect", election.enabled,
               "Work only while holding a Lease, so that several processes can stand by")
      ->envname("MILINK_LEADER_ELECT")
      ->default_str("true");
  app.add_option("--leader-elect-resource-name", election.name,
                 "Name of the Lease; with --shard, '-' and the shard's name follow")
      ->envname("MILINK_LEADER_ELECT_RESOURCE_NAME")
      ->check(CLI::Validator(CheckLabel, "", "name"))
      ->capture_default_str();
  app.add_option("--leader-elect-resource-namespace", election.namespace_name,
                 "Namespace of the Lease; default: the pod's, or the kubeconfig context's")
      ->envname("MILINK_LEADER_ELECT_RESOURCE_NAMESPACE")
      ->check(CLI::Validator(CheckLabel, "", "name"));
  AddDuration(app, "--leader-elect-lease-duration", "MILINK_LEADER_ELECT_LEASE_DURATION",
              election.lease_duration,
              "How long others wait for a leader that is not heard of, in whole seconds");
  AddDuration(app, "--leader-elect-renew-deadline", "MILINK_LEADER_ELECT_RENEW_DEADLINE",
              election.renew_deadline,
              "How long a leader goes on without a renewal; less than the lease duration");
  AddDuration(app, "--leader-elect-retry-period", "MILINK_LEADER_ELECT_RETRY_PERIOD",
              election.retry_period, "How often a leader renews");
}

void AddIdentityFlags(CLI::App& app, AzureOptions& azure) {
  app.add_option("--azure-identity", azure.identity,
                 "The operator's own identity; default: what the environment describes, secret "
                 "before certificate before workload identity")
      ->envname("MILINK_AZURE_IDENTITY")
      ->check(CLI::IsMember(
          {"WorkloadIdentity", "ManagedIdentity", "ClientSecret", "ClientCertificate"}));
  const auto read = [&azure](const std::vector<std::string>& texts) {
    azure.identity_limits.clear();
    for (const std::string& text : texts) {
      const auto rule = azure::ParseIdentityRule(text);
      if (!rule) {
        throw CLI::ValidationError(
            "--azure-identity-limits",
            "'" + text + "' is not NAMESPACE or NAMESPACE=/subscriptions/.., * is any namespace");
      }
      azure.identity_limits.push_back(*rule);
    }
    return true;
  };
  app.add_option_function<std::vector<std::string>>(
         "--azure-identity-limits", read,
         "Which namespaces may use the operator's own identity on which resources, separated by "
         "commas; without it all may")
      ->envname("MILINK_AZURE_IDENTITY_LIMITS")
      ->type_name("NAMESPACE[=PREFIX],..")
      ->delimiter(',');
}

void AddAzureFlags(CLI::App& app, Options& options) {
  AzureOptions& azure = options.azure;
  AddIdentityFlags(app, azure);
  app.add_option("--azure-cloud", azure.cloud,
                 "Cloud of links that name none; default: the one of AZURE_AUTHORITY_HOST")
      ->envname("MILINK_AZURE_CLOUD")
      ->check(CLI::IsMember({"AzurePublic", "AzureUSGovernment", "AzureChina", "Custom"}));
  app.add_option("--azure-endpoint", azure.endpoint,
                 "Azure Resource Manager of the cloud Custom, which links then mean by default")
      ->envname("MILINK_AZURE_ENDPOINT");
  app.add_option("--azure-audience", azure.audience,
                 "What tokens for it are asked for; default: https://management.azure.com/")
      ->envname("MILINK_AZURE_AUDIENCE");
  app.add_option("--instance-dns-pattern", azure.instance_dns_pattern,
                 "Names of its managed instances, for which the Azure root authorities are "
                 "trusted; default: *.database.windows.net")
      ->envname("MILINK_INSTANCE_DNS_PATTERN");
  app.add_option("--azure-ca-file", azure.ca_file,
                 "Certificate authorities for Azure's endpoints; default: the system's")
      ->envname("MILINK_AZURE_CA_FILE");
  app.add_option("--azure-root-authorities", azure.root_authorities_file,
                 "File of PEM certificates: further root authorities that SQL Servers shall trust "
                 "for managed instances; read again when it changes")
      ->envname("MILINK_AZURE_ROOT_AUTHORITIES");
  AddDuration(app, "--instance-interval", "MILINK_INSTANCE_INTERVAL", options.instance_interval,
              "How often a managed instance is read");
}

void AddSqlFlags(CLI::App& app, Options& options) {
  const auto check = [](const std::string& text) {
    const bool known = text == "FreeTDS" || text == "msodbcsql18" || text.starts_with('/');
    return known ? std::string() : "'" + text + "' is not FreeTDS, msodbcsql18 or an absolute path";
  };
  app.add_option("--odbc-driver", options.odbc_driver,
                 "How SQL Servers are connected to: FreeTDS, msodbcsql18 (Microsoft's driver, for "
                 "spec.tls.mode Strict and spec.tls.serverName), or the path of one of the two")
      ->envname("MILINK_ODBC_DRIVER")
      ->type_name("NAME|PATH")
      ->check(CLI::Validator(check, "", "driver"))
      ->capture_default_str();
}

void AddLogFlags(CLI::App& app, Options& options) {
  static const std::map<std::string, LogFormat> kFormats{{"json", LogFormat::kJson},
                                                         {"text", LogFormat::kText}};
  static const std::map<std::string, LogLevel> kLevels{{"debug", LogLevel::kDebug},
                                                       {"info", LogLevel::kInfo},
                                                       {"warning", LogLevel::kWarning},
                                                       {"error", LogLevel::kError}};
  app.add_option("--log-format", options.log_format, "How lines are written")
      ->envname("MILINK_LOG_FORMAT")
      ->transform(CLI::CheckedTransformer(kFormats, CLI::ignore_case).description(""))
      ->type_name("json|text")
      ->default_str("json");
  app.add_option("--log-level", options.log_level, "What is left out")
      ->envname("MILINK_LOG_LEVEL")
      ->transform(CLI::CheckedTransformer(kLevels, CLI::ignore_case).description(""))
      ->type_name("debug|info|warning|error")
      ->default_str("info");
}

void AddProcessFlags(CLI::App& app, Options& options) {
  app.add_option("--health-address", options.health_address,
                 "Address of /healthz, /readyz and /metrics; port 0 takes a free one")
      ->envname("MILINK_HEALTH_ADDRESS")
      ->capture_default_str();
  AddDuration(app, "--shutdown-grace", "MILINK_SHUTDOWN_GRACE", options.shutdown_grace,
              "How long running reconciles may go on after SIGTERM; the process ends at most 8s "
              "later");
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

// What flags and variables left open. CLI11 keeps what is set already.
void ReadFile(CLI::App& app, const std::string& path) {
  std::ifstream file(path);
  if (!file) {
    throw CLI::FileError("--config: cannot read " + path, CLI::ExitCodes::FileError);
  }
  app.parse_from_stream(file);
}

void CheckCloud(const AzureOptions& azure) {
  const bool described =
      !azure.endpoint.empty() || !azure.audience.empty() || !azure.instance_dns_pattern.empty();
  if (azure.cloud == azure::kCustomCloud && azure.endpoint.empty()) {
    throw CLI::ValidationError("--azure-cloud", "Custom needs --azure-endpoint");
  }
  if (!azure.cloud.empty() && azure.cloud != azure::kCustomCloud && described) {
    throw CLI::ValidationError("--azure-cloud",
                               azure.cloud +
                                   " has its own addresses: take out --azure-endpoint, "
                                   "--azure-audience and --instance-dns-pattern, or say Custom");
  }
}

void CheckTogether(const Options& options) {
  CheckCloud(options.azure);
  const ElectionOptions& election = options.election;
  const auto whole = std::chrono::floor<std::chrono::seconds>(election.lease_duration);
  if (whole != election.lease_duration) {
    // Others read whole seconds in the Lease, and would take it before its leader has stopped.
    throw CLI::ValidationError("--leader-elect-lease-duration",
                               FormatDuration(election.lease_duration) +
                                   " is not a number of whole seconds, which is what a Lease can "
                                   "say; use " +
                                   FormatDuration(whole + std::chrono::seconds(1)));
  }
  // With less there would be no second try before the end (client-go's rule).
  const bool enough_tries = election.renew_deadline * 10 > election.retry_period * 12;
  if (election.lease_duration <= election.renew_deadline || !enough_tries) {
    throw CLI::ValidationError("--leader-elect-lease-duration",
                               "must be longer than --leader-elect-renew-deadline, and that longer "
                               "than 1.2 times --leader-elect-retry-period");
  }
}

}  // namespace

std::variant<Options, ExitNow> ParseOptions(int argc, const char* const* argv) {
  Options options;
  CLI::App app("Kubernetes operator for Azure SQL Managed Instance links", "milink-operator");
  app.footer(kFooter);
  app.set_version_flag("--version", kProgramVersion);
  app.allow_config_extras(CLI::config_extras_mode::error);
  // Of a flag given twice the last counts, so that what a chart sets can be set otherwise after it;
  // lists grow.
  app.option_defaults()->multi_option_policy(CLI::MultiOptionPolicy::TakeLast);
  AddClusterFlags(app, options);
  AddScopeFlags(app, options.scope);
  AddElectionFlags(app, options.election);
  AddSqlFlags(app, options);
  AddAzureFlags(app, options);
  AddProcessFlags(app, options);
  AddLogFlags(app, options);
  try {
    app.parse(argc, argv);
    if (!options.config.empty()) {
      ReadFile(app, options.config);
    }
    CheckTogether(options);
  } catch (const CLI::ParseError& error) {
    return ExitNow{app.exit(error) == 0 ? ExitCode::kStopped : ExitCode::kBadOptions};
  }
  return options;
}

}  // namespace milink::app
