#include "tests/sim/tds/value_decoder.h"

#include <gtest/gtest.h>

#include "core/base/time_format.h"
#include "tests/sim/tds/types.h"
#include "tests/unit/sim_tds/hex.h"

namespace milink::sim::tds {
namespace {

TimePoint Instant(const char* text) { return ParseRfc3339(text).value(); }

TEST(ReadTypedValue, ReadsWhatClientsSend) {
  struct Case {
    const char* name;
    const char* bytes;
    SqlType type;
    Value value;
  };
  const Case cases[] = {
      {"output handle", "26 04 00", SqlType::kInt, Null()},
      {"int", "26 04 04 FEFFFFFF", SqlType::kInt, std::int64_t{-2}},
      {"bigint", "26 08 08 FEFFFFFFFFFFFFFF", SqlType::kBigInt, std::int64_t{-2}},
      {"smallint", "26 02 02 FEFF", SqlType::kSmallInt, std::int64_t{-2}},
      {"tinyint", "26 01 01 FE", SqlType::kTinyInt, std::int64_t{254}},
      {"plain int", "38 05000000", SqlType::kInt, std::int64_t{5}},
      {"plain bit", "32 01", SqlType::kBit, std::int64_t{1}},
      {"bit", "68 01 01 01", SqlType::kBit, std::int64_t{1}},
      {"float", "6D 08 08 000000000000F83F", SqlType::kFloat, 1.5},
      {"real", "6D 04 04 0000C03F", SqlType::kReal, 1.5},
      {"decimal", "6A 05 05 02 05 00 2C010000", SqlType::kNumeric, Decimal{"-3.00"}},
      {"numeric NULL", "6C 11 26 00 00", SqlType::kNumeric, Null()},
      {"nvarchar", "E7 0800 0904D00034 0400 6100E900", SqlType::kNVarChar, std::string("aé")},
      {"nvarchar NULL", "E7 0800 0904D00034 FFFF", SqlType::kNVarChar, Null()},
      {"nvarchar(max)", "E7 FFFF 0904D00034 FEFFFFFFFFFFFFFF 02000000 6100 02000000 6200 00000000",
       SqlType::kNVarChar, std::string("ab")},
      {"nvarchar(max) NULL", "E7 FFFF 0904D00034 FFFFFFFFFFFFFFFF", SqlType::kNVarChar, Null()},
      {"varchar", "A7 0800 0904D00034 0100 E9", SqlType::kVarChar, std::string("é")},
      {"varbinary", "A5 0800 0200 FF00", SqlType::kVarBinary, Bytes{std::string("\xFF\0", 2)}},
      {"varbinary(max)", "A5 FFFF 0100000000000000 01000000 07 00000000", SqlType::kVarBinary,
       Bytes{"\x07"}},
      {"ntext", "63 FFFFFF7F 0904D00034 02000000 6100", SqlType::kNVarChar, std::string("a")},
      {"ntext NULL", "63 00000000 0904D00034 FFFFFFFF", SqlType::kNVarChar, Null()},
      {"text", "23 FFFFFF7F 0904D00034 01000000 E9", SqlType::kVarChar, std::string("é")},
      {"image", "22 FFFFFF7F 01000000 E9", SqlType::kVarBinary, Bytes{"\xE9"}},
      {"uniqueidentifier", "24 10 10 33221100 5544 7766 8899AABBCCDDEEFF",
       SqlType::kUniqueIdentifier, Guid{"00112233-4455-6677-8899-AABBCCDDEEFF"}},
      {"datetime", "6F 08 08 01000000 2C010000", SqlType::kDateTime,
       Instant("1900-01-02T00:00:01Z")},
      {"datetime2", "2A 03 07 E8030000 80460B", SqlType::kDateTime2,
       Instant("2024-02-29T00:00:01Z")},
      {"date", "28 03 80460B", SqlType::kDate, Instant("2024-02-29T00:00:00Z")},
  };
  for (const Case& c : cases) {
    const std::string bytes = Bin(c.bytes);
    ByteReader reader(bytes);
    const auto typed = ReadTypedValue(reader);
    ASSERT_TRUE(typed.ok()) << c.name << ": " << ToString(typed.error());
    EXPECT_EQ(typed->type.type, c.type) << c.name;
    EXPECT_EQ(typed->value, c.value) << c.name;
    EXPECT_TRUE(reader.AtEnd()) << c.name;
  }
}

TEST(ReadTypedValue, RefusesWhatMakesNoSense) {
  struct Case {
    const char* name;
    const char* bytes;
  };
  const Case cases[] = {
      {"nothing", ""},
      {"integer of width three", "26 03 03 010203"},
      {"value shorter than its width", "26 04 02 0102"},
      {"value cut short", "26 04 04 0102"},
      {"decimal of precision 39", "6A 11 27 00 00"},
      {"decimal with a scale above its precision", "6A 05 05 06 00"},
      {"datetime2 of scale eight", "2A 08 00"},
      {"datetime2 after midnight", "2A 00 06 805101 80460B"},
      {"date in the year 9999", "28 03 DAB937"},
      {"nvarchar of half a character", "E7 0800 0904D00034 0100 61"},
      {"nvarchar longer than the message", "E7 0800 0904D00034 0800 61"},
      {"PLP without its end", "A5 FFFF 0100000000000000 01000000 07"},
      {"PLP against its total", "A5 FFFF 0500000000000000 01000000 07 00000000"},
      {"PLP chunk longer than the message", "A5 FFFF FEFFFFFFFFFFFFFF FFFFFF7F 07 00000000"},
      {"ntext longer than the message", "63 00000000 0904D00034 FEFFFFFF 61"}};
  for (const Case& c : cases) {
    const std::string bytes = Bin(c.bytes);
    ByteReader reader(bytes);
    const auto typed = ReadTypedValue(reader);
    ASSERT_FALSE(typed.ok()) << c.name;
    EXPECT_EQ(typed.error().kind, ErrorKind::kInvalid) << c.name;
  }
}

TEST(ReadTypedValue, NamesATypeItDoesNotKnow) {
  ByteReader reader("\xF1");
  const auto typed = ReadTypedValue(reader);
  ASSERT_FALSE(typed.ok());
  EXPECT_EQ(typed.error().kind, ErrorKind::kUnsupported);
  EXPECT_EQ(typed.error().detail, "F1");
}

}  // namespace
}  // namespace milink::sim::tds
