#include "tests/sim/tsql/run/types.h"

#include <algorithm>
#include <array>
#include <cstdio>

#include "core/base/text.h"
#include "tests/sim/tsql/run/decimal.h"

namespace milink::sim::tsql {
namespace {

// Data type precedence: the operand of the lower type is converted. Highest last.
int Precedence(SqlType type) {
  static constexpr std::array kOrder = {SqlType::kVarBinary,
                                        SqlType::kChar,
                                        SqlType::kVarChar,
                                        SqlType::kNVarChar,
                                        SqlType::kUniqueIdentifier,
                                        SqlType::kBit,
                                        SqlType::kTinyInt,
                                        SqlType::kSmallInt,
                                        SqlType::kInt,
                                        SqlType::kBigInt,
                                        SqlType::kNumeric,
                                        SqlType::kReal,
                                        SqlType::kFloat,
                                        SqlType::kDate,
                                        SqlType::kDateTime,
                                        SqlType::kDateTime2,
                                        SqlType::kSqlVariant};
  return static_cast<int>(std::find(kOrder.begin(), kOrder.end(), type) - kOrder.begin());
}

int IntegerPrecision(SqlType type) {
  switch (type) {
    case SqlType::kBit:
      return 1;
    case SqlType::kTinyInt:
      return 3;
    case SqlType::kSmallInt:
      return 5;
    case SqlType::kBigInt:
      return 19;
    default:
      return 10;
  }
}

int Longer(int a, int b) { return a == -1 || b == -1 ? -1 : std::max(a, b); }

int CompareNumbers(double a, double b) { return a < b ? -1 : static_cast<int>(a > b); }

}  // namespace

bool IsText(SqlType type) {
  return type == SqlType::kChar || type == SqlType::kVarChar || type == SqlType::kNVarChar;
}
bool IsInteger(SqlType type) { return type <= SqlType::kBigInt; }
bool IsTime(SqlType type) {
  return type == SqlType::kDate || type == SqlType::kDateTime || type == SqlType::kDateTime2;
}

std::string TypeName(SqlType type) {
  static constexpr std::array kNames = {
      "bit",       "tinyint",    "smallint",         "int",  "bigint",
      "real",      "float",      "numeric",          "char", "varchar",
      "nvarchar",  "varbinary",  "uniqueidentifier", "date", "datetime",
      "datetime2", "sql_variant"};
  return kNames.at(static_cast<std::size_t>(type));
}

TypeInfo CommonType(const TypeInfo& a, const TypeInfo& b) {
  TypeInfo result = Precedence(a.type) >= Precedence(b.type) ? a : b;
  result.nullable = a.nullable || b.nullable;
  if (IsText(a.type) && IsText(b.type)) {
    result.length = Longer(a.length, b.length);
    if (result.type == SqlType::kChar && a.length != b.length) result.type = SqlType::kVarChar;
  } else if (IsText(result.type)) {
    result.length = std::max(result.length, 30);
  } else if (result.type == SqlType::kVarBinary) {
    result.length = Longer(a.length, b.length);
  } else if (result.type == SqlType::kNumeric) {
    const auto widen = [](const TypeInfo& t) {
      return IsInteger(t.type)
                 ? TypeInfo{.type = SqlType::kNumeric, .precision = IntegerPrecision(t.type)}
                 : t;
    };
    const TypeInfo x = widen(a);
    const TypeInfo y = widen(b);
    result.scale = std::max(x.scale, y.scale);
    result.precision =
        std::min(38, std::max(x.precision - x.scale, y.precision - y.scale) + result.scale);
  }
  return result;
}

TypeInfo NaturalType(const Value& value) {
  if (std::holds_alternative<std::int64_t>(value)) {
    const std::int64_t number = std::get<std::int64_t>(value);
    const bool fits = number >= INT32_MIN && number <= INT32_MAX;
    return {.type = fits ? SqlType::kInt : SqlType::kBigInt};
  }
  if (std::holds_alternative<double>(value)) return {.type = SqlType::kFloat};
  if (const auto* text = std::get_if<std::string>(&value)) {
    return {.type = SqlType::kNVarChar, .length = static_cast<int>(text->size())};
  }
  if (const auto* bytes = std::get_if<Bytes>(&value)) {
    return {.type = SqlType::kVarBinary, .length = static_cast<int>(bytes->data.size())};
  }
  if (const auto* number = std::get_if<Decimal>(&value)) {
    return {.type = SqlType::kNumeric,
            .precision = std::max(1, IntegerDigits(*number) + ScaleOf(*number)),
            .scale = ScaleOf(*number)};
  }
  if (std::holds_alternative<Guid>(value)) return {.type = SqlType::kUniqueIdentifier};
  if (std::holds_alternative<TimePoint>(value)) return {.type = SqlType::kDateTime};
  return {.type = SqlType::kInt};
}

int CompareValues(const Value& a, const Value& b, Collation collation) {
  if (a.index() != b.index()) {  // two sql_variants of different families
    return CompareNumbers(static_cast<double>(a.index()), static_cast<double>(b.index()));
  }
  if (const auto* number = std::get_if<std::int64_t>(&a)) {
    const std::int64_t other = std::get<std::int64_t>(b);
    return *number < other ? -1 : static_cast<int>(*number > other);
  }
  if (const auto* number = std::get_if<double>(&a))
    return CompareNumbers(*number, std::get<double>(b));
  if (const auto* text = std::get_if<std::string>(&a)) {
    return CompareText(*text, std::get<std::string>(b), collation);
  }
  if (const auto* bytes = std::get_if<Bytes>(&a))
    return bytes->data.compare(std::get<Bytes>(b).data);
  if (const auto* number = std::get_if<Decimal>(&a)) {
    return CompareDecimals(*number, std::get<Decimal>(b));
  }
  if (const auto* guid = std::get_if<Guid>(&a)) {
    return ToUpperAscii(guid->text).compare(ToUpperAscii(std::get<Guid>(b).text));
  }
  if (const auto* time = std::get_if<TimePoint>(&a)) {
    const TimePoint other = std::get<TimePoint>(b);
    return *time < other ? -1 : static_cast<int>(*time > other);
  }
  return 0;
}

std::string KeyOf(const Value& value, Collation collation) {
  const std::string prefix = std::to_string(value.index()) + ":";
  if (const auto* text = std::get_if<std::string>(&value)) {
    return prefix + CollationKey(*text, collation);
  }
  if (const auto* number = std::get_if<Decimal>(&value)) return prefix + number->text;
  if (const auto* guid = std::get_if<Guid>(&value)) return prefix + ToUpperAscii(guid->text);
  if (const auto* bytes = std::get_if<Bytes>(&value)) return prefix + bytes->data;
  if (const auto* time = std::get_if<TimePoint>(&value)) {
    return prefix + std::to_string(time->time_since_epoch().count());
  }
  if (const auto* number = std::get_if<std::int64_t>(&value))
    return prefix + std::to_string(*number);
  if (const auto* number = std::get_if<double>(&value)) return prefix + std::to_string(*number);
  return prefix;
}

}  // namespace milink::sim::tsql
