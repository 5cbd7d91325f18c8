// The words of a ManagedInstanceLink's conditions and events.
#pragma once

#include "core/api/reasons.h"

namespace milink::link {

namespace reason = api::reason;

}  // namespace milink::link
