#include "core/base/text.h"

#include <optional>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace milink {
namespace {

using ::testing::ElementsAre;

TEST(TextCaseTest, ChangesAsciiLettersOnly) {
  EXPECT_EQ(ToLowerAscii("Retry-AFTER [\\]^ 09 \xc3\x84"), "retry-after [\\]^ 09 \xc3\x84");
  EXPECT_EQ(ToUpperAscii("Retry-after `{|} \xc3\xa4"), "RETRY-AFTER `{|} \xc3\xa4");
  EXPECT_TRUE(EqualsIgnoreCaseAscii("Content-TYPE", "content-type"));
  EXPECT_FALSE(EqualsIgnoreCaseAscii("abc", "ab"));
  EXPECT_FALSE(EqualsIgnoreCaseAscii("@", "`"));
}

TEST(TextTrimTest, RemovesBlanksAtBothEnds) {
  struct Row {
    std::string text;
    std::string trimmed;
  };
  const Row rows[] = {
      {"", ""}, {" \t\r\n", ""}, {"a", "a"}, {"  a b\t", "a b"}, {"\r\nline\r\n", "line"}};
  for (const auto& row : rows) {
    EXPECT_EQ(Trim(row.text), row.trimmed) << '"' << row.text << '"';
  }
}

TEST(TextSplitTest, GivesOnePartMoreThanSeparators) {
  EXPECT_THAT(Split("a,b,c", ','), ElementsAre("a", "b", "c"));
  EXPECT_THAT(Split(",a,,", ','), ElementsAre("", "a", "", ""));
  EXPECT_THAT(Split("", ','), ElementsAre(""));
  EXPECT_THAT(Split("abc", ','), ElementsAre("abc"));
}

TEST(TextJoinTest, PutsTheSeparatorBetween) {
  EXPECT_EQ(Join({"a", "b", "c"}, ", "), "a, b, c");
  EXPECT_EQ(Join({"a"}, ", "), "a");
  EXPECT_EQ(Join({}, ", "), "");
  EXPECT_EQ(Join({"", ""}, "-"), "-");
  EXPECT_EQ(Join(Split("x//y", '/'), "/"), "x//y");
}

TEST(TextHexTest, WritesUpperCase) {
  EXPECT_EQ(ToHex(std::string("\x00\x0f\xa5\xff", 4)), "000FA5FF");
  EXPECT_EQ(ToHex(""), "");
}

TEST(TextHexTest, ReadsEitherCaseWithOrWithoutPrefix) {
  const std::string bytes("\x00\xab\xcd", 3);
  for (const char* text : {"00abcd", "00ABCD", "0x00AbCd", "0X00abcd"}) {
    EXPECT_EQ(FromHex(text), bytes) << text;
  }
  EXPECT_EQ(FromHex(""), "");
  EXPECT_EQ(FromHex("0x"), "");
}

TEST(TextHexTest, RefusesWhatIsNotHexadecimal) {
  for (const char* text : {"0", "abc", "zz", "0x0", "ab cd", "0x0x", "-1"}) {
    EXPECT_EQ(FromHex(text), std::nullopt) << text;
  }
}

TEST(TextHexTest, EveryByteComesBack) {
  std::string bytes;
  for (int byte = 0; byte < 256; ++byte) {
    bytes += static_cast<char>(byte);
  }
  EXPECT_EQ(FromHex(ToHex(bytes)), bytes);
}

TEST(TextShortenTest, CutsAtTheLimitAndNeverInsideACharacter) {
  struct Row {
    std::string text;
    std::size_t limit;
    std::string cut;
  };
  const Row rows[] = {
      {"short", 10, "short"},
      {"exactly ten", 11, "exactly ten"},
      {"much too long", 10, "much to..."},
      {"abcdef", 3, "..."},
      {"abcdef", 2, ".."},
      {"abcdef", 0, ""},
      {"", 0, ""},
      {"ab\xc3\xa4\xc3\xb6\xc3\xbc", 6, "ab..."},
      {"ab\xc3\xa4\xc3\xb6\xc3\xbc", 7, "ab\xc3\xa4..."},
      {"\xf0\x9f\x98\x80\xf0\x9f\x98\x80", 7, "\xf0\x9f\x98\x80..."},
      {"\xf0\x9f\x98\x80\xf0\x9f\x98\x80", 6, "..."},
  };
  for (const auto& row : rows) {
    EXPECT_EQ(Shorten(row.text, row.limit), row.cut) << row.text << " to " << row.limit;
  }
}

}  // namespace
}  // namespace milink
