// One simulated SQL Server instance, as plain data. Everything here is guarded by the World's lock
// and changed only by the functions of the `*_ddl.h` headers and by link_dynamics.
//
// Times UTC; sizes bytes; GUIDs lower case with dashes; thumbprints upper-case hexadecimal SHA-1.
#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "core/base/clock.h"
#include "tests/sim/world/agent.h"
#include "tests/sim/world/enums.h"

namespace milink::sim {

struct Login {
  std::string name;
  std::string password;
  bool sysadmin = false;
  bool disabled = false;
  std::set<std::string> permissions;  // server permissions, e.g. "VIEW SERVER STATE"
};

struct MasterKey {
  bool exists = false;
  bool encrypted_by_service_key = false;
  TimePoint create_date;
  std::string guid;
  std::string password = "Known-Master-Key-1";  // with which it can be opened
};

struct Certificate {
  std::string name;
  int certificate_id = 0;        // from 256 on for user certificates
  bool has_private_key = false;  // then encrypted by the master key: "MK"; otherwise "NA"
  std::string subject;
  std::string issuer;
  std::string serial;  // hex pairs separated by blanks
  TimePoint start_date;
  TimePoint expiry_date;
  std::string thumbprint;
  std::string der;
  std::string private_key_pem;         // empty without a private key
  int key_length = 0;                  // bits
  std::vector<std::string> issuer_of;  // DNS patterns given to sp_certificate_add_issuer
};

// In a key vault or another external provider. Such keys protect databases as certificates do.
struct AsymmetricKey {
  std::string name;
  int asymmetric_key_id = 0;
  std::string thumbprint;
};

struct MirroringEndpoint {
  std::string name;
  int endpoint_id = 0;  // from 65536 on
  EndpointState state = EndpointState::kStopped;
  EndpointRole role = EndpointRole::kAll;
  ConnectionAuth auth = ConnectionAuth::kNegotiate;
  EncryptionAlgorithm encryption = EncryptionAlgorithm::kAes;
  int port = 5022;
  std::string ip_address;  // empty: ALL
  int certificate_id = 0;  // 0: none
  bool listening = false;  // false while STARTED when the port was taken (26023)
};

struct DatabaseFile {
  int file_id = 1;
  FileType type = FileType::kRows;
  std::string name;
  std::string physical_name;
  FileState state = FileState::kOnline;
  std::int64_t size_bytes = 8LL << 20;
};

struct Database {
  std::string name;
  int database_id = 0;  // from 5 on for user databases
  TimePoint create_date;
  DatabaseState state = DatabaseState::kOnline;
  RecoveryModel recovery = RecoveryModel::kFull;
  UserAccess user_access = UserAccess::kMultiUser;
  bool read_only = false;
  bool auto_close = false;
  bool broker_enabled = false;
  std::string mirroring_guid;        // of a database mirroring session; empty: none
  std::string encryptor_thumbprint;  // of what protects its key (TDE); empty: not encrypted
  std::string collation;
  int compatibility_level = 160;
  std::vector<DatabaseFile> files;

  // The log chain begins with a full backup taken after the switch to FULL; without it the database
  // behaves as if SIMPLE and cannot join a group (1475).
  bool log_chain_started = false;
  std::uint64_t log_offset = 0;  // bytes ever written to the log
  std::uint64_t write_rate = 0;  // bytes of log a second
  std::uint64_t log_carry = 0;   // thousandths of a byte that are not in the log yet
  std::uint64_t log_size_bytes = 64 << 20;
  std::uint64_t log_backup_offset = 0;  // everything below is backed up
  TimePoint last_commit_time;

  std::string replica_id;         // of the local group's local replica; empty: in no group
  std::string group_database_id;  // empty: in no group
};

struct Backup {
  int backup_set_id = 0;
  std::string database_name;
  char type = 'D';  // D full, L log
  bool copy_only = false;
  std::string path;
  std::string first_lsn;
  std::string last_lsn;
  std::string checkpoint_lsn;
  std::string database_backup_lsn;
  TimePoint start_date;
  TimePoint finish_date;
  RecoveryModel recovery = RecoveryModel::kFull;
  bool checksum = false;
  bool begins_log_chain = false;
  std::int64_t size_bytes = 0;
};

struct GroupReplica {
  std::string replica_id;
  std::string server_name;   // an availability group's name in a distributed group
  std::string endpoint_url;  // LISTENER_URL in a distributed group
  AvailabilityMode availability_mode = AvailabilityMode::kAsynchronous;
  FailoverMode failover_mode = FailoverMode::kManual;
  SeedingMode seeding_mode = SeedingMode::kManual;
  int session_timeout = 10;
  int backup_priority = 50;
  PrimaryConnections primary_connections = PrimaryConnections::kAll;
  SecondaryConnections secondary_connections = SecondaryConnections::kNo;
  bool local = false;
  TimePoint create_date;
  TimePoint modify_date;

  // Of a remote replica: the newest failure to connect; kept after a later success.
  int last_connect_error = 0;
  std::string last_connect_error_text;
  std::optional<TimePoint> last_connect_error_time;
};

struct GroupDatabase {
  std::string group_database_id;
  std::string database_name;
};

struct AvailabilityGroup {
  std::string group_id;
  std::string name;
  bool distributed = false;
  ClusterType cluster_type = ClusterType::kNone;
  bool basic = false;
  bool contained = false;
  int required_synchronized_secondaries = 0;
  bool create_any_database_granted = false;
  ReplicaRole local_role = ReplicaRole::kPrimary;
  TimePoint create_date;
  std::vector<GroupReplica> replicas;
  std::vector<GroupDatabase> databases;  // empty for a distributed group
};

// One attempt to seed a database into a distributed group (sys.dm_hadr_automatic_seeding joined
// with its physical statistics). History: rows stay until the instance restarts.
struct Seeding {
  std::string operation_id;  // = local_physical_seeding_id
  std::string remote_operation_id;
  std::string group_id;
  std::string group_database_id;
  std::string remote_replica_id;
  std::string database_name;
  std::string remote_endpoint_url;
  bool source = true;
  std::string state;  // "SEEDING", "CATCHUP", "COMPLETED", "FAILED", ..
  bool performed_seeding = false;
  int failure_state = 0;
  std::string failure_state_desc;
  int error_code = 0;
  std::string failure_message;
  int attempts = 1;
  TimePoint start_time;
  std::optional<TimePoint> completion_time;
  std::int64_t database_bytes = 0;
  std::int64_t transferred_bytes = 0;
  std::int64_t bytes_per_second = 0;
  bool compressed = false;
};

struct SqlServerInstance {
  std::string server_name = "SQL1";  // exact case
  // @@SERVERNAME where it is another one, as after the host was renamed; empty: NULL.
  std::optional<std::string> registered_name;
  std::string machine_name = "SQL1";
  std::string instance_name;  // empty: default instance
  std::string product_version = "16.0.4165.4";
  std::string product_level = "RTM";
  std::string update_level = "CU16";
  std::string update_reference = "KB5048033";
  std::string edition = "Enterprise Edition: Core-based Licensing (64-bit)";
  int engine_edition = 3;
  std::string platform = "Linux";
  std::string distribution = "Ubuntu";
  std::string collation = "SQL_Latin1_General_CP1_CI_AS";
  bool hadr_enabled = true;
  int hadr_manager_status = 1;
  bool clustered = false;
  bool wsfc = false;  // node of a failover cluster, which 2016 needs
  // Server permissions of NT AUTHORITY\SYSTEM, as which the cluster brings groups online.
  std::set<std::string> cluster_account_rights = {"ALTER ANY AVAILABILITY GROUP", "CONNECT SQL",
                                                  "VIEW SERVER STATE"};
  bool link_procedures = true;  // the servicing update that brings sp_certificate_add_issuer
  bool always_on_supported = true;
  std::vector<int> trace_flags = {1800, 9567};
  std::string backup_directory = "/var/opt/mssql/backup";  // the only place that can be written to

  // Where the mirroring endpoint can be reached from outside: host names and addresses.
  std::vector<std::string> addresses = {"10.0.0.4"};

  std::vector<Login> logins;
  std::string service_master_key_guid;
  MasterKey master_key;
  std::vector<Certificate> certificates;
  std::vector<AsymmetricKey> asymmetric_keys;
  std::optional<MirroringEndpoint> endpoint;
  std::vector<Database> databases;  // user databases only
  std::vector<AvailabilityGroup> groups;
  std::vector<Backup> backups;
  std::vector<Seeding> seedings;
  std::vector<std::string> error_log;
  Agent agent;
  int next_certificate_id = 256;
  int next_endpoint_id = 65'536;
  int next_database_id = 5;
  int next_backup_set_id = 1;
  TimePoint start_time;

  int MajorVersion() const;  // 13 = 2016 .. 17 = 2025
  // Does its build have sp_validate_certificate_ca_chain (VERSIONS 1)?
  bool ValidatesChains() const;
  // Names compare as the instance's collation says: without regard to ASCII case for _CI_.
  bool SameName(std::string_view a, std::string_view b) const;
  const Certificate* FindCertificate(std::string_view name) const;
  Certificate* FindCertificate(std::string_view name);
  const Certificate* FindCertificateById(int id) const;
  const Certificate* FindCertificateByThumbprint(std::string_view thumbprint) const;
  const Database* FindDatabase(std::string_view name) const;
  Database* FindDatabase(std::string_view name);
  const AvailabilityGroup* FindGroup(std::string_view name) const;
  AvailabilityGroup* FindGroup(std::string_view name);
  const AvailabilityGroup* FindGroupById(std::string_view group_id) const;
  // The local group that holds a database; null when in none.
  const AvailabilityGroup* GroupOfDatabase(std::string_view database) const;
  const Login* FindLogin(std::string_view name) const;
  // May the cluster bring groups of this instance online?
  bool ClusterAccountHasRights() const;
};

// "37000000024000001" of a position in the log: VLF, block and slot in decimal (CATALOG 7).
std::string LsnText(std::uint64_t log_offset);

}  // namespace milink::sim
