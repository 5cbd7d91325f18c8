// distributedAvailabilityGroups: the links. ARM 2.
#include <algorithm>
#include <array>

#include <nlohmann/json.hpp>

#include "core/base/text.h"
#include "tests/sim/arm/resources.h"
#include "tests/sim/world/link_dynamics.h"
#include "tests/sim/world/x509.h"

namespace milink::sim {
namespace {

using nlohmann::ordered_json;

constexpr std::string_view kFamily = "distributedAvailabilityGroups";

std::string Text(const ordered_json& object, const std::string& key) {
  const auto it = object.find(key);
  return it != object.end() && it->is_string() ? it->get<std::string>() : std::string{};
}

// The endpoint certificate of SQL Server as the instance has it.
ordered_json PartnerCertificate(const ResourceCall& call, const Link& link) {
  ordered_json validity = ordered_json::object();
  const SqlServerInstance* const server = call.world.FindInstance(link.sql_server);
  const Certificate* const used =
      server == nullptr || !server->endpoint
          ? nullptr
          : server->FindCertificateById(server->endpoint->certificate_id);
  for (const TrustCertificate& certificate : call.instance.trust_certificates) {
    if (used != nullptr && used->thumbprint == certificate.thumbprint) {
      validity["certificateName"] = certificate.name;
      validity["expiryDate"] = AzureTime(used->expiry_date);
    }
  }
  return validity;
}

void AddProgress(const ResourceCall& call, const Link& link, const LinkDatabase& database,
                 ordered_json& json) {
  const std::string hardened = LsnText(database.hardened_offset);
  const TimePoint received = database.received_time.value_or(link.created);
  json["lastReceivedLsn"] = hardened;
  json["lastReceivedTime"] = AzureTime(received);
  json["lastCommitLsn"] = "0";
  json["lastHardenedLsn"] = hardened;
  json["lastHardenedTime"] = AzureTime(received);
  json["partnerAuthCertValidity"] = PartnerCertificate(call, link);
  const Database* const source = SourceOf(call.world, link, database);
  const bool behind = source != nullptr && source->log_offset > database.hardened_offset;
  json["instanceSendReplicationLagSeconds"] = behind ? 1 : -1;
  json["instanceRedoReplicationLagSeconds"] = 0;
}

ordered_json DatabaseJson(const ResourceCall& call, const Link& link,
                          const LinkDatabase& database) {
  ordered_json json = {{"databaseName", database.name},
                       {"instanceReplicaId", database.instance_replica_id},
                       {"partnerReplicaId", database.partner_replica_id}};
  if (link.stage == LinkStage::kInitiating || link.stage == LinkStage::kConnecting) {
    json["replicaState"] = "InitiatingLink";
    if (!database.last_error.empty()) {
      json["mostRecentLinkError"] = database.last_error;
    }
    return json;
  }
  const bool seeding = link.stage == LinkStage::kSeeding;
  const bool flows = link.connected && !seeding;
  if (seeding && database.seeded_bytes < database.seed_bytes) {
    json["replicaState"] = "Seeding";
    json["seedingProgress"] = std::to_string(100 * database.seeded_bytes /
                                             std::max<std::uint64_t>(1, database.seed_bytes)) +
                              "%";
  } else if (seeding) {
    json["replicaState"] = "Catchup";
  } else {
    json["replicaState"] = flows ? "LinkSynchronizing" : "LinkSynchronizationError";
  }
  json["synchronizationHealth"] = flows ? "HEALTHY" : "NOT_HEALTHY";
  json["connectedState"] = link.connected ? "CONNECTED" : "DISCONNECTED";
  AddProgress(call, link, database, json);
  if (!link.connected && !database.last_error.empty()) {
    json["mostRecentLinkError"] = database.last_error;
  }
  return json;
}

ordered_json LinkJson(const ResourceCall& call, const Link& link) {
  ordered_json databases = ordered_json::array();
  for (const LinkDatabase& database : link.databases) {
    databases.push_back(DatabaseJson(call, link, database));
  }
  ordered_json properties = {
      {"distributedAvailabilityGroupName", link.name},
      {"distributedAvailabilityGroupId", link.id},
      {"replicationMode", link.replication_mode},
      {"partnerLinkRole", link.instance_role == "Secondary" ? "Primary" : "Secondary"},
      {"partnerAvailabilityGroupName", link.partner_group},
      {"partnerEndpoint", link.partner_endpoint},
      {"instanceLinkRole", link.instance_role},
      {"instanceAvailabilityGroupName", link.instance_group}};
  if (link.failover_mode != "None") {
    properties["failoverMode"] = link.failover_mode;
  }
  properties["seedingMode"] = link.seeding_mode;
  properties["databases"] = databases;
  const std::string child = "/" + std::string(kFamily) + "/" + link.name;
  return {{"properties", properties},
          {"id", call.instance.Id() +
                     (call.world.switches.link_id_is_instance_id ? std::string{} : child)},
          {"name", link.name},
          {"type", "Microsoft.Sql/managedInstances/distributedAvailabilityGroups"}};
}

bool Listed(const ResourceCall& call, const Link& link) {
  return link.operation.empty() || call.world.switches.link_listed_while_creating;
}

ArmResponse BadRequest(const std::string& part, const std::string& what) {
  return ErrorResponse(
      400, "InvalidDistributedAvailabilityGroupsCreateOrUpdateRequest" + part,
      "Distributed Availability Group Create or Update request body has empty or " + what + ".");
}

// What is wrong with the body of a PUT, in the order in which the service looks. Status 200:
// nothing.
ArmResponse CheckProperties(const ordered_json& properties) {
  const auto databases = properties.find("databases");
  const std::string partner = Text(properties, "partnerAvailabilityGroupName");
  const std::string instance = Text(properties, "instanceAvailabilityGroupName");
  const std::string endpoint = Text(properties, "partnerEndpoint");
  if (Text(properties, "linkMode") == "MultiDatabase") {
    return ErrorResponse(400, "ManagementServiceMultiDbFogNotEnabled",
                         "Creating and updating multi-database capable Managed Instance link is "
                         "not enabled on this subscription.");
  }
  if (databases == properties.end() || !databases->is_array() || databases->size() != 1 ||
      Text((*databases)[0], "databaseName").empty()) {
    return BadRequest("Databases", "Invalid Databases");
  }
  if (instance.empty()) {
    return BadRequest("InstanceAvailabilityGroupName", "Invalid Instance Availability Group Name");
  }
  if (partner.empty()) {
    return BadRequest("PartnerAvailabilityGroupName", "Invalid Partner Availability Group Name");
  }
  if (EqualsIgnoreCaseAscii(partner, instance)) {
    return ErrorResponse(400, "InstanceAvailabilityGroupNamePartnerAvailabilityGroupNameMatch",
                         "Distributed Availability Group Create or Update request body has equal "
                         "Instance and Partner Availability Group Names.");
  }
  if (endpoint.empty()) {
    return BadRequest("PartnerEndpoint", "Invalid Partner Endpoint");
  }
  if (!ParseTcpUrl(endpoint)) {
    return ErrorResponse(400, "InvalidParameterValue",
                         "Invalid value given for parameter SourceEndpoint. Specify a valid "
                         "parameter value.");
  }
  const std::string seeding = Text(properties, "seedingMode");
  if (!seeding.empty() && seeding != "Automatic") {
    return BadRequest("SeedingMode",
                      "Invalid Seeding Mode. Currently, only the 'Automatic' mode is supported");
  }
  if (Text(properties, "instanceLinkRole") != "Secondary") {
    return ErrorResponse(400, "CloudLifterUnsupportedFeature",
                         "The functionality is not available on the Managed Instance at this "
                         "time.");
  }
  return {};
}

Link MakeLink(ResourceCall call, const ordered_json& properties) {
  Link link;
  link.name = call.name;
  link.id = call.world.NewId();
  link.partner_group = Text(properties, "partnerAvailabilityGroupName");
  link.instance_group = Text(properties, "instanceAvailabilityGroupName");
  link.partner_endpoint = Text(properties, "partnerEndpoint");
  const std::string mode = Text(properties, "failoverMode");
  link.failover_mode = mode.empty() ? "None" : mode;
  link.created = call.world.now;
  link.next_attempt = call.world.now + call.world.timings.connect_delay;
  LinkDatabase database;
  database.name = Text(properties["databases"][0], "databaseName");
  database.instance_replica_id = call.world.NewId();
  database.partner_replica_id = call.world.NewId();
  link.databases.push_back(std::move(database));
  return link;
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
  const std::string database = Text(properties["databases"][0], "databaseName");
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
  if (ArmResponse refused = CheckProperties(properties); refused.status != 200) {
    return refused;
  }
  const OperationStart start{.name = "DistributedAvailabilityGroupsLinkCreate",
                             .family = std::string(kFamily),
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
                             .family = std::string(kFamily),
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
    return ChildNotFound(std::string(kFamily), call.name);
  }
  const auto body = ordered_json::parse(call.request.body, nullptr, false);
  const std::string mode = body.is_object() && body.contains("properties")
                               ? Text(body["properties"], "replicationMode")
                               : std::string{};
  if (mode != "Sync" && mode != "Async") {
    return ErrorResponse(
        400, "InvalidDistributedAvailabilityGroupsCreateOrUpdateRequest",
        "Distributed Availability Group Create or Update request body is empty or invalid.");
  }
  const OperationStart start{.name = "DistributedAvailabilityGroupsLinkUpdate",
                             .family = std::string(kFamily),
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
  return link == nullptr || !Listed(call, *link) ? ChildNotFound(std::string(kFamily), call.name)
                                                 : JsonResponse(200, LinkJson(call, *link));
}

ArmResponse HandleFailover(const ResourceCall& call) {
  if (call.request.method != "POST") {
    return MethodNotAllowed();
  }
  const Link* const link = call.instance.FindLink(call.name);
  if (link == nullptr) {
    return ChildNotFound(std::string(kFamily), call.name);
  }
  const auto body = ordered_json::parse(call.request.body, nullptr, false);
  if (body.is_object() && Text(body, "failoverType") == "Planned" &&
      link->instance_role == "Secondary") {
    return ErrorResponse(400, "InvalidDistributedAvailabilityGroupFailoverInstanceRole",
                         "Planned failover can be executed on a link in the primary role only. "
                         "Current state of the specified link is secondary.");
  }
  return ErrorResponse(400, "CloudLifterUnsupportedFeature",
                       "The functionality is not available on the Managed Instance at this time.");
}

}  // namespace milink::sim
