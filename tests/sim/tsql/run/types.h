// Types and values: precedence, conversion, comparison. NULL goes in and comes out of everything.
#pragma once

#include <optional>
#include <string>

#include "tests/sim/sql/value.h"
#include "tests/sim/tsql/run/text.h"

namespace milink::sim::tsql {

inline bool IsNullValue(const Value& value) { return std::holds_alternative<Null>(value); }
bool IsText(SqlType type);
bool IsInteger(SqlType type);  // bit included
bool IsTime(SqlType type);
// The documented name ("nvarchar"), for messages.
std::string TypeName(SqlType type);

// The type in which two operands meet (comparison, CASE, UNION, COALESCE).
TypeInfo CommonType(const TypeInfo& a, const TypeInfo& b);
// What a sql_variant holding this value says about itself.
TypeInfo NaturalType(const Value& value);

// CAST and CONVERT. Throws Failure: 245, 8114, 241, 242, 220, 8115, 8152, 529, 281.
Value ConvertValue(const Value& value, const TypeInfo& from, const TypeInfo& to, int style = 0);

// Both of the same type (see CommonType) and not NULL: negative, 0 or positive.
int CompareValues(const Value& a, const Value& b, Collation collation);
// Equal values have equal keys; NULL equals NULL, as in GROUP BY and DISTINCT.
std::string KeyOf(const Value& value, Collation collation);

}  // namespace milink::sim::tsql
