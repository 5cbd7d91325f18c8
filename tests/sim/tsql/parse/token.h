// The words of T-SQL. Plain values.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace milink::sim::tsql {

enum class TokenKind {
  kWord,        // bare identifier or keyword
  kQuotedName,  // [name] or "name", already unquoted
  kString,      // 'text', already unquoted
  kUnicode,     // N'text', already unquoted
  kBinary,      // 0x..: the bytes
  kInteger,     // digits only
  kDecimal,     // digits with a point
  kFloat,       // with an exponent
  kVariable,    // @name or @@name, with its at signs
  kSymbol,      // operator or punctuation, one to two characters
  kEnd,
};

struct Token {
  TokenKind kind = TokenKind::kEnd;
  std::string text;
  int line = 1;           // from 1
  std::size_t begin = 0;  // offsets in the batch
  std::size_t end = 0;
};

// Splits a batch into tokens, closed by kEnd. Throws Failure: 105 for an open string or quoted
// name, 113 for an open comment, 102 for a character that starts nothing.
std::vector<Token> Tokenize(std::string_view batch);

// Is the word reserved (upper or lower case)? Reserved words are no identifiers without quotes.
bool IsReserved(std::string_view word);

}  // namespace milink::sim::tsql
