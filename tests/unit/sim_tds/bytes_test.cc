#include "tests/sim/tds/bytes.h"

#include <gtest/gtest.h>

#include "tests/unit/sim_tds/hex.h"

namespace milink::sim::tds {
namespace {

TEST(ByteWriter, WritesLittleEndianUnlessTold) {
  ByteWriter out;
  out.U8(1).U16(0x0203).U32(0x04050607).BigEndian16(0x0809).BigEndian32(0x0A0B0C0D);
  EXPECT_EQ(Hex(out.bytes()), Plain("01 0302 07060504 0809 0A0B0C0D"));
}

TEST(ByteWriter, CountsTextInUtf16UnitsAndCutsWhatDoesNotFit) {
  EXPECT_EQ(Hex(ByteWriter().ByteText("a€").bytes()), Plain("02 6100 AC20"));
  EXPECT_EQ(Hex(ByteWriter().ShortText("a").bytes()), Plain("0100 6100"));
  EXPECT_EQ(ByteWriter().ByteText(std::string(300, 'x')).size(), 1U + 255U * 2U);
}

TEST(ByteReader, ReadsWhatTheWriterWrote) {
  ByteWriter out;
  out.U8(7).U16(8).U32(9).U64(10).BigEndian16(11).ByteText("grün").ShortText("");
  ByteReader in(out.bytes());
  EXPECT_EQ(in.U8(), 7);
  EXPECT_EQ(in.U16(), 8);
  EXPECT_EQ(in.U32(), 9U);
  EXPECT_EQ(in.U64(), 10U);
  EXPECT_EQ(in.BigEndian16(), 11);
  EXPECT_EQ(in.ByteText(), "grün");
  EXPECT_EQ(in.ShortText(), "");
  EXPECT_TRUE(in.ok());
  EXPECT_TRUE(in.AtEnd());
}

TEST(ByteReader, YieldsZeroAfterReadingPastTheEnd) {
  ByteReader in("\x01\x02");
  EXPECT_EQ(in.U32(), 0U);
  EXPECT_FALSE(in.ok());
  EXPECT_EQ(in.U8(), 0);
  EXPECT_EQ(in.Rest(), "");
  EXPECT_EQ(in.Peek(), -1);
}

}  // namespace
}  // namespace milink::sim::tds
