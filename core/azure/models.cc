#include "core/azure/models.h"

#include <algorithm>

#include "core/base/text.h"

namespace milink::azure {

ResourceId ManagedInstanceRef::Id() const {
  return ResourceId("/subscriptions/" + subscription_id + "/resourceGroups/" + resource_group +
                    "/providers/Microsoft.Sql/managedInstances/" + name);
}

const Link* ManagedInstanceSnapshot::FindLink(const GroupName& name) const {
  const auto it = std::ranges::find_if(
      links, [&](const Link& link) { return EqualsIgnoreCaseAscii(link.name.str(), name.str()); });
  return it == links.end() ? nullptr : &*it;
}

}  // namespace milink::azure
