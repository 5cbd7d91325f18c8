#include "tests/sim/tsql/catalog/catalog.h"

#include <algorithm>
#include <array>
#include <iterator>

#include "tests/sim/tsql/failure.h"
#include "tests/sim/tsql/run/session.h"
#include "tests/sim/world/world.h"

namespace milink::sim::tsql {
namespace {

const std::vector<View>& AllViews() {
  static const std::vector<View> kViews = [] {
    std::vector<View> all;
    for (auto* part : {GroupViews, ReplicaStateViews, DatabaseStateViews, SeedingViews,
                       SecurityViews, EndpointViews, DatabaseViews, LogViews, ServerViews,
                       BackupViews, AgentViews, FabricViews}) {
      std::vector<View> views = part();
      std::move(views.begin(), views.end(), std::back_inserter(all));
    }
    return all;
  }();
  return kViews;
}

std::string DatabaseOf(const ObjectName& name, const Environment& environment) {
  return name.database.empty() ? environment.session->database() : name.database;
}

bool Names(const View& view, const ObjectName& name, const Environment& environment) {
  const Collation collation = environment.collation;
  if (!view.database.empty() &&
      !SameText(view.database, DatabaseOf(name, environment), collation)) {
    return false;
  }
  // The schema may be left out only for dbo, which is everybody's default.
  const bool schema =
      name.schema.empty() ? view.schema == "dbo" : SameText(view.schema, name.schema, collation);
  return schema && SameText(view.name, name.name, collation) &&
         view.since <= environment.instance->MajorVersion();
}

}  // namespace

int DatabaseIdOf(const Environment& environment, const std::string& name) {
  constexpr std::array kSystem = {"master", "tempdb", "model", "msdb"};
  for (std::size_t i = 0; i < kSystem.size(); ++i) {
    if (SameText(name, kSystem[i], environment.collation)) return static_cast<int>(i) + 1;
  }
  const Database* database = environment.instance->FindDatabase(name);
  return database == nullptr ? 0 : database->database_id;
}

std::string QualifiedName(const ObjectName& name) {
  std::string text;
  if (!name.database.empty()) text = name.database + ".";
  if (!name.schema.empty() || !name.database.empty()) text += name.schema + ".";
  return text + name.name;
}

bool IsSysadmin(const Environment& environment) {
  const Login* login = environment.instance->FindLogin(environment.session->login);
  return login != nullptr && login->sysadmin;
}

bool HasPermission(const Environment& environment, const std::string& permission) {
  const Login* login = environment.instance->FindLogin(environment.session->login);
  if (login == nullptr) return false;
  if (login->sysadmin || login->permissions.contains("CONTROL SERVER")) return true;
  return login->permissions.contains(permission);
}

void RequireServerState(const Environment& environment) {
  const bool split = environment.instance->MajorVersion() >= 16;
  const std::string needed = split ? "VIEW SERVER PERFORMANCE STATE" : "VIEW SERVER STATE";
  if (HasPermission(environment, "VIEW SERVER STATE") || HasPermission(environment, needed)) return;
  throw Failure({MakeMessage(300, {needed, "server", "master"}), MakeMessage(297)});
}

Table ReadView(const ObjectName& name, const Environment& environment) {
  const auto found = std::find_if(AllViews().begin(), AllViews().end(),
                                  [&](const View& view) { return Names(view, name, environment); });
  if (found == AllViews().end() || DatabaseIdOf(environment, DatabaseOf(name, environment)) == 0) {
    Fail(208, {QualifiedName(name)});
  }
  if (found->access == Access::kServerState) RequireServerState(environment);
  if (found->access == Access::kMsdb && !IsSysadmin(environment)) {
    Fail(229, {"SELECT", found->name, found->database, found->schema}, 5);
  }
  Table table = found->read(environment);
  if (found->access == Access::kDefinition && !HasPermission(environment, "VIEW ANY DEFINITION")) {
    table.rows.clear();
  }
  // Keys and certificates belong to a database; all that are modelled are in master.
  const bool per_database = found->name == "certificates" || found->name == "symmetric_keys";
  if (per_database && !SameText(DatabaseOf(name, environment), "master", environment.collation)) {
    table.rows.clear();
  }
  return table;
}

const TableFunction* FindTableFunction(const ObjectName& name, const Environment& environment) {
  static const std::vector<TableFunction> kFunctions = LogFunctions();
  for (const TableFunction& function : kFunctions) {
    if (SameText(function.schema, name.schema, environment.collation) &&
        SameText(function.name, name.name, environment.collation)) {
      return &function;
    }
  }
  return nullptr;
}

}  // namespace milink::sim::tsql
