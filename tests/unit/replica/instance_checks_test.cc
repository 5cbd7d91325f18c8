#include "controllers/replica/reasons.h"
#include "tests/unit/replica/row.h"

namespace milink::replica {
namespace {

using testing::Changed;
using testing::FreshInstance;
using testing::kFalse;
using testing::kTrue;
using testing::kUnknown;
using testing::Observe;
using testing::PreparedInstance;
using testing::Replica;
using testing::Row;
using testing::Shown;
using testing::Unread;
using testing::WithMasterKeySecret;

Observation Refused() {
  return Unread(Error{ErrorKind::kUnauthorized, reason::kPermissionDenied,
                      "reading was refused by SQL Server: error 300: VIEW SERVER STATE "
                      "permission was denied on object 'server'",
                      ""});
}

Observation On2016(const sql::WindowsCluster& cluster, bool hadr = true) {
  return Changed([&](auto& s) {
    s.properties.product_version = "13.0.7000.253";
    s.properties.host_platform = "Windows";
    s.properties.windows_cluster = cluster;
    s.properties.hadr_enabled = hadr;
  });
}

Observation TraceFlags(const std::string& mode, std::vector<int> on,
                       const std::string& platform = "Linux") {
  auto replica = Replica();
  replica.spec.trace_flags = mode;
  auto snapshot = PreparedInstance();
  snapshot.properties.trace_flags = std::move(on);
  snapshot.properties.host_platform = platform;
  return Observe(replica, snapshot);
}

std::vector<Row> InstanceRows() {
  return {
      {"before the first read nothing is known", [] { return Unread(std::nullopt); }, kReachable,
       kUnknown, reason::kNotObserved, ""},
      {"an unreachable host is not ready and tried again",
       [] {
         return Unread(
             Error{ErrorKind::kTransient, "ServerUnreachable", "no answer from sql1", ""});
       },
       kReachable, kFalse, "ServerUnreachable", "", "no answer from sql1"},
      {"a refused login needs a person",
       [] { return Unread(Error{ErrorKind::kUnauthorized, "LoginFailed", "login failed", ""}); },
       kReachable, kFalse, "LoginFailed", "", "login failed", false, true},
      {"a missing Secret needs a person",
       [] {
         return Unread(Error{ErrorKind::kInvalid, "SecretNotFound", "Secret prod/sql1-login", ""});
       },
       kReachable, kFalse, "SecretNotFound", "", "sql1-login", false, true},
      {"untrusted TLS needs a person",
       [] { return Unread(Error{ErrorKind::kInvalid, "TlsUntrusted", "unknown authority", ""}); },
       kReachable, kFalse, "TlsUntrusted", "", "", false, true},
      {"another instance behind the address is refused",
       [] { return Changed([](auto& s) { s.properties.server_name = "SQL2"; }); }, kReady, kFalse,
       reason::kDifferentInstance, "", "SQL2", false, true},
      {"another server of the same name is refused",
       [] {
         auto replica = Replica();
         replica.status.certificate = Shown("CD34");
         auto snapshot = PreparedInstance();
         snapshot.properties.service_master_key_guid = "KEY-2";
         return Observe(replica, snapshot);
       },
       kReady, kFalse, reason::kDifferentInstance, "", "another instance of the name SQL1", false,
       true},
      {"so it is before there is any certificate",
       [] {
         auto snapshot = FreshInstance();
         snapshot.properties.service_master_key_guid = "KEY-2";
         return Observe(WithMasterKeySecret(), snapshot);
       },
       kReady, kFalse, reason::kDifferentInstance, "", "set up anew", false, true},
      {"so it is where the certificate came without its private key",
       [] {
         auto replica = Replica();
         replica.status.certificate = Shown("AB12");
         auto snapshot = PreparedInstance();
         snapshot.properties.service_master_key_guid = "KEY-2";
         snapshot.certificates[0].private_key = "NA";
         return Observe(replica, snapshot);
       },
       kReady, kFalse, reason::kDifferentInstance, "", "", false, true},
      {"a server that made its service master key anew is the same",
       [] {
         auto replica = Replica();
         replica.status.certificate = Shown("AB12");
         auto snapshot = PreparedInstance();
         snapshot.properties.service_master_key_guid = "KEY-2";
         return Observe(replica, snapshot);
       },
       kReady, kTrue, reason::kSucceeded, "", "", true},
      {"a service master key that cannot be seen tells nothing",
       [] { return Changed([](auto& s) { s.properties.service_master_key_guid = ""; }); }, kReady,
       kTrue, reason::kSucceeded, "", "", true},
      {"a second resource for the instance is refused",
       [] {
         auto observed = Observe(Replica(), FreshInstance());
         observed.same_instance = {"prod/older"};
         return observed;
       },
       kReady, kFalse, reason::kDuplicateInstance, "", "prod/older", false, true},
      {"an instance without a server name is refused",
       [] { return Changed([](auto& s) { s.properties.server_name = ""; }); }, kReady, kFalse,
       reason::kServerNameMissing, "", "sp_addserver", false, true},
      {"a build without the link is refused and nothing is made",
       [] {
         auto snapshot = FreshInstance();
         snapshot.properties.product_version = "15.0.2155.2";
         return Observe(WithMasterKeySecret(), snapshot);
       },
       kVersionSupported, kFalse, reason::kVersionTooOld, "", "", false, true},
      {"Express is refused",
       [] { return Changed([](auto& s) { s.properties.engine_edition = 4; }); }, kVersionSupported,
       kFalse, reason::kEditionUnsupported, "", "", false, true},
      {"a managed instance is the other side",
       [] {
         return Changed([](auto& s) {
           s.properties.engine_edition = 8;
           s.properties.product_version = "12.0.2000.8";
         });
       },
       kVersionSupported, kFalse, reason::kIsManagedInstance, "", "", false, true},
      {"an old minimum is accepted with a warning",
       [] {
         return Changed([](auto& s) {
           s.properties.product_version = "15.0.4198.2";
           s.properties.host_platform = "Windows";
         });
       },
       kVersionSupported, kTrue, reason::kLegacyBuild, "", "", true},
      {"a server that was renamed is told both names and the remedy",
       [] { return Changed([](auto& s) { s.properties.actual_server_name = "NEW1"; }); }, kReady,
       kFalse, reason::kServerNameStale, "",
       "sp_dropserver 'SQL1', then sp_addserver 'NEW1', 'local'", false, true},
      {"a renamed server is left alone",
       [] {
         auto snapshot = FreshInstance();
         snapshot.properties.actual_server_name = "NEW1";
         return Observe(WithMasterKeySecret(), snapshot);
       },
       kReady, kFalse, reason::kServerNameStale, "", "", false, true},
      {"the server's name in other letters is the same name",
       [] { return Changed([](auto& s) { s.properties.actual_server_name = "sql1"; }); }, kReady,
       kTrue, reason::kSucceeded, "", "", true},
      {"a named instance is one of its own",
       [] {
         auto replica = Replica();
         replica.status.identity = {"SQL1\\INST1", "KEY-1"};
         auto snapshot = PreparedInstance();
         snapshot.properties.server_name = "SQL1\\INST1";
         snapshot.properties.actual_server_name = "SQL1\\INST1";
         snapshot.properties.instance_name = "INST1";
         return Observe(replica, snapshot);
       },
       kReady, kTrue, reason::kSucceeded, "", "", true},
      {"the default instance is not the named one on its host",
       [] { return Changed([](auto& s) { s.properties.server_name = "SQL1\\INST1"; }); }, kReady,
       kFalse, reason::kDifferentInstance, "", "SQL1\\INST1", false, true},
      {"a login without sysadmin is told the statement that helps",
       [] { return Changed([](auto& s) { s.properties.sysadmin = false; }); }, kPermissionsGranted,
       kFalse, reason::kPermissionDenied, "", "ALTER SERVER ROLE", false, true},
      {"a login without sysadmin is told what else it lacks",
       [] {
         return Changed([](auto& s) {
           s.properties.sysadmin = false;
           s.properties.missing_rights = {"ALTER ANY ENDPOINT", "CONTROL SERVER"};
         });
       },
       kPermissionsGranted, kFalse, reason::kPermissionDenied, "",
       "has no right to ALTER ANY ENDPOINT, CONTROL SERVER; run", false, true},
      {"a right that the observation lacks is named", [] { return Refused(); }, kPermissionsGranted,
       kFalse, reason::kPermissionDenied, "", "VIEW SERVER STATE", false, true},
      {"a server that refuses to tell something is reachable", [] { return Refused(); }, kReachable,
       kTrue, reason::kSucceeded, "", "Connected", false, true},
      {"what it did not tell is unknown and says where to look", [] { return Refused(); },
       kVersionSupported, kUnknown, reason::kDependencyNotReady, "", "see PermissionsGranted",
       false, true},
      {"the summary names the right, too", [] { return Refused(); }, kReady, kFalse,
       reason::kPermissionDenied, "", "ALTER SERVER ROLE", false, true},
      {"Always On off on Linux names mssql-conf",
       [] { return Changed([](auto& s) { s.properties.hadr_enabled = false; }); }, kAlwaysOnEnabled,
       kFalse, reason::kAlwaysOnDisabled, "", "mssql-conf", false, true},
      {"Always On off on Windows names the Configuration Manager",
       [] {
         return Changed([](auto& s) {
           s.properties.hadr_enabled = false;
           s.properties.host_platform = "Windows";
         });
       },
       kAlwaysOnEnabled, kFalse, reason::kAlwaysOnDisabled, "", "Configuration Manager", false,
       true},
      {"a HADR manager that failed may come up by itself",
       [] { return Changed([](auto& s) { s.properties.hadr_manager_status = 2; }); },
       kAlwaysOnEnabled, kFalse, reason::kHadrManagerNotRunning, "", "failed to start"},
      {"a HADR manager that has not started may come up by itself",
       [] { return Changed([](auto& s) { s.properties.hadr_manager_status = 0; }); },
       kAlwaysOnEnabled, kFalse, reason::kHadrManagerNotRunning, "", "has not started yet"},
      {"2016 on a cluster whose account has its rights is ready",
       [] { return On2016(sql::WindowsCluster{true, {}}); }, kAlwaysOnEnabled, kTrue,
       reason::kSucceeded, "", "", true},
      {"2016 without a cluster is told that one node is enough",
       [] { return On2016(sql::WindowsCluster{false, {}}); }, kAlwaysOnEnabled, kFalse,
       reason::kClusterMissing, "", "one node is enough", false, true},
      {"2016 whose cluster's account lacks rights is told the statements",
       [] { return On2016(sql::WindowsCluster{true, {"CONNECT SQL", "VIEW SERVER STATE"}}); },
       kAlwaysOnEnabled, kFalse, reason::kClusterRightsMissing, "",
       "GRANT CONNECT SQL TO [NT AUTHORITY\\SYSTEM]; GRANT VIEW SERVER STATE TO", false, true},
      {"2016 with Always On off and no cluster is told the order",
       [] { return On2016(sql::WindowsCluster{false, {}}, false); }, kAlwaysOnEnabled, kFalse,
       reason::kAlwaysOnDisabled, "", "cluster, of which one node is enough, then enable", false,
       true},
      {"missing trace flags only warn",
       [] { return Changed([](auto& s) { s.properties.trace_flags = {1800}; }); }, kTraceFlagsSet,
       kFalse, reason::kTraceFlagsMissing, "", "9567", true},
      {"a build that nobody knows is refused",
       [] { return Changed([](auto& s) { s.properties.product_version = "x.y"; }); },
       kVersionSupported, kFalse, reason::kVersionUnknown, "", "", false, true},
      {"a build that carries no link on its platform is refused",
       [] {
         return Changed([](auto& s) {
           s.properties.product_version = "15.0.4198.2";
           s.properties.host_platform = "Linux";
         });
       },
       kVersionSupported, kFalse, reason::kHostUnsupported, "", "", false, true},
      {"missing trace flags on Windows are startup parameters",
       [] {
         return Changed([](auto& s) {
           s.properties.trace_flags = {};
           s.properties.host_platform = "Windows";
         });
       },
       kTraceFlagsSet, kFalse, reason::kTraceFlagsMissing, "", "-T1800 and -T9567", true},
      {"missing trace flags are required where the spec says so",
       [] { return TraceFlags("Require", {9567}); }, kTraceFlagsSet, kFalse,
       reason::kTraceFlagsMissing, "", "requires them: run mssql-conf traceflag 1800 on", false,
       true},
      {"trace flags that are on satisfy who requires them",
       [] { return TraceFlags("Require", {1800, 9567}); }, kTraceFlagsSet, kTrue,
       reason::kSucceeded, "", "are on", true},
      {"missing trace flags are switched on where the spec says so",
       [] { return TraceFlags("Enable", {1800}); }, kTraceFlagsSet, kFalse, reason::kChanging,
       "switch on trace flags 9567 in the running instance", "9567 are off"},
      {"both trace flags are switched on in one step", [] { return TraceFlags("Enable", {}); },
       kReady, kFalse, reason::kChanging, "switch on trace flags 1800 and 9567"},
      {"who has them switched on learns how to keep them on Linux",
       [] { return TraceFlags("Enable", {1800, 9567}); }, kTraceFlagsSet, kTrue, reason::kSucceeded,
       "", "mssql-conf traceflag 1800 9567 on", true},
      {"who has them switched on learns how to keep them on Windows",
       [] { return TraceFlags("Enable", {1800, 9567}, "Windows"); }, kTraceFlagsSet, kTrue,
       reason::kSucceeded, "", "add -T1800 and -T9567 to the startup parameters", true},
      {"trace flags come after what a link cannot do without",
       [] {
         auto observed = TraceFlags("Enable", {});
         auto snapshot = *observed.sql;
         snapshot.endpoints.clear();
         return Observe(*observed.replica, snapshot);
       },
       kTraceFlagsSet, kFalse, reason::kDependencyNotReady, "create mirroring endpoint",
       "Trace flags 1800 and 9567 are off, and not switched on yet"},
      {"a suspended replica switches nothing on",
       [] {
         auto observed = TraceFlags("Enable", {});
         auto replica = *observed.replica;
         replica.spec.suspend = true;
         return Observe(replica, *observed.sql);
       },
       kTraceFlagsSet, kFalse, reason::kDependencyNotReady, "", "not switched on yet"},
      {"who does not care about trace flags is not told", [] { return TraceFlags("Ignore", {}); },
       kTraceFlagsSet, kTrue, reason::kIgnored, "", "not looked at", true},
      {"an instance that is throttled is tried again without a person",
       [] { return Unread(Error{ErrorKind::kThrottled, "InstanceBusy", "busy", ""}); }, kReachable,
       kFalse, "InstanceBusy", "", "busy"},
  };
}

class InstanceChecksTable : public ::testing::TestWithParam<Row> {};

TEST_P(InstanceChecksTable, AnswersAsTheSentenceSays) { Check(GetParam()); }

INSTANTIATE_TEST_SUITE_P(, InstanceChecksTable, ::testing::ValuesIn(InstanceRows()),
                         testing::CaseName);

}  // namespace
}  // namespace milink::replica
