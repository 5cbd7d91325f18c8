#include "core/sql/utf16.h"

#include <gtest/gtest.h>

namespace milink::sql {
namespace {

TEST(Utf16Test, ConvertsEveryLengthAndBack) {
  const std::string utf8 = "a\u00e4\u20ac\U0001F600";
  const std::u16string utf16 = u"a\u00e4\u20ac\U0001F600";
  ASSERT_TRUE(ToUtf16(utf8).has_value());
  EXPECT_EQ(*ToUtf16(utf8), utf16);
  EXPECT_EQ(ToUtf8(utf16), utf8);
}

TEST(Utf16Test, RefusesMalformedUtf8) {
  for (const char* const wrong : {"\x80", "\xC3", "\xC3(", "\xC0\xAF", "\xE0\x80\x80",
                                  "\xED\xBF\xBF", "\xF4\x90\x80\x80", "\xFF"}) {
    EXPECT_FALSE(ToUtf16(wrong).has_value());
  }
}

TEST(Utf16Test, ReplacesLoneSurrogates) {
  EXPECT_EQ(ToUtf8(std::u16string{0xD83D, u'x'}), "\uFFFDx");
  EXPECT_EQ(ToUtf8(std::u16string{u'x', 0xDE00}), "x\uFFFD");
  EXPECT_EQ(ToUtf8(std::u16string{0xD83D}), "\uFFFD");
}

}  // namespace
}  // namespace milink::sql
