// From the words of a statement to the world's enumerations: both use the documented texts.
#pragma once

#include <optional>
#include <string>

#include "tests/sim/tsql/failure.h"
#include "tests/sim/world/enums.h"

namespace milink::sim::tsql {

// The enumerator (0 to 15) whose Desc() is `word`; nothing when no word was written.
template <typename Enum>
std::optional<Enum> ValueOf(const std::optional<std::string>& word) {
  if (!word) return std::nullopt;
  constexpr int kEnumerators = 16;
  for (int i = 0; i < kEnumerators; ++i) {
    if (Desc(static_cast<Enum>(i)) == *word) return static_cast<Enum>(i);
  }
  FailNotModelled("the option " + *word);
}

}  // namespace milink::sim::tsql
