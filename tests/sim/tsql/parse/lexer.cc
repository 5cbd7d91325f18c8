#include <algorithm>
#include <array>
#include <optional>

#include "core/base/text.h"
#include "tests/sim/tsql/failure.h"
#include "tests/sim/tsql/parse/token.h"

namespace milink::sim::tsql {
namespace {

constexpr std::array kReserved = {
    "ADD",         "ALL",      "ALTER",    "AND",       "ANY",      "AS",        "ASC",
    "BACKUP",      "BEGIN",    "BETWEEN",  "BREAK",     "BY",       "CASE",      "CATCH",
    "CHECK",       "CLOSE",    "COALESCE", "COMMIT",    "CONTINUE", "CONVERT",   "CREATE",
    "CROSS",       "CURRENT",  "DATABASE", "DBCC",      "DECLARE",  "DEFAULT",   "DELETE",
    "DENY",        "DESC",     "DISTINCT", "DROP",      "ELSE",     "END",       "ESCAPE",
    "EXCEPT",      "EXEC",     "EXECUTE",  "EXISTS",    "FETCH",    "FOR",       "FROM",
    "FULL",        "FUNCTION", "GOTO",     "GRANT",     "GROUP",    "HAVING",    "IF",
    "IN",          "INNER",    "INSERT",   "INTERSECT", "INTO",     "IS",        "JOIN",
    "KEY",         "KILL",     "LEFT",     "LIKE",      "MERGE",    "NOT",       "NULL",
    "NULLIF",      "OF",       "OFF",      "ON",        "OPEN",     "OPTION",    "OR",
    "ORDER",       "OUTER",    "OVER",     "PRINT",     "PROC",     "PROCEDURE", "RAISERROR",
    "RESTORE",     "RETURN",   "REVERT",   "REVOKE",    "RIGHT",    "ROLLBACK",  "SELECT",
    "SET",         "SHUTDOWN", "TABLE",    "THEN",      "TO",       "TOP",       "TRAN",
    "TRANSACTION", "TRIGGER",  "TRUNCATE", "UNION",     "UNIQUE",   "UPDATE",    "USE",
    "USER",        "VALUES",   "VIEW",     "WAITFOR",   "WHEN",     "WHERE",     "WHILE",
    "WITH"};

bool IsDigit(char c) { return c >= '0' && c <= '9'; }
// Letters beyond ASCII arrive as UTF-8; every such byte may stand in an identifier.
bool IsWordStart(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == '#' || (c & '\x80');
}
bool IsWordPart(char c) { return IsWordStart(c) || IsDigit(c) || c == '$' || c == '@'; }

class Lexer {
 public:
  explicit Lexer(std::string_view text) : text_(text) {}

  std::vector<Token> Run() {
    std::vector<Token> tokens;
    while (true) {
      SkipBlanks();
      tokens.push_back(Next());
      if (tokens.back().kind == TokenKind::kEnd) return tokens;
    }
  }

 private:
  [[nodiscard]] char Peek(std::size_t ahead = 0) const {
    return position_ + ahead < text_.size() ? text_[position_ + ahead] : '\0';
  }
  void Advance() {
    if (Peek() == '\n') ++line_;
    ++position_;
  }
  [[noreturn]] void FailHere(int number, std::string_view near) const {
    Failure failure(MakeMessage(number, {near}));
    failure.SetLine(line_);
    throw failure;
  }

  void SkipBlanks() {
    while (position_ < text_.size()) {
      const char c = Peek();
      if (c == ' ' || c == '\t' || c == '\r' || c == '\n') {
        Advance();
      } else if (text_.substr(position_, 3) == "\xEF\xBB\xBF") {
        position_ += 3;  // byte order mark of a script file
      } else if (c == '-' && Peek(1) == '-') {
        while (position_ < text_.size() && Peek() != '\n') Advance();
      } else if (c == '/' && Peek(1) == '*') {
        SkipComment();
      } else {
        return;
      }
    }
  }

  void SkipComment() {
    int depth = 0;
    do {
      if (position_ >= text_.size()) FailHere(113, "");
      if (Peek() == '/' && Peek(1) == '*') {
        ++depth;
        position_ += 2;
      } else if (Peek() == '*' && Peek(1) == '/') {
        --depth;
        position_ += 2;
      } else {
        Advance();
      }
    } while (depth > 0);
  }

  Token Next() {
    Token token{TokenKind::kEnd, "", line_, position_, position_};
    if (position_ < text_.size()) Read(token);
    token.end = position_;
    return token;
  }

  void Read(Token& token) {
    const char c = Peek();
    if ((c == 'N' || c == 'n') && Peek(1) == '\'') {
      ++position_;
      ReadQuoted(token, TokenKind::kUnicode, '\'');
    } else if (c == '\'') {
      ReadQuoted(token, TokenKind::kString, '\'');
    } else if (c == '[') {
      ReadQuoted(token, TokenKind::kQuotedName, ']');
    } else if (c == '"') {
      ReadQuoted(token, TokenKind::kQuotedName, '"');
    } else if (c == '0' && (Peek(1) == 'x' || Peek(1) == 'X')) {
      ReadBinary(token);
    } else if (IsDigit(c) || (c == '.' && IsDigit(Peek(1)))) {
      ReadNumber(token);
    } else if (c == '@') {
      token.kind = TokenKind::kVariable;
      ReadWord(token);
    } else if (IsWordStart(c)) {
      token.kind = TokenKind::kWord;
      ReadWord(token);
    } else {
      ReadSymbol(token);
    }
  }

  void ReadWord(Token& token) {
    const std::size_t begin = position_;
    while (position_ < text_.size() && IsWordPart(Peek())) ++position_;
    token.text = std::string(text_.substr(begin, position_ - begin));
  }

  // The closing character doubled stands for itself.
  void ReadQuoted(Token& token, TokenKind kind, char close) {
    token.kind = kind;
    ++position_;
    while (true) {
      if (position_ >= text_.size()) FailHere(105, token.text);
      if (Peek() == close) {
        ++position_;
        if (Peek() != close) return;
      }
      token.text += Peek();
      Advance();
    }
  }

  void ReadBinary(Token& token) {
    token.kind = TokenKind::kBinary;
    position_ += 2;
    std::string digits;
    while (position_ < text_.size() && IsWordPart(Peek())) {
      digits += Peek();
      ++position_;
    }
    // SQL Server pads an odd number of digits in front.
    if (digits.size() % 2 == 1) digits.insert(digits.begin(), '0');
    const std::optional<std::string> bytes = FromHex(digits);
    if (!bytes) FailHere(102, digits);
    token.text = *bytes;
  }

  void ReadNumber(Token& token) {
    token.kind = TokenKind::kInteger;
    const std::size_t begin = position_;
    while (IsDigit(Peek())) ++position_;
    if (Peek() == '.') {
      token.kind = TokenKind::kDecimal;
      ++position_;
      while (IsDigit(Peek())) ++position_;
    }
    if (Peek() == 'e' || Peek() == 'E') {
      token.kind = TokenKind::kFloat;
      ++position_;
      if (Peek() == '+' || Peek() == '-') ++position_;
      while (IsDigit(Peek())) ++position_;
    }
    token.text = std::string(text_.substr(begin, position_ - begin));
  }

  void ReadSymbol(Token& token) {
    constexpr std::array kPairs = {"<>", "<=", ">=", "!=", "!<", "!>", "+=", "-=", "::"};
    token.kind = TokenKind::kSymbol;
    const std::string_view pair = text_.substr(position_, 2);
    const bool is_pair = std::find(kPairs.begin(), kPairs.end(), pair) != kPairs.end();
    token.text = std::string(text_.substr(position_, is_pair ? 2 : 1));
    if (!is_pair &&
        std::string_view("()+-*/%=<>,.;&|^~:").find(token.text) == std::string_view::npos) {
      FailHere(102, token.text);
    }
    position_ += token.text.size();
  }

  std::string_view text_;
  std::size_t position_ = 0;
  int line_ = 1;
};

}  // namespace

std::vector<Token> Tokenize(std::string_view batch) { return Lexer(batch).Run(); }

bool IsReserved(std::string_view word) {
  const std::string upper = ToUpperAscii(word);
  return std::find(kReserved.begin(), kReserved.end(), upper) != kReserved.end();
}

}  // namespace milink::sim::tsql
