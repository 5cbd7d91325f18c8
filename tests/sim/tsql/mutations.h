// What can be said about a batch before it runs. Free functions, no thread rule.
#pragma once

#include <string>
#include <vector>

#include "tests/sim/sql/executor.h"
#include "tests/sim/tsql/ast/statement.h"
#include "tests/sim/tsql/run/interpreter.h"

namespace milink::sim::tsql {

// Does the batch hold a statement that may change the world? Texts run by EXEC count as such.
bool MayMutate(const Batch& batch);
bool IsMutatingProcedure(const std::string& name);
// The columns of a batch which is one query; empty otherwise, or when a name does not resolve.
std::vector<Column> DescribeFirstQuery(const Services& services, Session& session,
                                       const Batch& batch,
                                       const std::vector<Parameter>& parameters);

}  // namespace milink::sim::tsql
