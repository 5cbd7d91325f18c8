// EXEC, PRINT, THROW, RAISERROR, DBCC.
#include "core/base/text.h"
#include "tests/sim/tsql/failure.h"
#include "tests/sim/tsql/parse/parser.h"

namespace milink::sim::tsql {
namespace {

// EXEC takes constants and variables, not expressions.
ExpressionPtr ParseArgumentValue(Cursor& cursor) {
  const TokenKind kind = cursor.Peek().kind;
  const bool negative = cursor.IsSymbol("-");
  const bool constant = kind == TokenKind::kInteger || kind == TokenKind::kDecimal ||
                        kind == TokenKind::kString || kind == TokenKind::kUnicode ||
                        kind == TokenKind::kBinary || kind == TokenKind::kFloat ||
                        cursor.IsWord("NULL") || negative;
  if (kind == TokenKind::kVariable) {
    VariableRef variable{ToLowerAscii(cursor.Peek().text)};
    cursor.CheckVariable(variable.name);
    cursor.Take();
    return MakeExpression(std::move(variable));
  }
  if (!constant) {
    // A bare word is a text: EXEC sp_x name.
    const std::string word = cursor.ExpectName();
    return MakeExpression(
        Literal{word, {.type = SqlType::kNVarChar, .length = static_cast<int>(word.size())}});
  }
  if (!negative) {
    // One constant alone: an operator after it must fail.
    ExpressionPtr value = ParseExpression(cursor);
    if (!std::holds_alternative<Literal>(value->node)) cursor.FailSyntax();
    return value;
  }
  return ParseExpression(cursor);
}

bool EndsCall(const Cursor& cursor) {
  if (cursor.AtEnd() || cursor.IsSymbol(";")) return true;
  const Token& token = cursor.Peek();
  return token.kind == TokenKind::kWord && IsReserved(token.text) && !cursor.IsWord("NULL") &&
         !cursor.IsWord("DEFAULT");
}

std::vector<ExecuteArgument> ParseExecuteArguments(Cursor& cursor) {
  std::vector<ExecuteArgument> arguments;
  if (EndsCall(cursor)) return arguments;
  do {
    ExecuteArgument argument;
    if (cursor.Peek().kind == TokenKind::kVariable && cursor.IsSymbol("=", 1)) {
      argument.name = cursor.ExpectVariable();
      cursor.Take();
    } else if (!arguments.empty() && !arguments.back().name.empty()) {
      Fail(119, {std::to_string(arguments.size() + 1)});
    }
    if (cursor.TakeWord("DEFAULT")) {
      argument.use_default = true;
    } else {
      argument.value = ParseArgumentValue(cursor);
      argument.output = cursor.TakeWord("OUTPUT") || cursor.TakeWord("OUT");
    }
    arguments.push_back(std::move(argument));
  } while (cursor.TakeSymbol(","));
  return arguments;
}

void ParseExecute(Cursor& cursor, Statement& statement) {
  if (cursor.TakeSymbol("(")) {
    ExecuteText text{ParseExpression(cursor)};
    cursor.ExpectSymbol(")");
    statement.node = std::move(text);
    return;
  }
  statement.node = ParseProcedureCall(cursor);
}

Throw ParseThrow(Cursor& cursor) {
  Throw result;
  if (cursor.Peek().kind != TokenKind::kInteger && cursor.Peek().kind != TokenKind::kVariable) {
    return result;
  }
  result.number = ParseExpression(cursor);
  cursor.ExpectSymbol(",");
  result.text = ParseExpression(cursor);
  cursor.ExpectSymbol(",");
  result.state = ParseExpression(cursor);
  return result;
}

RaiseError ParseRaiseError(Cursor& cursor) {
  RaiseError result;
  cursor.ExpectSymbol("(");
  result.text = ParseExpression(cursor);
  cursor.ExpectSymbol(",");
  result.severity = ParseExpression(cursor);
  cursor.ExpectSymbol(",");
  result.state = ParseExpression(cursor);
  while (cursor.TakeSymbol(",")) result.arguments.push_back(ParseExpression(cursor));
  cursor.ExpectSymbol(")");
  if (cursor.TakeWord("WITH")) {
    do {
      const std::string option = cursor.ExpectOneOf({"NOWAIT", "LOG", "SETERROR"});
      result.no_wait = result.no_wait || option == "NOWAIT";
    } while (cursor.TakeSymbol(","));
  }
  return result;
}

Dbcc ParseDbcc(Cursor& cursor) {
  Dbcc dbcc;
  const Token word = cursor.Peek();
  dbcc.command = ToUpperAscii(cursor.ExpectName());
  if (dbcc.command != "TRACESTATUS" && dbcc.command != "SQLPERF" && dbcc.command != "TRACEON" &&
      dbcc.command != "TRACEOFF") {
    Fail(2526, {word.text});
  }
  if (cursor.TakeSymbol("(") && !cursor.TakeSymbol(")")) {
    do {
      const bool negative = cursor.TakeSymbol("-");
      const TokenKind kind = cursor.Peek().kind;
      if (kind != TokenKind::kInteger && kind != TokenKind::kWord) cursor.FailSyntax();
      dbcc.arguments.push_back((negative ? "-" : "") + ToUpperAscii(cursor.Take().text));
    } while (cursor.TakeSymbol(","));
    cursor.ExpectSymbol(")");
  }
  if (cursor.TakeWord("WITH")) {
    cursor.ExpectWord("NO_INFOMSGS");
    dbcc.no_info_messages = true;
  }
  return dbcc;
}

}  // namespace

ExecuteProcedure ParseProcedureCall(Cursor& cursor) {
  ExecuteProcedure call;
  if (cursor.Peek().kind == TokenKind::kVariable && cursor.IsSymbol("=", 1)) {
    call.status_variable = cursor.ExpectVariable();
    cursor.CheckVariable(call.status_variable);
    cursor.Take();
  }
  call.name = cursor.ExpectObjectName();
  call.arguments = ParseExecuteArguments(cursor);
  return call;
}

bool ParseExecutionStatement(Cursor& cursor, Statement& statement) {
  if (cursor.TakeWord("EXEC") || cursor.TakeWord("EXECUTE")) {
    ParseExecute(cursor, statement);
  } else if (cursor.TakeWord("PRINT")) {
    statement.node = Print{ParseExpression(cursor)};
  } else if (cursor.TakeWord("THROW")) {
    statement.node = ParseThrow(cursor);
  } else if (cursor.TakeWord("RAISERROR")) {
    statement.node = ParseRaiseError(cursor);
  } else if (cursor.TakeWord("DBCC")) {
    statement.node = ParseDbcc(cursor);
  } else {
    return false;
  }
  return true;
}

}  // namespace milink::sim::tsql
