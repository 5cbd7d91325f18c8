// msdb.dbo.backupset. Its dates are local times; the simulated server's zone is UTC.
#include "tests/sim/tsql/catalog/view_builder.h"

namespace milink::sim::tsql {
namespace {

struct BackupRow {
  Backup backup;
  std::string server_name;
};

std::vector<BackupRow> Backups(const Environment& env) {
  std::vector<BackupRow> rows;
  for (const Backup& backup : env.instance->backups) {
    rows.push_back({backup, env.instance->server_name});
  }
  return rows;
}

// Here, and only here, the model is written with a hyphen.
std::string ModelName(const BackupRow& row) {
  if (row.backup.recovery == RecoveryModel::kBulkLogged) return "BULK-LOGGED";
  return std::string(Desc(row.backup.recovery));
}

View BackupSetView() {
  using R = BackupRow;
  const TypeInfo size{.type = SqlType::kNumeric, .precision = 20};
  const auto of = [](auto member) {
    return [member](const R& r) { return std::invoke(member, r.backup); };
  };
  const auto bytes = [](const R& r) { return Value(Decimal{std::to_string(r.backup.size_bytes)}); };
  return MakeView<R>(
      {"dbo", "backupset", Access::kMsdb, 0, "msdb"}, Backups,
      Columns<R>()
          .Int("backup_set_id", of(&Backup::backup_set_id))
          .Int("media_set_id", of(&Backup::backup_set_id))
          .Null("name", kNameType)
          .Null("description", TextType(255))
          .Lsn("first_lsn", of(&Backup::first_lsn))
          .Lsn("last_lsn", of(&Backup::last_lsn))
          .Lsn("checkpoint_lsn", of(&Backup::checkpoint_lsn))
          .Lsn("database_backup_lsn", of(&Backup::database_backup_lsn))
          .Time("backup_start_date", of(&Backup::start_date))
          .Time("backup_finish_date", of(&Backup::finish_date))
          .Add("type", CharType(1), [](const R& r) { return std::string(1, r.backup.type); })
          .Name("database_name", of(&Backup::database_name))
          .Name("server_name", &R::server_name)
          .Add("recovery_model", kDescType, ModelName)
          .Bit("is_copy_only", of(&Backup::copy_only))
          .FixedBit("is_snapshot", false)
          .Bit("has_backup_checksums", of(&Backup::checksum))
          .FixedBit("is_damaged", false)
          .Bit("begins_log_chain", of(&Backup::begins_log_chain))
          .Add("backup_size", size, bytes)
          .Add("compressed_backup_size", size, bytes)
          .Null("encryptor_thumbprint", BinaryType(20)));
}

}  // namespace

std::vector<View> BackupViews() { return {BackupSetView()}; }

}  // namespace milink::sim::tsql
