// A value in the form its type asks for (MS-TDS 2.2.5.5 and 2.2.5.6), and the sizes which TYPE_INFO
// and the values share. Pure functions.
#pragma once

#include <cstddef>

#include "core/base/result.h"
#include "tests/sim/sql/value.h"
#include "tests/sim/tds/bytes.h"
#include "tests/sim/tds/types.h"

namespace milink::sim::tds {

// An error says that the value does not belong into the type: a defect of the engine. `out` is then
// unchanged.
Status AppendValue(ByteWriter& out, const TypeInfo& type, const Value& value,
                   const RowEncoding& encoding);

// varchar(max) and its like, which travel in pieces (PLP).
bool IsMax(const TypeInfo& type);
// The most bytes a value of a type with limited length can have on the wire.
std::size_t ByteLimit(const TypeInfo& type);
int Precision(const TypeInfo& type);
// Sign and magnitude.
int DecimalWidth(const TypeInfo& type);

}  // namespace milink::sim::tds
