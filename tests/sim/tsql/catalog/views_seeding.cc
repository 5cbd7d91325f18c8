// sys.dm_hadr_automatic_seeding and sys.dm_hadr_physical_seeding_stats.
#include "tests/sim/tsql/catalog/view_builder.h"
#include "tests/sim/world/views.h"

namespace milink::sim::tsql {
namespace {

template <typename R, typename Member>
auto Of(Member member) {
  return [member](const R& row) { return std::invoke(member, *row.seeding); };
}

View AutomaticView() {
  using R = SeedingRow;
  return MakeView<R>(
      {"sys", "dm_hadr_automatic_seeding", Access::kServerState},
      [](const Environment& e) { return AutomaticSeeding(*e.world, *e.instance); },
      Columns<R>()
          .Time("start_time", Of<R>(&Seeding::start_time))
          .Time("completion_time", Of<R>(&Seeding::completion_time))
          .Guid("ag_id", &R::ag_id)
          .Guid("ag_db_id", Of<R>(&Seeding::group_database_id))
          .Guid("ag_remote_replica_id", Of<R>(&Seeding::remote_replica_id))
          .Guid("operation_id", Of<R>(&Seeding::operation_id))
          .Bit("is_source", Of<R>(&Seeding::source))
          .Name("current_state", Of<R>(&Seeding::state))
          .Bit("performed_seeding", Of<R>(&Seeding::performed_seeding))
          .Int("failure_state", Of<R>(&Seeding::failure_state))
          .TextOrNull("failure_state_desc", 256, Of<R>(&Seeding::failure_state_desc))
          .Int("error_code", Of<R>(&Seeding::error_code))
          .Int("number_of_attempts", Of<R>(&Seeding::attempts)));
}

View PhysicalView() {
  using R = PhysicalSeedingRow;
  return MakeView<R>(
      {"sys", "dm_hadr_physical_seeding_stats", Access::kServerState},
      [](const Environment& e) { return PhysicalSeeding(*e.world, *e.instance); },
      Columns<R>()
          .Guid("local_physical_seeding_id", Of<R>(&Seeding::operation_id))
          .Guid("remote_physical_seeding_id", Of<R>(&Seeding::remote_operation_id))
          .Int("local_database_id", &R::database_id)
          .Name("local_database_name", Of<R>(&Seeding::database_name))
          .Text("remote_machine_name", 256, Of<R>(&Seeding::remote_endpoint_url))
          .Add("role_desc", kDescType,
               [](const R& r) { return r.seeding->source ? "Source" : "Destination"; })
          .Text("internal_state_desc", 256, &R::internal_state)
          .BigInt("transfer_rate_bytes_per_second", Of<R>(&Seeding::bytes_per_second))
          .BigInt("transferred_size_bytes", Of<R>(&Seeding::transferred_bytes))
          .BigInt("database_size_bytes", Of<R>(&Seeding::database_bytes))
          .Time("start_time_utc", Of<R>(&Seeding::start_time))
          .Time("end_time_utc", &R::end_time)
          .Time("estimate_time_complete_utc", &R::estimate_time_complete)
          .Fixed("total_disk_io_wait_time_ms", kBigIntType, std::int64_t{0})
          .Fixed("total_network_wait_time_ms", kBigIntType, std::int64_t{0})
          .Int("failure_code", Of<R>(&Seeding::error_code))
          .TextOrNull("failure_message", 4000, Of<R>(&Seeding::failure_message))
          .Null("failure_time_utc", kDateTimeType)
          .Bit("is_compression_enabled", Of<R>(&Seeding::compressed)));
}

}  // namespace

std::vector<View> SeedingViews() { return {AutomaticView(), PhysicalView()}; }

}  // namespace milink::sim::tsql
