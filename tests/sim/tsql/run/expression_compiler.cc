#include "tests/sim/tsql/run/expression_compiler.h"

#include <algorithm>

#include "core/base/text.h"
#include "tests/sim/tsql/failure.h"
#include "tests/sim/tsql/run/functions.h"
#include "tests/sim/tsql/run/global_variables.h"
#include "tests/sim/tsql/run/operands.h"
#include "tests/sim/tsql/run/query.h"

namespace milink::sim::tsql {

ExpressionCompiler::Place ExpressionCompiler::Resolve(const ColumnRef& column) const {
  const std::string& name = column.parts.back();
  const std::string table = column.parts.size() > 1 ? column.parts[column.parts.size() - 2] : "";
  bool table_known = false;
  int depth = 0;
  for (const Scope* scope = &scope_; scope != nullptr; scope = scope->outer, ++depth) {
    std::optional<Place> found;
    for (std::size_t slot = 0; slot < scope->columns.size(); ++slot) {
      const ScopeColumn& candidate = scope->columns[slot];
      if (!table.empty() && !SameText(candidate.table, table, environment_.collation)) continue;
      table_known = table_known || !table.empty();
      if (!SameText(candidate.name, name, environment_.collation)) continue;
      if (found) Fail(209, {name});
      found = Place{depth, slot, candidate.type};
    }
    if (found) return *found;
  }
  if (!table.empty() && !table_known) Fail(4104, {Join(column.parts, ".")});
  Fail(207, {name});
}

std::optional<std::size_t> ExpressionCompiler::SlotOf(const Expression& expression) {
  const auto* column = std::get_if<ColumnRef>(&expression.node);
  if (column == nullptr) return std::nullopt;
  const Place place = Resolve(*column);
  if (place.depth != 0) return std::nullopt;
  return place.slot;
}

Compiled ExpressionCompiler::Compile(const Expression& expression) {
  return std::visit([this](const auto& node) { return CompileNode(node); }, expression.node);
}

Compiled ExpressionCompiler::CompileNode(const Literal& node) {
  return {node.type, [value = node.value](const Frame&) { return value; }};
}

Compiled ExpressionCompiler::CompileNode(const ColumnRef& node) {
  const Place place = Resolve(node);
  const bool free = place.depth > 0 || !grouped_ ||
                    std::find(grouped_->begin(), grouped_->end(), place.slot) != grouped_->end();
  if (!free) Fail(8120, {Join(node.parts, ".")});
  return {place.type, [depth = place.depth, slot = place.slot](const Frame& frame) {
            const Frame* at = &frame;
            for (int i = 0; i < depth; ++i) at = at->outer;
            return (*at->row)[slot];
          }};
}

Compiled ExpressionCompiler::CompileNode(const VariableRef& node) {
  if (node.name.starts_with("@@")) return CompileGlobalVariable(node.name);
  const auto found = environment_.variables->find(node.name);
  if (found == environment_.variables->end()) Fail(137, {node.name}, 2);
  return {found->second.type, [name = node.name](const Frame& frame) {
            return frame.environment->variables->at(name).value;
          }};
}

Compiled ExpressionCompiler::CompileNode(const Not& node) {
  return {kTruth, [operand = CompileCondition(*node.operand)](const Frame& frame) {
            return Negated(operand(frame));
          }};
}

Compiled ExpressionCompiler::CompileNode(const Binary& node) {
  if (node.op >= BinaryOperator::kAnd) return Logic(node);
  if (node.op >= BinaryOperator::kEqual) return Comparison(node);
  return Arithmetic(node);
}

Compiled ExpressionCompiler::Logic(const Binary& node) {
  // The value that decides alone: false for AND, true for OR.
  const bool deciding = node.op == BinaryOperator::kOr;
  return {kTruth,
          [left = CompileCondition(*node.left), right = CompileCondition(*node.right),
           deciding](const Frame& frame) -> Value {
            const auto a = TruthOf(left(frame));
            if (a && *a == deciding) return Truth(deciding);
            const auto b = TruthOf(right(frame));
            if (b && *b == deciding) return Truth(deciding);
            if (!a || !b) return Null{};
            return Truth(!deciding);
          }};
}

Collation ExpressionCompiler::CollationOf(const Expression& a, const Expression& b) const {
  for (const Expression* side : {&a, &b}) {
    if (const auto* collate = std::get_if<Collate>(&side->node)) return {collate->case_sensitive};
  }
  return environment_.collation;
}

Compiled ExpressionCompiler::Comparison(const Binary& node) {
  const Pair pair = Meet(Compile(*node.left), Compile(*node.right));
  const Collation collation = CollationOf(*node.left, *node.right);
  return {kTruth, [pair, collation, op = node.op](const Frame& frame) -> Value {
            const Value a = pair.left(frame);
            const Value b = pair.right(frame);
            if (IsNullValue(a) || IsNullValue(b)) return Null{};
            const int order = CompareValues(a, b, collation);
            switch (op) {
              case BinaryOperator::kEqual:
                return Truth(order == 0);
              case BinaryOperator::kNotEqual:
                return Truth(order != 0);
              case BinaryOperator::kLess:
                return Truth(order < 0);
              case BinaryOperator::kLessEqual:
                return Truth(order <= 0);
              case BinaryOperator::kGreater:
                return Truth(order > 0);
              default:
                return Truth(order >= 0);
            }
          }};
}

Compiled ExpressionCompiler::CompileNode(const Like& node) {
  const TypeInfo text{.type = SqlType::kNVarChar, .length = -1};
  const Evaluate operand = As(Compile(*node.operand), text);
  const Evaluate pattern = As(Compile(*node.pattern), text);
  const Evaluate escape = node.escape ? As(Compile(*node.escape), text) : nullptr;
  const Collation collation = CollationOf(*node.operand, *node.pattern);
  return {kTruth, [=](const Frame& frame) -> Value {
            const Value a = operand(frame);
            const Value b = pattern(frame);
            if (IsNullValue(a) || IsNullValue(b)) return Null{};
            std::optional<char16_t> escape_unit;
            if (escape) {
              const std::u16string units = ToUtf16(std::get<std::string>(escape(frame)));
              if (units.size() != 1) Fail(506, {FromUtf16(units)});
              escape_unit = units[0];
            }
            return Truth(MatchesLike(std::get<std::string>(a), std::get<std::string>(b),
                                     escape_unit, collation));
          }};
}

Compiled ExpressionCompiler::CompileNode(const Between& node) {
  const Compiled operand = Compile(*node.operand);
  const Pair low = Meet(operand, Compile(*node.low));
  const Pair high = Meet(operand, Compile(*node.high));
  return {kTruth, [low, high, collation = environment_.collation](const Frame& frame) -> Value {
            const Value a = low.left(frame);
            const Value b = low.right(frame);
            const Value c = high.left(frame);
            const Value d = high.right(frame);
            if (IsNullValue(a)) return Null{};
            const bool below = !IsNullValue(b) && CompareValues(a, b, collation) < 0;
            const bool above = !IsNullValue(d) && CompareValues(c, d, collation) > 0;
            if (below || above) return Truth(false);
            if (IsNullValue(b) || IsNullValue(d)) return Null{};
            return Truth(true);
          }};
}

Compiled ExpressionCompiler::CompileNode(const InList& node) {
  const Compiled operand = Compile(*node.operand);
  std::vector<Pair> pairs;
  for (const ExpressionPtr& item : node.list) pairs.push_back(Meet(operand, Compile(*item)));
  return {kTruth, [pairs, collation = environment_.collation](const Frame& frame) -> Value {
            bool unknown = false;
            for (const Pair& pair : pairs) {
              const Value a = pair.left(frame);
              const Value b = pair.right(frame);
              if (IsNullValue(a) || IsNullValue(b)) {
                unknown = true;
              } else if (CompareValues(a, b, collation) == 0) {
                return Truth(true);
              }
            }
            return unknown ? Value(Null{}) : Truth(false);
          }};
}

Compiled ExpressionCompiler::CompileNode(const InQuery& node) {
  const Compiled operand = Compile(*node.operand);
  const Query query = CompileQuery(*node.query, environment_, &scope_, common_);
  if (query.columns.size() != 1) Fail(116);
  const TypeInfo column = query.columns[0].type;
  const TypeInfo type = CommonType(operand.type, column);
  return {kTruth, [=, collation = environment_.collation](const Frame& frame) -> Value {
            const Value a = ConvertValue(operand.run(frame), operand.type, type);
            const std::vector<Row> rows = query.run(&frame);
            bool unknown = IsNullValue(a) && !rows.empty();
            for (const Row& row : rows) {
              if (IsNullValue(row[0])) {
                unknown = true;
              } else if (!IsNullValue(a) &&
                         CompareValues(a, ConvertValue(row[0], column, type), collation) == 0) {
                return Truth(true);
              }
            }
            return unknown ? Value(Null{}) : Truth(false);
          }};
}

Compiled ExpressionCompiler::CompileNode(const IsNull& node) {
  return {kTruth, [operand = Compile(*node.operand).run](const Frame& frame) {
            return Truth(IsNullValue(operand(frame)));
          }};
}

Compiled ExpressionCompiler::CompileNode(const Exists& node) {
  const Query query = CompileQuery(*node.query, environment_, &scope_, common_);
  return {kTruth, [query](const Frame& frame) { return Truth(!query.run(&frame).empty()); }};
}

Compiled ExpressionCompiler::CompileNode(const ScalarQuery& node) {
  const Query query = CompileQuery(*node.query, environment_, &scope_, common_);
  if (query.columns.size() != 1) Fail(116);
  return {query.columns[0].type, [query](const Frame& frame) -> Value {
            const std::vector<Row> rows = query.run(&frame);
            if (rows.size() > 1) Fail(512);
            return rows.empty() ? Value(Null{}) : rows[0][0];
          }};
}

Compiled ExpressionCompiler::CompileNode(const Collate& node) { return Compile(*node.operand); }

}  // namespace milink::sim::tsql
