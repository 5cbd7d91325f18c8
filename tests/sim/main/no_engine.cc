#include "tests/sim/main/engine.h"

namespace milink::sim {

ExecutorFactory MakeEngineFactory() { return {}; }

}  // namespace milink::sim
