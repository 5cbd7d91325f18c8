#include "tests/sim/world/views.h"

#include <algorithm>

#include "tests/sim/world/link_dynamics.h"
#include "tests/sim/world/partners.h"

namespace milink::sim {
namespace {

const GroupReplica* RemoteMember(const AvailabilityGroup& group) {
  const auto it = std::ranges::find(group.replicas, false, &GroupReplica::local);
  return it == group.replicas.end() ? nullptr : &*it;
}

const GroupReplica* LocalMember(const AvailabilityGroup& group) {
  const auto it = std::ranges::find(group.replicas, true, &GroupReplica::local);
  return it == group.replicas.end() ? nullptr : &*it;
}

bool Synchronous(const AvailabilityGroup& group) {
  return std::ranges::all_of(group.replicas, [](const GroupReplica& member) {
    return member.availability_mode == AvailabilityMode::kSynchronous;
  });
}

// The local group below a distributed one; its databases are the distributed group's.
const AvailabilityGroup* LocalGroup(const SqlServerInstance& instance,
                                    const AvailabilityGroup& distributed) {
  const GroupReplica* const member = LocalMember(distributed);
  return member == nullptr ? nullptr : instance.FindGroup(member->server_name);
}

const LinkDatabase* FindLinkDatabase(const SqlServerInstance& instance, const Link* link,
                                     const std::string& name) {
  if (link == nullptr) {
    return nullptr;
  }
  const auto it = std::ranges::find_if(link->databases, [&](const LinkDatabase& database) {
    return instance.SameName(database.name, name);
  });
  return it == link->databases.end() ? nullptr : &*it;
}

bool CaughtUp(const WorldState& world, const Link& link) {
  return std::ranges::all_of(link.databases, [&](const LinkDatabase& database) {
    const Database* const source = SourceOf(world, link, database);
    return source != nullptr && source->log_offset == database.hardened_offset;
  });
}

bool Flows(const Link* link) {
  return link != nullptr && link->connected && link->stage == LinkStage::kEstablished;
}

SynchronizationHealth RemoteHealth(const WorldState& world, const AvailabilityGroup& group,
                                   const Link* link) {
  if (!Flows(link) || std::ranges::any_of(link->databases, &LinkDatabase::stopped)) {
    return SynchronizationHealth::kNotHealthy;
  }
  return !Synchronous(group) || CaughtUp(world, *link) ? SynchronizationHealth::kHealthy
                                                       : SynchronizationHealth::kPartiallyHealthy;
}

ReplicaStateRow LocalRow(const AvailabilityGroup& group, const GroupReplica& replica) {
  ReplicaStateRow row;
  row.replica_id = replica.replica_id;
  row.group_id = group.group_id;
  row.is_local = true;
  row.role = group.local_role;
  row.operational_state = OperationalState::kOnline;
  row.recovery_online = true;
  row.synchronization_health = SynchronizationHealth::kHealthy;
  row.connected_state = ConnectedState::kConnected;
  return row;
}

ReplicaStateRow RemoteRow(const WorldState& world, const SqlServerInstance& instance,
                          const AvailabilityGroup& group, const GroupReplica& replica) {
  const Link* const link = group.distributed ? LinkOfGroup(world, instance, group) : nullptr;
  const SqlServerInstance* const partner =
      group.distributed ? nullptr : world.FindInstance(replica.server_name);
  const bool joined = link != nullptr || partner != nullptr;
  const bool connected = partner != nullptr
                             ? PartnersConnect(instance, *partner, replica.endpoint_url)
                             : link != nullptr && link->connected;
  ReplicaStateRow row;
  row.replica_id = replica.replica_id;
  row.group_id = group.group_id;
  row.role = joined ? ReplicaRole::kSecondary : world.switches.role_before_join;
  row.synchronization_health = partner != nullptr && connected ? SynchronizationHealth::kHealthy
                                                               : RemoteHealth(world, group, link);
  row.connected_state = connected ? ConnectedState::kConnected : ConnectedState::kDisconnected;
  row.last_connect_error_number = replica.last_connect_error;
  row.last_connect_error_description = replica.last_connect_error_text;
  row.last_connect_error_timestamp = replica.last_connect_error_time;
  return row;
}

DatabaseReplicaStateRow LocalDatabaseRow(const AvailabilityGroup& group,
                                         const GroupReplica& replica, const Database& database) {
  DatabaseReplicaStateRow row;
  row.database_id = database.database_id;
  row.group_id = group.group_id;
  row.replica_id = replica.replica_id;
  row.group_database_id = database.group_database_id;
  row.is_local = true;
  row.is_primary_replica = group.local_role == ReplicaRole::kPrimary;
  row.is_commit_participant = row.is_primary_replica;
  row.synchronization_state = group.distributed && !Synchronous(group)
                                  ? SynchronizationState::kSynchronizing
                                  : SynchronizationState::kSynchronized;
  row.synchronization_health = SynchronizationHealth::kHealthy;
  row.database_state = database.state;
  row.last_hardened_lsn = LsnText(database.log_offset);
  row.end_of_log_lsn = row.last_hardened_lsn;
  row.last_commit_lsn = row.last_hardened_lsn;
  row.last_commit_time = database.last_commit_time;
  return row;
}

void FillProgress(const WorldState& world, const Database& source, const LinkDatabase& linked,
                  DatabaseReplicaStateRow& row) {
  const std::uint64_t behind =
      source.log_offset - std::min(source.log_offset, linked.hardened_offset);
  const std::uint64_t rate =
      source.write_rate > 0 ? source.write_rate : world.timings.replication_bytes_per_second;
  row.last_hardened_lsn = LsnText(linked.hardened_offset);
  row.last_sent_lsn = row.last_hardened_lsn;
  row.end_of_log_lsn = row.last_hardened_lsn;
  row.last_commit_lsn = row.last_hardened_lsn;
  row.last_hardened_time = linked.received_time;
  row.last_commit_time = linked.received_time;
  row.log_send_queue_kb = static_cast<std::int64_t>(behind / 1024);
  row.log_send_rate_kb = static_cast<std::int64_t>(std::min(source.write_rate, rate) / 1024);
  row.redo_queue_kb = 0;
  row.redo_rate_kb = row.log_send_rate_kb;
  row.secondary_lag_seconds = rate == 0 ? 0 : static_cast<std::int64_t>(behind / rate);
}

std::optional<DatabaseReplicaStateRow> RemoteDatabaseRow(const WorldState& world,
                                                         const SqlServerInstance& instance,
                                                         const AvailabilityGroup& group,
                                                         const GroupReplica& replica,
                                                         const Database& database) {
  const Link* const link = LinkOfGroup(world, instance, group);
  const LinkDatabase* const linked = FindLinkDatabase(instance, link, database.name);
  if (linked == nullptr && !world.switches.remote_row_before_join) {
    return std::nullopt;
  }
  DatabaseReplicaStateRow row;
  row.database_id = database.database_id;
  row.group_id = group.group_id;
  row.replica_id = replica.replica_id;
  row.group_database_id = database.group_database_id;
  if (!Flows(link) || linked->stopped) {
    return row;
  }
  const bool equal = linked->hardened_offset == database.log_offset;
  row.synchronization_state = Synchronous(group) && equal ? SynchronizationState::kSynchronized
                                                          : SynchronizationState::kSynchronizing;
  row.synchronization_health = RemoteHealth(world, group, link);
  row.is_commit_participant = Synchronous(group);
  FillProgress(world, database, *linked, row);
  return row;
}

void AddDatabaseRows(const WorldState& world, const SqlServerInstance& instance,
                     const AvailabilityGroup& group, const Database& database,
                     std::vector<DatabaseReplicaStateRow>& rows) {
  for (const GroupReplica& replica : group.replicas) {
    if (replica.local) {
      rows.push_back(LocalDatabaseRow(group, replica, database));
    } else if (group.distributed && group.local_role == ReplicaRole::kPrimary) {
      if (auto row = RemoteDatabaseRow(world, instance, group, replica, database)) {
        rows.push_back(std::move(*row));
      }
    }
  }
}

}  // namespace

std::vector<ReplicaStateRow> ReplicaStates(const WorldState& world,
                                           const SqlServerInstance& instance) {
  std::vector<ReplicaStateRow> rows;
  for (const AvailabilityGroup& group : instance.groups) {
    for (const GroupReplica& replica : group.replicas) {
      if (replica.local) {
        rows.push_back(LocalRow(group, replica));
      } else if (group.local_role == ReplicaRole::kPrimary) {
        // A secondary sees nobody but itself.
        rows.push_back(RemoteRow(world, instance, group, replica));
      }
    }
  }
  return rows;
}

std::vector<DatabaseReplicaStateRow> DatabaseReplicaStates(const WorldState& world,
                                                           const SqlServerInstance& instance) {
  std::vector<DatabaseReplicaStateRow> rows;
  for (const AvailabilityGroup& group : instance.groups) {
    const AvailabilityGroup* const owner = group.distributed ? LocalGroup(instance, group) : &group;
    if (owner == nullptr) {
      continue;
    }
    for (const GroupDatabase& member : owner->databases) {
      if (const Database* const database = instance.FindDatabase(member.database_name)) {
        AddDatabaseRows(world, instance, group, *database, rows);
      }
    }
  }
  return rows;
}

std::vector<GroupStateRow> GroupStates(const WorldState& world, const SqlServerInstance& instance) {
  std::vector<GroupStateRow> rows;
  for (const AvailabilityGroup& group : instance.groups) {
    GroupStateRow row;
    row.group_id = group.group_id;
    const bool primary = group.local_role == ReplicaRole::kPrimary;
    const GroupReplica* const member = primary ? LocalMember(group) : RemoteMember(group);
    row.primary_replica = member == nullptr ? "" : member->server_name;
    (primary ? row.primary_recovery_online : row.secondary_recovery_online) = true;
    row.synchronization_health =
        group.distributed ? RemoteHealth(world, group, LinkOfGroup(world, instance, group))
                          : SynchronizationHealth::kHealthy;
    rows.push_back(std::move(row));
  }
  return rows;
}

std::vector<DatabaseClusterStateRow> DatabaseClusterStates(const WorldState& /*world*/,
                                                           const SqlServerInstance& instance) {
  std::vector<DatabaseClusterStateRow> rows;
  for (const AvailabilityGroup& group : instance.groups) {
    for (const GroupReplica& replica : group.replicas) {
      for (const GroupDatabase& database : group.databases) {
        rows.push_back({.replica_id = replica.replica_id,
                        .group_database_id = database.group_database_id,
                        .database_name = database.database_name,
                        .is_failover_ready = replica.local,
                        .is_database_joined = replica.local});
      }
    }
  }
  return rows;
}

std::vector<SeedingRow> AutomaticSeeding(const WorldState& world,
                                         const SqlServerInstance& instance) {
  std::vector<SeedingRow> rows;
  for (const Seeding& seeding : instance.seedings) {
    std::string ag_id = seeding.group_id;
    if (!world.switches.seeding_rows_carry_distributed_group) {
      const AvailabilityGroup* const local = instance.GroupOfDatabase(seeding.database_name);
      ag_id = local == nullptr ? ag_id : local->group_id;
    }
    rows.push_back({.seeding = &seeding, .ag_id = std::move(ag_id)});
  }
  return rows;
}

std::vector<PhysicalSeedingRow> PhysicalSeeding(const WorldState& world,
                                                const SqlServerInstance& instance) {
  std::vector<PhysicalSeedingRow> rows;
  for (const Seeding& seeding : instance.seedings) {
    const bool running = !seeding.completion_time.has_value();
    if (!running && !world.switches.physical_seeding_row_stays) {
      continue;
    }
    PhysicalSeedingRow row;
    row.seeding = &seeding;
    const Database* const database = instance.FindDatabase(seeding.database_name);
    row.database_id = database == nullptr ? 0 : database->database_id;
    row.end_time = seeding.completion_time;
    row.internal_state = seeding.state == "FAILED" ? "Failed"
                         : running                 ? "WritingBackupDataToNetwork"
                                                   : "Success";
    if (running && seeding.bytes_per_second > 0) {
      const std::int64_t left = seeding.database_bytes - seeding.transferred_bytes;
      row.estimate_time_complete =
          world.now + std::chrono::seconds(left / seeding.bytes_per_second);
    }
    rows.push_back(std::move(row));
  }
  return rows;
}

LogUse LogUseOf(const WorldState& world, const SqlServerInstance& instance,
                const Database& database) {
  LogUse use;
  std::uint64_t keep_from = database.recovery == RecoveryModel::kSimple
                                ? database.log_offset
                                : database.log_backup_offset;
  if (keep_from < database.log_offset) {
    use.reuse_wait = 2;
    use.reuse_wait_desc = "LOG_BACKUP";
  }
  for (const AvailabilityGroup& group : instance.groups) {
    const Link* const link = group.distributed ? LinkOfGroup(world, instance, group) : nullptr;
    const LinkDatabase* const linked = FindLinkDatabase(instance, link, database.name);
    if (linked != nullptr && linked->hardened_offset < keep_from) {
      keep_from = linked->hardened_offset;
      use.reuse_wait = 9;
      use.reuse_wait_desc = "AVAILABILITY_REPLICA";
    }
  }
  if (use.reuse_wait == 0) {
    use.reuse_wait_desc = "NOTHING";
  }
  constexpr std::int64_t kHeader = 1LL << 18;
  use.used_bytes = kHeader + static_cast<std::int64_t>(database.log_offset - keep_from);
  // The file grows by a quarter when it is full.
  use.total_bytes =
      std::max(static_cast<std::int64_t>(database.log_size_bytes), use.used_bytes * 5 / 4);
  use.used_percent =
      100.0 * static_cast<double>(use.used_bytes) / static_cast<double>(use.total_bytes);
  return use;
}

}  // namespace milink::sim
