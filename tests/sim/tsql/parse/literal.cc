#include "tests/sim/tsql/parse/literal.h"

#include <algorithm>
#include <limits>

#include "tests/sim/tsql/run/text.h"

namespace milink::sim::tsql {
namespace {

Literal IntegerLiteral(const std::string& digits) {
  if (digits.size() <= 18) {
    const std::int64_t value = std::stoll(digits);
    if (value <= std::numeric_limits<std::int32_t>::max()) {
      return {value, {.type = SqlType::kInt, .nullable = false}};
    }
  }
  // Larger ones are numeric, not bigint.
  return {
      Decimal{digits},
      {.type = SqlType::kNumeric, .precision = static_cast<int>(digits.size()), .nullable = false}};
}

Literal DecimalLiteral(std::string text) {
  if (text.front() == '.') text.insert(text.begin(), '0');
  const std::size_t point = text.find('.');
  const int scale = static_cast<int>(text.size() - point - 1);
  if (scale == 0) text.pop_back();
  const int digits = static_cast<int>(point) + scale;
  return {Decimal{text},
          {.type = SqlType::kNumeric, .precision = digits, .scale = scale, .nullable = false}};
}

Literal TextLiteral(const std::string& text, bool unicode) {
  const int length = std::max(1, static_cast<int>(ToUtf16(text).size()));
  const int limit = unicode ? 4000 : 8000;
  return {text,
          {.type = unicode ? SqlType::kNVarChar : SqlType::kVarChar,
           .length = length > limit ? -1 : length,
           .nullable = false}};
}

}  // namespace

std::optional<Literal> TakeLiteral(Cursor& cursor) {
  const Token token = cursor.Peek();
  switch (token.kind) {
    case TokenKind::kInteger:
      cursor.Take();
      return IntegerLiteral(token.text);
    case TokenKind::kDecimal:
      cursor.Take();
      return DecimalLiteral(token.text);
    case TokenKind::kFloat:
      cursor.Take();
      return Literal{std::stod(token.text), {.type = SqlType::kFloat, .nullable = false}};
    case TokenKind::kString:
    case TokenKind::kUnicode:
      cursor.Take();
      return TextLiteral(token.text, token.kind == TokenKind::kUnicode);
    case TokenKind::kBinary: {
      cursor.Take();
      const int length = std::max(1, static_cast<int>(token.text.size()));
      return Literal{
          Bytes{token.text},
          {.type = SqlType::kVarBinary, .length = length > 8000 ? -1 : length, .nullable = false}};
    }
    default:
      if (!cursor.TakeWord("NULL")) return std::nullopt;
      return Literal{Null{}, {.type = SqlType::kInt}};
  }
}

}  // namespace milink::sim::tsql
