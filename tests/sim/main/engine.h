// The one place that knows which T-SQL engine the simulator runs.
#pragma once

#include "tests/sim/main/simulator.h"

namespace milink::sim {

// Empty when this build has none: then only Azure is played.
ExecutorFactory MakeEngineFactory();

}  // namespace milink::sim
