// Names of a database's groups when the link's spec gives none. Thread-safe (pure).
#pragma once

#include "core/base/strong.h"

namespace milink::api {

GroupName DefaultAvailabilityGroup(const DatabaseName& database);             // AG_<db>
GroupName DefaultInstanceAvailabilityGroup(const DatabaseName& database);     // AG_<db>_MI
GroupName DefaultDistributedAvailabilityGroup(const DatabaseName& database);  // DAG_<db>

}  // namespace milink::api
