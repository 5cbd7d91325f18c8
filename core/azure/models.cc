#include "core/azure/models.h"

#include <algorithm>

#include "core/base/text.h"

namespace milink::azure {

ResourceId ManagedInstanceRef::Id() const {
  return ResourceId("/subscriptions/" + subscription_id + "/resourceGroups/" + resource_group +
                    "/providers/Microsoft.Sql/managedInstances/" + name);
}

std::string ManagedInstanceRef::Key() const {
  return Join({ToLowerAscii(Id().str()), cloud, identity.kind ? ToString(*identity.kind) : "",
               identity.client_id, identity.tenant_id, identity.namespace_name, identity.secret},
              "|");
}

const Link* ManagedInstanceSnapshot::FindLink(const GroupName& name) const {
  const auto it = std::ranges::find_if(
      links, [&](const Link& link) { return EqualsIgnoreCaseAscii(link.name.str(), name.str()); });
  return it == links.end() ? nullptr : &*it;
}

}  // namespace milink::azure
