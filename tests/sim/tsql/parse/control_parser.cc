// DECLARE, SET, IF, WHILE, TRY, transactions and the like.
#include "core/base/text.h"
#include "tests/sim/tsql/failure.h"
#include "tests/sim/tsql/parse/parser.h"

namespace milink::sim::tsql {
namespace {

Declare ParseDeclare(Cursor& cursor) {
  Declare declare;
  do {
    Declaration variable;
    variable.name = cursor.ExpectVariable();
    cursor.TakeWord("AS");
    variable.type = cursor.ExpectType();
    if (cursor.TakeSymbol("=")) variable.value = ParseExpression(cursor);
    cursor.DeclareVariable(variable.name, variable.type);
    declare.variables.push_back(std::move(variable));
  } while (cursor.TakeSymbol(","));
  return declare;
}

// Options without a meaning here: taken, because every client library sends them.
bool IsIgnoredOption(const std::string& option) {
  for (const auto* name : {"ANSI_NULLS",
                           "ANSI_PADDING",
                           "ANSI_WARNINGS",
                           "ANSI_DEFAULTS",
                           "ARITHABORT",
                           "CONCAT_NULL_YIELDS_NULL",
                           "QUOTED_IDENTIFIER",
                           "NUMERIC_ROUNDABORT",
                           "CURSOR_CLOSE_ON_COMMIT",
                           "ANSI_NULL_DFLT_ON",
                           "NOCOUNT",
                           "XACT_ABORT",
                           "IMPLICIT_TRANSACTIONS",
                           "DATEFORMAT",
                           "LANGUAGE",
                           "LOCK_TIMEOUT",
                           "TEXTSIZE",
                           "DEADLOCK_PRIORITY",
                           "DATEFIRST",
                           "FMTONLY",
                           "NOEXEC",
                           "PARSEONLY"}) {
    if (option == name) return true;
  }
  return false;
}

SetOption ParseOption(Cursor& cursor) {
  if (cursor.TakeWord("TRANSACTION")) {
    cursor.ExpectWords({"ISOLATION", "LEVEL"});
    if (cursor.TakeWord("READ")) {
      return {"ISOLATION", cursor.ExpectOneOf({"COMMITTED", "UNCOMMITTED"})};
    }
    if (cursor.TakeWord("REPEATABLE")) {
      cursor.ExpectWord("READ");
      return {"ISOLATION", "REPEATABLE READ"};
    }
    return {"ISOLATION", cursor.ExpectOneOf({"SNAPSHOT", "SERIALIZABLE"})};
  }
  if (!cursor.IsName()) cursor.FailSyntax();
  const Token word = cursor.Take();
  SetOption set{ToUpperAscii(word.text), ""};
  if (!IsIgnoredOption(set.option)) Fail(195, {word.text, "SET option"}, 5);
  while (cursor.TakeSymbol(",")) cursor.ExpectName();  // SET ANSI_NULLS, ANSI_PADDING ON
  const bool negative = cursor.TakeSymbol("-");
  const TokenKind kind = cursor.Peek().kind;
  if (kind == TokenKind::kSymbol || kind == TokenKind::kEnd) cursor.FailSyntax();
  set.value = (negative ? "-" : "") + ToUpperAscii(cursor.Take().text);
  return set;
}

void ParseSet(Cursor& cursor, Statement& statement) {
  if (cursor.Peek().kind != TokenKind::kVariable) {
    statement.node = ParseOption(cursor);
    return;
  }
  SetVariable set;
  set.name = cursor.ExpectVariable();
  cursor.CheckVariable(set.name);
  if (cursor.TakeSymbol("+=") || cursor.IsSymbol("-=")) {
    const bool minus = cursor.TakeSymbol("-=");
    set.value =
        MakeExpression(Binary{minus ? BinaryOperator::kSubtract : BinaryOperator::kAdd,
                              MakeExpression(VariableRef{set.name}), ParseExpression(cursor)});
  } else {
    cursor.ExpectSymbol("=");
    set.value = ParseExpression(cursor);
  }
  statement.node = std::move(set);
}

std::vector<StatementPtr> ParseUntil(Cursor& cursor, std::string_view end_word) {
  std::vector<StatementPtr> statements;
  while (!cursor.IsWords({"END", end_word}) && !(end_word.empty() && cursor.IsWord("END"))) {
    statements.push_back(ParseStatement(cursor));
  }
  if (statements.empty()) cursor.FailSyntax();
  cursor.Take();
  if (!end_word.empty()) cursor.Take();
  return statements;
}

void ParseBegin(Cursor& cursor, Statement& statement) {
  if (cursor.TakeWord("TRY")) {
    TryCatch block;
    block.attempt = ParseUntil(cursor, "TRY");
    while (cursor.TakeSymbol(";")) {
    }
    cursor.ExpectWords({"BEGIN", "CATCH"});
    while (!cursor.IsWords({"END", "CATCH"})) block.handler.push_back(ParseStatement(cursor));
    cursor.ExpectWords({"END", "CATCH"});
    statement.node = std::move(block);
  } else if (cursor.TakeWord("TRAN") || cursor.TakeWord("TRANSACTION")) {
    if (cursor.IsName()) cursor.Take();  // its name means nothing
    statement.node = Transaction{TransactionAction::kBegin};
  } else {
    while (cursor.TakeSymbol(";")) {
    }
    statement.node = Block{ParseUntil(cursor, "")};
  }
}

If ParseIf(Cursor& cursor) {
  If result;
  result.condition = ParseCondition(cursor);
  result.then = ParseStatement(cursor);
  if (cursor.TakeWord("ELSE")) result.otherwise = ParseStatement(cursor);
  return result;
}

void EndTransaction(Cursor& cursor, Statement& statement, TransactionAction action) {
  if (!cursor.TakeWord("TRAN") && !cursor.TakeWord("TRANSACTION")) cursor.TakeWord("WORK");
  statement.node = Transaction{action};
}

Return ParseReturn(Cursor& cursor) {
  // A value must stand on the statement itself: a word that begins the next one ends it.
  const TokenKind kind = cursor.Peek().kind;
  const bool value = kind == TokenKind::kInteger || kind == TokenKind::kVariable ||
                     cursor.IsSymbol("(") || cursor.IsSymbol("-");
  return {value ? ParseExpression(cursor) : nullptr};
}

}  // namespace

bool ParseControlStatement(Cursor& cursor, Statement& statement) {
  if (cursor.TakeWord("DECLARE")) {
    statement.node = ParseDeclare(cursor);
  } else if (cursor.TakeWord("SET")) {
    ParseSet(cursor, statement);
  } else if (cursor.TakeWord("BEGIN")) {
    ParseBegin(cursor, statement);
  } else if (cursor.TakeWord("IF")) {
    statement.node = ParseIf(cursor);
  } else if (cursor.TakeWord("WHILE")) {
    While loop;
    loop.condition = ParseCondition(cursor);
    loop.body = ParseStatement(cursor);
    statement.node = std::move(loop);
  } else if (cursor.TakeWord("BREAK")) {
    statement.node = Break{};
  } else if (cursor.TakeWord("CONTINUE")) {
    statement.node = Continue{};
  } else if (cursor.TakeWord("RETURN")) {
    statement.node = ParseReturn(cursor);
  } else if (cursor.TakeWord("COMMIT")) {
    EndTransaction(cursor, statement, TransactionAction::kCommit);
  } else if (cursor.TakeWord("ROLLBACK")) {
    EndTransaction(cursor, statement, TransactionAction::kRollback);
  } else if (cursor.TakeWord("USE")) {
    statement.node = Use{cursor.ExpectName()};
  } else if (cursor.TakeWords({"WAITFOR", "DELAY"})) {
    const bool fits = cursor.IsString() || cursor.Peek().kind == TokenKind::kVariable;
    if (!fits) cursor.FailSyntax();
    statement.node = WaitFor{ParseExpression(cursor)};
  } else {
    return false;
  }
  return true;
}

}  // namespace milink::sim::tsql
