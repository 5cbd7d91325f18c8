// Calls, CAST and CONVERT, ROW_NUMBER, and column names.
#include "core/base/text.h"
#include "tests/sim/tsql/failure.h"
#include "tests/sim/tsql/parse/parser.h"

namespace milink::sim::tsql {
namespace {

// CAST (x AS type), after the word.
ExpressionPtr ParseCast(Cursor& cursor, bool null_on_error) {
  cursor.ExpectSymbol("(");
  Cast cast{.operand = ParseExpression(cursor), .null_on_error = null_on_error};
  cursor.ExpectWord("AS");
  cast.type = cursor.ExpectType(30);
  cursor.ExpectSymbol(")");
  return MakeExpression(std::move(cast));
}

// CONVERT (type, x [, style]), after the word.
ExpressionPtr ParseConvert(Cursor& cursor, bool null_on_error) {
  cursor.ExpectSymbol("(");
  Cast cast{.null_on_error = null_on_error};
  cast.type = cursor.ExpectType(30);
  cursor.ExpectSymbol(",");
  cast.operand = ParseExpression(cursor);
  if (cursor.TakeSymbol(",")) cast.style = ParseExpression(cursor);
  cursor.ExpectSymbol(")");
  return MakeExpression(std::move(cast));
}

// IIF (condition, a, b) is a CASE.
ExpressionPtr ParseIif(Cursor& cursor) {
  cursor.ExpectSymbol("(");
  Case result;
  ExpressionPtr condition = ParseCondition(cursor);
  cursor.ExpectSymbol(",");
  result.branches.emplace_back(std::move(condition), ParseExpression(cursor));
  cursor.ExpectSymbol(",");
  result.otherwise = ParseExpression(cursor);
  cursor.ExpectSymbol(")");
  return MakeExpression(std::move(result));
}

ExpressionPtr ParseRowNumber(Cursor& cursor) {
  cursor.ExpectSymbol("(");
  cursor.ExpectSymbol(")");
  cursor.ExpectWord("OVER");
  cursor.ExpectSymbol("(");
  RowNumber result;
  if (cursor.TakeWords({"PARTITION", "BY"})) {
    do {
      result.partition_by.push_back(ParseExpression(cursor));
    } while (cursor.TakeSymbol(","));
  }
  cursor.ExpectWords({"ORDER", "BY"});
  do {
    ExpressionPtr key = ParseExpression(cursor);
    const bool descending = cursor.TakeWord("DESC");
    if (!descending) cursor.TakeWord("ASC");
    result.order_by.emplace_back(std::move(key), descending);
  } while (cursor.TakeSymbol(","));
  cursor.ExpectSymbol(")");
  return MakeExpression(std::move(result));
}

// DATEADD (unit, ..): the unit is a word, not an expression. It becomes a literal.
bool TakesDatePart(const std::string& name) {
  return name == "DATEADD" || name == "DATEDIFF" || name == "DATEDIFF_BIG" || name == "DATEPART";
}

ExpressionPtr ParseCall(Cursor& cursor, ObjectName name) {
  FunctionCall call;
  call.name = std::move(name);
  if (cursor.TakeSymbol("*")) {
    call.star = true;
    cursor.ExpectSymbol(")");
    return MakeExpression(std::move(call));
  }
  if (TakesDatePart(ToUpperAscii(call.name.name))) {
    call.arguments.push_back(MakeExpression(
        Literal{ToLowerAscii(cursor.ExpectName()), {.type = SqlType::kVarChar, .length = 30}}));
    cursor.ExpectSymbol(",");
  }
  call.distinct = cursor.TakeWord("DISTINCT");
  std::vector<ExpressionPtr> rest = ParseArguments(cursor);
  for (ExpressionPtr& argument : rest) call.arguments.push_back(std::move(argument));
  return MakeExpression(std::move(call));
}

// Reserved words which are functions when a parenthesis follows.
bool IsKeywordFunction(const Cursor& cursor) {
  if (!cursor.IsSymbol("(", 1)) return false;
  for (const auto* word : {"LEFT", "RIGHT", "COALESCE", "NULLIF"}) {
    if (cursor.IsWord(word)) return true;
  }
  return false;
}

}  // namespace

std::vector<ExpressionPtr> ParseArguments(Cursor& cursor) {
  std::vector<ExpressionPtr> arguments;
  if (cursor.TakeSymbol(")")) return arguments;
  do {
    arguments.push_back(ParseExpression(cursor));
  } while (cursor.TakeSymbol(","));
  cursor.ExpectSymbol(")");
  return arguments;
}

ExpressionPtr ParseFunctionOrColumn(Cursor& cursor) {
  if (IsKeywordFunction(cursor)) {
    ObjectName name{.name = cursor.Take().text};
    cursor.Take();
    return ParseCall(cursor, std::move(name));
  }
  if (cursor.IsSymbol("(", 1)) {
    if (cursor.TakeWord("CAST")) return ParseCast(cursor, false);
    if (cursor.TakeWord("TRY_CAST")) return ParseCast(cursor, true);
    if (cursor.TakeWord("CONVERT")) return ParseConvert(cursor, false);
    if (cursor.TakeWord("TRY_CONVERT")) return ParseConvert(cursor, true);
    if (cursor.TakeWord("IIF")) return ParseIif(cursor);
    if (cursor.TakeWord("ROW_NUMBER")) return ParseRowNumber(cursor);
  }
  ColumnRef column{{cursor.ExpectName()}};
  while (cursor.TakeSymbol(".")) column.parts.push_back(cursor.ExpectName());
  if (column.parts.size() > 4) cursor.FailSyntax();
  if (!cursor.TakeSymbol("(")) return MakeExpression(std::move(column));
  ObjectName name;
  name.name = column.parts.back();
  if (column.parts.size() > 1) name.schema = column.parts[column.parts.size() - 2];
  if (column.parts.size() > 2) name.database = column.parts[column.parts.size() - 3];
  return ParseCall(cursor, std::move(name));
}

}  // namespace milink::sim::tsql
