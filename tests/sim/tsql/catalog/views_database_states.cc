// sys.dm_hadr_database_replica_states and sys.dm_hadr_database_replica_cluster_states.
#include "tests/sim/tsql/catalog/view_builder.h"
#include "tests/sim/world/views.h"

namespace milink::sim::tsql {
namespace {

View StatesView() {
  using R = DatabaseReplicaStateRow;
  return MakeView<R>(
      {"sys", "dm_hadr_database_replica_states", Access::kServerState},
      [](const Environment& e) { return DatabaseReplicaStates(*e.world, *e.instance); },
      Columns<R>()
          .Int("database_id", &R::database_id)
          .Guid("group_id", &R::group_id)
          .Guid("replica_id", &R::replica_id)
          .Guid("group_database_id", &R::group_database_id)
          .Bit("is_local", &R::is_local)
          .Bit("is_primary_replica", &R::is_primary_replica)
          .Enum("synchronization_state", &R::synchronization_state)
          .Bit("is_commit_participant", &R::is_commit_participant)
          .Enum("synchronization_health", &R::synchronization_health)
          .Enum("database_state", &R::database_state)
          .Bit("is_suspended", &R::is_suspended)
          .Add("suspend_reason", kTinyIntType,
               [](const R& r) { return r.is_suspended ? std::optional(0) : std::nullopt; })
          .Add("suspend_reason_desc", kDescType,
               [](const R& r) {
                 return r.is_suspended ? Value(std::string("SUSPEND_FROM_USER")) : Value(Null{});
               })
          .Null("recovery_lsn", kLsnType)
          .Null("truncation_lsn", kLsnType)
          .Lsn("last_sent_lsn", &R::last_sent_lsn)
          .Null("last_sent_time", kDateTimeType)
          .Null("last_received_lsn", kLsnType)
          .Null("last_received_time", kDateTimeType)
          .Lsn("last_hardened_lsn", &R::last_hardened_lsn)
          .Time("last_hardened_time", &R::last_hardened_time)
          .Null("last_redone_lsn", kLsnType)
          .Null("last_redone_time", kDateTimeType)
          .BigInt("log_send_queue_size", &R::log_send_queue_kb)
          .BigInt("log_send_rate", &R::log_send_rate_kb)
          .BigInt("redo_queue_size", &R::redo_queue_kb)
          .BigInt("redo_rate", &R::redo_rate_kb)
          .Null("filestream_send_rate", kBigIntType)
          .Lsn("end_of_log_lsn", &R::end_of_log_lsn)
          .Lsn("last_commit_lsn", &R::last_commit_lsn)
          .Time("last_commit_time", &R::last_commit_time)
          .Null("low_water_mark_for_ghosts", kBigIntType)
          .BigInt("secondary_lag_seconds", &R::secondary_lag_seconds)
          .Null("quorum_commit_lsn", kLsnType, kSqlServer2019)
          .Null("quorum_commit_time", kDateTimeType, kSqlServer2019));
}

View ClusterStatesView() {
  using R = DatabaseClusterStateRow;
  return MakeView<R>(
      {"sys", "dm_hadr_database_replica_cluster_states", Access::kServerState},
      [](const Environment& e) { return DatabaseClusterStates(*e.world, *e.instance); },
      Columns<R>()
          .Guid("replica_id", &R::replica_id)
          .Guid("group_database_id", &R::group_database_id)
          .Name("database_name", &R::database_name)
          .Bit("is_failover_ready", &R::is_failover_ready)
          .FixedBit("is_pending_secondary_suspend", false)
          .Bit("is_database_joined", &R::is_database_joined)
          .Null("recovery_lsn", kLsnType)
          .Null("truncation_lsn", kLsnType));
}

}  // namespace

std::vector<View> DatabaseStateViews() { return {StatesView(), ClusterStatesView()}; }

}  // namespace milink::sim::tsql
