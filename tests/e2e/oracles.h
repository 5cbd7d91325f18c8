// What every e2e run is judged by, whatever it was about.
#pragma once

#include <map>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "core/base/clock.h"
#include "tests/e2e/stack.h"

namespace milink::e2e {

// "target: operation object" -> how often it took effect.
using WriteSummary = std::map<std::string, int>;

WriteSummary Writes(Stack& stack);

// Mutations that took effect more than once; empty is good.
std::vector<std::string> Repeated(const WriteSummary& writes);

// Where a secret stands in clear or in base64, of the test or of the operator's own making: in an
// object, an event, the operator's log, metrics and health pages, the simulator's journal. `more`
// are secrets that this test alone has planted. Empty is good.
std::vector<std::string> LeakedSecrets(Stack& stack, const std::vector<std::string>& more = {});

// What changed in any of the three systems while nothing should: objects, events, mutations; with a
// gate every write, also one without effect. Watches for `duration` of real time. Empty is good.
std::vector<std::string> Unrest(Stack& stack, Duration duration);

// The same of a run that has just reached its end: what is on its way, as an event that is folded
// into another, may come for half a minute, then both kinds of objects are looked at once more
// without a write. Empty is good.
std::vector<std::string> NeverQuiet(Stack& stack);

// What a run leads to, for comparison with another.
struct Outcome {
  nlohmann::json world;
  WriteSummary writes;
};
Outcome OutcomeOf(Stack& stack);

}  // namespace milink::e2e
