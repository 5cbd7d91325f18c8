#include "tests/sim/tds/value_encoder.h"

#include <algorithm>
#include <bit>
#include <limits>
#include <optional>
#include <string>

#include "tests/sim/tds/scalars.h"
#include "tests/sim/tds/text.h"
#include "tests/sim/tds/types.h"

namespace milink::sim::tds {
namespace {

constexpr std::uint16_t kNullLength = 0xFFFF;

Error Mismatch(std::string message) {
  return Error{.kind = ErrorKind::kInternal, .reason = "TdsValue", .message = std::move(message)};
}

int IntegerWidth(SqlType type) {
  switch (type) {
    case SqlType::kBit:
    case SqlType::kTinyInt:
      return 1;
    case SqlType::kSmallInt:
      return 2;
    case SqlType::kInt:
      return 4;
    case SqlType::kBigInt:
      return 8;
    default:
      return 0;
  }
}

bool FitsInteger(SqlType type, std::int64_t value) {
  switch (type) {
    case SqlType::kBit:
      return value == 0 || value == 1;
    case SqlType::kTinyInt:
      return value >= 0 && value <= 255;
    case SqlType::kSmallInt:
      return value >= std::numeric_limits<std::int16_t>::min() &&
             value <= std::numeric_limits<std::int16_t>::max();
    case SqlType::kInt:
      return value >= std::numeric_limits<std::int32_t>::min() &&
             value <= std::numeric_limits<std::int32_t>::max();
    default:
      return true;
  }
}

bool HasFixedForm(SqlType type) {
  return IntegerWidth(type) != 0 || type == SqlType::kReal || type == SqlType::kFloat ||
         type == SqlType::kDateTime;
}

bool IsLong(SqlType type) {
  return type == SqlType::kChar || type == SqlType::kVarChar || type == SqlType::kNVarChar ||
         type == SqlType::kVarBinary;
}

std::string FloatBytes(SqlType type, double value) {
  ByteWriter out;
  if (type == SqlType::kReal) {
    out.U32(std::bit_cast<std::uint32_t>(static_cast<float>(value)));
  } else {
    out.U64(std::bit_cast<std::uint64_t>(value));
  }
  return out.Take();
}

Result<std::string> TextBytes(const TypeInfo& type, const Value& value) {
  const auto* const text = std::get_if<std::string>(&value);
  if (text == nullptr) {
    return Mismatch("no text");
  }
  std::string bytes = type.type == SqlType::kNVarChar ? Utf8ToUtf16(*text) : Utf8ToCodePage(*text);
  if (!IsMax(type) && bytes.size() > ByteLimit(type)) {
    return Mismatch("text of " + std::to_string(bytes.size()) + " bytes for " +
                    std::to_string(ByteLimit(type)));
  }
  if (type.type == SqlType::kChar && !IsMax(type)) {
    bytes.resize(ByteLimit(type), ' ');
  }
  return bytes;
}

Result<std::string> IntegerBytes(const TypeInfo& type, const Value& value) {
  const int width = IntegerWidth(type.type);
  const auto* const integer = std::get_if<std::int64_t>(&value);
  if (integer == nullptr || !FitsInteger(type.type, *integer)) {
    return Mismatch("no integer of " + std::to_string(width) + " bytes");
  }
  return ByteWriter().Low(static_cast<std::uint64_t>(*integer), width).Take();
}

// An integer counts as a number of these types, too.
Result<std::string> NumberBytes(const TypeInfo& type, const Value& value) {
  if (const auto* const number = std::get_if<double>(&value)) {
    return FloatBytes(type.type, *number);
  }
  if (const auto* const integer = std::get_if<std::int64_t>(&value)) {
    return FloatBytes(type.type, static_cast<double>(*integer));
  }
  return Mismatch("no floating-point number");
}

Result<std::string> DecimalBytes(const TypeInfo& type, const Value& value) {
  std::string text;
  if (const auto* const decimal = std::get_if<Decimal>(&value)) {
    text = decimal->text;
  } else if (const auto* const integer = std::get_if<std::int64_t>(&value)) {
    text = std::to_string(*integer);
  }
  const auto bytes = EncodeDecimal(text, Precision(type), type.scale);
  return bytes ? Result<std::string>(*bytes) : Mismatch("no decimal of that precision");
}

Result<std::string> GuidBytes(const Value& value) {
  const auto* const guid = std::get_if<Guid>(&value);
  const auto bytes = guid != nullptr ? EncodeGuid(guid->text) : std::nullopt;
  return bytes ? Result<std::string>(*bytes) : Mismatch("no uniqueidentifier");
}

Result<std::string> TimeBytes(const TypeInfo& type, const Value& value) {
  const auto* const time = std::get_if<TimePoint>(&value);
  if (time == nullptr) {
    return Mismatch("no point in time");
  }
  if (type.type == SqlType::kDate) {
    return EncodeDate(*time);
  }
  return type.type == SqlType::kDateTime ? EncodeDateTime(*time)
                                         : EncodeDateTime2(*time, type.scale);
}

Result<std::string> BinaryBytes(const TypeInfo& type, const Value& value) {
  const auto* const bytes = std::get_if<Bytes>(&value);
  if (bytes == nullptr || (!IsMax(type) && bytes->data.size() > ByteLimit(type))) {
    return Mismatch("no binary value of that length");
  }
  return bytes->data;
}

// The bytes of a value without any length, for every type but sql_variant.
Result<std::string> Encode(const TypeInfo& type, const Value& value) {
  switch (type.type) {
    case SqlType::kBit:
    case SqlType::kTinyInt:
    case SqlType::kSmallInt:
    case SqlType::kInt:
    case SqlType::kBigInt:
      return IntegerBytes(type, value);
    case SqlType::kReal:
    case SqlType::kFloat:
      return NumberBytes(type, value);
    case SqlType::kNumeric:
      return DecimalBytes(type, value);
    case SqlType::kChar:
    case SqlType::kVarChar:
    case SqlType::kNVarChar:
      return TextBytes(type, value);
    case SqlType::kVarBinary:
      return BinaryBytes(type, value);
    case SqlType::kUniqueIdentifier:
      return GuidBytes(value);
    case SqlType::kDate:
    case SqlType::kDateTime:
    case SqlType::kDateTime2:
      return TimeBytes(type, value);
    case SqlType::kSqlVariant:
      break;
  }
  return Mismatch("sql_variant inside sql_variant");
}

void AppendPlp(ByteWriter& out, std::string_view bytes, const RowEncoding& encoding) {
  out.U64(encoding.unknown_plp_length ? kPlpUnknownLength : bytes.size());
  const std::size_t chunk = encoding.plp_chunk == 0 ? bytes.size() : encoding.plp_chunk;
  for (std::size_t at = 0; at < bytes.size(); at += chunk) {
    const std::string_view piece = bytes.substr(at, chunk);
    out.U32(static_cast<std::uint32_t>(piece.size())).Raw(piece);
  }
  out.U32(0);
}

void AppendNull(ByteWriter& out, const TypeInfo& type) {
  if (type.type == SqlType::kSqlVariant) {
    out.U32(0);
  } else if (!IsLong(type.type)) {
    out.U8(0);
  } else if (IsMax(type)) {
    out.U64(kPlpNull);
  } else {
    out.U16(kNullLength);
  }
}

// The base type a value has inside a sql_variant.
TypeInfo VariantBase(const Value& value) {
  struct Visitor {
    TypeInfo operator()(const Null&) const { return {}; }
    TypeInfo operator()(std::int64_t number) const {
      return {.type = FitsInteger(SqlType::kInt, number) ? SqlType::kInt : SqlType::kBigInt};
    }
    TypeInfo operator()(double) const { return {.type = SqlType::kFloat}; }
    TypeInfo operator()(const std::string&) const { return {.type = SqlType::kNVarChar}; }
    TypeInfo operator()(const Bytes&) const { return {.type = SqlType::kVarBinary}; }
    TypeInfo operator()(const Decimal& decimal) const {
      const std::size_t point = decimal.text.find('.');
      const std::size_t scale = point == std::string::npos ? 0 : decimal.text.size() - point - 1;
      return {.type = SqlType::kNumeric, .precision = 38, .scale = static_cast<int>(scale)};
    }
    TypeInfo operator()(const Guid&) const { return {.type = SqlType::kUniqueIdentifier}; }
    TypeInfo operator()(const TimePoint&) const { return {.type = SqlType::kDateTime}; }
  };
  TypeInfo type = std::visit(Visitor(), value);
  type.nullable = false;
  return type;
}

// Properties of the base type, as MS-TDS 2.2.5.5.4 lists them.
std::string VariantProperties(const TypeInfo& base) {
  ByteWriter out;
  if (base.type == SqlType::kNVarChar) {
    out.Raw(kCollation).U16(static_cast<std::uint16_t>(ByteLimit(base)));
  } else if (base.type == SqlType::kVarBinary) {
    out.U16(static_cast<std::uint16_t>(ByteLimit(base)));
  } else if (base.type == SqlType::kNumeric) {
    out.U8(static_cast<std::uint8_t>(Precision(base))).U8(static_cast<std::uint8_t>(base.scale));
  }
  return out.Take();
}

Status AppendVariant(ByteWriter& out, const Value& value) {
  const TypeInfo base = VariantBase(value);
  const Result<std::string> bytes = Encode(base, value);
  if (!bytes) {
    return bytes.error();
  }
  ByteWriter type_info;
  AppendTypeInfo(type_info, base);
  const std::string properties = VariantProperties(base);
  out.U32(static_cast<std::uint32_t>(2 + properties.size() + bytes->size()));
  out.Raw(std::string_view(type_info.bytes()).substr(0, 1));
  out.U8(static_cast<std::uint8_t>(properties.size())).Raw(properties).Raw(*bytes);
  return OkStatus();
}

}  // namespace

bool IsMax(const TypeInfo& type) { return IsLong(type.type) && type.length < 0; }

std::size_t ByteLimit(const TypeInfo& type) {
  if (type.type == SqlType::kNVarChar) {
    return type.length == 0 ? 8000 : static_cast<std::size_t>(std::clamp(type.length, 1, 4000)) * 2;
  }
  return type.length == 0 ? 8000 : static_cast<std::size_t>(std::clamp(type.length, 1, 8000));
}

int Precision(const TypeInfo& type) {
  return type.precision == 0 ? 18 : std::clamp(type.precision, 1, 38);
}

int DecimalWidth(const TypeInfo& type) { return 1 + MagnitudeWidth(Precision(type)); }

Status AppendValue(ByteWriter& out, const TypeInfo& type, const Value& value,
                   const RowEncoding& encoding) {
  if (std::holds_alternative<Null>(value)) {
    if (HasFixedForm(type.type) && !type.nullable) {
      return Mismatch("NULL in a type that cannot be NULL");
    }
    AppendNull(out, type);
    return OkStatus();
  }
  if (type.type == SqlType::kSqlVariant) {
    return AppendVariant(out, value);
  }
  const Result<std::string> bytes = Encode(type, value);
  if (!bytes) {
    return bytes.error();
  }
  if (IsMax(type)) {
    AppendPlp(out, *bytes, encoding);
  } else if (IsLong(type.type)) {
    out.U16(static_cast<std::uint16_t>(bytes->size())).Raw(*bytes);
  } else if (HasFixedForm(type.type) && !type.nullable) {
    out.Raw(*bytes);
  } else {
    out.U8(static_cast<std::uint8_t>(bytes->size())).Raw(*bytes);
  }
  return OkStatus();
}

}  // namespace milink::sim::tds
