#include "tests/sim/tds/text.h"

#include <gtest/gtest.h>

#include "tests/unit/sim_tds/hex.h"

namespace milink::sim::tds {
namespace {

TEST(Utf16, ConvertsBothWays) {
  struct Case {
    const char* utf8;
    const char* utf16;
  };
  for (const Case& c : {Case{"", ""}, Case{"aé", "6100 E900"}, Case{"€", "AC20"},
                        Case{"😀", "3DD8 00DE"}, Case{"\x7F\xC2\x80", "7F00 8000"}}) {
    EXPECT_EQ(Hex(Utf8ToUtf16(c.utf8)), Plain(c.utf16)) << c.utf8;
    EXPECT_EQ(Utf16ToUtf8(Bin(c.utf16)), c.utf8);
  }
}

TEST(Utf16, ReplacesEachMalformedSequence) {
  struct Case {
    const char* name;
    std::string utf8;
  };
  const Case cases[] = {{"stray continuation", "\x80"},
                        {"overlong", "\xC0"},
                        {"cut short", "\xE2\x82"},
                        {"surrogate", "\xED\xA0\x80"},
                        {"overlong of three", "\xE0\x80\x80"},
                        {"beyond Unicode", "\xF4\x90\x80\x80"}};
  for (const Case& c : cases) {
    EXPECT_EQ(Hex(Utf8ToUtf16(c.utf8)), "FDFF") << c.name;
  }
  EXPECT_EQ(Utf16ToUtf8(Bin("00D8 6100")), "\uFFFDa") << "high surrogate alone";
  EXPECT_EQ(Utf16ToUtf8(Bin("00DC")), "\uFFFD") << "low surrogate alone";
  EXPECT_EQ(Utf16ToUtf8(Bin("00D8")), "\uFFFD") << "high surrogate at the end";
  EXPECT_EQ(Utf16ToUtf8(Bin("6100 61")), "a\uFFFD") << "half a unit";
}

TEST(CodePage, KnowsTheUpperHalfAndReplacesTheRest) {
  EXPECT_EQ(Hex(Utf8ToCodePage("aé€—")), Plain("61 E9 80 97"));
  EXPECT_EQ(CodePageToUtf8("a\xE9\x80\x97"), "aé€—");
  EXPECT_EQ(Utf8ToCodePage("Ω😀"), "??");
}

}  // namespace
}  // namespace milink::sim::tds
