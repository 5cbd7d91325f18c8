// The one place that knows which T-SQL engine the simulator runs.
#pragma once

#include "tests/sim/main/simulator.h"

namespace milink::sim {

// Makes a TsqlEngine for each server.
ExecutorFactory MakeEngineFactory();

}  // namespace milink::sim
