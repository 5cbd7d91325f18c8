// What an expression may read while it runs, and how names resolve. Valid for one statement, with
// the World's lock held.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "tests/sim/sql/executor.h"
#include "tests/sim/tsql/ast/select.h"
#include "tests/sim/tsql/run/types.h"

namespace milink::sim {
struct WorldState;
struct SqlServerInstance;
struct Login;
}  // namespace milink::sim

namespace milink::sim::tsql {

class Session;

struct Variable {
  TypeInfo type;
  Value value;
};
using Variables = std::map<std::string, Variable>;  // by lower-case name with "@"

struct Environment {
  const WorldState* world = nullptr;
  const SqlServerInstance* instance = nullptr;
  Session* session = nullptr;
  const Variables* variables = nullptr;
  Collation collation;
  std::int64_t row_count = 0;           // @@ROWCOUNT
  int last_error = 0;                   // @@ERROR
  std::optional<ServerMessage> caught;  // inside CATCH
};

using Row = std::vector<Value>;

struct Frame {
  const Environment* environment = nullptr;
  const Row* row = nullptr;
  const std::vector<const Row*>* group = nullptr;  // set while an aggregate's group is evaluated
  const Frame* outer = nullptr;                    // of the query around a subquery
};

using Evaluate = std::function<Value(const Frame&)>;

struct Compiled {
  TypeInfo type;
  Evaluate run;
};

struct ScopeColumn {
  std::string table;  // alias, or the table's name
  std::string name;
  TypeInfo type;
};

// The columns that names can mean, innermost query first.
struct Scope {
  std::vector<ScopeColumn> columns;
  const Scope* outer = nullptr;
};

struct Table {
  std::vector<Column> columns;
  std::vector<Row> rows;
};

struct Query {
  std::vector<Column> columns;
  std::vector<std::string> variables;  // of SELECT @x = ..: one per column, else empty
  std::function<std::vector<Row>(const Frame* outer)> run;
};

// Queries named by WITH, by name.
struct CommonTables {
  struct Entry {
    std::string name;
    std::shared_ptr<const Table> table;
  };
  std::vector<Entry> entries;
  const CommonTables* outer = nullptr;
};

}  // namespace milink::sim::tsql
