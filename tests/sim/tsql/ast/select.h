// SELECT as parsed. Plain values, owned by their statement.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "tests/sim/tsql/ast/expression.h"

namespace milink::sim::tsql {

struct SelectItem {
  ExpressionPtr expression;  // null for * and t.*
  std::string alias;
  std::string star_of;   // the table of t.*; empty for *
  std::string variable;  // SELECT @x = ..
};

struct TableSource {
  ObjectName name;
};
struct FunctionSource {
  ObjectName name;
  std::vector<ExpressionPtr> arguments;
};
struct QuerySource {
  SelectPtr query;
};
struct ValuesSource {
  std::vector<std::vector<ExpressionPtr>> rows;
};

enum class JoinKind { kInner, kLeft, kRight, kFull, kCross, kCrossApply, kOuterApply };

struct FromItem {
  JoinKind join = JoinKind::kCross;  // with what stands left of it; the first item has none
  std::variant<TableSource, FunctionSource, QuerySource, ValuesSource> source;
  std::string alias;
  std::vector<std::string> column_aliases;
  ExpressionPtr on;
};

// One SELECT .. without UNION.
struct QueryBlock {
  bool distinct = false;
  ExpressionPtr top;  // null: all rows
  std::vector<SelectItem> items;
  std::vector<FromItem> from;
  ExpressionPtr where;
  std::vector<ExpressionPtr> group_by;
  ExpressionPtr having;
};

// A name given to a query in front of a statement: WITH name (columns) AS (query).
struct CommonTable {
  std::string name;
  std::vector<std::string> column_aliases;
  SelectPtr query;
};

enum class UnionKind { kAll, kDistinct };

struct Select {
  std::vector<CommonTable> common;
  QueryBlock first;
  std::vector<std::pair<UnionKind, QueryBlock>> more;
  std::vector<std::pair<ExpressionPtr, bool>> order_by;  // true: descending
};

}  // namespace milink::sim::tsql
