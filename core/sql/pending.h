// Work that goes on by itself, as one look at it finds it.
//
// Plain value, no thread rule.
#pragma once

#include <optional>

namespace milink::sql {

// Neither running nor an outcome: nothing is known of such work.
template <typename T>
struct Pending {
  bool running = false;
  std::optional<T> outcome;  // of ended work; whoever is given it is the only one
};

}  // namespace milink::sql
