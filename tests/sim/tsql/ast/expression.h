// Expressions as parsed: no names resolved, no types yet. Plain values, owned by their statement.
#pragma once

#include <memory>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "tests/sim/sql/value.h"

namespace milink::sim::tsql {

struct Select;
struct Expression;
using ExpressionPtr = std::unique_ptr<Expression>;
using SelectPtr = std::shared_ptr<Select>;  // shared: Select is incomplete here

// [server.]database.schema.object; absent parts are empty.
struct ObjectName {
  std::string database;
  std::string schema;
  std::string name;
};

struct Literal {
  Value value;
  TypeInfo type;
};
struct ColumnRef {
  std::vector<std::string> parts;  // 1 to 4: the column is the last
};
struct VariableRef {
  std::string name;  // "@x" or "@@rowcount", lower case
};
struct Negate {
  ExpressionPtr operand;
};
struct Not {
  ExpressionPtr operand;
};

enum class BinaryOperator {
  kAdd,
  kSubtract,
  kMultiply,
  kDivide,
  kModulo,
  kBitAnd,
  kBitOr,
  kEqual,
  kNotEqual,
  kLess,
  kLessEqual,
  kGreater,
  kGreaterEqual,
  kAnd,
  kOr,
};
struct Binary {
  BinaryOperator op = BinaryOperator::kAdd;
  ExpressionPtr left;
  ExpressionPtr right;
};

struct FunctionCall {
  ObjectName name;
  std::vector<ExpressionPtr> arguments;
  bool star = false;      // COUNT(*)
  bool distinct = false;  // COUNT(DISTINCT x)
};
// ROW_NUMBER() OVER (...): the only window function.
struct RowNumber {
  std::vector<ExpressionPtr> partition_by;
  std::vector<std::pair<ExpressionPtr, bool>> order_by;  // true: descending
};
struct Case {
  ExpressionPtr input;  // null: searched form
  std::vector<std::pair<ExpressionPtr, ExpressionPtr>> branches;
  ExpressionPtr otherwise;  // null: NULL
};
struct Cast {
  ExpressionPtr operand;
  TypeInfo type;
  ExpressionPtr style;         // CONVERT's third argument, or null
  bool null_on_error = false;  // TRY_CAST, TRY_CONVERT
};
struct Like {
  ExpressionPtr operand;
  ExpressionPtr pattern;
  ExpressionPtr escape;
};
struct Between {
  ExpressionPtr operand;
  ExpressionPtr low;
  ExpressionPtr high;
};
struct InList {
  ExpressionPtr operand;
  std::vector<ExpressionPtr> list;
};
struct InQuery {
  ExpressionPtr operand;
  SelectPtr query;
};
struct IsNull {
  ExpressionPtr operand;
};
struct Exists {
  SelectPtr query;
};
struct ScalarQuery {
  SelectPtr query;
};

// `COLLATE name` only changes how text is compared.
struct Collate {
  ExpressionPtr operand;
  bool case_sensitive = false;
};

struct Expression {
  std::variant<Literal, ColumnRef, VariableRef, Negate, Not, Binary, FunctionCall, RowNumber, Case,
               Cast, Like, Between, InList, InQuery, IsNull, Exists, ScalarQuery, Collate>
      node;
};

template <typename Node>
ExpressionPtr MakeExpression(Node node) {
  auto result = std::make_unique<Expression>();
  result->node = std::move(node);
  return result;
}

}  // namespace milink::sim::tsql
