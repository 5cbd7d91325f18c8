// Operators that calculate, and aggregates.
#include <algorithm>
#include <cmath>
#include <set>

#include "core/base/text.h"
#include "tests/sim/tsql/failure.h"
#include "tests/sim/tsql/run/datetime.h"
#include "tests/sim/tsql/run/decimal.h"
#include "tests/sim/tsql/run/expression_compiler.h"
#include "tests/sim/tsql/run/functions.h"

namespace milink::sim::tsql {
namespace {

Value IntegerResult(BinaryOperator op, std::int64_t a, std::int64_t b, const TypeInfo& type) {
  std::int64_t result = 0;
  bool overflow = false;
  switch (op) {
    case BinaryOperator::kAdd:
      overflow = __builtin_add_overflow(a, b, &result);
      break;
    case BinaryOperator::kSubtract:
      overflow = __builtin_sub_overflow(a, b, &result);
      break;
    case BinaryOperator::kMultiply:
      overflow = __builtin_mul_overflow(a, b, &result);
      break;
    case BinaryOperator::kBitAnd:
      result = a & b;
      break;
    case BinaryOperator::kBitOr:
      result = a | b;
      break;
    default:
      if (b == 0) Fail(8134);
      result = op == BinaryOperator::kDivide ? a / b : a % b;
  }
  if (overflow) Fail(8115, {"expression", TypeName(type.type)}, 2);
  return ConvertValue(result, {.type = SqlType::kBigInt}, type);
}

Value FloatResult(BinaryOperator op, double a, double b) {
  switch (op) {
    case BinaryOperator::kAdd:
      return a + b;
    case BinaryOperator::kSubtract:
      return a - b;
    case BinaryOperator::kMultiply:
      return a * b;
    case BinaryOperator::kDivide:
      if (b == 0) Fail(8134);
      return a / b;
    default:
      Fail(402, {"float", "float", "modulo"});
  }
}

Value DecimalResult(BinaryOperator op, const Decimal& a, const Decimal& b, const TypeInfo& type) {
  std::optional<Decimal> result;
  switch (op) {
    case BinaryOperator::kAdd:
      result = AddDecimals(a, b);
      break;
    case BinaryOperator::kSubtract:
      result = SubtractDecimals(a, b);
      break;
    case BinaryOperator::kMultiply:
      result = MultiplyDecimals(a, b);
      break;
    case BinaryOperator::kDivide:
      if (CompareDecimals(b, {"0"}) == 0) Fail(8134);
      result = DivideDecimals(a, b, type.scale);
      break;
    default:
      Fail(402, {"numeric", "numeric", "modulo"});
  }
  if (!result) Fail(8115, {"expression", "numeric"}, 2);
  return Rescale(*result, type.scale);
}

// Precision and scale of results, from the documented table.
TypeInfo DecimalType(BinaryOperator op, const TypeInfo& a, const TypeInfo& b) {
  TypeInfo type = CommonType(a, b);
  if (op == BinaryOperator::kAdd || op == BinaryOperator::kSubtract) {
    type.precision = std::min(38, type.precision + 1);
  } else if (op == BinaryOperator::kMultiply) {
    type.scale = a.scale + b.scale;
    type.precision = std::min(38, a.precision + b.precision + 1);
  } else {
    const int integer = a.precision - a.scale + b.scale;
    type.scale = std::max(6, a.scale + b.precision + 1);
    if (integer + type.scale > 38) type.scale = std::max(6, 38 - integer);
    type.precision = std::min(38, integer + type.scale);
  }
  return type;
}

TypeInfo AsNumeric(const TypeInfo& type) {
  if (type.type == SqlType::kNumeric) return type;
  return {.type = SqlType::kNumeric, .precision = type.type == SqlType::kBigInt ? 19 : 10};
}

TypeInfo ConcatenationType(const TypeInfo& a, const TypeInfo& b) {
  TypeInfo type = CommonType(a, b);
  const int limit = type.type == SqlType::kNVarChar ? 4000 : 8000;
  type.length = a.length == -1 || b.length == -1 ? -1 : std::min(limit, a.length + b.length);
  return type;
}

Value TimeResult(BinaryOperator op, const Value& a, const Value& b, const TypeInfo& a_type,
                 const TypeInfo& b_type) {
  const bool time_first = IsTime(a_type.type);
  const Value& time = time_first ? a : b;
  const Value days =
      ConvertValue(time_first ? b : a, time_first ? b_type : a_type, {.type = SqlType::kFloat});
  if (op != BinaryOperator::kAdd && op != BinaryOperator::kSubtract) {
    Fail(402, {TypeName(a_type.type), TypeName(b_type.type), "arithmetic"});
  }
  const double sign = op == BinaryOperator::kAdd ? 1 : -1;
  const auto milliseconds = std::llround(sign * std::get<double>(days) * 86'400'000.0);
  return DateAdd(DatePart::kMillisecond, milliseconds, std::get<TimePoint>(time));
}

}  // namespace

Compiled ExpressionCompiler::CompileNode(const Negate& node) {
  const Compiled operand = Compile(*node.operand);
  if (IsText(operand.type.type)) Fail(8117, {TypeName(operand.type.type), "minus"});
  return {operand.type, [operand](const Frame& frame) -> Value {
            const Value value = operand.run(frame);
            if (const auto* number = std::get_if<std::int64_t>(&value)) return -*number;
            if (const auto* number = std::get_if<double>(&value)) return -*number;
            if (const auto* number = std::get_if<Decimal>(&value)) {
              return *SubtractDecimals({"0"}, *number);
            }
            return Null{};
          }};
}

Compiled ExpressionCompiler::Arithmetic(const Binary& node) {
  const Compiled left = Compile(*node.left);
  const Compiled right = Compile(*node.right);
  const auto combine = [&left, &right](TypeInfo type, auto work) -> Compiled {
    type.nullable = true;
    return {type, [left, right, work](const Frame& frame) -> Value {
              const Value a = left.run(frame);
              const Value b = right.run(frame);
              if (IsNullValue(a) || IsNullValue(b)) return Null{};
              return work(a, b);
            }};
  };
  const BinaryOperator op = node.op;
  const TypeInfo x = left.type;
  const TypeInfo y = right.type;
  if (op == BinaryOperator::kAdd && IsText(x.type) && IsText(y.type)) {
    return combine(ConcatenationType(x, y), [](const Value& a, const Value& b) -> Value {
      return std::get<std::string>(a) + std::get<std::string>(b);
    });
  }
  if (IsTime(x.type) != IsTime(y.type)) {
    return combine(IsTime(x.type) ? x : y,
                   [=](const Value& a, const Value& b) { return TimeResult(op, a, b, x, y); });
  }
  TypeInfo type = CommonType(x, y);
  if (IsInteger(type.type)) {
    if (type.type == SqlType::kBit) type.type = SqlType::kInt;
    return combine(type, [=](const Value& a, const Value& b) {
      return IntegerResult(op, std::get<std::int64_t>(ConvertValue(a, x, type)),
                           std::get<std::int64_t>(ConvertValue(b, y, type)), type);
    });
  }
  if (type.type == SqlType::kNumeric) {
    const TypeInfo m = IsText(x.type) ? type : AsNumeric(x);
    const TypeInfo n = IsText(y.type) ? type : AsNumeric(y);
    type = DecimalType(op, m, n);
    return combine(type, [=](const Value& a, const Value& b) {
      return DecimalResult(op, std::get<Decimal>(ConvertValue(a, x, m)),
                           std::get<Decimal>(ConvertValue(b, y, n)), type);
    });
  }
  if (type.type == SqlType::kFloat || type.type == SqlType::kReal) {
    return combine(type, [=](const Value& a, const Value& b) {
      return FloatResult(op, std::get<double>(ConvertValue(a, x, type)),
                         std::get<double>(ConvertValue(b, y, type)));
    });
  }
  Fail(402, {TypeName(x.type), TypeName(y.type), "arithmetic"});
}

Compiled ExpressionCompiler::CompileNode(const RowNumber& node) {
  Window window;
  for (const ExpressionPtr& key : node.partition_by) window.partition_by.push_back(Compile(*key));
  for (const auto& [key, descending] : node.order_by) {
    window.order_by.emplace_back(Compile(*key), descending);
  }
  window.numbers = std::make_shared<std::unordered_map<const Row*, std::int64_t>>();
  windows_.push_back(window);
  return {{.type = SqlType::kBigInt}, [numbers = window.numbers](const Frame& frame) -> Value {
            return numbers->at(frame.row);
          }};
}

Compiled ExpressionCompiler::Aggregate(const FunctionCall& node, const std::string& name) {
  if (!grouped_) Fail(147);
  const std::vector<std::size_t> grouped = *grouped_;
  grouped_.reset();  // inside, columns are free
  Compiled argument{{.type = SqlType::kInt}, [](const Frame&) -> Value { return std::int64_t{1}; }};
  if (!node.star) {
    if (node.arguments.size() != 1) Fail(174, {name, "1"});
    argument = Compile(*node.arguments[0]);
  } else if (name != "COUNT" && name != "COUNT_BIG") {
    Fail(102, {"*"});
  }
  grouped_ = grouped;
  const TypeInfo type = AggregateType(name, argument.type);
  return {type, [=, distinct = node.distinct, collation = environment_.collation,
                 input = argument.type](const Frame& frame) {
            std::vector<Value> values;
            std::set<std::string> seen;
            for (const Row* row : *frame.group) {
              Value value = argument.run({frame.environment, row, nullptr, frame.outer});
              if (IsNullValue(value)) continue;
              if (distinct && !seen.insert(KeyOf(value, collation)).second) continue;
              values.push_back(std::move(value));
            }
            return RunAggregate(name, values, input, type, collation);
          }};
}

}  // namespace milink::sim::tsql
