// Constants of T-SQL with the types that the server gives them.
#pragma once

#include <optional>

#include "tests/sim/tsql/ast/expression.h"
#include "tests/sim/tsql/parse/cursor.h"

namespace milink::sim::tsql {

// Takes a constant; nothing when the next token is none.
std::optional<Literal> TakeLiteral(Cursor& cursor);

}  // namespace milink::sim::tsql
