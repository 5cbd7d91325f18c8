// What one SQL Server instance looked like at one moment. Read by catalog.h in one or two round
// trips, shared by every link of the instance, immutable once published.
//
// Enumerations stay the server's own texts (`*_desc` columns), because new values must not break
// anything. Times are UTC unless said otherwise. Sizes are bytes, queues kilobytes as the server
// reports them, lag seconds. LSNs are decimal text of up to 25 digits.
// Facts: LINK-LIFECYCLE P1-P13 and CATALOG 1-5.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "core/base/clock.h"
#include "core/base/strong.h"

namespace milink::sql {

struct WindowsCluster {
  bool joined = false;                      // the host is a node of a running cluster
  std::vector<std::string> missing_rights;  // of the account that brings groups online

  bool operator==(const WindowsCluster&) const = default;
};

struct InstanceProperties {
  std::string server_name;         // @@SERVERNAME in its exact case: the replica name. May be empty
  std::string actual_server_name;  // differs after the host was renamed
  std::string machine_name;
  std::string instance_name;    // empty for the default instance
  std::string product_version;  // "16.0.4125.3"
  std::string product_level;
  std::string update_level;  // "CU13", empty when the server says NULL
  std::string edition;
  int engine_edition = 0;  // 2 Standard, 3 Enterprise, 4 Express, 8 managed instance
  bool hadr_enabled = false;
  int hadr_manager_status = 0;  // 0 not started, 1 running, 2 failed
  bool clustered = false;
  std::string collation;
  bool sysadmin = false;
  std::vector<std::string> missing_rights;        // of those that a link's statements ask for
  std::optional<WindowsCluster> windows_cluster;  // on SQL Server 2016 only
  std::string host_platform;                      // "Windows" or "Linux"
  std::string host_distribution;
  // Every instance makes one of its own; empty where the login may not see it.
  std::string service_master_key_guid;
  bool connection_encrypted = false;  // encrypt_option of this very connection
  std::vector<int> trace_flags;       // switched on globally, ascending

  bool operator==(const InstanceProperties&) const = default;
};

struct MasterKey {
  bool exists = false;
  bool encrypted_by_service_key = false;  // without it the engine cannot open the key unattended

  bool operator==(const MasterKey&) const = default;
};

struct Certificate {
  CertificateName name;
  int certificate_id = 0;
  std::string private_key;  // pvt_key_encryption_type: "MK", "NA", "PW", "SK"
  std::string subject;
  std::string issuer;
  std::optional<TimePoint> not_before;
  std::optional<TimePoint> not_after;
  std::string thumbprint;  // SHA-1 of the DER, upper-case hexadecimal
  std::string der;         // CERTENCODED: bytes; empty without the right to see it

  bool operator==(const Certificate&) const = default;
};

struct MirroringEndpoint {
  EndpointName name;
  int endpoint_id = 0;
  std::string state;           // "STARTED", "STOPPED", "DISABLED"
  std::string role;            // "ALL", "PARTNER", "WITNESS", "NONE"
  std::string authentication;  // connection_auth_desc, e.g. "CERTIFICATE"
  bool encryption_enabled = false;
  std::string encryption;  // encryption_algorithm_desc, e.g. "AES", "NONE, AES"
  int port = 0;
  std::string ip_address;       // empty: listens on all addresses
  CertificateName certificate;  // empty when it has none

  bool operator==(const MirroringEndpoint&) const = default;
};

struct AvailabilityReplica {
  std::string replica_id;
  std::string server_name;        // an availability group's name in a distributed group
  std::string endpoint_url;       // LISTENER_URL in a distributed group
  std::string availability_mode;  // "SYNCHRONOUS_COMMIT", "ASYNCHRONOUS_COMMIT"
  std::string failover_mode;
  std::string seeding_mode;
  std::string secondary_connections;  // "ALL", "READ_ONLY", "NO"
  // State: empty texts when this instance sees no state row for the replica.
  bool local = false;
  std::string role;             // "PRIMARY", "SECONDARY", "RESOLVING"
  std::string connected_state;  // "CONNECTED", "DISCONNECTED"
  std::string operational_state;
  std::string synchronization_health;  // "HEALTHY", "PARTIALLY_HEALTHY", "NOT_HEALTHY"
  int last_connect_error = 0;
  std::string last_connect_error_text;

  bool operator==(const AvailabilityReplica&) const = default;
};

struct AvailabilityGroup {
  GroupName name;
  std::string group_id;
  bool distributed = false;
  std::string cluster_type;  // "NONE", "WSFC", "EXTERNAL"; empty on 2016
  bool basic = false;
  bool contained = false;
  std::vector<AvailabilityReplica> replicas;
  std::vector<DatabaseName> databases;  // empty for a distributed group

  bool operator==(const AvailabilityGroup&) const = default;
};

// One row of sys.dm_hadr_database_replica_states.
struct DatabaseReplicaState {
  std::string group_id;
  std::string replica_id;
  DatabaseName database;
  bool local = false;
  bool primary_replica = false;
  std::string synchronization_state;  // "SYNCHRONIZED", "SYNCHRONIZING", "NOT SYNCHRONIZING", ..
  std::string synchronization_health;
  bool suspended = false;
  std::string suspend_reason;
  std::optional<std::int64_t> lag_seconds;
  std::optional<std::int64_t> log_send_queue_kb;
  std::optional<std::int64_t> redo_queue_kb;
  std::string last_hardened_lsn;

  bool operator==(const DatabaseReplicaState&) const = default;
};

// The newest attempt to seed a database into a distributed group.
struct Seeding {
  std::string group_id;
  DatabaseName database;
  std::string state;  // "SEEDING", "COMPLETED", "FAILED", ..
  bool source = false;
  std::string failure_state;  // failure_state_desc, empty when it did not fail
  int error_code = 0;
  int attempts = 0;
  std::int64_t database_bytes = 0;  // 0 when no physical statistics are there
  std::int64_t transferred_bytes = 0;
  std::string failure_message;

  bool operator==(const Seeding&) const = default;
};

struct Database {
  DatabaseName name;
  int database_id = 0;
  std::string state;           // "ONLINE", "RESTORING", ..
  std::string recovery_model;  // "FULL", "SIMPLE", "BULK_LOGGED"
  std::string user_access;     // "MULTI_USER", ..
  bool read_only = false;
  bool auto_close = false;
  bool encrypted = false;          // TDE
  std::string group_database_id;   // empty: in no availability group
  bool log_chain_started = false;  // sys.database_recovery_status.last_log_backup_lsn is set
  std::optional<double> log_used_percent;

  bool operator==(const Database&) const = default;
};

// Parts that change rarely and cost more to read: every 10 minutes or on demand.
struct DatabaseFiles {
  int log_files = 0;
  int filestream_files = 0;
  int fulltext_files = 0;
  int defunct_files = 0;
  std::optional<TimePoint> last_full_backup;  // not copy-only, not a snapshot

  bool operator==(const DatabaseFiles&) const = default;
};

// A database's encryption key (TDE) and what protects it. Rarely changing, as the files.
struct DatabaseEncryption {
  int state = 0;  // encryption_state: 1 off, 2 under way, 3 on, 4 key change, 5 decrypting,
                  // 6 protector change
  std::string protector_type;      // "CERTIFICATE", "ASYMMETRIC KEY"
  std::string thumbprint;          // of the protector, upper-case hexadecimal
  std::string asymmetric_key;      // name of such a protector; empty: cannot be seen
  bool external_provider = false;  // it is kept outside, as in a key vault

  bool operator==(const DatabaseEncryption&) const = default;
};

struct InstanceSnapshot {
  std::uint64_t version = 0;  // grows with every read of this instance
  TimePoint read_at;          // when the read began: what was changed before is in it
  TimePoint slow_read_at;     // when `files` and `encryptions` were read
  InstanceProperties properties;
  MasterKey master_key;
  std::vector<Certificate> certificates;
  std::vector<MirroringEndpoint> endpoints;  // at most one exists
  std::vector<AvailabilityGroup> groups;
  std::vector<DatabaseReplicaState> database_states;
  std::vector<Seeding> seedings;
  std::vector<Database> databases;  // user databases
  std::map<DatabaseName, DatabaseFiles> files;
  std::map<DatabaseName, DatabaseEncryption> encryptions;  // databases with an encryption key

  // Names are compared as the server's collation does, as far as ASCII goes: without regard to case
  // unless it is case-sensitive or binary. Null when there is none.
  const Certificate* FindCertificate(const CertificateName& name) const;
  const Certificate* FindCertificateByThumbprint(const std::string& thumbprint) const;
  const AvailabilityGroup* FindGroup(const GroupName& name) const;
  const Database* FindDatabase(const DatabaseName& name) const;
  const DatabaseFiles* FindFiles(const DatabaseName& name) const;
  const DatabaseEncryption* FindEncryption(const DatabaseName& name) const;
};

// "<10s", "<1m", "<5m", "<1h", ">1h"; empty when nothing is known. What is shown and decided by.
std::string LagBucket(std::optional<std::int64_t> lag_seconds);
// Whole percent of the copy, 0 to 100.
int TransferredPercent(const Seeding& seeding);

// Equal in the form in which the parts are used: lag by bucket, a copy's progress in whole percent.
// Version, times of reading, queues, LSNs and the use of logs, which move with every write, do not
// count.
bool SameContents(const InstanceSnapshot& a, const InstanceSnapshot& b);

}  // namespace milink::sql
