// The views and table functions of the simulated server, found by name. What they show is computed
// from the world at the moment of the question. Shapes: CATALOG 1-5 (documented views).
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "tests/sim/tsql/run/environment.h"

namespace milink::sim::tsql {

// What a login needs to read a view.
enum class Access {
  kPublic,       // everyone
  kDefinition,   // VIEW ANY DEFINITION, else no rows
  kServerState,  // VIEW SERVER STATE, else 300 and 297
  kMsdb,         // sysadmin, else 229
};

struct View {
  std::string schema;
  std::string name;
  Access access = Access::kPublic;
  int since = 0;         // major version that brought it
  std::string database;  // of tables that live in one; empty: in every database
  std::function<Table(const Environment&)> read;
};

struct TableFunction {
  std::string schema;
  std::string name;
  int arguments = 0;
  std::vector<Column> columns;
  std::function<std::vector<Row>(const Environment&, const std::vector<Value>&)> rows;
};

// 208 when there is no such view on this version.
Table ReadView(const ObjectName& name, const Environment& environment);
const TableFunction* FindTableFunction(const ObjectName& name, const Environment& environment);
std::string QualifiedName(const ObjectName& name);

// One file each.
std::vector<View> GroupViews();
std::vector<View> ReplicaStateViews();
std::vector<View> DatabaseStateViews();
std::vector<View> SeedingViews();
std::vector<View> SecurityViews();
std::vector<View> EndpointViews();
std::vector<View> DatabaseViews();
std::vector<View> LogViews();
std::vector<View> ServerViews();
std::vector<View> BackupViews();
std::vector<View> AgentViews();
std::vector<View> FabricViews();
std::vector<TableFunction> LogFunctions();

// Server permissions of the session's login; sysadmin has all.
bool HasPermission(const Environment& environment, const std::string& permission);
bool IsSysadmin(const Environment& environment);
// "VIEW SERVER PERFORMANCE STATE" from 2022 on.
void RequireServerState(const Environment& environment);

// master, tempdb, model and msdb have the ids 1 to 4; 0 when there is no such database.
int DatabaseIdOf(const Environment& environment, const std::string& name);

}  // namespace milink::sim::tsql
