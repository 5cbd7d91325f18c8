// Questions about the instance itself: can it be reached, is it the right one, can it carry a link?
#include <algorithm>
#include <array>

#include "controllers/replica/plan/checks.h"
#include "controllers/replica/reasons.h"
#include "core/base/text.h"
#include "core/sql/identity.h"
#include "core/sql/version.h"

namespace milink::replica {
namespace {

using api::ConditionStatus;

// Log written in sectors of both sides' sizes, and seeding that is compressed.
constexpr std::array<int, 2> kTraceFlags = {1800, 9567};

std::vector<std::string> Texts(const std::vector<int>& numbers) {
  std::vector<std::string> texts;
  for (const int number : numbers) {
    texts.push_back(std::to_string(number));
  }
  return texts;
}

// How a server is made to start with trace flags.
std::string StartWith(const Observation& observed, const std::vector<int>& flags) {
  const bool linux = observed.sql->properties.host_platform == "Linux";
  return (linux ? "run mssql-conf traceflag " + Join(Texts(flags), " ") + " on"
                : "add -T" + Join(Texts(flags), " and -T") +
                      " to the startup parameters in SQL Server Configuration Manager") +
         " and restart SQL Server";
}

bool NeedsPerson(const Error& error) {
  return error.kind == ErrorKind::kUnauthorized || error.kind == ErrorKind::kInvalid ||
         error.kind == ErrorKind::kUnsupported || error.kind == ErrorKind::kNotFound;
}

const char* ReasonOf(sql::LinkSupport support) {
  switch (support) {
    case sql::LinkSupport::kUnsupportedBuild:
      return reason::kVersionTooOld;
    case sql::LinkSupport::kUnsupportedEdition:
      return reason::kEditionUnsupported;
    case sql::LinkSupport::kUnsupportedHost:
      return reason::kHostUnsupported;
    case sql::LinkSupport::kManagedInstance:
      return reason::kIsManagedInstance;
    case sql::LinkSupport::kLegacy:
      return reason::kLegacyBuild;
    case sql::LinkSupport::kSupported:
      return reason::kSucceeded;
    case sql::LinkSupport::kUnknownVersion:
      break;
  }
  return reason::kVersionUnknown;
}

// It answered, and refused to tell something.
bool RefusedToTell(const Observation& observed) {
  return observed.sql == nullptr && observed.sql_error &&
         observed.sql_error->reason == reason::kPermissionDenied;
}

// What SQL Server 2016, which knows no other groups, needs of its Windows cluster.
std::optional<Finding> ClusterProblem(const sql::InstanceProperties& properties) {
  if (!properties.windows_cluster) {
    return std::nullopt;
  }
  const auto& cluster = *properties.windows_cluster;
  if (!cluster.joined) {
    return Finding{
        ConditionStatus::kFalse, reason::kClusterMissing,
        "SQL Server 2016 sees no Windows failover cluster, or one without quorum, and has "
        "availability groups on such a cluster only; a cluster of this one node is enough. "
        "Create or start it, enable Always On in SQL Server Configuration Manager and "
        "restart SQL Server",
        std::nullopt, true};
  }
  if (!cluster.missing_rights.empty()) {
    std::vector<std::string> grants;
    for (const auto& right : cluster.missing_rights) {
      grants.push_back("GRANT " + right + " TO [NT AUTHORITY\\SYSTEM]");
    }
    return Finding{
        ConditionStatus::kFalse, reason::kClusterRightsMissing,
        "The account of the Windows cluster cannot bring availability groups online; run " +
            Join(grants, "; "),
        std::nullopt, true};
  }
  return std::nullopt;
}

// One that was not met before cannot be another one.
sql::IdentityMatch MatchPinned(const Observation& observed) {
  const auto& status = observed.replica->status;
  if (!status.identity) {
    return sql::IdentityMatch::kSame;
  }
  return sql::MatchIdentity({status.identity->server_name, status.identity->service_master_key_guid,
                             status.certificate ? status.certificate->current.thumbprint : ""},
                            *observed.sql);
}

}  // namespace

std::string HowToGrant(const api::SqlServerReplica& replica) {
  return "run ALTER SERVER ROLE sysadmin ADD MEMBER with the login in Secret " +
         replica.spec.credentials_secret;
}

bool OnlyObserves(const api::SqlServerReplica& replica) { return replica.spec.mode == "Observe"; }

sql::InstanceBuild BuildOf(const sql::InstanceProperties& properties) {
  return {properties.product_version, properties.engine_edition, properties.edition,
          properties.host_platform, properties.update_level};
}

Finding CheckReachable(const Observation& observed) {
  const auto& spec = observed.replica->spec;
  if (observed.sql != nullptr || RefusedToTell(observed)) {
    const std::string stale =
        observed.login_error ? "; the login is the one that was read before, for some minutes: " +
                                   observed.login_error->message
                             : "";
    return {ConditionStatus::kTrue,
            observed.login_error ? observed.login_error->reason : reason::kSucceeded,
            "Connected to " + spec.host +
                (spec.instance_name.empty() ? ":" + std::to_string(spec.port)
                                            : "\\" + spec.instance_name) +
                stale};
  }
  if (!observed.sql_error) {
    return {ConditionStatus::kUnknown, reason::kNotObserved, "The instance has not been read yet"};
  }
  const Error& error = *observed.sql_error;
  return {ConditionStatus::kFalse, error.reason, error.message, std::nullopt, NeedsPerson(error)};
}

Finding CheckIdentity(const Observation& observed) {
  const auto& server_name = observed.sql->properties.server_name;
  if (server_name.empty()) {
    return {ConditionStatus::kFalse, reason::kServerNameMissing,
            "@@SERVERNAME is NULL on this instance, and an availability group needs it; run "
            "sp_addserver with the server's name and 'local', then restart SQL Server",
            std::nullopt, true};
  }
  const auto& actual_name = observed.sql->properties.actual_server_name;
  if (!actual_name.empty() && !EqualsIgnoreCaseAscii(actual_name, server_name)) {
    return {ConditionStatus::kFalse, reason::kServerNameStale,
            "@@SERVERNAME still says " + server_name + ", but the server is called " + actual_name +
                " now, and availability groups refuse a name that is not the server's; run "
                "sp_dropserver '" +
                server_name + "', then sp_addserver '" + actual_name +
                "', 'local', and restart SQL Server",
            std::nullopt, true};
  }
  const sql::IdentityMatch match = MatchPinned(observed);
  if (match == sql::IdentityMatch::kOtherName) {
    return {ConditionStatus::kFalse, reason::kDifferentInstance,
            observed.replica->spec.host + " now leads to instance " + server_name +
                ", but this resource stands for " + observed.replica->status.identity->server_name +
                "; correct spec.host or spec.port, or create another SqlServerReplica for " +
                server_name,
            std::nullopt, true};
  }
  if (match == sql::IdentityMatch::kOtherServer) {
    return {ConditionStatus::kFalse, reason::kDifferentInstance,
            observed.replica->spec.host + " now leads to another instance of the name " +
                server_name +
                ": its service master key is another one, and the certificate of the endpoint is "
                "not there; correct spec.host or spec.port, or, if the instance was set up anew, "
                "delete this resource and create it again",
            std::nullopt, true};
  }
  if (!observed.same_instance.empty()) {
    return {ConditionStatus::kFalse, reason::kDuplicateInstance,
            "instance " + server_name + " is already managed by SqlServerReplica " +
                Join(observed.same_instance, ", ") + "; use that one and delete this resource",
            std::nullopt, true};
  }
  return {ConditionStatus::kTrue, reason::kSucceeded, ""};
}

Finding CheckVersion(const Observation& observed) {
  const auto& properties = observed.sql->properties;
  const auto report = sql::CheckVersion(BuildOf(properties));
  const bool usable =
      report.support == sql::LinkSupport::kSupported || report.support == sql::LinkSupport::kLegacy;
  return {usable ? ConditionStatus::kTrue : ConditionStatus::kFalse, ReasonOf(report.support),
          report.message.empty() ? properties.product_version + " " + properties.edition
                                 : report.message,
          std::nullopt, !usable};
}

Finding CheckPermissions(const Observation& observed) {
  if (RefusedToTell(observed)) {
    return {ConditionStatus::kFalse, reason::kPermissionDenied,
            observed.sql_error->message + "; " + HowToGrant(*observed.replica), std::nullopt, true};
  }
  if (observed.sql == nullptr) {
    return {ConditionStatus::kUnknown, reason::kDependencyNotReady,
            "The instance has not been reached; see Reachable"};
  }
  if (observed.sql->properties.sysadmin) {
    return {ConditionStatus::kTrue, reason::kSucceeded, "The login is a member of sysadmin"};
  }
  const auto& missing = observed.sql->properties.missing_rights;
  return {ConditionStatus::kFalse, reason::kPermissionDenied,
          "The login is no member of the server role sysadmin, which the link's procedures need" +
              (missing.empty() ? "" : ", and has no right to " + Join(missing, ", ")) + "; " +
              HowToGrant(*observed.replica),
          std::nullopt, true};
}

Finding CheckAlwaysOn(const Observation& observed) {
  const auto& properties = observed.sql->properties;
  const bool linux = properties.host_platform == "Linux";
  if (!properties.hadr_enabled) {
    const bool cluster = properties.windows_cluster && !properties.windows_cluster->joined;
    return {
        ConditionStatus::kFalse, reason::kAlwaysOnDisabled,
        std::string("Always On availability groups are switched off; ") +
            (cluster ? "make the host a node of a Windows failover cluster, of which one node is "
                       "enough, then "
                     : "") +
            (linux ? "run mssql-conf set hadr.hadrenabled 1 on the host"
                   : "enable them in SQL Server Configuration Manager") +
            " and restart SQL Server",
        std::nullopt, true};
  }
  if (auto problem = ClusterProblem(properties)) {
    return *std::move(problem);
  }
  if (properties.hadr_manager_status != 1) {
    const bool failed = properties.hadr_manager_status == 2;
    return {ConditionStatus::kFalse, reason::kHadrManagerNotRunning,
            std::string("Always On is enabled, but its manager ") +
                (failed ? "failed to start" : "has not started yet") + " (HadrManagerStatus " +
                std::to_string(properties.hadr_manager_status) +
                "); look into the error log of SQL Server, and restart it"};
  }
  return {ConditionStatus::kTrue, reason::kSucceeded, "Always On is enabled and running"};
}

Finding CheckTraceFlags(const Observation& observed) {
  const std::string& mode = observed.replica->spec.trace_flags;
  if (mode == "Ignore") {
    return {ConditionStatus::kTrue, reason::kIgnored,
            "spec.traceFlags is Ignore: trace flags 1800 and 9567 are not looked at"};
  }
  std::vector<int> missing;
  for (const int flag : kTraceFlags) {
    if (!std::ranges::binary_search(observed.sql->properties.trace_flags, flag)) {
      missing.push_back(flag);
    }
  }
  if (missing.empty()) {
    return {ConditionStatus::kTrue, reason::kSucceeded,
            mode == "Enable"
                ? "Trace flags 1800 and 9567 are on, and are switched on again after a "
                  "restart of SQL Server. To have it start with them: " +
                      StartWith(observed, {kTraceFlags.begin(), kTraceFlags.end()})
                : "Trace flags 1800 and 9567 are on"};
  }
  const std::string off = "Trace flags " + Join(Texts(missing), " and ") + " are off";
  if (mode == "Enable") {
    Finding finding{ConditionStatus::kFalse, reason::kChanging,
                    off + " and are being switched on in the running instance",
                    Step(EnableTraceFlags{missing})};
    finding.lacking = off + ", and not switched on yet";
    return finding;
  }
  const bool required = mode == "Require";
  return {ConditionStatus::kFalse, reason::kTraceFlagsMissing,
          off +
              (required ? ", and spec.traceFlags requires them: "
                        : "; the link works without them but slower: ") +
              StartWith(observed, missing) + ", or set spec.traceFlags to Enable",
          std::nullopt, required};
}

}  // namespace milink::replica
