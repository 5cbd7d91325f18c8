// Sizes which TYPE_INFO and the values share. Pure functions; see types.h.
#pragma once

#include <cstddef>

#include "tests/sim/sql/value.h"

namespace milink::sim::tds {

// varchar(max) and its like, which travel in pieces (PLP).
bool IsMax(const TypeInfo& type);
// The most bytes a value of a type with limited length can have on the wire.
std::size_t ByteLimit(const TypeInfo& type);
int Precision(const TypeInfo& type);
// Sign and magnitude.
int DecimalWidth(const TypeInfo& type);

}  // namespace milink::sim::tds
