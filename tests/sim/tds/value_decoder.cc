#include "tests/sim/tds/value_decoder.h"

#include <array>
#include <bit>
#include <optional>
#include <string>
#include <string_view>

#include "core/base/text.h"
#include "tests/sim/tds/scalars.h"
#include "tests/sim/tds/text.h"
#include "tests/sim/tds/types.h"

namespace milink::sim::tds {
namespace {

constexpr std::uint16_t kMaxMarker = 0xFFFF;

Error Malformed(std::string message) {
  return Error{.kind = ErrorKind::kInvalid, .reason = "TdsValue", .message = std::move(message)};
}

Result<Value> OrMalformed(std::optional<Value> value) {
  return value ? Result<Value>(*std::move(value)) : Malformed("value out of range");
}

template <typename T>
std::optional<Value> Wrap(const std::optional<T>& value) {
  return value ? std::optional<Value>(*value) : std::nullopt;
}

std::int64_t SignedOf(std::string_view bytes) {
  ByteReader reader(bytes);
  switch (bytes.size()) {
    case 1:
      return reader.U8();  // tinyint and bit have no sign
    case 2:
      return static_cast<std::int16_t>(reader.U16());
    case 4:
      return static_cast<std::int32_t>(reader.U32());
    default:
      return static_cast<std::int64_t>(reader.U64());
  }
}

Result<Value> FloatOf(std::string_view bytes) {
  ByteReader reader(bytes);
  return bytes.size() == 4 ? Value(static_cast<double>(std::bit_cast<float>(reader.U32())))
                           : Value(std::bit_cast<double>(reader.U64()));
}

Result<Value> DateTimeOf(std::string_view bytes) {
  ByteReader reader(bytes);
  const auto day = static_cast<std::int32_t>(reader.U32());
  const std::uint32_t ticks = reader.U32();
  return OrMalformed(Wrap(DecodeDateTime(day, ticks)));
}

// A value whose bytes stand alone, by its type.
Result<Value> Decode(const TypeInfo& type, std::string_view bytes) {
  ByteReader reader(bytes);
  switch (type.type) {
    case SqlType::kReal:
    case SqlType::kFloat:
      return FloatOf(bytes);
    case SqlType::kNumeric: {
      const auto text = DecodeDecimal(bytes, type.scale);
      return text ? Result<Value>(Decimal{*text}) : Malformed("decimal of a wrong length");
    }
    case SqlType::kUniqueIdentifier:
      return Value(Guid{DecodeGuid(bytes)});
    case SqlType::kDateTime:
      return DateTimeOf(bytes);
    case SqlType::kDateTime2: {
      const std::uint64_t units = reader.Low(TimeWidth(type.scale));
      const auto day = static_cast<std::uint32_t>(reader.Low(3));
      return OrMalformed(Wrap(DecodeDateTime2(units, type.scale, day)));
    }
    case SqlType::kDate:
      return OrMalformed(Wrap(DecodeDateTime2(0, 0, static_cast<std::uint32_t>(reader.Low(3)))));
    case SqlType::kChar:
    case SqlType::kVarChar:
      return Value(CodePageToUtf8(bytes));
    case SqlType::kNVarChar:
      return Value(Utf16ToUtf8(bytes));
    case SqlType::kVarBinary:
      return Value(Bytes{std::string(bytes)});
    default:
      return Value(SignedOf(bytes));
  }
}

// The types with a length of one byte: `allowed` names the lengths a value may have.
Result<TypedValue> ReadShort(ByteReader& reader, TypeInfo type,
                             std::initializer_list<std::size_t> allowed) {
  const std::size_t length = reader.U8();
  if (!reader.ok()) {
    return Malformed("value is missing");
  }
  if (length == 0) {
    return TypedValue{.type = type, .value = Null()};
  }
  const std::string_view bytes = reader.Raw(length);
  bool fits = false;
  for (const std::size_t one : allowed) {
    fits = fits || length == one;
  }
  if (!reader.ok() || !fits) {
    return Malformed("value of a wrong length");
  }
  Result<Value> value = Decode(type, bytes);
  return value ? Result<TypedValue>(TypedValue{.type = type, .value = *std::move(value)})
               : Result<TypedValue>(value.error());
}

Result<TypedValue> ReadFixed(ByteReader& reader, SqlType type, std::size_t length) {
  const TypeInfo info{.type = type, .nullable = false};
  const std::string_view bytes = reader.Raw(length);
  if (!reader.ok()) {
    return Malformed("value cut short");
  }
  Result<Value> value = Decode(info, bytes);
  return value ? Result<TypedValue>(TypedValue{.type = info, .value = *std::move(value)})
               : Result<TypedValue>(value.error());
}

// The pieces of a (max) value; nothing for NULL. A short read shows in reader.ok().
std::optional<std::string> ReadPlp(ByteReader& reader) {
  const std::uint64_t total = reader.U64();
  if (total == kPlpNull) {
    return std::nullopt;
  }
  std::string bytes;
  while (reader.ok()) {
    const std::size_t length = reader.U32();
    if (length == 0) {
      break;
    }
    bytes.append(reader.Raw(length));
  }
  if (total != kPlpUnknownLength && total != bytes.size()) {
    reader.Fail();
  }
  return bytes;
}

Result<TypedValue> ReadLong(ByteReader& reader, SqlType type, bool collated) {
  const std::uint16_t limit = reader.U16();
  if (collated) {
    reader.Raw(kCollation.size());
  }
  const int unit = type == SqlType::kNVarChar ? 2 : 1;
  const TypeInfo info{.type = type, .length = limit == kMaxMarker ? -1 : limit / unit};
  std::optional<std::string> bytes;
  if (limit == kMaxMarker) {
    bytes = ReadPlp(reader);
  } else if (const std::uint16_t length = reader.U16(); length != kMaxMarker) {
    bytes = std::string(reader.Raw(length));
  }
  if (!reader.ok() || (bytes && bytes->size() % static_cast<std::size_t>(unit) != 0)) {
    return Malformed("text or binary value cut short");
  }
  if (!bytes) {
    return TypedValue{.type = info, .value = Null()};
  }
  Result<Value> value = Decode(info, *bytes);
  return TypedValue{.type = info, .value = *std::move(value)};
}

// ntext, text and image: a length of four bytes. They count as the (max) type that replaced them.
Result<TypedValue> ReadLob(ByteReader& reader, SqlType type, bool collated) {
  reader.U32();
  if (collated) {
    reader.Raw(kCollation.size());
  }
  const TypeInfo info{.type = type, .length = -1};
  const std::uint32_t length = reader.U32();
  if (reader.ok() && length == 0xFFFFFFFF) {
    return TypedValue{.type = info, .value = Null()};
  }
  const std::string_view bytes = reader.Raw(length);
  if (!reader.ok()) {
    return Malformed("text value cut short");
  }
  Result<Value> value = Decode(info, bytes);
  return TypedValue{.type = info, .value = *std::move(value)};
}

// What INTN, BITN, FLTN and DATETIMN hold, which their width says.
std::optional<SqlType> TypeOfWidth(WireType wire, std::size_t width) {
  struct Row {
    WireType wire;
    std::size_t width;
    SqlType type;
  };
  constexpr std::array<Row, 8> kRows = {{{WireType::kIntN, 1, SqlType::kTinyInt},
                                         {WireType::kIntN, 2, SqlType::kSmallInt},
                                         {WireType::kIntN, 4, SqlType::kInt},
                                         {WireType::kIntN, 8, SqlType::kBigInt},
                                         {WireType::kBitN, 1, SqlType::kBit},
                                         {WireType::kFloatN, 4, SqlType::kReal},
                                         {WireType::kFloatN, 8, SqlType::kFloat},
                                         {WireType::kDateTimeN, 8, SqlType::kDateTime}}};
  for (const Row& row : kRows) {
    if (row.wire == wire && row.width == width) {
      return row.type;
    }
  }
  return std::nullopt;
}

Result<TypedValue> ReadByWidth(ByteReader& reader, WireType wire) {
  const std::size_t width = reader.U8();
  const std::optional<SqlType> type = TypeOfWidth(wire, width);
  return type ? ReadShort(reader, {.type = *type}, {width}) : Malformed("value of a wrong width");
}

Result<TypedValue> ReadDecimal(ByteReader& reader) {
  reader.U8();
  const int precision = reader.U8();
  const int scale = reader.U8();
  if (precision < 1 || precision > 38 || scale > precision) {
    return Malformed("decimal of a wrong precision");
  }
  return ReadShort(reader, {.type = SqlType::kNumeric, .precision = precision, .scale = scale},
                   {5, 9, 13, 17});
}

Result<TypedValue> ReadDateTime2(ByteReader& reader) {
  const int scale = reader.U8();
  if (scale > 7) {
    return Malformed("datetime2 of a wrong scale");
  }
  return ReadShort(reader, {.type = SqlType::kDateTime2, .scale = scale},
                   {static_cast<std::size_t>(TimeWidth(scale) + 3)});
}

}  // namespace

Result<TypedValue> ReadTypedValue(ByteReader& reader) {
  const std::uint8_t byte = reader.U8();
  if (!reader.ok()) {
    return Malformed("type is missing");
  }
  const auto wire = static_cast<WireType>(byte);
  switch (wire) {
    case WireType::kTinyInt:
      return ReadFixed(reader, SqlType::kTinyInt, 1);
    case WireType::kBit:
      return ReadFixed(reader, SqlType::kBit, 1);
    case WireType::kSmallInt:
      return ReadFixed(reader, SqlType::kSmallInt, 2);
    case WireType::kInt:
      return ReadFixed(reader, SqlType::kInt, 4);
    case WireType::kBigInt:
      return ReadFixed(reader, SqlType::kBigInt, 8);
    case WireType::kReal:
      return ReadFixed(reader, SqlType::kReal, 4);
    case WireType::kFloat:
      return ReadFixed(reader, SqlType::kFloat, 8);
    case WireType::kDateTime:
      return ReadFixed(reader, SqlType::kDateTime, 8);
    case WireType::kIntN:
    case WireType::kBitN:
    case WireType::kFloatN:
    case WireType::kDateTimeN:
      return ReadByWidth(reader, wire);
    case WireType::kDecimalN:
    case WireType::kNumericN:
      return ReadDecimal(reader);
    case WireType::kGuid:
      reader.U8();
      return ReadShort(reader, {.type = SqlType::kUniqueIdentifier}, {16});
    case WireType::kDateN:
      return ReadShort(reader, {.type = SqlType::kDate}, {3});
    case WireType::kDateTime2N:
      return ReadDateTime2(reader);
    case WireType::kVarChar:
    case WireType::kChar:
      return ReadLong(reader, SqlType::kVarChar, true);
    case WireType::kNVarChar:
    case WireType::kNChar:
      return ReadLong(reader, SqlType::kNVarChar, true);
    case WireType::kVarBinary:
    case WireType::kBinary:
      return ReadLong(reader, SqlType::kVarBinary, false);
    case WireType::kNText:
      return ReadLob(reader, SqlType::kNVarChar, true);
    case WireType::kText:
      return ReadLob(reader, SqlType::kVarChar, true);
    case WireType::kImage:
      return ReadLob(reader, SqlType::kVarBinary, false);
    case WireType::kVariant:
      break;
  }
  return Error{.kind = ErrorKind::kUnsupported,
               .reason = "TdsType",
               .message = "parameter of an unsupported type",
               .detail = ToHex(std::string(1, static_cast<char>(byte)))};
}

}  // namespace milink::sim::tds
