#include "core/api/group_names.h"

namespace milink::api {

GroupName DefaultAvailabilityGroup(const DatabaseName& database) {
  return GroupName("AG_" + database.str());
}

GroupName DefaultInstanceAvailabilityGroup(const DatabaseName& database) {
  return GroupName("AG_" + database.str() + "_MI");
}

GroupName DefaultDistributedAvailabilityGroup(const DatabaseName& database) {
  return GroupName("DAG_" + database.str());
}

}  // namespace milink::api
