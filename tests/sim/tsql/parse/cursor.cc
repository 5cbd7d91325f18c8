#include "tests/sim/tsql/parse/cursor.h"

#include <algorithm>
#include <map>

#include "core/base/text.h"
#include "tests/sim/tsql/failure.h"

namespace milink::sim::tsql {

Cursor::Cursor(std::string_view batch, int major_version)
    : tokens_(Tokenize(batch)), major_version_(major_version) {}

const Token& Cursor::Peek(std::size_t ahead) const {
  return tokens_[std::min(position_ + ahead, tokens_.size() - 1)];
}

Token Cursor::Take() {
  Token token = Peek();
  if (token.kind != TokenKind::kEnd) ++position_;
  return token;
}

std::size_t Cursor::LastEnd() const { return position_ == 0 ? 0 : tokens_[position_ - 1].end; }

bool Cursor::IsWord(std::string_view word, std::size_t ahead) const {
  const Token& token = Peek(ahead);
  return token.kind == TokenKind::kWord && EqualsIgnoreCaseAscii(token.text, word);
}

bool Cursor::IsWords(std::initializer_list<std::string_view> words) const {
  std::size_t ahead = 0;
  return std::all_of(words.begin(), words.end(),
                     [&](std::string_view word) { return IsWord(word, ahead++); });
}

bool Cursor::TakeWord(std::string_view word) {
  if (!IsWord(word)) return false;
  Take();
  return true;
}

bool Cursor::TakeWords(std::initializer_list<std::string_view> words) {
  if (!IsWords(words)) return false;
  position_ += words.size();
  return true;
}

void Cursor::ExpectWord(std::string_view word) {
  if (!TakeWord(word)) FailSyntax();
}

void Cursor::ExpectWords(std::initializer_list<std::string_view> words) {
  for (const std::string_view word : words) ExpectWord(word);
}

std::string Cursor::ExpectOneOf(std::initializer_list<std::string_view> words) {
  for (const std::string_view word : words) {
    if (TakeWord(word)) return std::string(word);
  }
  FailSyntax();
}

bool Cursor::IsSymbol(std::string_view symbol, std::size_t ahead) const {
  const Token& token = Peek(ahead);
  return token.kind == TokenKind::kSymbol && token.text == symbol;
}

bool Cursor::TakeSymbol(std::string_view symbol) {
  if (!IsSymbol(symbol)) return false;
  Take();
  return true;
}

void Cursor::ExpectSymbol(std::string_view symbol) {
  if (!TakeSymbol(symbol)) FailSyntax();
}

bool Cursor::IsName(std::size_t ahead) const {
  const Token& token = Peek(ahead);
  return token.kind == TokenKind::kQuotedName ||
         (token.kind == TokenKind::kWord && !IsReserved(token.text));
}

std::string Cursor::ExpectName() {
  if (!IsName()) FailSyntax();
  std::string name = Take().text;
  if (name.empty()) Fail(1038);
  if (name.size() > 128 * 4) Fail(103, {"identifier", name, "128"}, 4);
  return name;
}

ObjectName Cursor::ExpectObjectName() {
  std::vector<std::string> parts{ExpectName()};
  while (TakeSymbol(".")) {
    // master..sysdatabases: the default schema.
    if (IsSymbol(".")) {
      parts.emplace_back();
    } else {
      parts.push_back(ExpectName());
    }
  }
  if (parts.size() > 4) FailSyntax();
  ObjectName name;
  name.name = parts.back();
  if (parts.size() > 1) name.schema = parts[parts.size() - 2];
  if (parts.size() > 2) name.database = parts[parts.size() - 3];
  return name;
}

bool Cursor::IsString() const {
  return Peek().kind == TokenKind::kString || Peek().kind == TokenKind::kUnicode;
}

std::string Cursor::ExpectString() {
  if (!IsString()) FailSyntax();
  return Take().text;
}

int Cursor::ExpectInteger() {
  if (Peek().kind != TokenKind::kInteger || Peek().text.size() > 9) FailSyntax();
  return std::stoi(Take().text);
}

std::string Cursor::ExpectBinary() {
  if (Peek().kind != TokenKind::kBinary) FailSyntax();
  return Take().text;
}

std::string Cursor::ExpectVariable() {
  if (Peek().kind != TokenKind::kVariable || Peek().text.starts_with("@@")) FailSyntax();
  return ToLowerAscii(Take().text);
}

TypeInfo Cursor::SizedType(SqlType type, int default_length, int limit) {
  TypeInfo info{.type = type, .length = default_length};
  if (!TakeSymbol("(")) return info;
  if (TakeWord("MAX")) {
    info.length = -1;
  } else {
    info.length = ExpectInteger();
    if (info.length < 1 || info.length > limit) {
      Fail(131, {std::to_string(info.length), "type", std::to_string(limit)});
    }
  }
  ExpectSymbol(")");
  return info;
}

TypeInfo Cursor::ExpectType(int default_length) {
  static const std::map<std::string, TypeInfo> kPlain = {
      {"BIT", {.type = SqlType::kBit}},
      {"TINYINT", {.type = SqlType::kTinyInt}},
      {"SMALLINT", {.type = SqlType::kSmallInt}},
      {"INT", {.type = SqlType::kInt}},
      {"INTEGER", {.type = SqlType::kInt}},
      {"BIGINT", {.type = SqlType::kBigInt}},
      {"REAL", {.type = SqlType::kReal}},
      {"FLOAT", {.type = SqlType::kFloat}},
      {"UNIQUEIDENTIFIER", {.type = SqlType::kUniqueIdentifier}},
      {"DATE", {.type = SqlType::kDate}},
      {"DATETIME", {.type = SqlType::kDateTime}},
      {"SQL_VARIANT", {.type = SqlType::kSqlVariant}},
      {"SYSNAME", {.type = SqlType::kNVarChar, .length = 128}},
  };
  if (!IsName()) FailSyntax();
  const std::string word = Take().text;
  const std::string upper = ToUpperAscii(word);
  if (const auto found = kPlain.find(upper); found != kPlain.end()) return found->second;
  if (upper == "CHAR") return SizedType(SqlType::kChar, default_length, 8000);
  if (upper == "VARCHAR") return SizedType(SqlType::kVarChar, default_length, 8000);
  if (upper == "NVARCHAR" || upper == "NCHAR") {
    return SizedType(SqlType::kNVarChar, default_length, 4000);
  }
  if (upper == "VARBINARY" || upper == "BINARY") {
    return SizedType(SqlType::kVarBinary, default_length, 8000);
  }
  if (upper == "DATETIME2") {
    TypeInfo info{.type = SqlType::kDateTime2, .scale = 7};
    if (TakeSymbol("(")) {
      info.scale = ExpectInteger();
      ExpectSymbol(")");
    }
    return info;
  }
  if (upper == "NUMERIC" || upper == "DECIMAL") {
    TypeInfo info{.type = SqlType::kNumeric, .precision = 18};
    if (TakeSymbol("(")) {
      info.precision = ExpectInteger();
      if (TakeSymbol(",")) info.scale = ExpectInteger();
      ExpectSymbol(")");
    }
    if (info.precision < 1 || info.precision > 38 || info.scale > info.precision) FailSyntax();
    return info;
  }
  Fail(2715, {"1", word});
}

void Cursor::FailSyntax() const {
  const Token& token = Peek();
  std::string near = token.text;
  if (token.kind == TokenKind::kEnd && position_ > 0) near = tokens_[position_ - 1].text;
  const bool keyword = token.kind == TokenKind::kWord && IsReserved(token.text);
  Failure failure(MakeMessage(keyword ? 156 : 102, {near}));
  failure.SetLine(token.line);
  throw failure;
}

void Cursor::DeclareVariable(const std::string& name, const TypeInfo& type) {
  for (const auto& [existing, ignored] : variables) {
    if (existing == name) Fail(134, {name});
  }
  variables.emplace_back(name, type);
}

void Cursor::CheckVariable(const std::string& name) const {
  if (name.starts_with("@@")) return;
  const bool known = std::any_of(variables.begin(), variables.end(),
                                 [&](const auto& variable) { return variable.first == name; });
  if (known) return;
  Failure failure(MakeMessage(137, {name}, 2));
  failure.SetLine(Peek().line);
  throw failure;
}

}  // namespace milink::sim::tsql
