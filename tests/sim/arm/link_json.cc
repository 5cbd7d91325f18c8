#include "tests/sim/arm/link_json.h"

#include <nlohmann/json.hpp>

#include "core/base/text.h"
#include "tests/sim/world/link_dynamics.h"

namespace milink::sim {
namespace {

using nlohmann::ordered_json;

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
  const bool flows = link.connected && !seeding && !database.stopped;
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
  if (!flows && !seeding && !database.last_error.empty()) {
    json["mostRecentLinkError"] = database.last_error;
  }
  return json;
}

ArmResponse BadRequest(const std::string& part, const std::string& what) {
  return ErrorResponse(
      400, "InvalidDistributedAvailabilityGroupsCreateOrUpdateRequest" + part,
      "Distributed Availability Group Create or Update request body has empty or " + what + ".");
}

}  // namespace

std::string TextOf(const ordered_json& object, const std::string& key) {
  const auto it = object.find(key);
  return it != object.end() && it->is_string() ? it->get<std::string>() : std::string{};
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
  const std::string child = "/" + std::string(kLinkFamily) + "/" + link.name;
  return {{"properties", properties},
          {"id", call.instance.Id() +
                     (call.world.switches.link_id_is_instance_id ? std::string{} : child)},
          {"name", link.name},
          {"type", "Microsoft.Sql/managedInstances/distributedAvailabilityGroups"}};
}

ArmResponse CheckLinkProperties(const ordered_json& properties) {
  const auto databases = properties.find("databases");
  const std::string partner = TextOf(properties, "partnerAvailabilityGroupName");
  const std::string instance = TextOf(properties, "instanceAvailabilityGroupName");
  const std::string endpoint = TextOf(properties, "partnerEndpoint");
  if (TextOf(properties, "linkMode") == "MultiDatabase") {
    return ErrorResponse(400, "ManagementServiceMultiDbFogNotEnabled",
                         "Creating and updating multi-database capable Managed Instance link is "
                         "not enabled on this subscription.");
  }
  if (databases == properties.end() || !databases->is_array() || databases->size() != 1 ||
      TextOf((*databases)[0], "databaseName").empty()) {
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
  const std::string seeding = TextOf(properties, "seedingMode");
  if (!seeding.empty() && seeding != "Automatic") {
    return BadRequest("SeedingMode",
                      "Invalid Seeding Mode. Currently, only the 'Automatic' mode is supported");
  }
  if (TextOf(properties, "instanceLinkRole") != "Secondary") {
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
  link.partner_group = TextOf(properties, "partnerAvailabilityGroupName");
  link.instance_group = TextOf(properties, "instanceAvailabilityGroupName");
  link.partner_endpoint = TextOf(properties, "partnerEndpoint");
  const std::string mode = TextOf(properties, "failoverMode");
  link.failover_mode = mode.empty() ? "None" : mode;
  link.created = call.world.now;
  link.next_attempt = call.world.now + call.world.timings.connect_delay;
  LinkDatabase database;
  database.name = TextOf(properties["databases"][0], "databaseName");
  database.instance_replica_id = call.world.NewId();
  database.partner_replica_id = call.world.NewId();
  link.databases.push_back(std::move(database));
  return link;
}

}  // namespace milink::sim
