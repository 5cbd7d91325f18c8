// Text of a batch -> Batch. The grammar is a subset of T-SQL; what is outside of it fails with the
// server's own syntax errors (102, 156) and never parses as something else.
//
// The functions are stateless; each Cursor belongs to one parse.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tests/sim/tsql/ast/statement.h"
#include "tests/sim/tsql/parse/cursor.h"

namespace milink::sim::tsql {

// `known` are variables from outside (parameters). `major_version` decides about clauses that older
// servers do not know. Throws Failure.
Batch ParseBatch(std::string_view text, int major_version,
                 const std::vector<std::pair<std::string, TypeInfo>>& known = {});

// The parts, one source file each.
ExpressionPtr ParseExpression(Cursor& cursor);  // a value
ExpressionPtr ParseCondition(Cursor& cursor);   // a truth value
ExpressionPtr ParseFunctionOrColumn(Cursor& cursor);
std::vector<ExpressionPtr> ParseArguments(Cursor& cursor);  // after "(" up to and with ")"
SelectPtr ParseSelect(Cursor& cursor);                      // with WITH and ORDER BY
StatementPtr ParseStatement(Cursor& cursor);
// Each returns false, with nothing taken, when the statement is none of its kind.
ExecuteProcedure ParseProcedureCall(Cursor& cursor);  // after EXEC
bool ParseControlStatement(Cursor& cursor, Statement& statement);
bool ParseExecutionStatement(Cursor& cursor, Statement& statement);
bool ParseSecurityStatement(Cursor& cursor, Statement& statement);
bool ParseEndpointStatement(Cursor& cursor, Statement& statement);
bool ParseGroupStatement(Cursor& cursor, Statement& statement);
bool ParseDatabaseStatement(Cursor& cursor, Statement& statement);

}  // namespace milink::sim::tsql
