// Exact numbers of up to 38 digits: LSNs do not fit into 64 bits.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "tests/sim/sql/value.h"

namespace milink::sim::tsql {

// Nothing when the text is no number.
std::optional<Decimal> ParseDecimal(std::string_view text);
int CompareDecimals(const Decimal& a, const Decimal& b);
// Rounds half away from zero, or pads, to `scale` digits behind the point.
Decimal Rescale(const Decimal& value, int scale);
// Digits before the point, without leading zeroes.
int IntegerDigits(const Decimal& value);
int ScaleOf(const Decimal& value);
double ToDouble(const Decimal& value);

// The four operations; nothing when the result does not fit or the divisor is zero.
std::optional<Decimal> AddDecimals(const Decimal& a, const Decimal& b);
std::optional<Decimal> SubtractDecimals(const Decimal& a, const Decimal& b);
std::optional<Decimal> MultiplyDecimals(const Decimal& a, const Decimal& b);
std::optional<Decimal> DivideDecimals(const Decimal& a, const Decimal& b, int scale);

}  // namespace milink::sim::tsql
