#include "tests/sim/main/engine.h"
#include "tests/sim/tsql/engine.h"

namespace milink::sim {

ExecutorFactory MakeEngineFactory() {
  return [](World& world, Calls& calls, const std::string& server_name) {
    return std::make_unique<TsqlEngine>(world, calls, server_name);
  };
}

}  // namespace milink::sim
