// The instance itself, its databases and its endpoint certificates: read only.
#include <nlohmann/json.hpp>

#include "core/base/text.h"
#include "core/base/time_format.h"
#include "tests/sim/arm/resources.h"

namespace milink::sim {
namespace {

using nlohmann::ordered_json;

ordered_json DatabaseJson(const ManagedInstance& instance, const ManagedDatabase& database) {
  return {{"properties",
           {{"collation", instance.collation},
            {"status", database.status},
            {"creationDate", AzureTime(database.creation_date)},
            {"defaultSecondaryLocation", instance.location}}},
          {"location", instance.location},
          {"id", instance.Id() + "/databases/" + database.name},
          {"name", database.name},
          {"type", "Microsoft.Sql/managedInstances/databases"}};
}

ordered_json EndpointCertificateJson(const ResourceCall& call, const std::string& type) {
  const std::string prefix = call.world.switches.endpoint_blob_has_prefix ? "0x" : "";
  return {{"properties", {{"publicBlob", prefix + ToHex(call.instance.endpoint_certificate_der)}}},
          {"id", call.instance.Id() + "/endpointCertificates/" + type},
          {"name", type},
          {"type", "Microsoft.Sql/managedInstances/endpointCertificates"}};
}

}  // namespace

std::string AzureTime(TimePoint time) {
  std::string text = FormatRfc3339Micro(time);  // "..:41.003000Z"
  text.resize(text.find('.') + 4);
  while (text.back() == '0') {
    text.pop_back();
  }
  if (text.back() == '.') {
    text.pop_back();
  }
  return text + "Z";
}

ArmResponse ChildNotFound(const std::string& family, const std::string& name) {
  return ErrorResponse(404, "ResourceNotFound",
                       "The requested resource of type 'Microsoft.Sql/managedInstances/" + family +
                           "' with name '" + name + "' was not found.");
}

ArmResponse MethodNotAllowed() {
  return ErrorResponse(405, "HttpMethodNotAllowed", "The method is not allowed on this resource.");
}

ArmResponse HandleInstance(const ResourceCall& call) {
  if (call.request.method != "GET") {
    return MethodNotAllowed();
  }
  const ManagedInstance& instance = call.instance;
  ordered_json properties = {{"provisioningState", instance.provisioning_state},
                             {"fullyQualifiedDomainName", instance.Fqdn()},
                             {"administratorLogin", "cloudSA"},
                             {"subnetId", instance.SubnetId()},
                             {"state", instance.state},
                             {"licenseType", "BasePrice"},
                             {"hybridSecondaryUsage", "Active"},
                             {"vCores", instance.vcores},
                             {"storageSizeInGB", instance.storage_gb},
                             {"collation", instance.collation},
                             {"dnsZone", instance.dns_zone},
                             {"publicDataEndpointEnabled", false},
                             {"proxyOverride", "Proxy"},
                             {"timezoneId", "UTC"},
                             {"privateEndpointConnections", ordered_json::array()},
                             {"minimalTlsVersion", "1.2"},
                             {"currentBackupStorageRedundancy", "Geo"},
                             {"requestedBackupStorageRedundancy", "Geo"},
                             {"zoneRedundant", false},
                             {"externalGovernanceStatus", "Disabled"},
                             {"pricingModel", "Regular"}};
  // The update policy came with 2023; older versions know nothing of it.
  if (call.api_version >= "2023") {
    properties["databaseFormat"] = instance.database_format;
  }
  return JsonResponse(200, {{"identity", {{"type", "SystemAssigned"}}},
                            {"sku",
                             {{"name", instance.sku},
                              {"tier", instance.tier},
                              {"family", "Gen5"},
                              {"capacity", instance.vcores}}},
                            {"properties", properties},
                            {"location", instance.location},
                            {"tags", ordered_json::object()},
                            {"id", instance.Id()},
                            {"name", instance.name},
                            {"type", "Microsoft.Sql/managedInstances"}});
}

ArmResponse HandleDatabases(const ResourceCall& call) {
  if (call.request.method != "GET") {
    return MethodNotAllowed();
  }
  if (!call.name.empty()) {
    const ManagedDatabase* const database = call.instance.FindDatabase(call.name);
    return database == nullptr ? ChildNotFound("databases", call.name)
                               : JsonResponse(200, DatabaseJson(call.instance, *database));
  }
  ordered_json list = ordered_json::array();
  for (const ManagedDatabase& database : call.instance.databases) {
    list.push_back(DatabaseJson(call.instance, database));
  }
  return JsonResponse(200, {{"value", list}});
}

ArmResponse HandleEndpointCertificates(const ResourceCall& call) {
  if (call.request.method != "GET") {
    return MethodNotAllowed();
  }
  for (const std::string type : {"SERVICE_BROKER", "DATABASE_MIRRORING"}) {
    if (EqualsIgnoreCaseAscii(call.name, type)) {
      return JsonResponse(200, EndpointCertificateJson(call, type));
    }
  }
  if (!call.name.empty()) {
    return ChildNotFound("endpointCertificates", call.name);
  }
  return JsonResponse(200, {{"value", ordered_json::array({
                                          EndpointCertificateJson(call, "SERVICE_BROKER"),
                                          EndpointCertificateJson(call, "DATABASE_MIRRORING"),
                                      })}});
}

}  // namespace milink::sim
