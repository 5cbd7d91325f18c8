#include "tests/sim/tds/types.h"

#include <gtest/gtest.h>

#include "core/base/time_format.h"
#include "tests/sim/tds/value_encoder.h"
#include "tests/unit/sim_tds/hex.h"

namespace milink::sim::tds {
namespace {

TimePoint TimeOf(const char* text) { return ParseRfc3339(text).value(); }
Value Int(std::int64_t n) { return n; }
Value Text(const char* text) { return std::string(text); }

struct Case {
  const char* name;
  TypeInfo type;
  Value value;
  const char* type_info;
  const char* bytes;
};

const Case kCases[] = {
    {"int", {.type = SqlType::kInt}, Int(-2), "26 04", "04 FEFFFFFF"},
    {"int not null", {.type = SqlType::kInt, .nullable = false}, Int(1), "38", "01000000"},
    {"int NULL", {.type = SqlType::kInt}, Null(), "26 04", "00"},
    {"bigint", {.type = SqlType::kBigInt}, Int(-1), "26 08", "08 FFFFFFFFFFFFFFFF"},
    {"bigint not null",
     {.type = SqlType::kBigInt, .nullable = false},
     Int(1),
     "7F",
     "0100000000000000"},
    {"smallint", {.type = SqlType::kSmallInt}, Int(-32768), "26 02", "02 0080"},
    {"tinyint has no sign", {.type = SqlType::kTinyInt}, Int(255), "26 01", "01 FF"},
    {"tinyint not null", {.type = SqlType::kTinyInt, .nullable = false}, Int(5), "30", "05"},
    {"bit", {.type = SqlType::kBit}, Int(1), "68 01", "01 01"},
    {"bit not null", {.type = SqlType::kBit, .nullable = false}, Int(0), "32", "00"},
    {"float", {.type = SqlType::kFloat}, Value(1.5), "6D 08", "08 000000000000F83F"},
    {"float of an integer", {.type = SqlType::kFloat}, Int(1), "6D 08", "08 000000000000F03F"},
    {"real", {.type = SqlType::kReal}, Value(1.5), "6D 04", "04 0000C03F"},
    {"numeric",
     {.type = SqlType::kNumeric, .precision = 25},
     Value(Decimal{"-258"}),
     "6C 0D 19 00",
     "0D 00 020100000000000000000000"},
    {"numeric of an integer",
     {.type = SqlType::kNumeric, .precision = 5, .scale = 2},
     Int(3),
     "6C 05 05 02",
     "05 01 2C010000"},
    {"nvarchar",
     {.type = SqlType::kNVarChar, .length = 128},
     Text("aé"),
     "E7 0001 09 04D00034",
     "0400 6100 E900"},
    {"nvarchar NULL",
     {.type = SqlType::kNVarChar, .length = 128},
     Null(),
     "E7 0001 0904D00034",
     "FFFF"},
    {"nvarchar empty", {.type = SqlType::kNVarChar}, Text(""), "E7 401F 0904D00034", "0000"},
    {"varchar",
     {.type = SqlType::kVarChar, .length = 20},
     Text("é"),
     "A7 1400 0904D00034",
     "0100 E9"},
    {"char is padded",
     {.type = SqlType::kChar, .length = 3},
     Text("a"),
     "AF 0300 0904D00034",
     "0300 612020"},
    {"varbinary",
     {.type = SqlType::kVarBinary, .length = 8},
     Value(Bytes{"\x01"}),
     "A5 0800",
     "0100 01"},
    {"nvarchar(max)",
     {.type = SqlType::kNVarChar, .length = -1},
     Text("a"),
     "E7 FFFF 0904D00034",
     "0200000000000000 02000000 6100 00000000"},
    {"nvarchar(max) empty",
     {.type = SqlType::kNVarChar, .length = -1},
     Text(""),
     "E7 FFFF 0904D00034",
     "0000000000000000 00000000"},
    {"varbinary(max) NULL",
     {.type = SqlType::kVarBinary, .length = -1},
     Null(),
     "A5 FFFF",
     "FFFFFFFFFFFFFFFF"},
    {"uniqueidentifier",
     {.type = SqlType::kUniqueIdentifier},
     Value(Guid{"00112233-4455-6677-8899-AABBCCDDEEFF"}),
     "24 10",
     "10 33221100 5544 7766 8899AABBCCDDEEFF"},
    {"uniqueidentifier NULL", {.type = SqlType::kUniqueIdentifier}, Null(), "24 10", "00"},
    {"datetime",
     {.type = SqlType::kDateTime},
     Value(TimeOf("1900-01-02T00:00:01Z")),
     "6F 08",
     "08 01000000 2C010000"},
    {"datetime not null",
     {.type = SqlType::kDateTime, .nullable = false},
     Value(TimeOf("1900-01-02T00:00:01Z")),
     "3D",
     "01000000 2C010000"},
    {"datetime2(3)",
     {.type = SqlType::kDateTime2, .scale = 3},
     Value(TimeOf("2024-02-29T00:00:01Z")),
     "2A 03",
     "07 E8030000 80460B"},
    {"date", {.type = SqlType::kDate}, Value(TimeOf("2024-02-29T12:00:00Z")), "28", "03 80460B"},
    {"date NULL", {.type = SqlType::kDate}, Null(), "28", "00"},
    {"sql_variant of int",
     {.type = SqlType::kSqlVariant},
     Int(7),
     "62 491F0000",
     "06000000 38 00 07000000"},
    {"sql_variant of bigint",
     {.type = SqlType::kSqlVariant},
     Int(1LL << 40),
     "62 491F0000",
     "0A000000 7F 00 0000000000010000"},
    {"sql_variant of nvarchar",
     {.type = SqlType::kSqlVariant},
     Text("a"),
     "62 491F0000",
     "0B000000 E7 07 0904D00034 401F 6100"},
    {"sql_variant of varbinary",
     {.type = SqlType::kSqlVariant},
     Value(Bytes{"\xFF"}),
     "62 491F0000",
     "05000000 A5 02 401F FF"},
    {"sql_variant of float",
     {.type = SqlType::kSqlVariant},
     Value(1.5),
     "62 491F0000",
     "0A000000 3E 00 000000000000F83F"},
    {"sql_variant NULL", {.type = SqlType::kSqlVariant}, Null(), "62 491F0000", "00000000"},
};

TEST(AppendTypeInfo, WritesEachType) {
  for (const Case& c : kCases) {
    ByteWriter out;
    AppendTypeInfo(out, c.type);
    EXPECT_EQ(Hex(out.bytes()), Plain(c.type_info)) << c.name;
  }
}

TEST(AppendValue, WritesEachType) {
  for (const Case& c : kCases) {
    ByteWriter out;
    ASSERT_TRUE(AppendValue(out, c.type, c.value, {}).ok()) << c.name;
    EXPECT_EQ(Hex(out.bytes()), Plain(c.bytes)) << c.name;
  }
}

TEST(AppendValue, RefusesAValueOfAnotherType) {
  const Case cases[] = {
      {"text in int", {.type = SqlType::kInt}, Text("1"), "", ""},
      {"int too large", {.type = SqlType::kInt}, Int(1LL << 31), "", ""},
      {"smallint too small", {.type = SqlType::kSmallInt}, Int(-32769), "", ""},
      {"tinyint negative", {.type = SqlType::kTinyInt}, Int(-1), "", ""},
      {"bit of two", {.type = SqlType::kBit}, Int(2), "", ""},
      {"text too long", {.type = SqlType::kNVarChar, .length = 1}, Text("ab"), "", ""},
      {"binary too long", {.type = SqlType::kVarBinary, .length = 1}, Value(Bytes{"ab"}), "", ""},
      {"text in varbinary", {.type = SqlType::kVarBinary}, Text("a"), "", ""},
      {"int in nvarchar", {.type = SqlType::kNVarChar}, Int(1), "", ""},
      {"time in nvarchar", {.type = SqlType::kNVarChar}, Value(TimePoint()), "", ""},
      {"text in datetime", {.type = SqlType::kDateTime}, Text("2024"), "", ""},
      {"numeric too long", {.type = SqlType::kNumeric, .precision = 2}, Int(100), "", ""},
      {"guid malformed", {.type = SqlType::kUniqueIdentifier}, Value(Guid{"x"}), "", ""},
      {"NULL in int not null", {.type = SqlType::kInt, .nullable = false}, Null(), "", ""},
      {"text too long for sql_variant",
       {.type = SqlType::kSqlVariant},
       Value(std::string(4001, 'x')),
       "",
       ""}};
  for (const Case& c : cases) {
    ByteWriter out;
    EXPECT_FALSE(AppendValue(out, c.type, c.value, {}).ok()) << c.name;
    EXPECT_EQ(out.size(), 0U) << c.name;
  }
}

TEST(AppendValue, CutsMaxTypesIntoChunksOfUnknownTotalLength) {
  ByteWriter out;
  const RowEncoding encoding{.unknown_plp_length = true, .plp_chunk = 2};
  ASSERT_TRUE(
      AppendValue(out, {.type = SqlType::kVarBinary, .length = -1}, Bytes{"abc"}, encoding).ok());
  EXPECT_EQ(Hex(out.bytes()), Plain("FEFFFFFFFFFFFFFF 02000000 6162 01000000 63 00000000"));
}

TEST(AppendColumns, IsColumnMetadata) {
  ByteWriter out;
  AppendColumns(
      out, {{"", {.type = SqlType::kInt, .nullable = false}}, {"ab", {.type = SqlType::kBit}}});
  EXPECT_EQ(Hex(out.bytes()),
            Plain("81 0200 | 00000000 0800 38 00 | 00000000 0900 6801 02 61006200"));
}

TEST(AppendRow, WritesNullsInPlaceOrInABitmap) {
  std::vector<Column> columns(9, {"", {.type = SqlType::kTinyInt}});
  std::vector<Value> values(9, Null());
  values[1] = Int(5);
  ByteWriter row;
  ASSERT_TRUE(AppendRow(row, columns, values, {}).ok());
  EXPECT_EQ(Hex(row.bytes()), Plain("D1 00 0105 00000000000000"));
  ByteWriter compressed;
  ASSERT_TRUE(AppendRow(compressed, columns, values, {.null_bitmap = true}).ok());
  EXPECT_EQ(Hex(compressed.bytes()), Plain("D2 FD01 0105"));
}

TEST(AppendRow, NamesTheColumnWhichDoesNotFit) {
  ByteWriter out;
  const Status wrong = AppendRow(out, {{"total", {.type = SqlType::kInt}}}, {Text("x")}, {});
  ASSERT_FALSE(wrong.ok());
  EXPECT_NE(wrong.error().message.find("total"), std::string::npos);
  EXPECT_FALSE(AppendRow(out, {{"n", {}}}, {}, {}).ok()) << "a value is missing";
  EXPECT_EQ(out.size(), 0U);
}

}  // namespace
}  // namespace milink::sim::tds
