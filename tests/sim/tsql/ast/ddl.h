// Statements about keys, certificates, endpoints, databases and availability groups, as parsed.
// An option that was not written is empty. Plain values.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "core/base/clock.h"

namespace milink::sim::tsql {

enum class MasterKeyAction {
  kCreate,                 // CREATE MASTER KEY ENCRYPTION BY PASSWORD
  kOpen,                   // OPEN MASTER KEY DECRYPTION BY PASSWORD
  kClose,                  // CLOSE MASTER KEY
  kDrop,                   // DROP MASTER KEY
  kAddServiceEncryption,   // ALTER MASTER KEY ADD ENCRYPTION BY SERVICE MASTER KEY
  kDropServiceEncryption,  // ALTER MASTER KEY DROP ENCRYPTION BY SERVICE MASTER KEY
};
struct MasterKeyStatement {
  MasterKeyAction action = MasterKeyAction::kCreate;
  std::string password;
};

struct CreateCertificate {
  std::string name;
  std::optional<std::string> subject;     // self-signed
  std::optional<std::string> start_date;  // as written
  std::optional<std::string> expiry_date;
  std::optional<std::string> binary;  // FROM BINARY: DER
  bool active_for_begin_dialog = true;
};
struct DropCertificate {
  std::string name;
};

struct EndpointStatement {
  enum class Action { kCreate, kAlter };
  Action action = Action::kCreate;
  std::string name;
  std::optional<std::string> state;  // STARTED, STOPPED, DISABLED
  bool has_transport = false;        // AS TCP (..)
  std::optional<int> port;
  std::optional<std::string> ip_address;  // empty: ALL
  bool has_payload = false;               // FOR DATABASE_MIRRORING (..)
  std::optional<std::string> role;        // PARTNER, WITNESS, ALL
  // "NEGOTIATE, CERTIFICATE": the texts of connection_auth_desc.
  std::optional<std::string> authentication;
  std::string certificate;
  // "NONE", "AES", "NONE, AES", ..: the texts of encryption_algorithm_desc.
  std::optional<std::string> encryption;
};
struct DropEndpoint {
  std::string name;
};

// One member of a group: a replica, or a group within a distributed group.
struct GroupMember {
  std::string name;
  std::optional<std::string> url;  // ENDPOINT_URL or LISTENER_URL
  std::optional<std::string> availability_mode;
  std::optional<std::string> failover_mode;
  std::optional<std::string> seeding_mode;
  std::optional<int> session_timeout;
  std::optional<int> backup_priority;
  std::optional<std::string> primary_connections;
  std::optional<std::string> secondary_connections;
};

struct CreateGroup {
  std::string name;
  bool distributed = false;
  std::optional<std::string> cluster_type;
  bool basic = false;
  bool contained = false;
  bool db_failover = false;
  bool dtc_support = false;
  std::optional<int> required_synchronized_secondaries;
  std::optional<std::string> backup_preference;
  std::vector<std::string> databases;
  std::vector<GroupMember> members;
};

enum class GroupAction {
  kJoinDistributed,          // JOIN AVAILABILITY GROUP ON ..
  kModifyDistributed,        // MODIFY AVAILABILITY GROUP ON ..
  kModifyReplica,            // MODIFY REPLICA ON ..
  kAddReplica,               // ADD REPLICA ON ..
  kRemoveReplica,            // REMOVE REPLICA ON ..
  kAddDatabase,              // ADD DATABASE ..
  kRemoveDatabase,           // REMOVE DATABASE ..
  kJoin,                     // JOIN
  kGrantCreate,              // GRANT CREATE ANY DATABASE
  kDenyCreate,               // DENY CREATE ANY DATABASE
  kFailover,                 // FAILOVER
  kForceFailover,            // FORCE_FAILOVER_ALLOW_DATA_LOSS
  kSetRoleSecondary,         // SET (ROLE = SECONDARY)
  kSetRequiredSynchronized,  // SET (REQUIRED_SYNCHRONIZED_SECONDARIES_TO_COMMIT = n)
  kOffline,                  // OFFLINE
};
struct AlterGroup {
  std::string name;
  GroupAction action = GroupAction::kFailover;
  std::vector<GroupMember> members;
  std::vector<std::string> databases;
  int number = 0;
  std::optional<std::string> cluster_type;
};
struct DropGroup {
  std::string name;
};

struct CreateDatabase {
  std::string name;
  std::optional<std::string> collation;
};
struct DropDatabase {
  std::string name;
  bool if_exists = false;
};
struct AlterDatabase {
  std::string name;
  std::string option;  // RECOVERY, HADR, READ_ONLY, READ_WRITE, MULTI_USER, AUTO_CLOSE, ..
  std::string value;   // FULL, RESUME, ON, ..; empty when the option has none
};
struct RestoreDatabase {  // RESTORE DATABASE name WITH RECOVERY
  std::string name;
};

struct BackupStatement {
  bool log = false;
  std::string database;
  std::string path;
  bool copy_only = false;
  bool checksum = false;
  bool compression = false;
  bool init = false;
  std::optional<int> stats;
};

// GRANT, DENY or REVOKE of a server permission.
struct PermissionStatement {
  std::string verb;
  std::string permission;
  std::string principal;
};

}  // namespace milink::sim::tsql
