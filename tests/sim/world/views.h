// What one instance sees of the world: the rows of the HADR views that depend on more than its own
// data. The plain catalog views (certificates, endpoint, groups, replicas, databases, backups) are
// read from SqlServerInstance directly. Call with the World's lock held.
// Source: CATALOG 2 and 3; open points follow SimSwitches.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "tests/sim/world/world.h"

namespace milink::sim {

// sys.dm_hadr_availability_replica_states
struct ReplicaStateRow {
  std::string replica_id;
  std::string group_id;
  bool is_local = false;
  ReplicaRole role = ReplicaRole::kResolving;
  std::optional<OperationalState> operational_state;  // nothing: NULL (remote)
  std::optional<bool> recovery_online;                // nothing: NULL (remote)
  SynchronizationHealth synchronization_health = SynchronizationHealth::kNotHealthy;
  ConnectedState connected_state = ConnectedState::kDisconnected;
  int last_connect_error_number = 0;  // 0: NULL
  std::string last_connect_error_description;
  std::optional<TimePoint> last_connect_error_timestamp;
};
std::vector<ReplicaStateRow> ReplicaStates(const WorldState& world,
                                           const SqlServerInstance& instance);

// sys.dm_hadr_database_replica_states
struct DatabaseReplicaStateRow {
  int database_id = 0;
  std::string group_id;
  std::string replica_id;
  std::string group_database_id;
  bool is_local = false;
  bool is_primary_replica = false;
  SynchronizationState synchronization_state = SynchronizationState::kNotSynchronizing;
  bool is_commit_participant = false;
  SynchronizationHealth synchronization_health = SynchronizationHealth::kNotHealthy;
  std::optional<DatabaseState> database_state;  // nothing: NULL (remote)
  bool is_suspended = false;
  std::string last_hardened_lsn;  // empty: NULL; this and the next three
  std::string last_sent_lsn;
  std::string end_of_log_lsn;
  std::string last_commit_lsn;
  std::optional<TimePoint> last_commit_time;
  std::optional<TimePoint> last_hardened_time;
  std::optional<std::int64_t> log_send_queue_kb;
  std::optional<std::int64_t> log_send_rate_kb;
  std::optional<std::int64_t> redo_queue_kb;
  std::optional<std::int64_t> redo_rate_kb;
  std::optional<std::int64_t> secondary_lag_seconds;
};
std::vector<DatabaseReplicaStateRow> DatabaseReplicaStates(const WorldState& world,
                                                           const SqlServerInstance& instance);

// sys.dm_hadr_availability_group_states
struct GroupStateRow {
  std::string group_id;
  std::string primary_replica;  // empty: NULL
  std::optional<bool> primary_recovery_online;
  std::optional<bool> secondary_recovery_online;
  SynchronizationHealth synchronization_health = SynchronizationHealth::kNotHealthy;
};
std::vector<GroupStateRow> GroupStates(const WorldState& world, const SqlServerInstance& instance);

// sys.dm_hadr_database_replica_cluster_states
struct DatabaseClusterStateRow {
  std::string replica_id;
  std::string group_database_id;
  std::string database_name;
  bool is_failover_ready = false;
  bool is_database_joined = false;
};
std::vector<DatabaseClusterStateRow> DatabaseClusterStates(const WorldState& world,
                                                           const SqlServerInstance& instance);

// sys.dm_hadr_automatic_seeding: the history of `instance.seedings`, with ag_id as the switch says.
struct SeedingRow {
  const Seeding* seeding = nullptr;
  std::string ag_id;
};
std::vector<SeedingRow> AutomaticSeeding(const WorldState& world,
                                         const SqlServerInstance& instance);

// sys.dm_hadr_physical_seeding_stats
struct PhysicalSeedingRow {
  const Seeding* seeding = nullptr;
  int database_id = 0;
  std::string internal_state;
  std::optional<TimePoint> end_time;
  std::optional<TimePoint> estimate_time_complete;
};
std::vector<PhysicalSeedingRow> PhysicalSeeding(const WorldState& world,
                                                const SqlServerInstance& instance);

// sys.databases.log_reuse_wait with its text, and how full the log is.
struct LogUse {
  int reuse_wait = 0;
  std::string reuse_wait_desc;
  std::int64_t total_bytes = 0;
  std::int64_t used_bytes = 0;
  double used_percent = 0;
};
LogUse LogUseOf(const WorldState& world, const SqlServerInstance& instance,
                const Database& database);

}  // namespace milink::sim
