// The world as JSON, for assertions and for people.
#include <nlohmann/json.hpp>

#include "core/base/time_format.h"
#include "tests/sim/world/description.h"
#include "tests/sim/world/views.h"

namespace milink::sim {
namespace {

using nlohmann::json;

json Dump(const Certificate& certificate) {
  return {{"name", certificate.name},
          {"thumbprint", certificate.thumbprint},
          {"subject", certificate.subject},
          {"hasPrivateKey", certificate.has_private_key},
          {"startDate", FormatRfc3339(certificate.start_date)},
          {"expiryDate", FormatRfc3339(certificate.expiry_date)},
          {"issuerOf", certificate.issuer_of}};
}

json Dump(const SqlServerInstance& instance, const MirroringEndpoint& endpoint) {
  const Certificate* const certificate = instance.FindCertificateById(endpoint.certificate_id);
  return {{"name", endpoint.name},
          {"state", Desc(endpoint.state)},
          {"role", Desc(endpoint.role)},
          {"authentication", Desc(endpoint.auth)},
          {"encryption", Desc(endpoint.encryption)},
          {"port", endpoint.port},
          {"ipAddress", endpoint.ip_address},
          {"listening", endpoint.listening},
          {"certificate", certificate == nullptr ? "" : certificate->name}};
}

json Dump(const Database& database) {
  return {{"name", database.name},
          {"state", Desc(database.state)},
          {"recovery", Desc(database.recovery)},
          {"logChainStarted", database.log_chain_started},
          {"inGroup", !database.group_database_id.empty()},
          {"writeRate", database.write_rate},
          {"endOfLogLsn", LsnText(database.log_offset)}};
}

json Dump(const AvailabilityGroup& group) {
  json dumped = {{"name", group.name},
                 {"groupId", group.group_id},
                 {"distributed", group.distributed},
                 {"clusterType", Desc(group.cluster_type)},
                 {"role", Desc(group.local_role)},
                 {"databases", json::array()},
                 {"replicas", json::array()}};
  for (const GroupDatabase& database : group.databases) {
    dumped["databases"].push_back(database.database_name);
  }
  for (const GroupReplica& replica : group.replicas) {
    dumped["replicas"].push_back({{"name", replica.server_name},
                                  {"url", replica.endpoint_url},
                                  {"availabilityMode", Desc(replica.availability_mode)},
                                  {"failoverMode", Desc(replica.failover_mode)},
                                  {"seedingMode", Desc(replica.seeding_mode)},
                                  {"local", replica.local}});
  }
  return dumped;
}

json Dump(const SqlServerInstance& instance) {
  json dumped = {{"serverName", instance.server_name},
                 {"masterKey", instance.master_key.exists},
                 {"endpoint", nullptr},
                 {"certificates", json::array()},
                 {"databases", json::array()},
                 {"groups", json::array()},
                 {"backups", json::array()},
                 {"errorLog", instance.error_log}};
  dumped["jobs"] = json::array();
  for (const AgentJob& job : instance.agent.jobs) {
    dumped["jobs"].push_back(job.name);
  }
  if (instance.endpoint) {
    dumped["endpoint"] = Dump(instance, *instance.endpoint);
  }
  for (const Certificate& certificate : instance.certificates) {
    dumped["certificates"].push_back(Dump(certificate));
  }
  for (const Database& database : instance.databases) {
    dumped["databases"].push_back(Dump(database));
  }
  for (const AvailabilityGroup& group : instance.groups) {
    dumped["groups"].push_back(Dump(group));
  }
  for (const Backup& backup : instance.backups) {
    dumped["backups"].push_back({{"database", backup.database_name},
                                 {"type", std::string(1, backup.type)},
                                 {"copyOnly", backup.copy_only},
                                 {"path", backup.path}});
  }
  return dumped;
}

std::string_view StageText(LinkStage stage) {
  switch (stage) {
    case LinkStage::kInitiating:
      return "Initiating";
    case LinkStage::kConnecting:
      return "Connecting";
    case LinkStage::kSeeding:
      return "Seeding";
    case LinkStage::kEstablished:
      return "Established";
  }
  return "?";
}

json Dump(const Link& link) {
  json dumped = {{"name", link.name},
                 {"id", link.id},
                 {"stage", StageText(link.stage)},
                 {"connected", link.connected},
                 {"waitingFor", link.waiting_for},
                 {"sqlServer", link.sql_server},
                 {"replicationMode", link.replication_mode},
                 {"instanceRole", link.instance_role},
                 {"partnerGroup", link.partner_group},
                 {"instanceGroup", link.instance_group},
                 {"partnerEndpoint", link.partner_endpoint},
                 {"failoverMode", link.failover_mode},
                 {"databases", json::array()}};
  for (const LinkDatabase& database : link.databases) {
    dumped["databases"].push_back({{"name", database.name},
                                   {"seedBytes", database.seed_bytes},
                                   {"seededBytes", database.seeded_bytes},
                                   {"poisoned", database.poisoned},
                                   {"hardenedLsn", LsnText(database.hardened_offset)}});
  }
  return dumped;
}

json Dump(const ManagedInstance& instance) {
  json dumped = {{"id", instance.Id()},
                 {"name", instance.name},
                 {"fqdn", instance.Fqdn()},
                 {"state", instance.state},
                 {"trustCertificates", json::array()},
                 {"links", json::array()},
                 {"databases", json::array()}};
  dumped["jobs"] = json::array();
  if (instance.sql) {
    for (const AgentJob& job : instance.sql->agent.jobs) {
      dumped["jobs"].push_back(job.name);
    }
  }
  for (const TrustCertificate& certificate : instance.trust_certificates) {
    dumped["trustCertificates"].push_back(
        {{"name", certificate.name}, {"thumbprint", certificate.thumbprint}});
  }
  dumped["tdeCertificates"] = instance.tde_thumbprints.size();
  for (const Link& link : instance.links) {
    dumped["links"].push_back(Dump(link));
  }
  for (const ManagedDatabase& database : instance.databases) {
    dumped["databases"].push_back({{"name", database.name}, {"status", database.status}});
  }
  return dumped;
}

}  // namespace

json DumpWorld(const WorldState& world) {
  json dumped = {{"now", FormatRfc3339Micro(world.now)},
                 {"sqlServers", json::array()},
                 {"managedInstances", json::array()}};
  for (const auto& instance : world.instances) {
    dumped["sqlServers"].push_back(Dump(*instance));
  }
  for (const auto& instance : world.managed_instances) {
    dumped["managedInstances"].push_back(Dump(*instance));
  }
  return dumped;
}

}  // namespace milink::sim
