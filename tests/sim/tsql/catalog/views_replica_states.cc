// sys.dm_hadr_availability_replica_states, .._group_states and .._replica_cluster_states.
#include "tests/sim/tsql/catalog/view_builder.h"
#include "tests/sim/world/views.h"

namespace milink::sim::tsql {
namespace {

// 0 ONLINE_IN_PROGRESS, 1 ONLINE; NULL where only the other side knows.
template <typename R, typename Get>
void AddRecoveryHealth(Columns<R>& columns, const std::string& name, Get get) {
  columns.Add(name, kTinyIntType, get);
  columns.Add(name + "_desc", kDescType, [get](const R& row) {
    const std::optional<bool> online = std::invoke(get, row);
    if (!online) return Value(Null{});
    return Value(std::string(*online ? "ONLINE" : "ONLINE_IN_PROGRESS"));
  });
}

View ReplicaStatesView() {
  using R = ReplicaStateRow;
  Columns<R> columns;
  columns.Guid("replica_id", &R::replica_id)
      .Guid("group_id", &R::group_id)
      .Bit("is_local", &R::is_local)
      .Enum("role", &R::role)
      .Enum("operational_state", &R::operational_state)
      .Enum("connected_state", &R::connected_state);
  AddRecoveryHealth(columns, "recovery_health", &R::recovery_online);
  columns.Enum("synchronization_health", &R::synchronization_health)
      .Int("last_connect_error_number",
           [](const R& r) {
             const int number = r.last_connect_error_number;
             return number == 0 ? std::nullopt : std::optional(number);
           })
      .TextOrNull("last_connect_error_description", 1024, &R::last_connect_error_description)
      .Time("last_connect_error_timestamp", &R::last_connect_error_timestamp);
  return MakeView<R>(
      {"sys", "dm_hadr_availability_replica_states", Access::kServerState},
      [](const Environment& e) { return ReplicaStates(*e.world, *e.instance); }, columns);
}

View GroupStatesView() {
  using R = GroupStateRow;
  Columns<R> columns;
  columns.Guid("group_id", &R::group_id).TextOrNull("primary_replica", 128, &R::primary_replica);
  AddRecoveryHealth(columns, "primary_recovery_health", &R::primary_recovery_online);
  AddRecoveryHealth(columns, "secondary_recovery_health", &R::secondary_recovery_online);
  columns.Enum("synchronization_health", &R::synchronization_health);
  return MakeView<R>(
      {"sys", "dm_hadr_availability_group_states", Access::kServerState},
      [](const Environment& e) { return GroupStates(*e.world, *e.instance); }, columns);
}

struct ClusterRow {
  const AvailabilityGroup* group = nullptr;
  const GroupReplica* replica = nullptr;
};

std::vector<ClusterRow> ClusterRows(const Environment& env) {
  std::vector<ClusterRow> rows;
  for (const AvailabilityGroup& group : env.instance->groups) {
    for (const GroupReplica& replica : group.replicas) rows.push_back({&group, &replica});
  }
  return rows;
}

View ReplicaClusterStatesView() {
  using R = ClusterRow;
  return MakeView<R>(
      {"sys", "dm_hadr_availability_replica_cluster_states", Access::kServerState}, ClusterRows,
      Columns<R>()
          .Guid("replica_id", [](const R& r) { return r.replica->replica_id; })
          .Text("replica_server_name", 256, [](const R& r) { return r.replica->server_name; })
          .Guid("group_id", [](const R& r) { return r.group->group_id; })
          .Add("join_state", kTinyIntType, [](const R& r) { return r.replica->local ? 1 : 0; })
          .Add("join_state_desc", kDescType, [](const R& r) {
            return r.replica->local ? "JOINED_STANDALONE_INSTANCE" : "NOT_JOINED";
          }));
}

}  // namespace

std::vector<View> ReplicaStateViews() {
  return {ReplicaStatesView(), GroupStatesView(), ReplicaClusterStatesView()};
}

}  // namespace milink::sim::tsql
