// A position in the tokens of a batch, with the questions that every part of the parser asks.
#pragma once

#include <initializer_list>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tests/sim/tsql/ast/expression.h"
#include "tests/sim/tsql/parse/token.h"

namespace milink::sim::tsql {

class Cursor {
 public:
  Cursor(std::string_view batch, int major_version);

  [[nodiscard]] const Token& Peek(std::size_t ahead = 0) const;
  Token Take();
  [[nodiscard]] bool AtEnd() const { return Peek().kind == TokenKind::kEnd; }
  [[nodiscard]] int major_version() const { return major_version_; }
  // Where the newest taken token ended.
  [[nodiscard]] std::size_t LastEnd() const;

  // Keywords compare without case and only match bare words.
  [[nodiscard]] bool IsWord(std::string_view word, std::size_t ahead = 0) const;
  [[nodiscard]] bool IsWords(std::initializer_list<std::string_view> words) const;
  bool TakeWord(std::string_view word);
  bool TakeWords(std::initializer_list<std::string_view> words);  // all or none
  void ExpectWord(std::string_view word);
  void ExpectWords(std::initializer_list<std::string_view> words);
  // One of the words, in upper case; fails with 102 otherwise.
  std::string ExpectOneOf(std::initializer_list<std::string_view> words);

  [[nodiscard]] bool IsSymbol(std::string_view symbol, std::size_t ahead = 0) const;
  bool TakeSymbol(std::string_view symbol);
  void ExpectSymbol(std::string_view symbol);

  [[nodiscard]] bool IsName(std::size_t ahead = 0) const;  // a quoted or an unreserved word
  std::string ExpectName();
  ObjectName ExpectObjectName();
  [[nodiscard]] bool IsString() const;
  std::string ExpectString();  // a literal, never a variable
  int ExpectInteger();
  std::string ExpectBinary();
  std::string ExpectVariable();  // lower case
  // Of texts and binaries without a length: 1 in DECLARE, 30 in CAST and CONVERT.
  TypeInfo ExpectType(int default_length = 1);

  // 102, or 156 when a reserved word stands there.
  [[noreturn]] void FailSyntax() const;

  void DeclareVariable(const std::string& name, const TypeInfo& type);
  void CheckVariable(const std::string& name) const;  // 137
  std::vector<std::pair<std::string, TypeInfo>> variables;

 private:
  TypeInfo SizedType(SqlType type, int default_length, int limit);

  std::vector<Token> tokens_;
  std::size_t position_ = 0;
  int major_version_;
};

}  // namespace milink::sim::tsql
