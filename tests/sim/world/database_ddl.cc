#include "tests/sim/world/database_ddl.h"

#include <algorithm>

#include "core/base/text.h"

namespace milink::sim {
namespace {

constexpr std::int64_t kPageBytes = 8192;

// A backup of the log while it is being copied takes away what the copy still needs.
void PoisonSeeding(WorldState& world, const SqlServerInstance& instance,
                   const std::string& database) {
  for (const auto& managed : world.managed_instances) {
    for (Link& link : managed->links) {
      if (link.sql_server != instance.server_name || link.stage != LinkStage::kSeeding) {
        continue;
      }
      for (LinkDatabase& linked : link.databases) {
        linked.poisoned = linked.poisoned || EqualsIgnoreCaseAscii(linked.name, database);
      }
    }
  }
}

SqlOutcome Terminated(SqlOutcome outcome, bool log) {
  return outcome.Add(3'013, {log ? "BACKUP LOG" : "BACKUP DATABASE"});
}

SqlOutcome CheckBackup(const SqlServerInstance& instance, const Database* database,
                       const BackupRequest& request) {
  if (database == nullptr) {
    return Terminated(Refuse(911, {request.database}), request.log);
  }
  const bool writable = request.path.starts_with(instance.backup_directory) &&
                        request.path.find("..") == std::string::npos;
  if (!writable) {
    return Terminated(Refuse(3'201, {request.path, "5(Access is denied.)"}), request.log);
  }
  if (request.log && database->recovery == RecoveryModel::kSimple) {
    return Terminated(Refuse(4'208, {"BACKUP LOG"}), true);
  }
  if (request.log && !database->log_chain_started) {
    return Terminated(Refuse(4'214), true);
  }
  return {};
}

void Record(WorldState& world, SqlServerInstance& instance, Database& database,
            const BackupRequest& request, std::int64_t size) {
  Backup backup;
  backup.backup_set_id = instance.next_backup_set_id++;
  backup.database_name = database.name;
  backup.type = request.log ? 'L' : 'D';
  backup.copy_only = request.copy_only;
  backup.path = request.path;
  backup.first_lsn = LsnText(request.log ? database.log_backup_offset : database.log_offset);
  backup.last_lsn = LsnText(database.log_offset);
  backup.checkpoint_lsn = LsnText(database.log_offset);
  backup.database_backup_lsn = "0";
  for (const Backup& earlier : instance.backups) {
    if (earlier.type == 'D' && !earlier.copy_only && earlier.database_name == database.name) {
      backup.database_backup_lsn = earlier.checkpoint_lsn;
    }
  }
  backup.start_date = world.now;
  backup.finish_date = world.now;
  backup.recovery = database.recovery;
  backup.checksum = request.checksum;
  backup.begins_log_chain = !request.log && !request.copy_only && !database.log_chain_started;
  backup.size_bytes = size;
  instance.backups.push_back(std::move(backup));
}

}  // namespace

SqlOutcome SetRecoveryModel(WorldState& /*world*/, SqlServerInstance& instance,
                            const std::string& name, RecoveryModel model) {
  Database* const database = instance.FindDatabase(name);
  if (database == nullptr) {
    return Refuse(5'011, {name}).Add(5'069);
  }
  if (database->recovery == model) {
    return {};
  }
  if (model != RecoveryModel::kFull && !database->group_database_id.empty()) {
    return Refuse(1'468, {database->name}).Add(5'069);
  }
  // From SIMPLE the chain of log backups begins anew, with the next full backup.
  if (database->recovery == RecoveryModel::kSimple || model == RecoveryModel::kSimple) {
    database->log_chain_started = false;
  }
  database->recovery = model;
  return {};
}

SqlOutcome BackupDatabase(WorldState& world, SqlServerInstance& instance,
                          const BackupRequest& request) {
  Database* const database = instance.FindDatabase(request.database);
  if (SqlOutcome refused = CheckBackup(instance, database, request); refused.failed()) {
    return refused;
  }
  std::int64_t size = 0;
  if (request.log) {
    size = static_cast<std::int64_t>(database->log_offset - database->log_backup_offset);
  } else {
    for (const DatabaseFile& file : database->files) {
      size += file.type == FileType::kRows ? file.size_bytes : 0;
    }
  }
  Record(world, instance, *database, request, size);
  if (request.log) {
    PoisonSeeding(world, instance, database->name);
    if (!request.copy_only) {
      database->log_backup_offset = database->log_offset;
    }
  } else if (!request.copy_only && database->recovery != RecoveryModel::kSimple) {
    if (!database->log_chain_started) {
      database->log_backup_offset = database->log_offset;
    }
    database->log_chain_started = true;
  }
  SqlOutcome outcome;
  outcome.Add(3'014, {request.log ? "BACKUP LOG" : "BACKUP DATABASE",
                      std::to_string(size / kPageBytes), "0", "050", "100", "000"});
  return outcome;
}

SqlOutcome DropDatabase(WorldState& /*world*/, SqlServerInstance& instance,
                        const std::string& name) {
  const Database* const database = instance.FindDatabase(name);
  if (database == nullptr) {
    return Refuse(3'701, {"drop", "database", name});
  }
  if (!database->group_database_id.empty()) {
    return Refuse(3'752, {database->name});
  }
  std::erase_if(instance.databases,
                [id = database->database_id](const Database& d) { return d.database_id == id; });
  return {};
}

}  // namespace milink::sim
