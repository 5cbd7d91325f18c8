// sys.availability_groups, sys.availability_replicas, sys.availability_databases_cluster and the
// listeners (none are modelled).
#include "tests/sim/tsql/catalog/view_builder.h"

namespace milink::sim::tsql {
namespace {

struct GroupRow {
  const AvailabilityGroup* group = nullptr;
  bool hide_cluster_type = false;
};
struct ReplicaRow {
  const AvailabilityGroup* group = nullptr;
  const GroupReplica* replica = nullptr;
  int metadata_id = 0;
};
struct GroupDatabaseRow {
  const AvailabilityGroup* group = nullptr;
  const GroupDatabase* database = nullptr;
};

std::vector<GroupRow> Groups(const Environment& env) {
  std::vector<GroupRow> rows;
  for (const AvailabilityGroup& group : env.instance->groups) {
    rows.push_back(
        {&group, group.distributed && env.world->switches.cluster_type_of_distributed_is_null});
  }
  return rows;
}

std::vector<ReplicaRow> Replicas(const Environment& env) {
  std::vector<ReplicaRow> rows;
  int id = 65'535;
  for (const AvailabilityGroup& group : env.instance->groups) {
    for (const GroupReplica& replica : group.replicas) rows.push_back({&group, &replica, ++id});
  }
  return rows;
}

std::vector<GroupDatabaseRow> GroupDatabases(const Environment& env) {
  std::vector<GroupDatabaseRow> rows;
  for (const AvailabilityGroup& group : env.instance->groups) {
    for (const GroupDatabase& database : group.databases) rows.push_back({&group, &database});
  }
  return rows;
}

// These settings mean nothing for a distributed group and are NULL there.
template <typename T>
auto UnlessDistributed(T value) {
  return
      [value](const GroupRow& r) { return r.group->distributed ? Value(Null{}) : ToValue(value); };
}

View GroupsView() {
  using R = GroupRow;
  const auto cluster_type = [](const R& r) {
    return r.hide_cluster_type ? std::nullopt : std::optional(r.group->cluster_type);
  };
  return MakeView<R>(
      {"sys", "availability_groups", Access::kDefinition}, Groups,
      Columns<R>()
          .Guid("group_id", [](const R& r) { return r.group->group_id; })
          .Name("name", [](const R& r) { return r.group->name; })
          .Text("resource_id", 40, [](const R& r) { return r.group->group_id; })
          .Null("resource_group_id", TextType(40))
          .Int("failure_condition_level", UnlessDistributed(3))
          .Int("health_check_timeout", UnlessDistributed(30'000))
          .Add("automated_backup_preference", kTinyIntType, UnlessDistributed(2))
          .Add("automated_backup_preference_desc", kDescType, UnlessDistributed("SECONDARY"))
          .Fixed("version", kSmallIntType, std::int64_t{0})
          .Bit("basic_features", [](const R& r) { return r.group->basic; })
          .FixedBit("dtc_support", false)
          .FixedBit("db_failover", false)
          .Bit("is_distributed", [](const R& r) { return r.group->distributed; })
          .Enum("cluster_type", cluster_type, kSqlServer2017)
          .Int(
              "required_synchronized_secondaries_to_commit",
              [](const R& r) { return r.group->required_synchronized_secondaries; }, kSqlServer2017)
          .Fixed("sequence_number", kBigIntType, std::int64_t{4'294'967'296}, kSqlServer2017)
          .Bit(
              "is_contained", [](const R& r) { return r.group->contained; }, kSqlServer2019)
          .Null("cluster_connection_options", TextType(4000), kSqlServer2025));
}

View ReplicasView() {
  using R = ReplicaRow;
  const auto local = [](auto get) {
    return [get](const R& r) {
      return r.replica->local ? ToValue(std::invoke(get, r)) : Value(Null{});
    };
  };
  const auto of = [](auto member) {
    return [member](const R& r) { return std::invoke(member, *r.replica); };
  };
  return MakeView<R>(
      {"sys", "availability_replicas", Access::kDefinition}, Replicas,
      Columns<R>()
          .Guid("replica_id", of(&GroupReplica::replica_id))
          .Guid("group_id", [](const R& r) { return r.group->group_id; })
          .Int("replica_metadata_id", local(&R::metadata_id))
          .Text("replica_server_name", 256, of(&GroupReplica::server_name))
          .Add("owner_sid", BinaryType(85), local([](const R&) { return Value(Bytes{"\x01"}); }))
          .Text("endpoint_url", 256, of(&GroupReplica::endpoint_url))
          .Enum("availability_mode", of(&GroupReplica::availability_mode))
          .Enum("failover_mode", of(&GroupReplica::failover_mode))
          .Int("session_timeout", of(&GroupReplica::session_timeout))
          .Enum("primary_role_allow_connections", of(&GroupReplica::primary_connections))
          .Enum("secondary_role_allow_connections", of(&GroupReplica::secondary_connections))
          .Time("create_date", local(of(&GroupReplica::create_date)))
          .Time("modify_date", local(of(&GroupReplica::modify_date)))
          .Int("backup_priority", of(&GroupReplica::backup_priority))
          .Null("read_only_routing_url", TextType(256))
          .Enum("seeding_mode", of(&GroupReplica::seeding_mode))
          .Null("read_write_routing_url", TextType(256), kSqlServer2019));
}

View GroupDatabasesView() {
  using R = GroupDatabaseRow;
  return MakeView<R>(
      {"sys", "availability_databases_cluster", Access::kDefinition}, GroupDatabases,
      Columns<R>()
          .Guid("group_id", [](const R& r) { return r.group->group_id; })
          .Guid("group_database_id", [](const R& r) { return r.database->group_database_id; })
          .Name("database_name", [](const R& r) { return r.database->database_name; }));
}

struct Listener {};

View ListenersView() {
  return MakeView<Listener>(
      {"sys", "availability_group_listeners", Access::kDefinition},
      [](const Environment&) { return std::vector<Listener>(); },
      Columns<Listener>()
          .Null("group_id", kGuidType)
          .Null("listener_id", TextType(36))
          .Null("dns_name", TextType(63))
          .Null("port", kIntType)
          .Null("is_conformant", kBitType)
          .Null("ip_configuration_string_from_cluster", TextType(-1)));
}

}  // namespace

std::vector<View> GroupViews() {
  return {GroupsView(), ReplicasView(), GroupDatabasesView(), ListenersView()};
}

}  // namespace milink::sim::tsql
