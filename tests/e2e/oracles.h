// What every e2e run is judged by, whatever it was about.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "core/base/clock.h"
#include "tests/e2e/stack.h"

namespace milink::e2e {

// "target: operation object" -> how often it took effect.
using WriteSummary = std::map<std::string, int>;

WriteSummary Writes(Stack& stack);

// Mutations that took effect more than once; empty is good.
std::vector<std::string> Repeated(const WriteSummary& writes);

// Where a secret stands in clear, of the test or of the operator's own making: in an object, an
// event, the operator's log and metrics, the simulator's journal. Empty is good.
std::vector<std::string> LeakedSecrets(Stack& stack);

// What changed in any of the three systems while nothing should: objects, events, mutations.
// Watches for `duration` of real time. Empty is good.
std::vector<std::string> Unrest(Stack& stack, Duration duration);

}  // namespace milink::e2e
