// Lets SQL Server follow the chain of the managed instance's certificate to an authority.
//
// Thread-safe.
#pragma once

#include <functional>
#include <stop_token>

#include "controllers/link/steps.h"
#include "controllers/link/systems.h"
#include "core/base/result.h"

namespace milink::link {

struct ChainPermit {
  std::function<Status()> guard;  // as of InstanceHub::Run
  std::stop_token stop;
};

// False: it could not, which is a warning only (37449, LINK-LIFECYCLE P5). Errors: those of the hub
// after which asking again helps. What else keeps the answer back is logged and taken for true.
Result<bool> AskForChain(const LinkSystems& systems, const ObjectKey& replica,
                         const ValidateChain& step, const ChainPermit& permit, const Logger& log);

}  // namespace milink::link
