// The last look before something in Azure is taken away: DELETE goes by name, and Azure offers no
// condition for it, so what has the name now must be what was decided on.
//
// Thread-safe. Facts: ARM 2 (no ETag, no If-Match).
#pragma once

#include "controllers/link/steps.h"
#include "core/azure/managed_instance_api.h"
#include "core/base/result.h"

namespace milink::link {

// Reads what the step would delete. kConflict "LeftInPlace": it is another one, and stays. Any
// other error: it is not there (IsGone), or cannot be read. Other steps are good as they are, and
// cost no request.
Status CheckInAzure(azure::ManagedInstanceApi& api, const azure::ManagedInstanceRef& instance,
                    const Step& step);

// Does the error of CheckInAzure() say that there is nothing left to delete?
bool IsGone(const Error& error);

}  // namespace milink::link
