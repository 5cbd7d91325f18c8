#include <gtest/gtest.h>

#include "tests/sim/tsql/failure.h"
#include "tests/sim/tsql/parse/token.h"

namespace milink::sim::tsql {
namespace {

TEST(LexerTest, ReadsEveryKindOfToken) {
  const auto tokens =
      Tokenize("SELECT [a]]b], \"c\"\"d\", N'it''s', 'x', 0x0aF, 12, 1.5, 2e3, @v, @@w");
  std::vector<std::string> texts;
  std::vector<TokenKind> kinds;
  for (const Token& token : tokens) {
    if (token.kind == TokenKind::kSymbol) continue;
    texts.push_back(token.text);
    kinds.push_back(token.kind);
  }
  EXPECT_EQ(texts, (std::vector<std::string>{"SELECT", "a]b", "c\"d", "it's", "x",
                                             std::string("\0\xAF", 2), "12", "1.5", "2e3", "@v",
                                             "@@w", ""}));
  EXPECT_EQ(kinds, (std::vector<TokenKind>{
                       TokenKind::kWord, TokenKind::kQuotedName, TokenKind::kQuotedName,
                       TokenKind::kUnicode, TokenKind::kString, TokenKind::kBinary,
                       TokenKind::kInteger, TokenKind::kDecimal, TokenKind::kFloat,
                       TokenKind::kVariable, TokenKind::kVariable, TokenKind::kEnd}));
}

TEST(LexerTest, SkipsCommentsAndCountsLines) {
  const auto tokens = Tokenize("-- first\n/* a /* nested */ b\n */ x");
  ASSERT_EQ(tokens.size(), 2U);
  EXPECT_EQ(tokens[0].text, "x");
  EXPECT_EQ(tokens[0].line, 3);
}

int FailureOf(const std::string& text) {
  try {
    Tokenize(text);
  } catch (const Failure& failure) {
    return failure.last().number;
  }
  return 0;
}

TEST(LexerTest, RefusesWhatDoesNotEnd) {
  EXPECT_EQ(FailureOf("'abc"), 105);
  EXPECT_EQ(FailureOf("[abc"), 105);
  EXPECT_EQ(FailureOf("/* abc"), 113);
  EXPECT_EQ(FailureOf("a ? b"), 102);
  EXPECT_EQ(FailureOf("0xZZ"), 102);
}

}  // namespace
}  // namespace milink::sim::tsql
