#include "core/sql/quoting.h"

#include <string>

#include <gtest/gtest.h>

namespace milink::sql {
namespace {

struct QuoteCase {
  std::string name;
  std::string input;
  std::string quoted;  // empty: refused
};

class QuoteIdentifierTest : public testing::TestWithParam<QuoteCase> {};

TEST_P(QuoteIdentifierTest, GivesTheBracketedName) {
  const auto quoted = QuoteIdentifier(GetParam().input);
  if (GetParam().quoted.empty()) {
    ASSERT_FALSE(quoted.ok());
    EXPECT_EQ(quoted.error().kind, ErrorKind::kInvalid);
    EXPECT_EQ(quoted.error().reason, "TextNotAllowed");
  } else {
    ASSERT_TRUE(quoted.ok());
    EXPECT_EQ(*quoted, GetParam().quoted);
  }
}

INSTANTIATE_TEST_SUITE_P(
    Table, QuoteIdentifierTest,
    testing::Values(
        QuoteCase{"PlainName", "sales", "[sales]"},
        QuoteCase{"ClosingBracketIsDoubled", "a]; DROP DATABASE x--", "[a]]; DROP DATABASE x--]"},
        QuoteCase{"OpeningBracketStays", "a[b", "[a[b]"},
        QuoteCase{"QuoteStays", "O'Neil", "[O'Neil]"},
        QuoteCase{"NonAsciiStays", "Bücher", "[Bücher]"},
        QuoteCase{"LongestName", std::string(128, 'x'), "[" + std::string(128, 'x') + "]"},
        QuoteCase{"TooLong", std::string(129, 'x'), ""},
        QuoteCase{"TooLongInUtf16Units",
                  [] {
                    std::string out;
                    for (int i = 0; i < 65; ++i) {
                      out += "\U0001F600";
                    }
                    return out;
                  }(),
                  ""},
        QuoteCase{"Empty", "", ""}, QuoteCase{"Nul", std::string("a\0b", 3), ""},
        QuoteCase{"MalformedUtf8", "a\xC3", ""}),
    [](const auto& row) { return row.param.name; });

class QuoteLiteralTest : public testing::TestWithParam<QuoteCase> {};

TEST_P(QuoteLiteralTest, GivesTheQuotedText) {
  const auto quoted = QuoteLiteral(GetParam().input);
  if (GetParam().quoted.empty()) {
    ASSERT_FALSE(quoted.ok());
    EXPECT_EQ(quoted.error().reason, "TextNotAllowed");
    EXPECT_EQ(quoted.error().message.find(GetParam().input), std::string::npos);
  } else {
    ASSERT_TRUE(quoted.ok());
    EXPECT_EQ(*quoted, GetParam().quoted);
  }
}

INSTANTIATE_TEST_SUITE_P(
    Table, QuoteLiteralTest,
    testing::Values(QuoteCase{"PlainText", "abc", "N'abc'"}, QuoteCase{"EmptyText", "", "N''"},
                    QuoteCase{"QuoteIsDoubled", "x'; DROP--", "N'x''; DROP--'"},
                    QuoteCase{"LongTextIsFine", std::string(500, 'y'),
                              "N'" + std::string(500, 'y') + "'"},
                    QuoteCase{"Nul", std::string("secret\0b", 8), ""},
                    QuoteCase{"OverlongEncodingOfQuote", "x\xC0\xA7", ""},
                    QuoteCase{"EncodedSurrogate", "x\xED\xA0\x80", ""}),
    [](const auto& row) { return row.param.name; });

TEST(BinaryLiteralTest, WritesBareHexadecimal) {
  EXPECT_EQ(*BinaryLiteral(std::string("\x30\x82\x00\xff", 4)), "0x308200FF");
  EXPECT_FALSE(BinaryLiteral("").ok());
}

TEST(IntegerLiteralTest, WritesDecimal) {
  EXPECT_EQ(IntegerLiteral(-42), "-42");
  EXPECT_EQ(IntegerLiteral(65'536), "65536");
}

TEST(GuidLiteralTest, TakesOnlyTheCanonicalForm) {
  EXPECT_EQ(*GuidLiteral("6F9619FF-8B86-d011-B42D-00C04FC964FF"),
            "N'6F9619FF-8B86-d011-B42D-00C04FC964FF'");
  for (const char* const wrong :
       {"", "6F9619FF", "{6F9619FF-8B86-D011-B42D-00C04FC964F}",
        "6F9619FF-8B86-D011-B42D-00C04FC964F'", "6F9619FF08B86-D011-B42D-00C04FC964FF"}) {
    EXPECT_FALSE(GuidLiteral(wrong).ok()) << wrong;
  }
}

}  // namespace
}  // namespace milink::sql
