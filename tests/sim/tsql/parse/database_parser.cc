// CREATE, ALTER, DROP, RESTORE DATABASE and BACKUP.
#include "core/base/text.h"
#include "tests/sim/tsql/parse/parser.h"

namespace milink::sim::tsql {
namespace {

AlterDatabase ParseAlter(Cursor& cursor) {
  AlterDatabase alter{.name = cursor.ExpectName()};
  cursor.ExpectWord("SET");
  if (cursor.TakeWord("RECOVERY")) {
    alter.option = "RECOVERY";
    alter.value = cursor.ExpectOneOf({"FULL", "SIMPLE", "BULK_LOGGED"});
  } else if (cursor.TakeWord("HADR")) {
    alter.option = "HADR";
    alter.value = cursor.ExpectOneOf({"RESUME", "SUSPEND", "OFF"});
  } else if (cursor.TakeWord("AUTO_CLOSE")) {
    alter.option = "AUTO_CLOSE";
    alter.value = cursor.ExpectOneOf({"ON", "OFF"});
  } else {
    alter.option = cursor.ExpectOneOf({"READ_ONLY", "READ_WRITE", "MULTI_USER", "SINGLE_USER",
                                       "RESTRICTED_USER", "OFFLINE", "ONLINE"});
  }
  if (cursor.TakeWord("WITH")) {
    if (!cursor.TakeWord("NO_WAIT")) cursor.ExpectWords({"ROLLBACK", "IMMEDIATE"});
  }
  return alter;
}

BackupStatement ParseBackup(Cursor& cursor) {
  BackupStatement backup;
  backup.log = cursor.ExpectOneOf({"DATABASE", "LOG"}) == "LOG";
  backup.database = cursor.ExpectName();
  cursor.ExpectWords({"TO", "DISK"});
  cursor.ExpectSymbol("=");
  backup.path = cursor.ExpectString();
  if (!cursor.TakeWord("WITH")) return backup;
  do {
    const std::string option =
        cursor.ExpectOneOf({"COPY_ONLY", "CHECKSUM", "NO_CHECKSUM", "COMPRESSION", "NO_COMPRESSION",
                            "INIT", "NOINIT", "FORMAT", "NOFORMAT", "SKIP", "NOSKIP", "REWIND",
                            "NOREWIND", "UNLOAD", "NOUNLOAD", "STATS", "NAME", "DESCRIPTION"});
    backup.copy_only = backup.copy_only || option == "COPY_ONLY";
    backup.checksum = backup.checksum || option == "CHECKSUM";
    backup.compression = backup.compression || option == "COMPRESSION";
    backup.init = backup.init || option == "INIT" || option == "FORMAT";
    if (option == "STATS") {
      backup.stats = cursor.TakeSymbol("=") ? cursor.ExpectInteger() : 10;
    } else if (option == "NAME" || option == "DESCRIPTION") {
      cursor.ExpectSymbol("=");
      cursor.ExpectString();
    }
  } while (cursor.TakeSymbol(","));
  return backup;
}

CreateDatabase ParseCreate(Cursor& cursor) {
  CreateDatabase create{.name = cursor.ExpectName()};
  if (cursor.TakeWord("COLLATE")) create.collation = cursor.ExpectName();
  return create;
}

}  // namespace

bool ParseDatabaseStatement(Cursor& cursor, Statement& statement) {
  if (cursor.TakeWords({"CREATE", "DATABASE"})) {
    statement.node = ParseCreate(cursor);
  } else if (cursor.TakeWords({"ALTER", "DATABASE"})) {
    statement.node = ParseAlter(cursor);
  } else if (cursor.TakeWords({"DROP", "DATABASE"})) {
    DropDatabase drop;
    if (cursor.TakeWord("IF")) {
      cursor.ExpectWord("EXISTS");
      drop.if_exists = true;
    }
    drop.name = cursor.ExpectName();
    statement.node = std::move(drop);
  } else if (cursor.TakeWords({"RESTORE", "DATABASE"})) {
    RestoreDatabase restore{.name = cursor.ExpectName()};
    cursor.ExpectWords({"WITH", "RECOVERY"});
    statement.node = std::move(restore);
  } else if (cursor.TakeWord("BACKUP")) {
    statement.node = ParseBackup(cursor);
  } else {
    return false;
  }
  return true;
}

}  // namespace milink::sim::tsql
