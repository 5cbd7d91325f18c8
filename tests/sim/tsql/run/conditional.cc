// CASE, CAST and CONVERT.
#include <utility>

#include "tests/sim/tsql/failure.h"
#include "tests/sim/tsql/run/expression_compiler.h"
#include "tests/sim/tsql/run/operands.h"

namespace milink::sim::tsql {
namespace {

bool IsSelectNull(const Expression& expression) {
  const auto* literal = std::get_if<Literal>(&expression.node);
  return literal != nullptr && IsNullValue(literal->value);
}

}  // namespace

Compiled ExpressionCompiler::CompileNode(const Case& node) {
  std::vector<std::pair<Evaluate, Compiled>> branches;
  std::optional<TypeInfo> type;
  const auto meet = [&](const Expression& expression, const Compiled& compiled) {
    if (IsSelectNull(expression)) return;  // an untyped NULL decides nothing
    type = type ? CommonType(*type, compiled.type) : compiled.type;
  };
  for (const auto& [when, then] : node.branches) {
    Evaluate condition;
    if (node.input) {
      const Pair pair = Meet(Compile(*node.input), Compile(*when));
      condition = [pair, collation = environment_.collation](const Frame& frame) -> Value {
        const Value a = pair.left(frame);
        const Value b = pair.right(frame);
        if (IsNullValue(a) || IsNullValue(b)) return Null{};
        return Truth(CompareValues(a, b, collation) == 0);
      };
    } else {
      condition = CompileCondition(*when);
    }
    branches.emplace_back(std::move(condition), Compile(*then));
    meet(*then, branches.back().second);
  }
  Compiled otherwise{{}, [](const Frame&) -> Value { return Null{}; }};
  if (node.otherwise) {
    otherwise = Compile(*node.otherwise);
    meet(*node.otherwise, otherwise);
  }
  if (!type) Fail(8133);
  type->nullable = true;
  return {*type, [branches, otherwise, type = *type](const Frame& frame) {
            for (const auto& [condition, result] : branches) {
              if (TruthOf(condition(frame)).value_or(false)) {
                return ConvertValue(result.run(frame), result.type, type);
              }
            }
            return ConvertValue(otherwise.run(frame), otherwise.type, type);
          }};
}

Compiled ExpressionCompiler::CompileNode(const Cast& node) {
  const Compiled operand = Compile(*node.operand);
  const Evaluate style = node.style ? Compile(*node.style).run : nullptr;
  TypeInfo type = node.type;
  type.nullable = true;
  return {type, [operand, style, type, quiet = node.null_on_error](const Frame& frame) -> Value {
            const Value number = style ? style(frame) : Value(std::int64_t{0});
            if (IsNullValue(number)) return Null{};
            try {
              return ConvertValue(operand.run(frame), operand.type, type,
                                  static_cast<int>(std::get<std::int64_t>(number)));
            } catch (const Failure&) {
              if (!quiet) throw;
              return Null{};
            }
          }};
}

}  // namespace milink::sim::tsql
