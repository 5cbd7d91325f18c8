// UNION, ORDER BY and WITH around the blocks.
#include "tests/sim/tsql/run/query.h"

#include <algorithm>
#include <set>

#include "tests/sim/tsql/failure.h"

namespace milink::sim::tsql {
namespace {

void CheckVariables(const Query& query) {
  const auto assigned = std::count_if(query.variables.begin(), query.variables.end(),
                                      [](const std::string& name) { return !name.empty(); });
  if (assigned != 0 && assigned != static_cast<std::ptrdiff_t>(query.variables.size())) Fail(141);
}

void Trim(std::vector<Row>& rows, std::size_t visible) {
  for (Row& row : rows) row.resize(visible);
}

// Without UNION: ORDER BY may use anything that the block sees.
Query CompileSimple(const Select& select, const Environment& environment, const Scope* outer,
                    const CommonTables* common) {
  BlockQuery block = CompileBlock(select.first, select.order_by, environment, outer, common);
  const std::size_t visible = block.visible;
  Query query = block.query;
  query.columns.resize(visible);
  query.variables.resize(visible);
  CheckVariables(query);
  query.run = [inner = block.query.run, visible](const Frame* frame) {
    std::vector<Row> rows = inner(frame);
    Trim(rows, visible);
    return rows;
  };
  return query;
}

std::vector<std::pair<std::size_t, bool>> UnionOrder(const Select& select, const Query& query,
                                                     Collation collation) {
  std::vector<std::pair<std::size_t, bool>> order;
  for (const auto& [term, descending] : select.order_by) {
    std::size_t column = query.columns.size();
    if (const auto* name = std::get_if<ColumnRef>(&term->node)) {
      for (std::size_t i = 0; i < query.columns.size(); ++i) {
        if (SameText(query.columns[i].name, name->parts.back(), collation)) column = i;
      }
    } else if (const auto* literal = std::get_if<Literal>(&term->node)) {
      if (const auto* number = std::get_if<std::int64_t>(&literal->value); number && *number > 0) {
        column = static_cast<std::size_t>(*number - 1);
      }
    }
    if (column >= query.columns.size()) Fail(104);
    order.emplace_back(column, descending);
  }
  return order;
}

Query CompileUnion(const Select& select, const Environment& environment, const Scope* outer,
                   const CommonTables* common) {
  std::vector<Query> parts;
  parts.push_back(CompileBlock(select.first, {}, environment, outer, common).query);
  std::vector<bool> distinct{false};
  Query query = parts.front();
  for (const auto& [kind, block] : select.more) {
    parts.push_back(CompileBlock(block, {}, environment, outer, common).query);
    distinct.push_back(kind == UnionKind::kDistinct);
    if (parts.back().columns.size() != query.columns.size()) Fail(205);
    for (std::size_t i = 0; i < query.columns.size(); ++i) {
      query.columns[i].type = CommonType(query.columns[i].type, parts.back().columns[i].type);
    }
  }
  const auto order = UnionOrder(select, query, environment.collation);
  query.run = [parts, distinct, columns = query.columns, order,
               collation = environment.collation](const Frame* frame) {
    std::vector<Row> rows;
    for (std::size_t part = 0; part < parts.size(); ++part) {
      for (Row& row : parts[part].run(frame)) {
        for (std::size_t i = 0; i < columns.size(); ++i) {
          row[i] = ConvertValue(row[i], parts[part].columns[i].type, columns[i].type);
        }
        rows.push_back(std::move(row));
      }
      if (distinct[part]) RemoveDuplicates(rows, collation);
    }
    SortRows(rows, order, collation);
    return rows;
  };
  return query;
}

}  // namespace

void SortRows(std::vector<Row>& rows, const std::vector<std::pair<std::size_t, bool>>& order,
              Collation collation) {
  if (order.empty()) return;
  std::stable_sort(rows.begin(), rows.end(), [&](const Row& a, const Row& b) {
    for (const auto& [column, descending] : order) {
      const Value& x = a[column];
      const Value& y = b[column];
      if (IsNullValue(x) && IsNullValue(y)) continue;
      int result = IsNullValue(x) ? -1 : 1;  // NULL comes first
      if (!IsNullValue(x) && !IsNullValue(y)) result = CompareValues(x, y, collation);
      if (result != 0) return descending ? result > 0 : result < 0;
    }
    return false;
  });
}

void RemoveDuplicates(std::vector<Row>& rows, Collation collation) {
  std::set<std::string> seen;
  std::erase_if(rows, [&](const Row& row) {
    std::string key;
    for (const Value& value : row) key += KeyOf(value, collation) + '\0';
    return !seen.insert(key).second;
  });
}

Query CompileQuery(const Select& select, const Environment& environment, const Scope* outer,
                   const CommonTables* common) {
  auto tables = std::make_shared<CommonTables>();
  tables->outer = common;
  for (const CommonTable& table : select.common) {
    // A named query sees those before it, and nothing around: it can run right away.
    Query inner = CompileQuery(*table.query, environment, nullptr, tables.get());
    auto rows = std::make_shared<Table>();
    rows->columns = inner.columns;
    for (std::size_t i = 0; i < table.column_aliases.size() && i < rows->columns.size(); ++i) {
      rows->columns[i].name = table.column_aliases[i];
    }
    rows->rows = inner.run(nullptr);
    tables->entries.push_back({table.name, std::move(rows)});
  }
  const CommonTables* visible = select.common.empty() ? common : tables.get();
  Query query = select.more.empty() ? CompileSimple(select, environment, outer, visible)
                                    : CompileUnion(select, environment, outer, visible);
  return query;
}

}  // namespace milink::sim::tsql
