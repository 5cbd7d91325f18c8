// How what stands left of a JOIN and its right side become one. Part of FROM.
#pragma once

#include <vector>

#include "tests/sim/tsql/run/query.h"

namespace milink::sim::tsql {

// A column at the left and one at the right that ON wants equal: slots of the two sides.
struct JoinKey {
  std::size_t left = 0;
  std::size_t right = 0;
  Collation collation;
};

struct Join {
  JoinKind kind = JoinKind::kCross;
  Source right;
  Evaluate on;  // over the columns of both sides; empty: always true
  std::vector<JoinKey> keys;
  std::size_t left_width = 0;
};

// `scope` holds the columns of both sides, the first `left_width` are the left one's.
Join CompileJoin(const FromItem& item, Source right, std::size_t left_width,
                 const Environment& environment, const Scope& scope, const CommonTables* common);

// The joined rows, in the order of the left side, then of the right one. Where there are keys, ON
// is asked only for the pairs that agree in all of them: a term that would fail for another pair
// is not noticed, as on the real server, which promises no order of evaluation.
std::vector<Row> JoinRows(const Join& join, const std::vector<Row>& left, const Frame& outer);

}  // namespace milink::sim::tsql
