// Values on their way from the client: the parameters of an RPC. Pure functions.
#pragma once

#include "core/base/result.h"
#include "tests/sim/sql/value.h"
#include "tests/sim/tds/bytes.h"

namespace milink::sim::tds {

struct TypedValue {
  TypeInfo type;
  Value value;
};

// TYPE_INFO and the value behind it. kUnsupported for a type that no client of ours sends (the byte
// is in `detail`), kInvalid for bytes that make no sense. The stream cannot be read on in both.
Result<TypedValue> ReadTypedValue(ByteReader& reader);

}  // namespace milink::sim::tds
