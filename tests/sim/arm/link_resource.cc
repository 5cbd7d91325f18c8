// distributedAvailabilityGroups: what requests do to links. ARM 2.
#include <algorithm>

#include <nlohmann/json.hpp>

#include "core/base/text.h"
#include "tests/sim/arm/link_json.h"
#include "tests/sim/world/link_dynamics.h"

namespace milink::sim {
namespace {

using nlohmann::ordered_json;

bool Listed(const ResourceCall& call, const Link& link) {
  return link.operation.empty() || call.world.switches.link_listed_while_creating;
}

// Why this link can never come to be, whatever the partner does.
AzureError Refusal(ResourceCall call, const Link& link) {
  for (const Link& other : call.instance.links) {
    if (EqualsIgnoreCaseAscii(other.instance_group, link.instance_group)) {
      return {"CloudLifterChimeraMIAgNameIsAlreadyUsed",
              "Managed Instance link cannot be created because Managed Instance side AG name '" +
                  link.instance_group + "' is already used on Managed Instance '" +
                  call.instance.name + "'. Choose different name and retry to create link."};
    }
  }
  const std::string& database = link.databases.front().name;
  if (call.instance.FindDatabase(database) != nullptr) {
    return {"ManagedDatabaseNameInUse",
            "Database '" + database + "' already exists. Choose a different database name."};
  }
  return {};
}

bool CreationRuns(const ManagedInstance& instance) {
  return std::ranges::any_of(instance.links,
                             [](const Link& link) { return !link.operation.empty(); });
}

// The link is there already: nothing changes.
ArmResponse Repeat(const ResourceCall& call, const Link& existing, const ordered_json& properties,
                   const OperationStart& start) {
  const std::string database = TextOf(properties["databases"][0], "databaseName");
  if (!EqualsIgnoreCaseAscii(existing.databases.front().name, database)) {
    return ErrorResponse(400, "ManagedInstanceLinkForProvidedAvailabilityGroupsAlreadyExists",
                         "It is not possible to add an additional database to an existing Managed "
                         "Instance link as a single link can contain only one database. Please "
                         "use a different distributed availability group name and try again.");
  }
  if (const Operation* const running = call.world.FindOperation(existing.operation)) {
    return Accepted(call.world, *running, call.base_url, start);
  }
  Operation& operation = StartOperation(call.world, call.instance, start);
  operation.state = OperationState::kSucceeded;
  return Accepted(call.world, operation, call.base_url, start);
}

ArmResponse Create(const ResourceCall& call) {
  const auto body = ordered_json::parse(call.request.body, nullptr, false);
  if (!body.is_object() || !body.contains("properties") || !body["properties"].is_object()) {
    return ErrorResponse(
        400, "InvalidDistributedAvailabilityGroupsCreateOrUpdateRequest",
        "Distributed Availability Group Create or Update request body is empty or invalid.");
  }
  const ordered_json& properties = body["properties"];
  if (ArmResponse refused = CheckLinkProperties(properties); refused.status != 200) {
    return refused;
  }
  const OperationStart start{.name = "DistributedAvailabilityGroupsLinkCreate",
                             .family = std::string(kLinkFamily),
                             .api_version = call.api_version};
  if (const Link* const existing = call.instance.FindLink(call.name)) {
    return Repeat(call, *existing, properties, start);
  }
  if (call.world.switches.one_link_creation_at_a_time && CreationRuns(call.instance)) {
    return ErrorResponse(400, "OperationCanNotStartDueToMiLink",
                         "The 'DistributedAvailabilityGroupsLinkCreate' operation cannot be "
                         "completed as there exists a database in a process of creation through "
                         "Managed Instance link. Please wait for the link creation to complete, "
                         "or delete the link, and retry the operation again.");
  }
  Link link = MakeLink(call, properties);
  const AzureError refusal = Refusal(call, link);
  Operation& operation = StartOperation(call.world, call.instance, start);
  ArmResponse response = Accepted(call.world, operation, call.base_url, start);
  if (!refusal.code.empty()) {
    operation.state = OperationState::kFailed;
    operation.error = refusal;
    return response;
  }
  link.operation = operation.id;
  call.instance.links.push_back(std::move(link));
  response.took_effect = true;
  return response;
}

AzureError Missing(const std::string& name) {
  return {"OperationIdNotFound", "The operation with Id: '" + name + "' does not exist."};
}

AzureError Drop(WorldState& world, const std::string& instance_name, const std::string& name) {
  ManagedInstance* const instance = world.FindManagedInstance(instance_name);
  const Link* const link = instance == nullptr ? nullptr : instance->FindLink(name);
  if (link == nullptr) {
    return Missing(name);
  }
  if (Operation* const creation = world.FindOperation(link->operation)) {
    creation->state = OperationState::kFailed;
    creation->error = {"ManagedInstanceLinkIsNotFound",
                       "The link with Managed Instance was not successfully created or was "
                       "deleted before data copy operation has completed."};
  }
  RemoveLink(*instance, name);
  return {};
}

ArmResponse Delete(const ResourceCall& call) {
  const OperationStart start{.name = "DistributedAvailabilityGroupsDropLink",
                             .family = std::string(kLinkFamily),
                             .api_version = call.api_version};
  Link* const link = call.instance.FindLink(call.name);
  const bool first = link != nullptr && link->dropping.empty();
  Operation& operation = StartOperation(call.world, call.instance, start);
  if (link == nullptr) {
    operation.state = OperationState::kFailed;
    operation.error = Missing(call.name);
  } else {
    link->dropping = operation.id;
    operation.ends_at = call.world.now + call.world.timings.drop_operation;
    operation.effect = [instance = call.instance.name, name = call.name](WorldState& world) {
      return Drop(world, instance, name);
    };
  }
  ArmResponse response = Accepted(call.world, operation, call.base_url, start);
  response.took_effect = first;
  return response;
}

ArmResponse Change(const ResourceCall& call) {
  const Link* const link = call.instance.FindLink(call.name);
  if (link == nullptr) {
    return ChildNotFound(std::string(kLinkFamily), call.name);
  }
  const auto body = ordered_json::parse(call.request.body, nullptr, false);
  const std::string mode = body.is_object() && body.contains("properties")
                               ? TextOf(body["properties"], "replicationMode")
                               : std::string{};
  if (mode != "Sync" && mode != "Async") {
    return ErrorResponse(
        400, "InvalidDistributedAvailabilityGroupsCreateOrUpdateRequest",
        "Distributed Availability Group Create or Update request body is empty or invalid.");
  }
  const OperationStart start{.name = "DistributedAvailabilityGroupsLinkUpdate",
                             .family = std::string(kLinkFamily),
                             .api_version = call.api_version};
  Operation& operation = StartOperation(call.world, call.instance, start);
  operation.ends_at = call.world.now + call.world.timings.certificate_operation;
  operation.effect = [instance = call.instance.name, name = call.name, mode](WorldState& world) {
    ManagedInstance* const found = world.FindManagedInstance(instance);
    Link* const changed = found == nullptr ? nullptr : found->FindLink(name);
    if (changed == nullptr) {
      return Missing(name);
    }
    changed->replication_mode = mode;
    return AzureError{};
  };
  ArmResponse response = Accepted(call.world, operation, call.base_url, start);
  response.took_effect = link->replication_mode != mode;
  return response;
}

}  // namespace

ArmResponse HandleLinks(const ResourceCall& call) {
  const std::string& method = call.request.method;
  if (call.name.empty()) {
    if (method != "GET") {
      return MethodNotAllowed();
    }
    ordered_json list = ordered_json::array();
    for (const Link& link : call.instance.links) {
      if (Listed(call, link)) {
        list.push_back(LinkJson(call, link));
      }
    }
    return JsonResponse(200, {{"value", list}});
  }
  if (method == "PUT") {
    return Create(call);
  }
  if (method == "DELETE") {
    return Delete(call);
  }
  if (method == "PATCH") {
    return Change(call);
  }
  if (method != "GET") {
    return MethodNotAllowed();
  }
  const Link* const link = call.instance.FindLink(call.name);
  return link == nullptr || !Listed(call, *link)
             ? ChildNotFound(std::string(kLinkFamily), call.name)
             : JsonResponse(200, LinkJson(call, *link));
}

ArmResponse HandleFailover(const ResourceCall& call) {
  if (call.request.method != "POST") {
    return MethodNotAllowed();
  }
  const Link* const link = call.instance.FindLink(call.name);
  if (link == nullptr) {
    return ChildNotFound(std::string(kLinkFamily), call.name);
  }
  const auto body = ordered_json::parse(call.request.body, nullptr, false);
  if (body.is_object() && TextOf(body, "failoverType") == "Planned" &&
      link->instance_role == "Secondary") {
    return ErrorResponse(400, "InvalidDistributedAvailabilityGroupFailoverInstanceRole",
                         "Planned failover can be executed on a link in the primary role only. "
                         "Current state of the specified link is secondary.");
  }
  return ErrorResponse(400, "CloudLifterUnsupportedFeature",
                       "The functionality is not available on the Managed Instance at this time.");
}

}  // namespace milink::sim
