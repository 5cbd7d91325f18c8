// Truth values and operands that meet in one type, for the parts of the expression compiler.
#pragma once

#include <cstdint>
#include <optional>

#include "tests/sim/tsql/run/environment.h"

namespace milink::sim::tsql {

inline constexpr TypeInfo kTruth{.type = SqlType::kBit};

inline Value Truth(bool value) { return static_cast<std::int64_t>(value); }

// Three-valued: nothing is unknown.
inline std::optional<bool> TruthOf(const Value& value) {
  if (IsNullValue(value)) return std::nullopt;
  return std::get<std::int64_t>(value) != 0;
}

inline Value Negated(const Value& value) {
  const auto truth = TruthOf(value);
  return truth ? Truth(!*truth) : Value(Null{});
}

// Converts what `compiled` gives to `type`.
inline Evaluate As(const Compiled& compiled, const TypeInfo& type) {
  if (compiled.type.type == type.type && !IsText(type.type)) return compiled.run;
  if (IsText(compiled.type.type) && IsText(type.type)) return compiled.run;
  return [compiled, type](const Frame& frame) {
    return ConvertValue(compiled.run(frame), compiled.type, type);
  };
}

struct Pair {
  Evaluate left;
  Evaluate right;
};
inline Pair Meet(const Compiled& left, const Compiled& right) {
  const TypeInfo type = CommonType(left.type, right.type);
  return {As(left, type), As(right, type)};
}

}  // namespace milink::sim::tsql
