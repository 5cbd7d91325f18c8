// Expressions by precedence climbing: OR, AND, NOT, predicates, additive, multiplicative, unary,
// primary. Conditions and values share one grammar; which of them a place takes is checked after.
#include <limits>
#include <map>
#include <optional>

#include "core/base/text.h"
#include "tests/sim/tsql/failure.h"
#include "tests/sim/tsql/parse/literal.h"
#include "tests/sim/tsql/parse/parser.h"

namespace milink::sim::tsql {
namespace {

ExpressionPtr ParseOr(Cursor& cursor);
ExpressionPtr ParseAdditive(Cursor& cursor);

bool IsCondition(const Expression& expression) {
  if (const auto* binary = std::get_if<Binary>(&expression.node)) {
    return binary->op >= BinaryOperator::kEqual;
  }
  return std::holds_alternative<Not>(expression.node) ||
         std::holds_alternative<Like>(expression.node) ||
         std::holds_alternative<Between>(expression.node) ||
         std::holds_alternative<InList>(expression.node) ||
         std::holds_alternative<InQuery>(expression.node) ||
         std::holds_alternative<IsNull>(expression.node) ||
         std::holds_alternative<Exists>(expression.node);
}

ExpressionPtr CheckedCondition(Cursor& cursor, ExpressionPtr expression) {
  if (!IsCondition(*expression)) {
    Failure failure(MakeMessage(4145, {cursor.Peek().text}));
    failure.SetLine(cursor.Peek().line);
    throw failure;
  }
  return expression;
}

ExpressionPtr CheckedValue(Cursor& cursor, ExpressionPtr expression) {
  if (IsCondition(*expression)) cursor.FailSyntax();
  return expression;
}

ExpressionPtr MakeBinary(BinaryOperator op, ExpressionPtr left, ExpressionPtr right) {
  return MakeExpression(Binary{op, std::move(left), std::move(right)});
}

std::optional<BinaryOperator> TakeComparison(Cursor& cursor) {
  static const std::map<std::string, BinaryOperator, std::less<>> kOperators = {
      {"=", BinaryOperator::kEqual},        {"<>", BinaryOperator::kNotEqual},
      {"!=", BinaryOperator::kNotEqual},    {"<", BinaryOperator::kLess},
      {"<=", BinaryOperator::kLessEqual},   {"!>", BinaryOperator::kLessEqual},
      {">", BinaryOperator::kGreater},      {">=", BinaryOperator::kGreaterEqual},
      {"!<", BinaryOperator::kGreaterEqual}};
  if (cursor.Peek().kind != TokenKind::kSymbol) return std::nullopt;
  const auto found = kOperators.find(cursor.Peek().text);
  if (found == kOperators.end()) return std::nullopt;
  cursor.Take();
  return found->second;
}

ExpressionPtr ParseIn(Cursor& cursor, ExpressionPtr operand) {
  cursor.ExpectSymbol("(");
  if (cursor.IsWord("SELECT")) {
    SelectPtr query = ParseSelect(cursor);
    cursor.ExpectSymbol(")");
    return MakeExpression(InQuery{std::move(operand), std::move(query)});
  }
  return MakeExpression(InList{std::move(operand), ParseArguments(cursor)});
}

// What may follow a value to make it a condition; the value itself when nothing does.
ExpressionPtr ParsePredicate(Cursor& cursor) {
  ExpressionPtr left = ParseAdditive(cursor);
  if (const auto op = TakeComparison(cursor)) {
    left = CheckedValue(cursor, std::move(left));
    return MakeBinary(*op, std::move(left), CheckedValue(cursor, ParseAdditive(cursor)));
  }
  if (cursor.TakeWord("IS")) {
    const bool negated = cursor.TakeWord("NOT");
    cursor.ExpectWord("NULL");
    ExpressionPtr test = MakeExpression(IsNull{std::move(left)});
    return negated ? MakeExpression(Not{std::move(test)}) : std::move(test);
  }
  const bool negated =
      cursor.IsWord("NOT") &&
      (cursor.IsWord("IN", 1) || cursor.IsWord("LIKE", 1) || cursor.IsWord("BETWEEN", 1));
  if (negated) cursor.Take();
  ExpressionPtr test;
  if (cursor.TakeWord("IN")) {
    test = ParseIn(cursor, std::move(left));
  } else if (cursor.TakeWord("LIKE")) {
    ExpressionPtr pattern = ParseAdditive(cursor);
    ExpressionPtr escape = cursor.TakeWord("ESCAPE") ? ParseAdditive(cursor) : nullptr;
    test = MakeExpression(Like{std::move(left), std::move(pattern), std::move(escape)});
  } else if (cursor.TakeWord("BETWEEN")) {
    ExpressionPtr low = ParseAdditive(cursor);
    cursor.ExpectWord("AND");
    test = MakeExpression(Between{std::move(left), std::move(low), ParseAdditive(cursor)});
  } else {
    return left;
  }
  return negated ? MakeExpression(Not{std::move(test)}) : std::move(test);
}

ExpressionPtr ParseNot(Cursor& cursor) {
  if (!cursor.TakeWord("NOT")) return ParsePredicate(cursor);
  return MakeExpression(Not{CheckedCondition(cursor, ParseNot(cursor))});
}

ExpressionPtr ParseAnd(Cursor& cursor) {
  ExpressionPtr left = ParseNot(cursor);
  while (cursor.TakeWord("AND")) {
    left = CheckedCondition(cursor, std::move(left));
    left = MakeBinary(BinaryOperator::kAnd, std::move(left),
                      CheckedCondition(cursor, ParseNot(cursor)));
  }
  return left;
}

ExpressionPtr ParseOr(Cursor& cursor) {
  ExpressionPtr left = ParseAnd(cursor);
  while (cursor.TakeWord("OR")) {
    left = CheckedCondition(cursor, std::move(left));
    left = MakeBinary(BinaryOperator::kOr, std::move(left),
                      CheckedCondition(cursor, ParseAnd(cursor)));
  }
  return left;
}

ExpressionPtr ParseParenthesis(Cursor& cursor) {
  ExpressionPtr inner;
  if (cursor.IsWord("SELECT")) {
    inner = MakeExpression(ScalarQuery{ParseSelect(cursor)});
  } else {
    inner = ParseOr(cursor);
  }
  cursor.ExpectSymbol(")");
  return inner;
}

ExpressionPtr ParseCase(Cursor& cursor) {
  Case result;
  if (!cursor.IsWord("WHEN")) result.input = ParseExpression(cursor);
  while (cursor.TakeWord("WHEN")) {
    ExpressionPtr when = result.input ? ParseExpression(cursor) : ParseCondition(cursor);
    cursor.ExpectWord("THEN");
    result.branches.emplace_back(std::move(when), ParseExpression(cursor));
  }
  if (result.branches.empty()) cursor.FailSyntax();
  if (cursor.TakeWord("ELSE")) result.otherwise = ParseExpression(cursor);
  cursor.ExpectWord("END");
  return MakeExpression(std::move(result));
}

ExpressionPtr ParsePrimary(Cursor& cursor) {
  if (cursor.TakeSymbol("(")) return ParseParenthesis(cursor);
  if (cursor.TakeWord("CASE")) return ParseCase(cursor);
  if (cursor.TakeWord("EXISTS")) {
    cursor.ExpectSymbol("(");
    SelectPtr query = ParseSelect(cursor);
    cursor.ExpectSymbol(")");
    return MakeExpression(Exists{std::move(query)});
  }
  if (cursor.Peek().kind == TokenKind::kVariable) {
    VariableRef variable{ToLowerAscii(cursor.Peek().text)};
    cursor.CheckVariable(variable.name);
    cursor.Take();
    return MakeExpression(std::move(variable));
  }
  if (std::optional<Literal> literal = TakeLiteral(cursor)) {
    return MakeExpression(std::move(*literal));
  }
  return ParseFunctionOrColumn(cursor);
}

ExpressionPtr ParseUnary(Cursor& cursor) {
  if (cursor.TakeSymbol("-")) {
    return MakeExpression(Negate{CheckedValue(cursor, ParseUnary(cursor))});
  }
  if (cursor.TakeSymbol("+")) return ParseUnary(cursor);
  ExpressionPtr primary = ParsePrimary(cursor);
  while (cursor.TakeWord("COLLATE")) {
    const std::string name = ToUpperAscii(cursor.ExpectName());
    const bool sensitive =
        name.find("_CS") != std::string::npos || name.find("_BIN") != std::string::npos;
    primary = MakeExpression(Collate{std::move(primary), sensitive});
  }
  return primary;
}

ExpressionPtr ParseMultiplicative(Cursor& cursor) {
  ExpressionPtr left = ParseUnary(cursor);
  while (true) {
    BinaryOperator op{};
    if (cursor.TakeSymbol("*")) {
      op = BinaryOperator::kMultiply;
    } else if (cursor.TakeSymbol("/")) {
      op = BinaryOperator::kDivide;
    } else if (cursor.TakeSymbol("%")) {
      op = BinaryOperator::kModulo;
    } else {
      return left;
    }
    left = CheckedValue(cursor, std::move(left));
    left = MakeBinary(op, std::move(left), CheckedValue(cursor, ParseUnary(cursor)));
  }
}

ExpressionPtr ParseAdditive(Cursor& cursor) {
  ExpressionPtr left = ParseMultiplicative(cursor);
  while (true) {
    BinaryOperator op{};
    if (cursor.TakeSymbol("+")) {
      op = BinaryOperator::kAdd;
    } else if (cursor.TakeSymbol("-")) {
      op = BinaryOperator::kSubtract;
    } else if (cursor.TakeSymbol("&")) {
      op = BinaryOperator::kBitAnd;
    } else if (cursor.TakeSymbol("|")) {
      op = BinaryOperator::kBitOr;
    } else {
      return left;
    }
    left = CheckedValue(cursor, std::move(left));
    left = MakeBinary(op, std::move(left), CheckedValue(cursor, ParseMultiplicative(cursor)));
  }
}

}  // namespace

ExpressionPtr ParseExpression(Cursor& cursor) { return CheckedValue(cursor, ParseOr(cursor)); }

ExpressionPtr ParseCondition(Cursor& cursor) { return CheckedCondition(cursor, ParseOr(cursor)); }

}  // namespace milink::sim::tsql
