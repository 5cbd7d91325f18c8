#include "tests/sim/tds/tokens.h"

#include <gtest/gtest.h>

#include "tests/unit/sim_tds/hex.h"

namespace milink::sim::tds {
namespace {

TEST(AppendMessage, IsErrorAboveTenAndInfoBelow) {
  ByteWriter error;
  AppendMessage(error, {.number = 41455, .severity = 16, .state = 2, .text = "no", .line = 7},
                "SQL01");
  EXPECT_EQ(Hex(error.bytes()),
            Plain("AA 1C00 EFA10000 02 10 0200 6E006F00 05 530051004C0030003100 00 07000000"));
  ByteWriter info;
  AppendMessage(info, {.number = 0, .severity = 10, .text = ""}, "");
  EXPECT_EQ(Hex(info.bytes()), Plain("AB 0E00 00000000 01 0A 0000 00 00 01000000"));
}

TEST(AppendMessage, CutsATextThatDoesNotFit) {
  ByteWriter out;
  AppendMessage(out, {.number = 1, .text = std::string(100'000, 'x')}, "S");
  ByteReader reader(out.bytes());
  reader.U8();
  EXPECT_EQ(reader.U16(), out.size() - 3);
}

TEST(AppendEnvChange, PutsTheNewValueFirst) {
  ByteWriter text;
  AppendEnvChangeText(text, EnvChange::kDatabase, "b", "a");
  EXPECT_EQ(Hex(text.bytes()), Plain("E3 0700 01 01 6200 01 6100"));
  ByteWriter begin;
  AppendEnvChangeBytes(begin, EnvChange::kBeginTransaction, Bin("0100000000000000"), "");
  EXPECT_EQ(Hex(begin.bytes()), Plain("E3 0B00 08 08 0100000000000000 00"));
  ByteWriter reset;
  AppendEnvChangeBytes(reset, EnvChange::kResetDone, "", "");
  EXPECT_EQ(Hex(reset.bytes()), Plain("E3 0300 12 00 00"));
}

TEST(AppendLoginAck, CarriesVersionAndProgram) {
  ByteWriter out;
  AppendLoginAck(out, "16.0.1000.6");
  EXPECT_EQ(Hex(out.bytes()).substr(0, 18), Plain("AD 3200 01 74000004 14"));
  EXPECT_EQ(Hex(out.bytes()).substr(out.size() * 2 - 8), Plain("10 00 03E8"));
}

TEST(AppendFeatureAck, AcknowledgesOnlyATokenLogin) {
  ByteWriter none;
  AppendFeatureAck(none, false);
  EXPECT_EQ(Hex(none.bytes()), "AEFF");
  ByteWriter token;
  AppendFeatureAck(token, true);
  EXPECT_EQ(Hex(token.bytes()), Plain("AE 02 00000000 FF"));
}

TEST(AppendDone, HasTwelveBytesAfterTheToken) {
  ByteWriter out;
  AppendDone(out, {.status = Done::kCount, .command = 0xC5, .count = 42});
  EXPECT_EQ(Hex(out.bytes()), Plain("FD 1000 C500 2A00000000000000"));
}

TEST(AppendReturnValue, IsAnOutputParameter) {
  ByteWriter out;
  ASSERT_TRUE(AppendReturnValue(out, {.name = "@h",
                                      .type = {.type = SqlType::kInt, .nullable = false},
                                      .value = Value(std::int64_t{1})})
                  .ok());
  EXPECT_EQ(Hex(out.bytes()), Plain("AC 0000 02 40006800 01 00000000 0000 26 04 04 01000000"));
  ByteWriter status;
  AppendReturnStatus(status, -1);
  EXPECT_EQ(Hex(status.bytes()), Plain("79 FFFFFFFF"));
}

}  // namespace
}  // namespace milink::sim::tds
