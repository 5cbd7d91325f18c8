// Who belongs to whom among links, groups and databases; and how a link ends.
#include <algorithm>

#include "core/base/text.h"
#include "tests/sim/world/link_dynamics.h"
#include "tests/sim/world/link_steps.h"

namespace milink::sim {

void EndOperation(WorldState& world, const std::string& id, const AzureError& error) {
  if (Operation* const operation = world.FindOperation(id)) {
    operation->state = error.code.empty() ? OperationState::kSucceeded : OperationState::kFailed;
    operation->error = error;
  }
}

GroupReplica* RemoteMemberOf(WorldState& world, const Link& link) {
  SqlServerInstance* server = world.FindInstance(link.sql_server);
  if (server == nullptr) {
    const auto place = ParseTcpUrl(link.partner_endpoint);
    const auto owner = place ? world.network.OwnerOf(*place) : std::nullopt;
    server = owner ? world.FindInstance(*owner) : nullptr;
  }
  AvailabilityGroup* const group = server == nullptr ? nullptr : server->FindGroup(link.name);
  if (group == nullptr || !group->distributed) {
    return nullptr;
  }
  const auto it = std::ranges::find(group->replicas, false, &GroupReplica::local);
  return it == group->replicas.end() ? nullptr : &*it;
}

void FailCreation(WorldState& world, ManagedInstance& instance, Link& link,
                  const AzureError& error) {
  EndOperation(world, link.operation, error);
  link.operation.clear();
  link.connected = false;
  if (!world.switches.failed_link_stays) {
    RemoveLink(instance, link.name);
  }
}

const AvailabilityGroup* GroupOfLink(const WorldState& world, const Link& link) {
  const SqlServerInstance* const server = world.FindInstance(link.sql_server);
  const AvailabilityGroup* const group = server == nullptr ? nullptr : server->FindGroup(link.name);
  return group != nullptr && group->distributed ? group : nullptr;
}

const Link* LinkOfGroup(const WorldState& world, const SqlServerInstance& instance,
                        const AvailabilityGroup& group) {
  for (const GroupReplica& member : group.replicas) {
    const auto place = ParseTcpUrl(member.endpoint_url);
    const ManagedInstance* const managed =
        member.local || !place ? nullptr : world.FindManagedInstanceByFqdn(place->host);
    const Link* const link = managed == nullptr ? nullptr : managed->FindLink(group.name);
    if (link != nullptr && link->sql_server == instance.server_name) {
      return link;
    }
  }
  return nullptr;
}

const Database* SourceOf(const WorldState& world, const Link& link, const LinkDatabase& database) {
  const SqlServerInstance* const server = world.FindInstance(link.sql_server);
  return server == nullptr ? nullptr : server->FindDatabase(database.name);
}

void RemoveLink(ManagedInstance& instance, const std::string& name) {
  const auto link = std::ranges::find_if(instance.links, [&](const Link& candidate) {
    return EqualsIgnoreCaseAscii(candidate.name, name);
  });
  if (link == instance.links.end()) {
    return;
  }
  if (link->stage != LinkStage::kEstablished) {
    for (const LinkDatabase& database : link->databases) {
      std::erase_if(instance.databases, [&](const ManagedDatabase& candidate) {
        return candidate.status == "Restoring" &&
               EqualsIgnoreCaseAscii(candidate.name, database.name);
      });
    }
  }
  instance.links.erase(link);
}

}  // namespace milink::sim
