// Statements about user databases and their backups. Call with the World's lock held.
// Source: CATALOG 8, ERRORS 5, LINK-LIFECYCLE P7.
#pragma once

#include <string>

#include "tests/sim/world/outcome.h"
#include "tests/sim/world/world.h"

namespace milink::sim {

SqlOutcome SetRecoveryModel(WorldState& world, SqlServerInstance& instance,
                            const std::string& database, RecoveryModel model);

struct BackupRequest {
  std::string database;
  std::string path;  // of TO DISK
  bool log = false;
  bool copy_only = false;
  bool checksum = false;
};
// BACKUP DATABASE and BACKUP LOG. Success adds message 3014.
SqlOutcome BackupDatabase(WorldState& world, SqlServerInstance& instance,
                          const BackupRequest& request);

SqlOutcome DropDatabase(WorldState& world, SqlServerInstance& instance,
                        const std::string& database);

}  // namespace milink::sim
