#include "tests/sim/tsql/run/functions.h"

#include <algorithm>
#include <array>

#include "core/base/text.h"
#include "tests/sim/tsql/failure.h"
#include "tests/sim/tsql/run/decimal.h"
#include "tests/sim/tsql/run/expression_compiler.h"

namespace milink::sim::tsql {
namespace {

constexpr std::array kAggregates = {"COUNT", "COUNT_BIG", "SUM", "MIN", "MAX", "AVG"};

Value Sum(const ValueList& values, const TypeInfo& from, const TypeInfo& type) {
  if (type.type == SqlType::kFloat) {
    double sum = 0;
    for (const Value& value : values) sum += std::get<double>(value);
    return sum;
  }
  Decimal sum{"0"};
  for (const Value& value : values) {
    const Value number = ConvertValue(
        value, from, {.type = SqlType::kNumeric, .precision = 38, .scale = type.scale});
    const auto next = AddDecimals(sum, std::get<Decimal>(number));
    if (!next) Fail(8115, {"expression", TypeName(type.type)}, 2);
    sum = *next;
  }
  return ConvertValue(sum, {.type = SqlType::kNumeric, .precision = 38, .scale = type.scale}, type);
}

Value Average(const ValueList& values, const TypeInfo& from, const TypeInfo& type) {
  const Value sum = Sum(values, from, type);
  const auto count = static_cast<std::int64_t>(values.size());
  if (const auto* number = std::get_if<double>(&sum)) return *number / static_cast<double>(count);
  if (const auto* number = std::get_if<std::int64_t>(&sum)) return *number / count;
  return *DivideDecimals(std::get<Decimal>(sum), {std::to_string(count)}, type.scale);
}

}  // namespace

const Function* FindFunction(const std::string& upper_name) {
  for (const auto* table : {&TextFunctions(), &TimeFunctions(), &GeneralFunctions(),
                            &ServerFunctions(), &DatabaseFunctions(), &ErrorFunctions()}) {
    for (const Function& function : *table) {
      if (upper_name == function.name) return &function;
    }
  }
  return nullptr;
}

bool IsAggregate(const std::string& upper_name) {
  return std::find(kAggregates.begin(), kAggregates.end(), upper_name) != kAggregates.end();
}

TypeInfo AggregateType(const std::string& name, const TypeInfo& argument) {
  if (name == "COUNT") return {.type = SqlType::kInt};
  if (name == "COUNT_BIG") return {.type = SqlType::kBigInt};
  TypeInfo type = argument;
  type.nullable = true;
  if (name == "MIN" || name == "MAX") return type;
  if (argument.type == SqlType::kBit || IsText(argument.type) || IsTime(argument.type) ||
      argument.type == SqlType::kUniqueIdentifier || argument.type == SqlType::kVarBinary) {
    Fail(8117, {TypeName(argument.type), ToLowerAscii(name)});
  }
  if (type.type == SqlType::kTinyInt || type.type == SqlType::kSmallInt) type.type = SqlType::kInt;
  if (type.type == SqlType::kReal) type.type = SqlType::kFloat;
  if (type.type == SqlType::kNumeric) {
    type.precision = 38;
    if (name == "AVG") type.scale = std::max(type.scale, 6);
  }
  return type;
}

Value RunAggregate(const std::string& name, const ValueList& values, const TypeInfo& from,
                   const TypeInfo& type, Collation collation) {
  if (name == "COUNT" || name == "COUNT_BIG") return static_cast<std::int64_t>(values.size());
  if (values.empty()) return Null{};
  if (name == "SUM") return Sum(values, from, type);
  if (name == "AVG") return Average(values, from, type);
  const auto less = [&](const Value& a, const Value& b) {
    return CompareValues(a, b, collation) < 0;
  };
  return name == "MIN" ? *std::min_element(values.begin(), values.end(), less)
                       : *std::max_element(values.begin(), values.end(), less);
}

std::string TextArgument(const ValueList& values, const TypeList& types, std::size_t index) {
  const Value text =
      ConvertValue(values[index], types[index], {.type = SqlType::kNVarChar, .length = -1});
  return std::get<std::string>(text);
}

std::int64_t IntegerArgument(const ValueList& values, const TypeList& types, std::size_t index) {
  return std::get<std::int64_t>(
      ConvertValue(values[index], types[index], {.type = SqlType::kBigInt}));
}

Compiled ExpressionCompiler::CompileNode(const FunctionCall& node) {
  const std::string name = ToUpperAscii(node.name.name);
  if (!node.name.schema.empty() && !EqualsIgnoreCaseAscii(node.name.schema, "sys")) {
    Fail(4121, {node.name.schema, node.name.schema + "." + node.name.name});
  }
  if (IsAggregate(name)) return Aggregate(node, name);
  const Function* function = FindFunction(name);
  if (function == nullptr || node.star || node.distinct)
    Fail(195, {node.name.name, "built-in function name"}, 10);
  const int count = static_cast<int>(node.arguments.size());
  if (count < function->min_arguments || count > function->max_arguments) {
    Fail(174, {ToLowerAscii(name), std::to_string(function->max_arguments)});
  }
  TypeList types;
  std::vector<Evaluate> arguments;
  for (const ExpressionPtr& argument : node.arguments) {
    // An untyped NULL takes no part in choosing the type, and never is the result.
    const auto* literal = std::get_if<Literal>(&argument->node);
    if (name == "COALESCE" && literal != nullptr && IsNullValue(literal->value)) continue;
    Compiled compiled = Compile(*argument);
    types.push_back(compiled.type);
    arguments.push_back(std::move(compiled.run));
  }
  if (types.empty() && function->min_arguments > 0) Fail(4127);
  TypeInfo type = function->type(types);
  type.nullable = true;
  return {type, [=](const Frame& frame) -> Value {
            ValueList values;
            for (const Evaluate& argument : arguments) {
              values.push_back(argument(frame));
              if (function->strict && IsNullValue(values.back())) return Null{};
            }
            return function->run(*frame.environment, values, types);
          }};
}

}  // namespace milink::sim::tsql
