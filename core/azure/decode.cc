#include "core/azure/decode.h"

#include <nlohmann/json.hpp>

#include "core/base/digest.h"
#include "core/base/json.h"
#include "core/base/text.h"

namespace milink::azure {
namespace {

Error Unexpected(const std::string& what) {
  return {ErrorKind::kTransient, "UnexpectedAnswer", "Azure answered " + what, ""};
}

LinkDatabase DecodeLinkDatabase(const nlohmann::json& node) {
  LinkDatabase database;
  database.name = JsonText(node, "databaseName");
  database.replica_state = JsonText(node, "replicaState");
  database.seeding_progress = JsonText(node, "seedingProgress");
  database.synchronization_health = JsonText(node, "synchronizationHealth");
  database.connected_state = JsonText(node, "connectedState");
  database.most_recent_link_error = JsonText(node, "mostRecentLinkError");
  database.last_hardened_lsn = JsonText(node, "lastHardenedLsn");
  return database;
}

std::vector<std::string> Texts(const nlohmann::json& node) {
  std::vector<std::string> out;
  for (const auto& item : node) {
    if (item.is_string()) {
      out.push_back(item.get<std::string>());
    }
  }
  return out;
}

// A rule uses either the field for one or the field for many.
std::vector<std::string> OneOrMany(const nlohmann::json& node, const char* one, const char* many) {
  std::vector<std::string> out = Texts(JsonChild(node, many));
  if (std::string single = JsonText(node, one); !single.empty()) {
    out.push_back(std::move(single));
  }
  return out;
}

SecurityRule DecodeRule(const nlohmann::json& body) {
  const auto& properties = JsonChild(body, "properties");
  SecurityRule rule;
  rule.name = JsonText(body, "name");
  const auto& priority = JsonChild(properties, "priority");
  rule.priority = priority.is_number_integer() ? priority.get<int>() : 0;
  rule.direction = JsonText(properties, "direction");
  rule.access = JsonText(properties, "access");
  rule.protocol = JsonText(properties, "protocol");
  rule.sources = OneOrMany(properties, "sourceAddressPrefix", "sourceAddressPrefixes");
  rule.destinations =
      OneOrMany(properties, "destinationAddressPrefix", "destinationAddressPrefixes");
  rule.destination_ports = OneOrMany(properties, "destinationPortRange", "destinationPortRanges");
  rule.source_ports = OneOrMany(properties, "sourcePortRange", "sourcePortRanges");
  return rule;
}

// Whatever is not one of the final words says that it is not over.
OperationState StateOf(const std::string& status) {
  if (EqualsIgnoreCaseAscii(status, "Succeeded")) {
    return OperationState::kSucceeded;
  }
  if (EqualsIgnoreCaseAscii(status, "Failed")) {
    return OperationState::kFailed;
  }
  if (EqualsIgnoreCaseAscii(status, "Canceled") || EqualsIgnoreCaseAscii(status, "Cancelled")) {
    return OperationState::kCanceled;
  }
  return OperationState::kInProgress;
}

}  // namespace

Result<ManagedInstance> DecodeInstance(const nlohmann::json& body) {
  const auto& properties = JsonChild(body, "properties");
  ManagedInstance instance;
  instance.name = JsonText(body, "name");
  instance.location = JsonText(body, "location");
  instance.fqdn = JsonText(properties, "fullyQualifiedDomainName");
  instance.dns_zone = JsonText(properties, "dnsZone");
  instance.state = JsonText(properties, "state");
  instance.provisioning_state = JsonText(properties, "provisioningState");
  instance.collation = JsonText(properties, "collation");
  instance.database_format = JsonText(properties, "databaseFormat");
  instance.tier = JsonText(JsonChild(body, "sku"), "tier");
  instance.subnet_id = JsonText(properties, "subnetId");
  if (instance.name.empty() || instance.fqdn.empty()) {
    return Unexpected("a managed instance without name or domain name");
  }
  return instance;
}

Result<Link> DecodeLink(const nlohmann::json& body) {
  const auto& properties = JsonChild(body, "properties");
  Link link;
  // Not `id`: the service has returned the instance's id there.
  link.name = GroupName(JsonText(body, "name"));
  link.replication_mode = JsonText(properties, "replicationMode");
  link.instance_role = JsonText(properties, "instanceLinkRole");
  link.partner_group = GroupName(JsonText(properties, "partnerAvailabilityGroupName"));
  link.instance_group = GroupName(JsonText(properties, "instanceAvailabilityGroupName"));
  link.partner_endpoint = JsonText(properties, "partnerEndpoint");
  link.failover_mode = JsonText(properties, "failoverMode");
  for (const auto& node : JsonChild(properties, "databases")) {
    link.databases.push_back(DecodeLinkDatabase(node));
  }
  if (link.name.empty()) {
    return Unexpected("a link without name");
  }
  return link;
}

Result<PublicCertificate> DecodeCertificate(const nlohmann::json& body) {
  const auto der = FromHex(JsonText(JsonChild(body, "properties"), "publicBlob"));
  PublicCertificate certificate;
  certificate.name = JsonText(body, "name");
  if (!der || der->empty() || certificate.name.empty()) {
    return Unexpected("a certificate without name or public blob");
  }
  certificate.der = *der;
  certificate.thumbprint = Sha1Thumbprint(*der);
  return certificate;
}

Permission DecodePermission(const nlohmann::json& body) {
  return {Texts(JsonChild(body, "actions")), Texts(JsonChild(body, "notActions"))};
}

Subnet DecodeSubnet(const nlohmann::json& body) {
  const auto& properties = JsonChild(body, "properties");
  return {OneOrMany(properties, "addressPrefix", "addressPrefixes"),
          JsonText(JsonChild(properties, "networkSecurityGroup"), "id")};
}

SecurityGroup DecodeSecurityGroup(const nlohmann::json& body) {
  SecurityGroup group;
  group.name = JsonText(body, "name");
  for (const char* list : {"securityRules", "defaultSecurityRules"}) {
    for (const auto& rule : JsonChild(JsonChild(body, "properties"), list)) {
      group.rules.push_back(DecodeRule(rule));
    }
  }
  return group;
}

Result<OperationStatus> DecodeOperation(const nlohmann::json& body) {
  const std::string word = JsonText(body, "status");
  if (word.empty()) {
    return Unexpected("the state of an operation without a status");
  }
  OperationStatus status;
  status.state = StateOf(word);
  status.error_code = JsonText(JsonChild(body, "error"), "code");
  status.error_message = JsonText(JsonChild(body, "error"), "message");
  return status;
}

nlohmann::json EncodeLinkRequest(const LinkRequest& request) {
  auto databases = nlohmann::json::array();
  for (const auto& database : request.databases) {
    databases.push_back({{"databaseName", database.str()}});
  }
  return {{"properties",
           {{"databases", std::move(databases)},
            {"failoverMode", request.failover_mode},
            {"instanceAvailabilityGroupName", request.instance_group.str()},
            {"instanceLinkRole", request.instance_role},
            {"partnerAvailabilityGroupName", request.partner_group.str()},
            {"partnerEndpoint", request.partner_endpoint},
            {"replicationMode", "Async"},
            {"seedingMode", "Automatic"}}}};
}

}  // namespace milink::azure
