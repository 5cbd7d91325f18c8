#include <algorithm>

#include "tests/sim/tsql/failure.h"
#include "tests/sim/tsql/parse/parser.h"

namespace milink::sim::tsql {

StatementPtr ParseStatement(Cursor& cursor) {
  auto statement = std::make_unique<Statement>();
  statement->line = cursor.Peek().line;
  statement->begin = cursor.Peek().begin;
  const bool with = cursor.IsWord("WITH") && cursor.IsName(1);
  if (cursor.IsWord("SELECT") || with) {
    statement->node = QueryStatement{ParseSelect(cursor)};
  } else if (!ParseControlStatement(cursor, *statement) &&
             !ParseExecutionStatement(cursor, *statement) &&
             !ParseSecurityStatement(cursor, *statement) &&
             !ParseEndpointStatement(cursor, *statement) &&
             !ParseGroupStatement(cursor, *statement) &&
             !ParseDatabaseStatement(cursor, *statement)) {
    cursor.FailSyntax();
  }
  statement->end = cursor.LastEnd();
  while (cursor.TakeSymbol(";")) {
  }
  return statement;
}

Batch ParseBatch(std::string_view text, int major_version,
                 const std::vector<std::pair<std::string, TypeInfo>>& known) {
  Cursor cursor(text, major_version);
  cursor.variables = known;
  Batch batch;
  while (cursor.TakeSymbol(";")) {
  }
  while (!cursor.AtEnd()) {
    // The first statement may call a procedure without EXEC.
    const bool bare_call =
        batch.statements.empty() && cursor.IsName() &&
        (cursor.IsSymbol(".", 1) || cursor.Peek(1).kind == TokenKind::kEnd ||
         cursor.Peek(1).kind == TokenKind::kVariable || cursor.Peek().text.starts_with("sp_"));
    if (bare_call && !cursor.IsWord("GO")) {
      auto statement = std::make_unique<Statement>();
      statement->line = cursor.Peek().line;
      statement->begin = cursor.Peek().begin;
      statement->node = ParseProcedureCall(cursor);
      statement->end = cursor.LastEnd();
      while (cursor.TakeSymbol(";")) {
      }
      batch.statements.push_back(std::move(statement));
    } else {
      batch.statements.push_back(ParseStatement(cursor));
    }
  }
  batch.variables.assign(cursor.variables.begin() + static_cast<std::ptrdiff_t>(known.size()),
                         cursor.variables.end());
  return batch;
}

}  // namespace milink::sim::tsql
