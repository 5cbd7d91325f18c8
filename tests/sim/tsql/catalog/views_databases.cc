// sys.databases, sys.master_files, sys.database_recovery_status, sys.database_mirroring.
#include "tests/sim/tsql/catalog/view_builder.h"
#include "tests/sim/world/views.h"

namespace milink::sim::tsql {
namespace {

struct DatabaseRow {
  Database database;
  bool key_encrypted_by_server = false;
  LogUse log;
};

// The four system databases are not part of the model: they are what every server has.
std::vector<DatabaseRow> Databases(const Environment& env) {
  std::vector<DatabaseRow> rows;
  int id = 0;
  for (const auto* name : {"master", "tempdb", "model", "msdb"}) {
    DatabaseRow row;
    row.database.name = name;
    row.database.database_id = ++id;
    row.database.create_date = env.instance->start_time;
    row.database.collation = env.instance->collation;
    row.database.compatibility_level = env.instance->MajorVersion() * 10;
    row.database.recovery = id == 3 ? RecoveryModel::kFull : RecoveryModel::kSimple;
    row.database.broker_enabled = id == 2 || id == 4;
    row.log.reuse_wait_desc = "NOTHING";
    row.key_encrypted_by_server = id == 1 && env.instance->master_key.exists &&
                                  env.instance->master_key.encrypted_by_service_key;
    rows.push_back(std::move(row));
  }
  for (const Database& database : env.instance->databases) {
    rows.push_back({database, false, LogUseOf(*env.world, *env.instance, database)});
  }
  return rows;
}

View DatabasesView() {
  using R = DatabaseRow;
  const auto of = [](auto member) {
    return [member](const R& r) { return std::invoke(member, r.database); };
  };
  return MakeView<R>(
      {"sys", "databases"}, Databases,
      Columns<R>()
          .Name("name", of(&Database::name))
          .Int("database_id", of(&Database::database_id))
          .Null("source_database_id", kIntType)
          .Fixed("owner_sid", BinaryType(85), Bytes{"\x01"})
          .Time("create_date", of(&Database::create_date))
          .Add("compatibility_level", kTinyIntType, of(&Database::compatibility_level))
          .Name("collation_name", of(&Database::collation))
          .Enum("user_access", of(&Database::user_access))
          .Bit("is_read_only", of(&Database::read_only))
          .Bit("is_auto_close_on", of(&Database::auto_close))
          .Enum("state", of(&Database::state))
          .FixedBit("is_in_standby", false)
          .Enum("recovery_model", of(&Database::recovery))
          .Bit("is_encrypted", [](const R& r) { return !r.database.encryptor_thumbprint.empty(); })
          .Bit("is_broker_enabled", of(&Database::broker_enabled))
          .Bit("is_master_key_encrypted_by_server", &R::key_encrypted_by_server)
          .Add("log_reuse_wait", kTinyIntType, [](const R& r) { return r.log.reuse_wait; })
          .Add("log_reuse_wait_desc", kDescType, [](const R& r) { return r.log.reuse_wait_desc; })
          .Guid("replica_id", of(&Database::replica_id))
          .Guid("group_database_id", of(&Database::group_database_id))
          .Fixed("containment", kTinyIntType, std::int64_t{0})
          .Fixed("containment_desc", kDescType, std::string("NONE"))
          .FixedBit("is_accelerated_database_recovery_on", false, kSqlServer2019));
}

struct FileRow {
  int database_id = 0;
  DatabaseFile file;
};

std::vector<FileRow> Files(const Environment& env) {
  std::vector<FileRow> rows;
  for (const Database& database : env.instance->databases) {
    for (const DatabaseFile& file : database.files) rows.push_back({database.database_id, file});
  }
  return rows;
}

View FilesView() {
  using R = FileRow;
  const auto of = [](auto member) {
    return [member](const R& r) { return std::invoke(member, r.file); };
  };
  return MakeView<R>({"sys", "master_files", Access::kDefinition}, Files,
                     Columns<R>()
                         .Int("database_id", &R::database_id)
                         .Int("file_id", of(&DatabaseFile::file_id))
                         .Enum("type", of(&DatabaseFile::type))
                         .Name("name", of(&DatabaseFile::name))
                         .Text("physical_name", 260, of(&DatabaseFile::physical_name))
                         .Enum("state", of(&DatabaseFile::state))
                         .Int("size", [](const R& r) { return r.file.size_bytes / 8192; }));
}

// last_log_backup_lsn is where the log chain stands: NULL without one.
View RecoveryView() {
  using R = DatabaseRow;
  return MakeView<R>(
      {"sys", "database_recovery_status", Access::kDefinition}, Databases,
      Columns<R>()
          .Int("database_id", [](const R& r) { return r.database.database_id; })
          .Guid("database_guid", [](const R& r) { return r.database.group_database_id; })
          .Null("family_guid", kGuidType)
          .Lsn("last_log_backup_lsn",
               [](const R& r) {
                 return r.database.log_chain_started ? LsnText(r.database.log_backup_offset)
                                                     : std::string();
               })
          .Null("recovery_fork_guid", kGuidType)
          .Null("first_recovery_fork_guid", kGuidType)
          .Null("fork_point_lsn", kLsnType));
}

// One row for each database; all but its number is NULL without database mirroring.
View DatabaseMirroringView() {
  using R = DatabaseRow;
  return MakeView<R>(
      {"sys", "database_mirroring"}, Databases,
      Columns<R>()
          .Int("database_id", [](const R& r) { return r.database.database_id; })
          .Guid("mirroring_guid", [](const R& r) { return r.database.mirroring_guid; }));
}

}  // namespace

std::vector<View> DatabaseViews() {
  return {DatabasesView(), FilesView(), RecoveryView(), DatabaseMirroringView()};
}

}  // namespace milink::sim::tsql
