// A world written down as JSON: how tests and the demo describe what exists before anything runs.
// The keys are those of tests/sim/README.md; an unknown key is an error, so that a slip of the pen
// does not quietly test something else.
#pragma once

#include <nlohmann/json_fwd.hpp>

#include "core/base/result.h"
#include "tests/sim/world/world.h"

namespace milink::sim {

// Adds what the description says to a world; call with the lock held, normally on an empty one.
// kInvalid names the key that is wrong; the world may then be half filled.
Status Describe(WorldState& world, const nlohmann::json& description);

// Everything a test may want to assert on: no secret, no private key.
nlohmann::json DumpWorld(const WorldState& world);

}  // namespace milink::sim
