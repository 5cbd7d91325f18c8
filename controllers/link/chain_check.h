// Lets SQL Server follow the chain of the managed instance's certificate to an authority.
//
// Thread-safe.
#pragma once

#include <functional>

#include "controllers/link/steps.h"
#include "controllers/link/systems.h"
#include "core/base/result.h"

namespace milink::link {

// False: it could not, which is a warning only (37449, LINK-LIFECYCLE P5). Errors: those of the hub
// after which asking again helps. What else keeps the answer back is logged and taken for true.
Result<bool> AskForChain(const LinkSystems& systems, const ObjectKey& replica,
                         const ValidateChain& step, const std::function<Status()>& guard,
                         const Logger& log);

}  // namespace milink::link
