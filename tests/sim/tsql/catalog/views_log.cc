// How full the logs are: sys.dm_db_log_space_usage, sys.dm_db_log_stats(), performance counters.
#include <array>
#include <cstdio>

#include "tests/sim/tsql/catalog/view_builder.h"
#include "tests/sim/tsql/failure.h"
#include "tests/sim/tsql/run/session.h"
#include "tests/sim/world/views.h"

namespace milink::sim::tsql {
namespace {

struct UseRow {
  const Database* database = nullptr;
  LogUse use;
};

std::vector<UseRow> CurrentDatabase(const Environment& env) {
  const Database* database = env.instance->FindDatabase(env.session->database());
  if (database == nullptr) return {};
  return {{database, LogUseOf(*env.world, *env.instance, *database)}};
}

View SpaceUsageView() {
  using R = UseRow;
  return MakeView<R>(
      {"sys", "dm_db_log_space_usage", Access::kServerState}, CurrentDatabase,
      Columns<R>()
          .Add("database_id", kSmallIntType, [](const R& r) { return r.database->database_id; })
          .BigInt("total_log_size_in_bytes", [](const R& r) { return r.use.total_bytes; })
          .BigInt("used_log_space_in_bytes", [](const R& r) { return r.use.used_bytes; })
          .Add("used_log_space_in_percent", kRealType,
               [](const R& r) { return r.use.used_percent; })
          .BigInt("log_space_in_bytes_since_last_backup", [](const R& r) {
            return r.database->log_offset - r.database->log_backup_offset;
          }));
}

struct Counter {
  std::string database;
  std::string name;
  std::int64_t value = 0;
};

std::vector<Counter> Counters(const Environment& env) {
  std::vector<Counter> rows;
  for (const Database& database : env.instance->databases) {
    const LogUse use = LogUseOf(*env.world, *env.instance, database);
    rows.push_back(
        {database.name, "Percent Log Used", static_cast<std::int64_t>(use.used_percent)});
    rows.push_back({database.name, "Log File(s) Size (KB)", use.total_bytes / 1024});
    rows.push_back({database.name, "Log File(s) Used Size (KB)", use.used_bytes / 1024});
  }
  return rows;
}

View CountersView() {
  // 65792: the value is what it says, no rate.
  return MakeView<Counter>(
      {"sys", "dm_os_performance_counters", Access::kServerState}, Counters,
      Columns<Counter>()
          .Fixed("object_name", TextType(128), std::string("SQLServer:Databases"))
          .Name("counter_name", &Counter::name)
          .Name("instance_name", &Counter::database)
          .BigInt("cntr_value", &Counter::value)
          .Fixed("cntr_type", kIntType, std::int64_t{65'792}));
}

// "00000025:000000f0:0001" of an LSN in decimal (CATALOG 7).
std::string HexLsn(const std::string& decimal) {
  const std::string padded =
      std::string(25 - std::min<std::size_t>(25, decimal.size()), '0') + decimal;
  std::array<char, 32> buffer{};
  std::snprintf(buffer.data(), buffer.size(), "%08llx:%08llx:%04llx",
                std::stoull(padded.substr(0, 10)), std::stoull(padded.substr(10, 10)),
                std::stoull(padded.substr(20)));
  return buffer.data();
}

std::vector<Column> StatsColumns() {
  const TypeInfo lsn = TextType(24);
  return {{"database_id", kIntType},
          {"recovery_model", kDescType},
          {"log_min_lsn", lsn},
          {"log_end_lsn", lsn},
          {"current_vlf_sequence_number", kBigIntType},
          {"current_vlf_size_mb", kFloatType},
          {"total_vlf_count", kBigIntType},
          {"total_log_size_mb", kFloatType},
          {"active_vlf_count", kBigIntType},
          {"active_log_size_mb", kFloatType},
          {"log_truncation_holdup_reason", kDescType},
          {"log_backup_time", kDateTimeType},
          {"log_backup_lsn", lsn},
          {"log_since_last_log_backup_mb", kFloatType},
          {"log_checkpoint_lsn", lsn},
          {"log_since_last_checkpoint_mb", kFloatType},
          {"log_recovery_lsn", lsn},
          {"log_recovery_size_mb", kFloatType},
          {"recovery_vlf_count", kBigIntType}};
}

Value LastLogBackup(const Environment& env, const Database& database) {
  Value newest = Null{};
  for (const Backup& backup : env.instance->backups) {
    const bool fits =
        backup.type == 'L' && env.instance->SameName(backup.database_name, database.name);
    if (fits) newest = backup.finish_date;
  }
  return newest;
}

std::vector<Row> LogStats(const Environment& env, const std::vector<Value>& arguments) {
  RequireServerState(env);
  const auto* id = std::get_if<std::int64_t>(&arguments[0]);
  for (const Database& database : env.instance->databases) {
    if (id == nullptr || database.database_id != *id) continue;
    const LogUse use = LogUseOf(*env.world, *env.instance, database);
    const std::string end = HexLsn(LsnText(database.log_offset));
    const std::string backup = HexLsn(LsnText(database.log_backup_offset));
    const auto megabytes = [](auto bytes) { return static_cast<double>(bytes) / 1048576.0; };
    const double since = megabytes(database.log_offset - database.log_backup_offset);
    return {{std::int64_t{database.database_id}, std::string(Desc(database.recovery)), backup, end,
             std::int64_t{37}, 64.0, std::int64_t{8}, megabytes(use.total_bytes), std::int64_t{1},
             megabytes(use.used_bytes), use.reuse_wait_desc, LastLogBackup(env, database), backup,
             since, end, 0.0, end, 0.0, std::int64_t{1}}};
  }
  return {};
}

}  // namespace

std::vector<View> LogViews() { return {SpaceUsageView(), CountersView()}; }

std::vector<TableFunction> LogFunctions() {
  return {{"sys", "dm_db_log_stats", 1, StatsColumns(), LogStats}};
}

}  // namespace milink::sim::tsql
