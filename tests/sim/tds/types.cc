#include "tests/sim/tds/types.h"

#include <string>

#include "tests/sim/tds/value_encoder.h"

namespace milink::sim::tds {
namespace {

constexpr std::uint8_t kColumnMetadata = 0x81;
constexpr std::uint8_t kRow = 0xD1;
constexpr std::uint8_t kNullBitmapRow = 0xD2;
constexpr std::uint32_t kVariantLimit = 8009;

void Put(ByteWriter& out, WireType type) { out.U8(static_cast<std::uint8_t>(type)); }

// The plain form cannot be NULL, the other one has a length.
void PutFixed(ByteWriter& out, bool nullable, WireType plain, WireType with_length,
              std::uint8_t length) {
  Put(out, nullable ? with_length : plain);
  if (nullable) {
    out.U8(length);
  }
}

void PutLong(ByteWriter& out, WireType type, const TypeInfo& info, bool collated) {
  Put(out, type);
  out.U16(IsMax(info) ? 0xFFFF : static_cast<std::uint16_t>(ByteLimit(info)));
  if (collated) {
    out.Raw(kCollation);
  }
}

}  // namespace

void AppendTypeInfo(ByteWriter& out, const TypeInfo& type) {
  using enum WireType;
  switch (type.type) {
    case SqlType::kBit:
      return PutFixed(out, type.nullable, kBit, kBitN, 1);
    case SqlType::kTinyInt:
      return PutFixed(out, type.nullable, kTinyInt, kIntN, 1);
    case SqlType::kSmallInt:
      return PutFixed(out, type.nullable, kSmallInt, kIntN, 2);
    case SqlType::kInt:
      return PutFixed(out, type.nullable, kInt, kIntN, 4);
    case SqlType::kBigInt:
      return PutFixed(out, type.nullable, kBigInt, kIntN, 8);
    case SqlType::kReal:
      return PutFixed(out, type.nullable, kReal, kFloatN, 4);
    case SqlType::kFloat:
      return PutFixed(out, type.nullable, kFloat, kFloatN, 8);
    case SqlType::kDateTime:
      return PutFixed(out, type.nullable, kDateTime, kDateTimeN, 8);
    case SqlType::kNumeric:
      Put(out, kNumericN);
      out.U8(static_cast<std::uint8_t>(DecimalWidth(type)))
          .U8(static_cast<std::uint8_t>(Precision(type)))
          .U8(static_cast<std::uint8_t>(type.scale));
      return;
    case SqlType::kChar:
      return PutLong(out, kChar, type, true);
    case SqlType::kVarChar:
      return PutLong(out, kVarChar, type, true);
    case SqlType::kNVarChar:
      return PutLong(out, kNVarChar, type, true);
    case SqlType::kVarBinary:
      return PutLong(out, kVarBinary, type, false);
    case SqlType::kUniqueIdentifier:
      Put(out, kGuid);
      out.U8(16);
      return;
    case SqlType::kDate:
      return Put(out, kDateN);
    case SqlType::kDateTime2:
      Put(out, kDateTime2N);
      out.U8(static_cast<std::uint8_t>(type.scale));
      return;
    case SqlType::kSqlVariant:
      Put(out, kVariant);
      out.U32(kVariantLimit);
      return;
  }
}

void AppendColumns(ByteWriter& out, const std::vector<Column>& columns) {
  constexpr std::uint16_t kNullable = 0x01;
  constexpr std::uint16_t kUpdatableUnknown = 0x08;
  out.U8(kColumnMetadata).U16(static_cast<std::uint16_t>(columns.size()));
  for (const Column& column : columns) {
    out.U32(0).U16(column.type.nullable ? kNullable | kUpdatableUnknown : kUpdatableUnknown);
    AppendTypeInfo(out, column.type);
    out.ByteText(column.name);
  }
}

Status AppendRow(ByteWriter& out, const std::vector<Column>& columns,
                 const std::vector<Value>& values, const RowEncoding& encoding) {
  if (values.size() != columns.size()) {
    return Error{.kind = ErrorKind::kInternal,
                 .reason = "TdsRow",
                 .message = std::to_string(values.size()) + " values for " +
                            std::to_string(columns.size()) + " columns"};
  }
  ByteWriter row;
  row.U8(encoding.null_bitmap ? kNullBitmapRow : kRow);
  if (encoding.null_bitmap) {
    std::string bitmap((values.size() + 7) / 8, '\0');
    for (std::size_t i = 0; i < values.size(); ++i) {
      if (std::holds_alternative<Null>(values[i])) {
        const auto bits = static_cast<unsigned char>(bitmap[i / 8]);
        bitmap[i / 8] = static_cast<char>(bits | 1U << (i % 8));
      }
    }
    row.Raw(bitmap);
  }
  for (std::size_t i = 0; i < values.size(); ++i) {
    const bool null = std::holds_alternative<Null>(values[i]);
    if (encoding.null_bitmap && null && columns[i].type.nullable) {
      continue;
    }
    if (const Status status = AppendValue(row, columns[i].type, values[i], encoding); !status) {
      Error error = status.error();
      error.message = "column '" + columns[i].name + "': " + error.message;
      return error;
    }
  }
  out.Raw(row.bytes());
  return OkStatus();
}

}  // namespace milink::sim::tds
