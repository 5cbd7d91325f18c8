#include "tests/unit/link/builders.h"

#include "core/api/codec.h"
#include "core/azure/permissions.h"

namespace milink::link::gen {

TimePoint Start() { return TimePoint(std::chrono::seconds(1'795'255'200)); }

api::ManagedInstanceLinkSpec::Database Names(const std::string& database) {
  return {DatabaseName(database), GroupName("AG_" + database), GroupName("AG_" + database + "_MI"),
          GroupName("DAG_" + database)};
}

api::ManagedInstanceLink Link(const std::vector<std::string>& databases) {
  api::ManagedInstanceLink link;
  link.meta.key = {"shop", "link"};
  link.meta.uid = "11111111-aaaa-4bbb-8ccc-000000000001";
  link.meta.resource_version = "100";
  link.meta.generation = 1;
  link.meta.creation_time = Start();
  link.meta.finalizers = {api::kLinkFinalizer};
  link.spec.replica = "sql1";
  link.spec.preparation.network_test = api::NetworkTestMode::kSkip;  // but in tests of it
  link.spec.managed_instance = {"00000000-0000-0000-0000-000000000001", "rg", "sqlmi1"};
  for (const std::string& name : databases) link.spec.databases.push_back(Names(name));
  return link;
}

api::SqlServerReplica Replica() {
  api::SqlServerReplica replica;
  replica.meta.key = {"shop", "sql1"};
  replica.meta.uid = "22222222-aaaa-4bbb-8ccc-000000000001";
  replica.meta.resource_version = "90";
  replica.meta.generation = 1;
  replica.spec.host = "sql1.corp.example";
  replica.spec.endpoint.address = "10.0.0.4";
  replica.status.observed_generation = 1;
  replica.status.identity = {"SQL1", "KEY-1"};
  replica.status.conditions = {
      {"Ready", api::ConditionStatus::kTrue, "Succeeded", "ready", 1, Start()}};
  return replica;
}

sql::InstanceSnapshot Sql() {
  sql::InstanceSnapshot sql;
  sql.version = 1;
  sql.read_at = Start();
  sql.slow_read_at = Start();
  sql.properties.server_name = "SQL1";
  sql.properties.service_master_key_guid = "KEY-1";
  sql.properties.product_version = "16.0.4125.3";
  sql.properties.edition = "Developer Edition (64-bit)";
  sql.properties.engine_edition = 3;
  sql.properties.collation = "SQL_Latin1_General_CP1_CI_AS";
  sql::Certificate certificate;
  certificate.name = CertificateName(kSqlCertificate);
  certificate.certificate_id = 300;
  certificate.private_key = "MK";
  certificate.thumbprint = kSqlThumbprint;
  certificate.der = "sql-der";
  sql.certificates.push_back(certificate);
  sql::MirroringEndpoint endpoint;
  endpoint.name = EndpointName("database_mirroring_endpoint");
  endpoint.state = "STARTED";
  endpoint.port = 5022;
  endpoint.certificate = certificate.name;
  sql.endpoints.push_back(endpoint);
  return sql;
}

azure::ManagedInstanceSnapshot Instance() {
  azure::ManagedInstanceSnapshot instance;
  instance.permissions = {{{"*"}, {}}};
  instance.version = 1;
  instance.read_at = Start();
  instance.slow_read_at = Start();
  instance.instance.name = "sqlmi1";
  instance.instance.fqdn = kFqdn;
  instance.instance.state = "Ready";
  instance.instance.collation = "SQL_Latin1_General_CP1_CI_AS";
  instance.instance.database_format = "SQLServer2022";
  instance.endpoint_certificate =
      azure::PublicCertificate{"DATABASE_MIRRORING", "mi-der", kInstanceThumbprint};
  return instance;
}

sql::Database Database(const std::string& name) {
  sql::Database database;
  database.name = DatabaseName(name);
  database.database_id = 5;
  database.state = "ONLINE";
  database.recovery_model = "FULL";
  database.user_access = "MULTI_USER";
  database.log_chain_started = true;
  return database;
}

sql::DatabaseFiles Files() { return {.log_files = 1}; }

sql::AvailabilityGroup Group(const std::string& name, const std::string& database) {
  sql::AvailabilityGroup group;
  group.name = GroupName(name);
  group.group_id = "id-of-" + name;
  group.cluster_type = "NONE";
  group.databases = {DatabaseName(database)};
  sql::AvailabilityReplica replica;
  replica.replica_id = "replica-of-" + name;
  replica.server_name = "SQL1";
  replica.endpoint_url = kPartnerUrl;
  replica.local = true;
  replica.role = "PRIMARY";
  replica.connected_state = "CONNECTED";
  group.replicas.push_back(replica);
  return group;
}

sql::AvailabilityGroup DistributedGroup(const std::string& name, const std::string& local,
                                        const std::string& remote) {
  sql::AvailabilityGroup group;
  group.name = GroupName(name);
  group.group_id = "id-of-" + name;
  group.distributed = true;
  sql::AvailabilityReplica here;
  here.replica_id = name + "-here";
  here.server_name = local;
  here.endpoint_url = kPartnerUrl;
  here.local = true;
  here.role = "PRIMARY";
  sql::AvailabilityReplica there;
  there.replica_id = name + "-there";
  there.server_name = remote;
  there.endpoint_url = std::string("tcp://") + kFqdn + ":5022;Server=[sqlmi1]";
  there.role = "SECONDARY";
  there.connected_state = "DISCONNECTED";
  group.replicas = {here, there};
  return group;
}

azure::Link AzureLink(const std::string& database) {
  azure::Link link;
  link.name = GroupName("DAG_" + database);
  link.replication_mode = "Async";
  link.instance_role = "Secondary";
  link.partner_group = GroupName("AG_" + database);
  link.instance_group = GroupName("AG_" + database + "_MI");
  link.partner_endpoint = "tcp://10.0.0.4:5022";
  link.databases = {{.name = database, .replica_state = "LinkSynchronizing"}};
  return link;
}

std::vector<pki::RootAuthority> Roots() {
  return {{CertificateName("MicrosoftPKI"), "Root 1", "C3C3C3C3C3C3C3C3C3C3C3C3C3C3C3C3C3C3C3C3",
           "root-1"},
          {CertificateName("DigiCertPKI"), "Root 2", "D4D4D4D4D4D4D4D4D4D4D4D4D4D4D4D4D4D4D4D4",
           "root-2"}};
}

void Encrypt(sql::InstanceSnapshot& sql, const std::string& database) {
  for (sql::Database& other : sql.databases) {
    if (other.name.str() == database) other.encrypted = true;
  }
  sql.encryptions[DatabaseName(database)] = {3, "CERTIFICATE", kTdeThumbprint, "", false};
  if (sql.FindCertificateByThumbprint(kTdeThumbprint) != nullptr) return;
  sql::Certificate certificate;
  certificate.name = CertificateName("TdeCert");
  certificate.private_key = "MK";
  certificate.thumbprint = kTdeThumbprint;
  sql.certificates.push_back(certificate);
}

void Trust(sql::InstanceSnapshot& sql, azure::ManagedInstanceSnapshot& instance,
           ProcessFacts& facts) {
  sql::Certificate certificate;
  certificate.name = CertificateName(kFqdn);
  certificate.private_key = "NA";
  certificate.thumbprint = kInstanceThumbprint;
  sql.certificates.push_back(certificate);
  for (const pki::RootAuthority& root : Roots()) {
    certificate.name = root.sql_name;
    certificate.thumbprint = root.thumbprint;
    sql.certificates.push_back(certificate);
    facts.issuers.insert(root.thumbprint + "/*.database.windows.net/0");
  }
  instance.trust_certificates.push_back({kSqlCertificate, "sql-der", kSqlThumbprint});
}

void Hide(azure::ManagedInstanceSnapshot& instance, azure::InstancePart part) {
  switch (part) {
    case azure::InstancePart::kLinks:
      instance.links.clear();
      break;
    case azure::InstancePart::kTrustCertificates:
      instance.trust_certificates.clear();
      break;
    case azure::InstancePart::kEndpointCertificate:
      instance.endpoint_certificate.reset();
      break;
    case azure::InstancePart::kDatabaseNames:
      instance.database_names.clear();
      break;
    case azure::InstancePart::kPermissions:
      instance.permissions.clear();
      break;
  }
  const std::string action(azure::ActionToRead(part));
  instance.refused[part] = Error{ErrorKind::kUnauthorized, "AuthorizationFailed",
                                 "client c1 may not perform '" + action + "'", ""};
}

void Linked(sql::InstanceSnapshot& sql, azure::ManagedInstanceSnapshot& instance,
            const std::string& database) {
  const auto names = Names(database);
  for (sql::Database& other : sql.databases) {
    if (other.name == names.name) other.group_database_id = "gdb-" + database;
  }
  sql.groups.push_back(Group(names.availability_group.str(), database));
  auto distributed =
      DistributedGroup(names.distributed_availability_group.str(), names.availability_group.str(),
                       names.instance_availability_group.str());
  distributed.replicas[1].connected_state = "CONNECTED";
  distributed.replicas[1].synchronization_health = "HEALTHY";
  sql::DatabaseReplicaState state;
  state.group_id = distributed.group_id;
  state.replica_id = distributed.replicas[1].replica_id;
  state.database = names.name;
  state.synchronization_state = "SYNCHRONIZING";
  state.synchronization_health = "HEALTHY";
  state.lag_seconds = 2;
  sql.database_states.push_back(state);
  sql.groups.push_back(std::move(distributed));
  instance.links.push_back(AzureLink(database));
  instance.database_names.push_back(database);
}

void Established(api::ManagedInstanceLink& link, const std::string& database) {
  link.status.records.push_back({DatabaseName(database), "SqlServer", true, std::nullopt});
}

}  // namespace milink::link::gen
