// CAST and CONVERT: first what the value is, then what it shall be.
#include <array>
#include <charconv>
#include <cmath>
#include <cstdio>
#include <limits>

#include "core/base/text.h"
#include "tests/sim/tsql/failure.h"
#include "tests/sim/tsql/run/datetime.h"
#include "tests/sim/tsql/run/decimal.h"
#include "tests/sim/tsql/run/types.h"

namespace milink::sim::tsql {
namespace {

[[noreturn]] void FailConversion(const TypeInfo& from, const TypeInfo& to) {
  Fail(529, {TypeName(from.type), TypeName(to.type)});
}

std::string FloatText(double value) {
  std::array<char, 40> buffer{};
  std::snprintf(buffer.data(), buffer.size(), "%.6g", value);
  return buffer.data();
}

std::string BinaryText(const std::string& bytes, int style) {
  if (style == 1) return "0x" + ToHex(bytes);
  if (style == 2) return ToHex(bytes);
  return bytes;
}

std::string TextOf(const Value& value, const TypeInfo& from, const TypeInfo& to, int style) {
  if (const auto* text = std::get_if<std::string>(&value)) return *text;
  if (const auto* number = std::get_if<std::int64_t>(&value)) return std::to_string(*number);
  if (const auto* number = std::get_if<double>(&value)) return FloatText(*number);
  if (const auto* number = std::get_if<Decimal>(&value)) return number->text;
  if (const auto* guid = std::get_if<Guid>(&value)) return ToUpperAscii(guid->text);
  if (const auto* bytes = std::get_if<Bytes>(&value)) return BinaryText(bytes->data, style);
  if (const auto* time = std::get_if<TimePoint>(&value)) {
    const auto text = FormatDateTime(*time, from, style);
    if (!text) Fail(281, {std::to_string(style), TypeName(from.type)});
    return *text;
  }
  FailConversion(from, to);
}

// Cuts what is too long. Numbers and GUIDs are never cut: 8115, 8170.
Value FitText(std::string text, const Value& value, const TypeInfo& from, const TypeInfo& to) {
  std::u16string units = ToUtf16(text);
  if (to.length >= 0 && units.size() > static_cast<std::size_t>(to.length)) {
    if (std::holds_alternative<Guid>(value)) Fail(8170);
    if (std::holds_alternative<Decimal>(value) || std::holds_alternative<double>(value)) {
      Fail(8115, {TypeName(from.type), TypeName(to.type)});
    }
    if (std::holds_alternative<std::int64_t>(value)) return std::string("*");
    units.resize(static_cast<std::size_t>(to.length));
    text = FromUtf16(units);
  }
  if (to.type == SqlType::kChar) {
    text.resize(text.size() + static_cast<std::size_t>(to.length) -
                    std::min(units.size(), static_cast<std::size_t>(to.length)),
                ' ');
  }
  return text;
}

std::int64_t CheckRange(std::int64_t value, const TypeInfo& to) {
  std::int64_t low = std::numeric_limits<std::int64_t>::min();
  std::int64_t high = std::numeric_limits<std::int64_t>::max();
  switch (to.type) {
    case SqlType::kBit:
      return value == 0 ? 0 : 1;
    case SqlType::kTinyInt:
      low = 0;
      high = 255;
      break;
    case SqlType::kSmallInt:
      low = std::numeric_limits<std::int16_t>::min();
      high = std::numeric_limits<std::int16_t>::max();
      break;
    case SqlType::kInt:
      low = std::numeric_limits<std::int32_t>::min();
      high = std::numeric_limits<std::int32_t>::max();
      break;
    default:
      break;
  }
  if (value < low || value > high) {
    if (to.type == SqlType::kInt) Fail(8115, {"expression", "int"}, 2);
    Fail(220, {TypeName(to.type), std::to_string(value)});
  }
  return value;
}

std::int64_t IntegerFromText(const std::string& text, const TypeInfo& from, const TypeInfo& to) {
  const std::string_view digits = Trim(text);
  if (to.type == SqlType::kBit && EqualsIgnoreCaseAscii(digits, "true")) return 1;
  if (to.type == SqlType::kBit && EqualsIgnoreCaseAscii(digits, "false")) return 0;
  if (digits.empty()) return 0;
  std::int64_t value = 0;
  const std::string_view unsigned_digits = digits.front() == '+' ? digits.substr(1) : digits;
  const auto [end, error] = std::from_chars(unsigned_digits.data(),
                                            unsigned_digits.data() + unsigned_digits.size(), value);
  if (error == std::errc::result_out_of_range) Fail(248, {text});
  if (error != std::errc() || end != unsigned_digits.data() + unsigned_digits.size()) {
    if (to.type == SqlType::kBigInt) Fail(8114, {TypeName(from.type), TypeName(to.type)}, 5);
    Fail(245, {TypeName(from.type), text, TypeName(to.type)});
  }
  return value;
}

std::int64_t IntegerFromBytes(const std::string& bytes) {
  std::uint64_t value = 0;
  for (const char c : bytes) value = (value << 8U) | static_cast<unsigned char>(c);
  return static_cast<std::int64_t>(value);
}

Value ToInteger(const Value& value, const TypeInfo& from, const TypeInfo& to) {
  if (const auto* number = std::get_if<std::int64_t>(&value)) return CheckRange(*number, to);
  if (const auto* text = std::get_if<std::string>(&value)) {
    return CheckRange(IntegerFromText(*text, from, to), to);
  }
  if (const auto* number = std::get_if<double>(&value)) {
    if (std::abs(*number) > 9.2e18) Fail(8115, {"float", TypeName(to.type)});
    return CheckRange(static_cast<std::int64_t>(*number), to);
  }
  if (const auto* number = std::get_if<Decimal>(&value)) {
    // Fractions are cut, not rounded.
    const std::string whole = number->text.substr(0, number->text.find('.'));
    std::int64_t result = 0;
    const auto [end, error] = std::from_chars(whole.data(), whole.data() + whole.size(), result);
    if (error != std::errc()) Fail(8115, {"numeric", TypeName(to.type)});
    return CheckRange(result, to);
  }
  if (const auto* bytes = std::get_if<Bytes>(&value)) {
    return CheckRange(IntegerFromBytes(bytes->data), to);
  }
  FailConversion(from, to);
}

Value ToFloat(const Value& value, const TypeInfo& from, const TypeInfo& to) {
  if (const auto* number = std::get_if<std::int64_t>(&value)) return static_cast<double>(*number);
  if (const auto* number = std::get_if<double>(&value)) return *number;
  if (const auto* number = std::get_if<Decimal>(&value)) return ToDouble(*number);
  if (const auto* text = std::get_if<std::string>(&value)) {
    const auto number = ParseDecimal(*text);
    if (!number) Fail(8114, {TypeName(from.type), TypeName(to.type)}, 5);
    return ToDouble(*number);
  }
  FailConversion(from, to);
}

Value ToNumeric(const Value& value, const TypeInfo& from, const TypeInfo& to) {
  std::optional<Decimal> number;
  if (const auto* decimal = std::get_if<Decimal>(&value)) {
    number = *decimal;
  } else if (const auto* integer = std::get_if<std::int64_t>(&value)) {
    number = Decimal{std::to_string(*integer)};
  } else if (const auto* real = std::get_if<double>(&value)) {
    std::array<char, 400> buffer{};
    std::snprintf(buffer.data(), buffer.size(), "%.15f", *real);
    number = ParseDecimal(buffer.data());
  } else if (const auto* text = std::get_if<std::string>(&value)) {
    number = ParseDecimal(*text);
    if (!number) Fail(8114, {TypeName(from.type), "numeric"}, 5);
  } else {
    FailConversion(from, to);
  }
  if (!number) Fail(8115, {TypeName(from.type), "numeric"}, 8);
  const Decimal fitted = Rescale(*number, to.scale);
  if (IntegerDigits(fitted) > to.precision - to.scale) {
    Fail(8115, {TypeName(from.type), "numeric"}, 8);
  }
  return fitted;
}

bool IsGuidText(const std::string& text) {
  if (text.size() != 36) return false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool dash = i == 8 || i == 13 || i == 18 || i == 23;
    const bool hex = std::isxdigit(static_cast<unsigned char>(text[i])) != 0;
    if (dash ? text[i] != '-' : !hex) return false;
  }
  return true;
}

Value ToGuid(const Value& value, const TypeInfo& from, const TypeInfo& to) {
  if (std::holds_alternative<Guid>(value)) return value;
  const auto* text = std::get_if<std::string>(&value);
  if (text == nullptr) FailConversion(from, to);
  std::string_view digits = Trim(*text);
  if (digits.starts_with('{') && digits.ends_with('}'))
    digits = digits.substr(1, digits.size() - 2);
  if (!IsGuidText(std::string(digits))) Fail(8169);
  return Guid{ToUpperAscii(digits)};
}

Value ToTime(const Value& value, const TypeInfo& from, const TypeInfo& to) {
  std::optional<TimePoint> time;
  if (const auto* point = std::get_if<TimePoint>(&value)) {
    time = *point;
  } else if (const auto* text = std::get_if<std::string>(&value)) {
    time = ParseDateTime(*text);
    if (!time) Fail(241);
  } else if (const auto* days = std::get_if<std::int64_t>(&value)) {
    // Days since 1900, as datetime counts them.
    time = TimePoint(std::chrono::sys_days(std::chrono::year(1900) / 1 / 1)) +
           std::chrono::days(*days);
  } else {
    FailConversion(from, to);
  }
  if (to.type == SqlType::kDate) {
    return TimePoint(std::chrono::floor<std::chrono::days>(*time));
  }
  return to.type == SqlType::kDateTime ? RoundToDateTime(*time) : *time;
}

Value ToBinary(const Value& value, const TypeInfo& from, const TypeInfo& to, int style) {
  std::string bytes;
  if (const auto* binary = std::get_if<Bytes>(&value)) {
    bytes = binary->data;
  } else if (const auto* text = std::get_if<std::string>(&value)) {
    if (style == 1 || style == 2) {
      const auto parsed = FromHex(*text);
      if (!parsed || (style == 1) != text->starts_with("0x")) {
        Fail(8114, {TypeName(from.type), "varbinary"}, 5);
      }
      bytes = *parsed;
    } else if (from.type == SqlType::kNVarChar) {
      for (const char16_t unit : ToUtf16(*text)) {
        bytes += static_cast<char>(unit & 0xFFU);
        bytes += static_cast<char>(unit >> 8U);
      }
    } else {
      bytes = *text;
    }
  } else if (const auto* number = std::get_if<std::int64_t>(&value)) {
    for (int shift = 24; shift >= 0; shift -= 8) bytes += static_cast<char>(*number >> shift);
  } else {
    FailConversion(from, to);
  }
  if (to.length >= 0 && bytes.size() > static_cast<std::size_t>(to.length)) {
    bytes.resize(static_cast<std::size_t>(to.length));
  }
  return Bytes{bytes};
}

}  // namespace

Value ConvertValue(const Value& value, const TypeInfo& from, const TypeInfo& to, int style) {
  if (IsNullValue(value)) return Null{};
  const TypeInfo source = from.type == SqlType::kSqlVariant ? NaturalType(value) : from;
  if (IsText(to.type)) return FitText(TextOf(value, source, to, style), value, source, to);
  if (IsInteger(to.type)) return ToInteger(value, source, to);
  if (IsTime(to.type)) return ToTime(value, source, to);
  switch (to.type) {
    case SqlType::kReal:
    case SqlType::kFloat:
      return ToFloat(value, source, to);
    case SqlType::kNumeric:
      return ToNumeric(value, source, to);
    case SqlType::kUniqueIdentifier:
      return ToGuid(value, source, to);
    case SqlType::kVarBinary:
      return ToBinary(value, source, to, style);
    default:
      return value;  // sql_variant takes everything as it is
  }
}

}  // namespace milink::sim::tsql
