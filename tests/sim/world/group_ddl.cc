#include "tests/sim/world/group_ddl.h"

#include <algorithm>

#include "core/base/text.h"

namespace milink::sim {
namespace {

constexpr int kMinSessionTimeout = 5;

// Is this instance able to run availability groups at all?
SqlOutcome CheckInstance(const SqlServerInstance& instance) {
  if (!instance.always_on_supported) {
    return Refuse(41'199, {"Availability Groups"});
  }
  if (!instance.hadr_enabled) {
    return Refuse(instance.platform == "Linux" ? 47'105 : 35'221);
  }
  if (instance.hadr_manager_status != 1) {
    return Refuse(41'151);
  }
  return {};
}

SqlOutcome CheckReplica(const GroupRequest& request, const ReplicaClauses& replica,
                        ClusterType cluster) {
  if (!replica.url) {
    return Refuse(35'236, {replica.name});
  }
  if (!ParseTcpUrl(*replica.url)) {
    return Refuse(35'232, {*replica.url});
  }
  if (!replica.failover_mode) {
    return Refuse(41'197, {replica.name});
  }
  if (!replica.availability_mode) {
    return Refuse(41'198, {replica.name});
  }
  if (cluster == ClusterType::kNone && *replica.failover_mode != FailoverMode::kManual) {
    return Refuse(47'101, {request.name});
  }
  if (cluster == ClusterType::kExternal && *replica.failover_mode != FailoverMode::kExternal) {
    return Refuse(47'102, {request.name});
  }
  if (replica.session_timeout.value_or(kMinSessionTimeout) < kMinSessionTimeout) {
    return Refuse(35'214, {"CREATE", replica.name, std::to_string(kMinSessionTimeout)});
  }
  return {};
}

// Why a database cannot join a group; inner error first, then the wrapper.
SqlOutcome CheckDatabase(const SqlServerInstance& instance, const std::string& group,
                         const std::string& name) {
  const auto refuse = [&](int number, const std::vector<std::string>& arguments) {
    return Refuse(number, arguments).Add(41'152, {group, std::to_string(number)});
  };
  for (const std::string_view system : {"master", "model", "msdb", "tempdb"}) {
    if (EqualsIgnoreCaseAscii(name, system)) {
      return refuse(35'249, {name});
    }
  }
  const Database* const database = instance.FindDatabase(name);
  if (database == nullptr) {
    return refuse(35'238, {name, group});
  }
  if (!database->group_database_id.empty()) {
    return refuse(35'244, {name, group});
  }
  if (database->state != DatabaseState::kOnline) {
    return refuse(1'467, {name});
  }
  if (database->read_only) {
    return refuse(1'466, {name});
  }
  if (database->auto_close) {
    return refuse(1'469, {name});
  }
  if (database->user_access != UserAccess::kMultiUser) {
    return refuse(1'488, {name});
  }
  if (database->recovery != RecoveryModel::kFull) {
    return refuse(1'465, {name});
  }
  if (!database->log_chain_started) {
    return refuse(1'475, {name});
  }
  return {};
}

GroupReplica MakeReplica(WorldState& world, const ReplicaClauses& clauses, bool local) {
  GroupReplica replica;
  replica.replica_id = world.NewId();
  replica.server_name = clauses.name;
  replica.endpoint_url = clauses.url.value_or("");
  replica.availability_mode = clauses.availability_mode.value_or(AvailabilityMode::kAsynchronous);
  replica.failover_mode = clauses.failover_mode.value_or(FailoverMode::kManual);
  replica.seeding_mode = clauses.seeding_mode.value_or(SeedingMode::kManual);
  replica.session_timeout = clauses.session_timeout.value_or(10);
  replica.backup_priority = clauses.backup_priority.value_or(50);
  replica.primary_connections = clauses.primary_connections.value_or(PrimaryConnections::kAll);
  replica.secondary_connections = clauses.secondary_connections.value_or(SecondaryConnections::kNo);
  replica.local = local;
  replica.create_date = world.now;
  replica.modify_date = world.now;
  return replica;
}

void AddToGroup(WorldState& world, AvailabilityGroup& group, SqlServerInstance& instance,
                const std::string& name, const std::string& replica_id) {
  Database* const database = instance.FindDatabase(name);
  database->group_database_id = world.NewId();
  database->replica_id = replica_id;
  group.databases.push_back(
      {.group_database_id = database->group_database_id, .database_name = database->name});
}

}  // namespace

SqlOutcome CreateAvailabilityGroup(WorldState& world, SqlServerInstance& instance,
                                   const GroupRequest& request) {
  if (SqlOutcome refused = CheckInstance(instance); refused.failed()) {
    return refused;
  }
  if (instance.FindGroup(request.name) != nullptr) {
    return Refuse(41'114, {request.name});
  }
  const ClusterType cluster = request.cluster_type.value_or(ClusterType::kWsfc);
  if (cluster == ClusterType::kWsfc && !instance.wsfc) {
    return Refuse(35'220);
  }
  // No other name maps to this instance; @@SERVERNAME does not either, once the host was renamed.
  const auto own = std::ranges::find_if(request.replicas, [&](const ReplicaClauses& replica) {
    return instance.SameName(replica.name, instance.server_name);
  });
  if (own == request.replicas.end()) {
    return Refuse(35'237, {request.name});
  }
  for (const ReplicaClauses& replica : request.replicas) {
    if (SqlOutcome refused = CheckReplica(request, replica, cluster); refused.failed()) {
      return refused;
    }
  }
  for (const std::string& database : request.databases) {
    if (SqlOutcome refused = CheckDatabase(instance, request.name, database); refused.failed()) {
      return refused;
    }
  }
  if (cluster == ClusterType::kWsfc && !instance.ClusterAccountHasRights()) {
    SqlOutcome outcome;
    outcome.Add(41'131, {request.name}).Add(41'152, {request.name, "41131"});
    return outcome;
  }
  AvailabilityGroup group;
  group.group_id = world.NewId();
  group.name = request.name;
  group.cluster_type = cluster;
  group.basic = request.basic;
  group.contained = request.contained;
  group.create_date = world.now;
  for (const ReplicaClauses& replica : request.replicas) {
    group.replicas.push_back(MakeReplica(world, replica, &replica == &*own));
    if (&replica == &*own) {
      for (const std::string& database : request.databases) {
        AddToGroup(world, group, instance, database, group.replicas.back().replica_id);
      }
    }
  }
  instance.groups.push_back(std::move(group));
  return {};
}

SqlOutcome DropAvailabilityGroup(WorldState& /*world*/, SqlServerInstance& instance,
                                 const std::string& name) {
  const AvailabilityGroup* const group = instance.FindGroup(name);
  if (group == nullptr) {
    return Refuse(15'151, {"drop", "availability group", name});
  }
  for (const GroupDatabase& member : group->databases) {
    if (Database* const database = instance.FindDatabase(member.database_name)) {
      database->group_database_id.clear();
      database->replica_id.clear();
      // Nobody will bring a secondary's copy up to date any more.
      database->state =
          group->local_role == ReplicaRole::kPrimary ? database->state : DatabaseState::kRestoring;
    }
  }
  std::erase_if(instance.groups,
                [id = group->group_id](const AvailabilityGroup& g) { return g.group_id == id; });
  return {};
}

SqlOutcome GrantCreateAnyDatabase(WorldState& /*world*/, SqlServerInstance& instance,
                                  const std::string& name) {
  AvailabilityGroup* const group = instance.FindGroup(name);
  if (group == nullptr) {
    return Refuse(15'151, {"alter", "availability group", name});
  }
  group->create_any_database_granted = true;
  return {};
}

SqlOutcome ModifyReplica(WorldState& world, SqlServerInstance& instance, const std::string& name,
                         const ReplicaClauses& clauses) {
  AvailabilityGroup* const group = instance.FindGroup(name);
  if (group == nullptr) {
    return Refuse(15'151, {"alter", "availability group", name});
  }
  if (group->local_role != ReplicaRole::kPrimary) {
    return Refuse(41'140, {name});
  }
  const auto replica = std::ranges::find_if(group->replicas, [&](const GroupReplica& candidate) {
    return instance.SameName(candidate.server_name, clauses.name);
  });
  if (replica == group->replicas.end()) {
    return Refuse(35'210, {clauses.name, name});
  }
  if (clauses.url && !ParseTcpUrl(*clauses.url)) {
    return Refuse(35'232, {*clauses.url});
  }
  replica->endpoint_url = clauses.url.value_or(replica->endpoint_url);
  replica->availability_mode = clauses.availability_mode.value_or(replica->availability_mode);
  replica->failover_mode = clauses.failover_mode.value_or(replica->failover_mode);
  replica->seeding_mode = clauses.seeding_mode.value_or(replica->seeding_mode);
  replica->session_timeout = clauses.session_timeout.value_or(replica->session_timeout);
  replica->backup_priority = clauses.backup_priority.value_or(replica->backup_priority);
  replica->primary_connections = clauses.primary_connections.value_or(replica->primary_connections);
  replica->secondary_connections =
      clauses.secondary_connections.value_or(replica->secondary_connections);
  replica->modify_date = world.now;
  return {};
}

SqlOutcome RemoveGroupDatabase(WorldState& /*world*/, SqlServerInstance& instance,
                               const std::string& name, const std::string& database_name) {
  AvailabilityGroup* const group = instance.FindGroup(name);
  if (group == nullptr) {
    return Refuse(15'151, {"alter", "availability group", name});
  }
  const bool in_distributed =
      std::ranges::any_of(instance.groups, [&](const AvailabilityGroup& candidate) {
        return candidate.distributed &&
               std::ranges::any_of(candidate.replicas, [&](const GroupReplica& member) {
                 return member.local && instance.SameName(member.server_name, name);
               });
      });
  if (in_distributed) {
    return Refuse(47'520);
  }
  std::erase_if(group->databases, [&](const GroupDatabase& member) {
    return instance.SameName(member.database_name, database_name);
  });
  if (Database* const database = instance.FindDatabase(database_name)) {
    database->group_database_id.clear();
    database->replica_id.clear();
  }
  return {};
}

}  // namespace milink::sim
