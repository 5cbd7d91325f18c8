#include "tests/sim/world/managed_instance.h"

#include <algorithm>

#include "core/base/text.h"

namespace milink::sim {

std::string ManagedInstance::Id() const {
  return "/subscriptions/" + subscription_id + "/resourceGroups/" + resource_group +
         "/providers/Microsoft.Sql/managedInstances/" + name;
}

std::string ManagedInstance::Fqdn() const { return name + "." + dns_zone + "." + suffix; }

std::string ManagedInstance::SubnetId() const {
  return "/subscriptions/" + subscription_id + "/resourceGroups/" + resource_group +
         "/providers/Microsoft.Network/virtualNetworks/vnet-" + name + "/subnets/mi";
}

std::string ManagedInstance::SecurityGroupId() const {
  return "/subscriptions/" + subscription_id + "/resourceGroups/" + resource_group +
         "/providers/Microsoft.Network/networkSecurityGroups/nsg-" + name;
}

std::string ManagedInstance::NodeHost() const { return node + "." + cluster; }

const Link* ManagedInstance::FindLink(std::string_view link) const {
  const auto it = std::ranges::find_if(
      links, [&](const Link& candidate) { return EqualsIgnoreCaseAscii(candidate.name, link); });
  return it == links.end() ? nullptr : &*it;
}

Link* ManagedInstance::FindLink(std::string_view link) {
  const auto it = std::ranges::find_if(
      links, [&](const Link& candidate) { return EqualsIgnoreCaseAscii(candidate.name, link); });
  return it == links.end() ? nullptr : &*it;
}

ManagedDatabase* ManagedInstance::FindDatabase(std::string_view database) {
  const auto it = std::ranges::find_if(databases, [&](const ManagedDatabase& candidate) {
    return EqualsIgnoreCaseAscii(candidate.name, database);
  });
  return it == databases.end() ? nullptr : &*it;
}

}  // namespace milink::sim
