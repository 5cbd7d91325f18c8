#include "tests/sim/tsql/catalog/catalog.h"
#include "tests/sim/tsql/ddl/words.h"
#include "tests/sim/tsql/run/interpreter.h"
#include "tests/sim/world/database_ddl.h"

namespace milink::sim::tsql {
namespace {

// Options of a database which only set a field, once the database is in no group.
SqlOutcome SetField(SqlServerInstance& instance, const AlterDatabase& node) {
  Database* database = instance.FindDatabase(node.name);
  if (database == nullptr) return Refuse(5011, {node.name}).Add(5069);
  if (!database->group_database_id.empty()) return Refuse(1468, {database->name}).Add(5069);
  if (node.option == "READ_ONLY" || node.option == "READ_WRITE") {
    database->read_only = node.option == "READ_ONLY";
  } else if (node.option == "AUTO_CLOSE") {
    database->auto_close = node.value == "ON";
  } else if (node.option == "OFFLINE") {
    database->state = DatabaseState::kOffline;
  } else if (node.option == "ONLINE") {
    database->state = DatabaseState::kOnline;
  } else {
    database->user_access = *ValueOf<UserAccess>(node.option);
  }
  return {};
}

}  // namespace

Interpreter::Flow Interpreter::Execute(const CreateDatabase& node) {
  RefuseInTransaction(226, "CREATE DATABASE");
  RequirePermission("CREATE ANY DATABASE",
                    Failure(MakeMessage(262, {"CREATE DATABASE", "master"})));
  return Mutate("CREATE DATABASE", node.name, [&](WorldState& world, SqlServerInstance& instance) {
    if (instance.FindDatabase(node.name) != nullptr)
      return SqlOutcome{{tsql::MakeMessage(1801, {node.name})}};
    Database database;
    database.name = node.name;
    database.collation = node.collation.value_or(instance.collation);
    AddDatabase(world, instance, std::move(database));
    return SqlOutcome{};
  });
}

Interpreter::Flow Interpreter::Execute(const tsql::DropDatabase& node) {
  RefuseInTransaction(226, "DROP DATABASE");
  RequirePermission("ALTER ANY DATABASE",
                    Failure(MakeMessage(3701, {"drop", "database", node.name})));
  return Mutate("DROP DATABASE", node.name, [&](WorldState& world, SqlServerInstance& instance) {
    if (node.if_exists && instance.FindDatabase(node.name) == nullptr) return SqlOutcome{};
    return milink::sim::DropDatabase(world, instance, node.name);
  });
}

Interpreter::Flow Interpreter::Execute(const AlterDatabase& node) {
  RefuseInTransaction(226, "ALTER DATABASE");
  RequirePermission("ALTER ANY DATABASE",
                    Failure({MakeMessage(5011, {node.name}), MakeMessage(5069)}));
  return Mutate("ALTER DATABASE", node.name, [&](WorldState& world, SqlServerInstance& instance) {
    if (node.option == "HADR") FailNotModelled("ALTER DATABASE .. SET HADR " + node.value);
    if (node.option == "RECOVERY") {
      return SetRecoveryModel(world, instance, node.name, *ValueOf<RecoveryModel>(node.value));
    }
    return SetField(instance, node);
  });
}

Interpreter::Flow Interpreter::Execute(const RestoreDatabase& node) {
  if (session_.transaction_depth > 0) Fail(3021);
  RequirePermission("CREATE ANY DATABASE",
                    Failure({MakeMessage(262, {"RESTORE DATABASE", "master"}),
                             MakeMessage(3013, {"RESTORE DATABASE"})}));
  return Mutate("RESTORE DATABASE", node.name, [&](WorldState&, SqlServerInstance& instance) {
    Database* database = instance.FindDatabase(node.name);
    if (database == nullptr || database->state != DatabaseState::kRestoring) {
      FailNotModelled("RESTORE of a database which is not restoring");
    }
    database->state = DatabaseState::kOnline;
    return SqlOutcome{};
  });
}

Interpreter::Flow Interpreter::Execute(const BackupStatement& node) {
  const std::string operation = node.log ? "BACKUP LOG" : "BACKUP DATABASE";
  if (session_.transaction_depth > 0) {
    throw Failure({MakeMessage(3021), MakeMessage(3013, {operation})});
  }
  // Rights on one database are not modelled: only those on all of them count.
  RequirePermission(operation, Failure({MakeMessage(262, {operation, node.database}),
                                        MakeMessage(3013, {operation})}));
  return Mutate(operation, node.database, [&](WorldState& world, SqlServerInstance& instance) {
    return BackupDatabase(world, instance,
                          {.database = node.database,
                           .path = node.path,
                           .log = node.log,
                           .copy_only = node.copy_only,
                           .checksum = node.checksum});
  });
}

}  // namespace milink::sim::tsql
