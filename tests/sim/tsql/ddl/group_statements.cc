#include "tests/sim/tsql/ddl/words.h"
#include "tests/sim/tsql/run/interpreter.h"
#include "tests/sim/world/group_ddl.h"

namespace milink::sim::tsql {
namespace {

ReplicaClauses ClausesOf(const GroupMember& member) {
  return {.name = member.name,
          .url = member.url,
          .availability_mode = ValueOf<AvailabilityMode>(member.availability_mode),
          .failover_mode = ValueOf<FailoverMode>(member.failover_mode),
          .seeding_mode = ValueOf<SeedingMode>(member.seeding_mode),
          .session_timeout = member.session_timeout,
          .backup_priority = member.backup_priority,
          .primary_connections = ValueOf<PrimaryConnections>(member.primary_connections),
          .secondary_connections = ValueOf<SecondaryConnections>(member.secondary_connections)};
}

std::vector<ReplicaClauses> ClausesOf(const std::vector<GroupMember>& members) {
  std::vector<ReplicaClauses> clauses;
  for (const GroupMember& member : members) clauses.push_back(ClausesOf(member));
  return clauses;
}

const char* const kAlter = "ALTER AVAILABILITY GROUP";

}  // namespace

Interpreter::Flow Interpreter::Execute(const CreateGroup& node) {
  RefuseInTransaction(574, "CREATE AVAILABILITY GROUP");
  RequirePermission("ALTER ANY AVAILABILITY GROUP", Failure(MakeMessage(15247)));
  RequireMaster();
  if (node.distributed) {
    return Mutate("CREATE AVAILABILITY GROUP", node.name,
                  [&](WorldState& world, SqlServerInstance& instance) {
                    return CreateDistributedGroup(
                        world, instance, {.name = node.name, .members = ClausesOf(node.members)});
                  });
  }
  const bool unmodelled = node.db_failover || node.dtc_support ||
                          node.required_synchronized_secondaries.value_or(0) != 0 ||
                          node.backup_preference.value_or("SECONDARY") != "SECONDARY";
  if (unmodelled) FailNotModelled("an option of CREATE AVAILABILITY GROUP");
  GroupRequest request{.name = node.name,
                       .cluster_type = ValueOf<ClusterType>(node.cluster_type),
                       .basic = node.basic,
                       .contained = node.contained,
                       .databases = node.databases,
                       .replicas = ClausesOf(node.members)};
  return Mutate("CREATE AVAILABILITY GROUP", node.name,
                [&](WorldState& world, SqlServerInstance& instance) {
                  return CreateAvailabilityGroup(world, instance, request);
                });
}

Interpreter::Flow Interpreter::Execute(const AlterGroup& node) {
  RefuseInTransaction(574, kAlter);
  RequirePermission("ALTER ANY AVAILABILITY GROUP",
                    Failure(MakeMessage(15151, {"alter", "availability group", node.name})));
  RequireMaster();
  return Mutate(kAlter, node.name, [&](WorldState& world, SqlServerInstance& instance) {
    switch (node.action) {
      case GroupAction::kGrantCreate:
        return GrantCreateAnyDatabase(world, instance, node.name);
      case GroupAction::kModifyReplica:
        if (node.members.size() != 1) FailNotModelled("MODIFY REPLICA of several replicas");
        return ModifyReplica(world, instance, node.name, ClausesOf(node.members[0]));
      case GroupAction::kModifyDistributed:
        return ModifyDistributedGroup(world, instance, node.name, ClausesOf(node.members));
      case GroupAction::kRemoveDatabase:
        if (node.databases.size() != 1) FailNotModelled("REMOVE DATABASE of several databases");
        return RemoveGroupDatabase(world, instance, node.name, node.databases[0]);
      default:
        FailNotModelled("this form of ALTER AVAILABILITY GROUP");
    }
  });
}

Interpreter::Flow Interpreter::Execute(const DropGroup& node) {
  RefuseInTransaction(574, "DROP AVAILABILITY GROUP");
  RequirePermission("ALTER ANY AVAILABILITY GROUP",
                    Failure(MakeMessage(15151, {"drop", "availability group", node.name})));
  RequireMaster();
  return Mutate("DROP AVAILABILITY GROUP", node.name,
                [&](WorldState& world, SqlServerInstance& instance) {
                  return DropAvailabilityGroup(world, instance, node.name);
                });
}

}  // namespace milink::sim::tsql
