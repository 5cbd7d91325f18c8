// ManagedInstanceLink: databases linked between one replica and one managed instance. The schema is
// crds/milink.dev_managedinstancelinks.yaml; this is its shape in memory.
//
// Plain values, no thread rule.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/api/condition.h"
#include "core/api/owned_object.h"
#include "core/base/boxed.h"
#include "core/base/clock.h"
#include "core/base/object.h"
#include "core/base/strong.h"

namespace milink::api {

// What becomes of what was made when a link, or one of its databases, is taken away.
enum class DeletionPolicy : std::uint8_t { kRetain, kUnlink };
// What comes of a test of the network that did not pass.
enum class NetworkTestMode : std::uint8_t { kWarn, kRequire, kSkip };

struct ManagedInstanceLinkSpec {
  struct Credentials {
    std::string type;  // "WorkloadIdentity", "ManagedIdentity", "ClientSecret", "ClientCertificate"
    std::string client_id;  // empty: the managed identity of the operator's machine itself
    std::string tenant_id;  // empty: the operator's
    std::string secret;     // name of a Secret in the same namespace; empty where none is needed
    bool operator==(const Credentials&) const = default;
  };
  struct ManagedInstance {
    std::string subscription_id;
    std::string resource_group;
    std::string name;
    std::string cloud;               // empty: the operator's own
    Boxed<Credentials> credentials;  // nothing: the operator's own identity
    // Secret with a T-SQL login on the instance, in the same namespace; empty: none.
    std::string sql_credentials_secret;
    bool operator==(const ManagedInstance&) const = default;
  };
  // Names are complete here: the decoder fills in AG_<db>, AG_<db>_MI and DAG_<db>.
  struct Database {
    DatabaseName name;
    GroupName availability_group;
    GroupName instance_availability_group;
    GroupName distributed_availability_group;  // also the name of the link in Azure
    bool operator==(const Database&) const = default;
  };
  struct Preparation {
    bool set_full_recovery = false;
    bool make_initial_backup = false;  // initialBackup.policy: "IfMissing"
    NetworkTestMode network_test = NetworkTestMode::kWarn;
    bool migrate_tde_certificates = false;  // tdeCertificates: "Migrate"
    bool replace_instance_certificate = false;
    std::string initial_backup_path;  // a folder as the server sees it
    // Upper-case hexadecimal: what the instance is said to hold.
    std::vector<std::string> tde_thumbprints;
    bool operator==(const Preparation&) const = default;
  };

  std::string replica;  // name of a SqlServerReplica in the same namespace
  ManagedInstance managed_instance;
  std::vector<Database> databases;
  std::string primary = "SqlServer";
  Preparation preparation;
  DeletionPolicy deletion_policy = DeletionPolicy::kRetain;
  bool suspend = false;

  bool operator==(const ManagedInstanceLinkSpec&) const = default;
};

struct ManagedInstanceLinkStatus {
  // A long operation that was started and not yet seen to end.
  struct Operation {
    std::string system;    // "Azure", "SqlServer"
    std::string kind;      // "CreateLink", "DeleteLink", "UploadCertificate", "Backup"
    std::string id;        // what it is about, e.g. the link's name
    std::string poll_url;  // empty: started, its answer was never read; look at the resource
    std::optional<TimePoint> start_time;
    bool operator==(const Operation&) const = default;
  };
  // Journal of one database.
  struct DatabaseRecord {
    DatabaseName name;
    std::string accepted_primary;  // "SqlServer", "ManagedInstance"; empty: not agreed yet
    bool established = false;      // the link was once replicating: never recreated silently
    Boxed<Operation> operation;
    bool operator==(const DatabaseRecord&) const = default;
  };
  // The newest test of the network. Part of the journal: a test under way is written down before it
  // begins, so that what it has left is found after a crash.
  struct NetworkTest {
    std::string state;    // "Running", "Passed", "Incomplete" (not all was tested), "Failed"
    std::string request;  // value of the annotation that it answers; empty: nobody asked
    std::string reason;   // of the condition, but for "Running"
    std::string message;
    bool operator==(const NetworkTest&) const = default;
  };
  // For display; nothing decides by it.
  struct Database {
    DatabaseName name;
    std::string phase;
    std::string availability_group;
    std::string instance_availability_group;
    std::string distributed_availability_group;
    std::string sql_server_role;  // "Primary", "Secondary", "Resolving", "Unknown"
    std::string managed_instance_role;
    std::string replica_state;
    std::string synchronization_health;
    std::string connected_state;
    std::optional<int> seeding_percent;
    std::string lag;  // bucket: "<10s", "<1m", "<5m", "<1h", ">1h"
    std::optional<TimePoint> last_full_backup_time;
    std::string message;
    bool operator==(const Database&) const = default;
  };
  // For printer columns.
  struct Summary {
    std::string databases;  // "2/3"
    std::string seeding;    // "45%", empty when nothing seeds
    std::string lag;
    bool operator==(const Summary&) const = default;
  };
  struct Trust {
    std::vector<std::string> sql_thumbprints;  // on the managed instance
    std::string managed_instance_thumbprint;   // imported into SQL Server
    std::vector<std::string> root_thumbprints;
    bool operator==(const Trust&) const = default;
  };

  std::int64_t observed_generation = 0;
  std::vector<Condition> conditions;
  std::string phase;
  std::string primary;  // "SqlServer", "ManagedInstance", "Mixed", "Both", "None", "Unknown"
  std::vector<Database> databases;
  Boxed<Summary> summary;
  Boxed<Trust> trust;
  // Journal: its own field manager, written before the act it records.
  std::vector<OwnedObject> owned_objects;
  std::vector<DatabaseRecord> records;
  Boxed<NetworkTest> network_test;  // nothing: there was none

  bool operator==(const ManagedInstanceLinkStatus&) const = default;
};

struct ManagedInstanceLink {
  ObjectMeta meta;
  ManagedInstanceLinkSpec spec;
  ManagedInstanceLinkStatus status;
  // Set: what is only reported was dropped from `status`, see link_report.h.
  std::optional<std::uint64_t> report_digest;
};

}  // namespace milink::api
