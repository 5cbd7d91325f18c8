// SELECT -> a query that runs. One source file per step: sources and joins, blocks, unions.
#pragma once

#include <vector>

#include "tests/sim/tsql/run/environment.h"
#include "tests/sim/tsql/run/expression_compiler.h"

namespace milink::sim::tsql {

// `environment`, `outer` and `common` must outlive the query. Throws Failure for what a name or a
// type makes impossible.
Query CompileQuery(const Select& select, const Environment& environment, const Scope* outer,
                   const CommonTables* common);

// The parts.
struct Source {
  std::vector<ScopeColumn> columns;
  // Rows of the columns above, for one row of what surrounds the query.
  std::function<std::vector<Row>(const Frame& outer)> rows;
};
Source CompileFrom(const std::vector<FromItem>& items, const Environment& environment,
                   const Scope* outer, const CommonTables* common);

// One SELECT without ORDER BY of its own: `order_by` is appended as hidden columns when given.
struct BlockQuery {
  Query query;
  std::size_t visible = 0;                          // columns before the hidden ones
  std::vector<std::pair<std::size_t, bool>> order;  // column and "descending"
};
BlockQuery CompileBlock(const QueryBlock& block,
                        const std::vector<std::pair<ExpressionPtr, bool>>& order_by,
                        const Environment& environment, const Scope* outer,
                        const CommonTables* common);

void SortRows(std::vector<Row>& rows, const std::vector<std::pair<std::size_t, bool>>& order,
              Collation collation);
void RemoveDuplicates(std::vector<Row>& rows, Collation collation);

}  // namespace milink::sim::tsql
