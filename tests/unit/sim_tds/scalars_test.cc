#include "tests/sim/tds/scalars.h"

#include <gtest/gtest.h>

#include "core/base/time_format.h"
#include "tests/unit/sim_tds/hex.h"

namespace milink::sim::tds {
namespace {

TimePoint Moment(const char* text) { return ParseRfc3339(text).value(); }

TEST(Decimal, EncodesSignAndMagnitude) {
  struct Case {
    const char* text;
    int precision;
    int scale;
    const char* bytes;  // "" when it cannot be encoded
  };
  const Case cases[] = {
      {"0", 9, 0, "01 00000000"},
      {"-0", 9, 0, "01 00000000"},
      {"-1", 9, 0, "00 01000000"},
      {"1.5", 9, 2, "01 96000000"},
      {"1.500", 9, 2, "01 96000000"},
      {"+7", 5, 2, "01 BC020000"},
      {"999999999", 9, 0, "01 FFC99A3B"},
      {"1000000000", 10, 0, "01 00CA9A3B00000000"},
      {"1000000000000000000000001", 25, 0, "01 010000A1 EDCCCE1B C2D30000"},
      {"99999999999999999999999999999999999999", 38, 0, "01 FFFFFFFF3F228A097AC4865AA84C3B4B"},
      {"1000000000", 9, 0, ""},
      {"1.234", 9, 2, ""},
      {"", 9, 0, ""},
      {".5", 9, 1, ""},
      {"1e3", 9, 0, ""},
      {"--1", 9, 0, ""}};
  for (const Case& c : cases) {
    const auto bytes = EncodeDecimal(c.text, c.precision, c.scale);
    EXPECT_EQ(bytes ? Hex(*bytes) : "", Plain(c.bytes)) << c.text;
  }
}

TEST(Decimal, DecodesWhatItEncodes) {
  for (const char* const text :
       {"0.00", "-1.05", "123456789.01", "-99999999999999999999999999999999999.99"}) {
    EXPECT_EQ(DecodeDecimal(EncodeDecimal(text, 38, 2).value(), 2), text);
  }
  EXPECT_EQ(DecodeDecimal(Bin("01 0500"), 0), std::nullopt);
}

TEST(Guid, HasThreeLittleEndianGroups) {
  const std::string text = "6F9619FF-8B86-D011-B42D-00C04FC964FF";
  const auto bytes = EncodeGuid(text);
  ASSERT_TRUE(bytes);
  EXPECT_EQ(Hex(*bytes), Plain("FF19966F 868B 11D0 B42D 00C04FC964FF"));
  EXPECT_EQ(DecodeGuid(*bytes), text);
  EXPECT_EQ(EncodeGuid("6f9619ff-8b86-d011-b42d-00c04fc964ff"), bytes);
  for (const char* const bad :
       {"", "6F9619FF8B86D011B42D00C04FC964FF", "6F9619FF-8B86-D011-B42D-00C04FC964FG",
        "6F9619FF-8B86-D011-B42D00-C04FC964FF"}) {
    EXPECT_FALSE(EncodeGuid(bad)) << bad;
  }
}

TEST(DateTime, CountsDaysAndTicks) {
  EXPECT_EQ(Hex(EncodeDateTime(Moment("1900-01-01T00:00:00Z"))), Plain("00000000 00000000"));
  EXPECT_EQ(Hex(EncodeDateTime(Moment("1899-12-31T00:00:01Z"))), Plain("FFFFFFFF 2C010000"));
  EXPECT_EQ(Hex(EncodeDateTime(Moment("2024-02-29T23:59:59.997Z"))), Plain("25B10000 FF818B01"));
  EXPECT_EQ(EncodeDateTime(Moment("2024-02-29T23:59:59.999Z")),
            EncodeDateTime(Moment("2024-03-01T00:00:00Z")))
      << "rounded into the next day";
}

TEST(DateTime2, KeepsTheDigitsOfItsScale) {
  const TimePoint time = Moment("2024-02-29T23:59:59Z") + std::chrono::nanoseconds(999'999'900);
  EXPECT_EQ(Hex(EncodeDateTime2(time, 7)), Plain("FFBF692AC9 80460B"));
  EXPECT_EQ(Hex(EncodeDateTime2(time, 0)), Plain("7F5101 80460B"));
  EXPECT_EQ(Hex(EncodeDateTime2(time, 3)), Plain("FF5B2605 80460B"));
  EXPECT_EQ(Hex(EncodeDate(time)), Plain("80460B"));
}

TEST(DateTime2, DecodesWhatItEncodes) {
  EXPECT_EQ(DecodeDateTime2(863999999999, 7, 0x0B4680),
            Moment("2024-02-29T23:59:59Z") + std::chrono::nanoseconds(999'999'900));
  EXPECT_EQ(DecodeDateTime(0xB125, 300), Moment("2024-02-29T00:00:01Z"));
}

TEST(DateTime2, RefusesWhatATimePointCannotHold) {
  EXPECT_FALSE(DecodeDateTime2(0, 7, 0)) << "year 1";
  EXPECT_FALSE(DecodeDateTime2(0, 7, 0xFFFFFF));
  EXPECT_FALSE(DecodeDateTime2(864000000000, 7, 0x0B4680)) << "24 hours";
  EXPECT_FALSE(DecodeDateTime2(0, 9, 0x0B4680));
  EXPECT_FALSE(DecodeDateTime(INT32_MIN, 0));
  EXPECT_FALSE(DecodeDateTime(0, UINT32_MAX));
}

}  // namespace
}  // namespace milink::sim::tds
