// Result sets on their way to the client: TYPE_INFO, COLMETADATA and rows (MS-TDS 2.2.5.4, 2.2.7).
//
// Pure functions. A TypeInfo which leaves something open means the usual: length 0 is 4000
// (nvarchar), 8000 (char, varchar, varbinary); precision 0 is 18.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "core/base/result.h"
#include "tests/sim/sql/value.h"
#include "tests/sim/tds/bytes.h"

namespace milink::sim::tds {

// Forms of the same data among which a server may choose.
struct RowEncoding {
  bool null_bitmap = false;         // NBCROW instead of ROW
  bool unknown_plp_length = false;  // (max) values without their total length
  std::size_t plp_chunk = 0;        // bytes of a piece of a (max) value; 0: all in one

  bool operator==(const RowEncoding&) const = default;
};

// SQL_Latin1_General_CP1_CI_AS, code page 1252.
inline constexpr std::string_view kCollation("\x09\x04\xD0\x00\x34", 5);

// First byte of TYPE_INFO; also what parameters of clients bring.
enum class WireType : std::uint8_t {
  kImage = 0x22,
  kText = 0x23,
  kGuid = 0x24,
  kIntN = 0x26,
  kDateN = 0x28,
  kDateTime2N = 0x2A,
  kTinyInt = 0x30,
  kBit = 0x32,
  kSmallInt = 0x34,
  kInt = 0x38,
  kReal = 0x3B,
  kDateTime = 0x3D,
  kFloat = 0x3E,
  kVariant = 0x62,
  kNText = 0x63,
  kBitN = 0x68,
  kDecimalN = 0x6A,
  kNumericN = 0x6C,
  kFloatN = 0x6D,
  kDateTimeN = 0x6F,
  kBigInt = 0x7F,
  kVarBinary = 0xA5,
  kVarChar = 0xA7,
  kBinary = 0xAD,
  kChar = 0xAF,
  kNVarChar = 0xE7,
  kNChar = 0xEF,
};

// In place of the length of a partially length-prefixed value (MS-TDS 2.2.5.2.3).
inline constexpr std::uint64_t kPlpNull = 0xFFFFFFFFFFFFFFFF;
inline constexpr std::uint64_t kPlpUnknownLength = 0xFFFFFFFFFFFFFFFE;

void AppendTypeInfo(ByteWriter& out, const TypeInfo& type);

// COLMETADATA.
void AppendColumns(ByteWriter& out, const std::vector<Column>& columns);
// ROW or NBCROW. Errors as in AppendValue, naming the column.
Status AppendRow(ByteWriter& out, const std::vector<Column>& columns,
                 const std::vector<Value>& values, const RowEncoding& encoding);

}  // namespace milink::sim::tds
