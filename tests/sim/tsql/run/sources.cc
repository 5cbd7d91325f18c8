// FROM: tables, functions, derived tables, VALUES.
#include "core/base/text.h"
#include "tests/sim/tsql/catalog/catalog.h"
#include "tests/sim/tsql/failure.h"
#include "tests/sim/tsql/run/join.h"
#include "tests/sim/tsql/run/query.h"

namespace milink::sim::tsql {
namespace {

void AddColumns(Source& source, const std::string& alias, const std::vector<Column>& columns,
                const std::vector<std::string>& names) {
  if (!names.empty() && names.size() != columns.size()) Fail(8158, {alias});
  for (std::size_t i = 0; i < columns.size(); ++i) {
    const std::string& name = names.empty() ? columns[i].name : names[i];
    if (name.empty()) Fail(8155, {std::to_string(i + 1), alias});
    source.columns.push_back({alias, name, columns[i].type});
  }
}

const Table* FindCommon(const CommonTables* common, const ObjectName& name, Collation collation) {
  if (!name.schema.empty()) return nullptr;
  for (; common != nullptr; common = common->outer) {
    for (const auto& entry : common->entries) {
      if (SameText(entry.name, name.name, collation)) return entry.table.get();
    }
  }
  return nullptr;
}

Source FixedSource(const std::string& alias, const Table& table,
                   const std::vector<std::string>& names) {
  Source source;
  AddColumns(source, alias, table.columns, names);
  source.rows = [rows = table.rows](const Frame&) { return rows; };
  return source;
}

Source CompileValues(const ValuesSource& values, const FromItem& item,
                     const Environment& environment, const Scope* outer,
                     const CommonTables* common) {
  const Scope scope{{}, outer};
  ExpressionCompiler compiler(environment, scope, common);
  std::vector<std::vector<Compiled>> rows;
  std::vector<Column> columns(values.rows.front().size());
  for (const auto& expressions : values.rows) {
    auto& row = rows.emplace_back();
    for (std::size_t i = 0; i < expressions.size(); ++i) {
      row.push_back(compiler.Compile(*expressions[i]));
      columns[i].type = rows.size() == 1 ? row[i].type : CommonType(columns[i].type, row[i].type);
    }
  }
  Source source;
  AddColumns(source, item.alias, columns, item.column_aliases);
  source.rows = [rows, columns, &environment](const Frame& frame) {
    const Row empty;
    const Frame inner{&environment, &empty, nullptr, &frame};
    std::vector<Row> result;
    for (const auto& row : rows) {
      Row& out = result.emplace_back();
      for (std::size_t i = 0; i < row.size(); ++i) {
        out.push_back(ConvertValue(row[i].run(inner), row[i].type, columns[i].type));
      }
    }
    return result;
  };
  return source;
}

Source CompileFunction(const FunctionSource& function, const FromItem& item,
                       const Environment& environment, const Scope* outer,
                       const CommonTables* common) {
  const TableFunction* found = FindTableFunction(function.name, environment);
  if (found == nullptr) Fail(208, {QualifiedName(function.name)});
  if (static_cast<int>(function.arguments.size()) != found->arguments) {
    Fail(313, {QualifiedName(function.name)}, 3);
  }
  const Scope scope{{}, outer};
  ExpressionCompiler compiler(environment, scope, common);
  std::vector<Compiled> arguments;
  for (const auto& argument : function.arguments) arguments.push_back(compiler.Compile(*argument));
  Source source;
  AddColumns(source, item.alias.empty() ? function.name.name : item.alias, found->columns, {});
  source.rows = [arguments, found, &environment](const Frame& frame) {
    const Row empty;
    const Frame inner{&environment, &empty, nullptr, &frame};
    std::vector<Value> values;
    for (const Compiled& argument : arguments) values.push_back(argument.run(inner));
    return found->rows(environment, values);
  };
  return source;
}

Source CompileQuerySource(const QuerySource& derived, const FromItem& item,
                          const Environment& environment, const Scope* outer,
                          const CommonTables* common) {
  const Query query = CompileQuery(*derived.query, environment, outer, common);
  Source source;
  AddColumns(source, item.alias, query.columns, item.column_aliases);
  source.rows = [query](const Frame& frame) { return query.run(&frame); };
  return source;
}

Source CompileOne(const FromItem& item, const Environment& environment, const Scope* outer,
                  const CommonTables* common) {
  if (const auto* table = std::get_if<TableSource>(&item.source)) {
    const std::string alias = item.alias.empty() ? table->name.name : item.alias;
    if (const Table* rows = FindCommon(common, table->name, environment.collation)) {
      return FixedSource(alias, *rows, item.column_aliases);
    }
    return FixedSource(alias, ReadView(table->name, environment), item.column_aliases);
  }
  if (const auto* function = std::get_if<FunctionSource>(&item.source)) {
    return CompileFunction(*function, item, environment, outer, common);
  }
  if (const auto* values = std::get_if<ValuesSource>(&item.source)) {
    return CompileValues(*values, item, environment, outer, common);
  }
  return CompileQuerySource(std::get<QuerySource>(item.source), item, environment, outer, common);
}

}  // namespace

Source CompileFrom(const std::vector<FromItem>& items, const Environment& environment,
                   const Scope* outer, const CommonTables* common) {
  Source first = CompileOne(items.front(), environment, outer, common);
  Scope scope{first.columns, outer};
  std::vector<Join> joins;
  for (std::size_t i = 1; i < items.size(); ++i) {
    const FromItem& item = items[i];
    const bool apply = item.join == JoinKind::kCrossApply || item.join == JoinKind::kOuterApply;
    const std::size_t left_width = scope.columns.size();
    Source right = CompileOne(item, environment, apply ? &scope : outer, common);
    scope.columns.insert(scope.columns.end(), right.columns.begin(), right.columns.end());
    joins.push_back(CompileJoin(item, std::move(right), left_width, environment, scope, common));
  }
  Source source;
  source.columns = scope.columns;
  source.rows = [first, joins](const Frame& outer_frame) {
    std::vector<Row> rows = first.rows(outer_frame);
    for (const Join& join : joins) rows = JoinRows(join, rows, outer_frame);
    return rows;
  };
  return source;
}

}  // namespace milink::sim::tsql
