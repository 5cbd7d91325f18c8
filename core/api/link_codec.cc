// ManagedInstanceLink between JSON and struct.
#include <nlohmann/json.hpp>

#include "core/api/codec.h"
#include "core/api/codec_common.h"
#include "core/api/group_names.h"
#include "core/base/text.h"

namespace milink::api {
namespace {

using LinkStatus = ManagedInstanceLinkStatus;
using LinkSpec = ManagedInstanceLinkSpec;

GroupName ReadGroupName(const FieldReader& reader, const char* key, GroupName unless_given) {
  std::string given;
  reader.Read(key, given);
  return given.empty() ? std::move(unless_given) : GroupName(std::move(given));
}

LinkSpec::Database ReadDatabase(const FieldReader& reader) {
  const DatabaseName name(reader.Require("name"));
  return {.name = name,
          .availability_group =
              ReadGroupName(reader, "availabilityGroup", DefaultAvailabilityGroup(name)),
          .instance_availability_group = ReadGroupName(reader, "instanceAvailabilityGroup",
                                                       DefaultInstanceAvailabilityGroup(name)),
          .distributed_availability_group = ReadGroupName(
              reader, "distributedAvailabilityGroup", DefaultDistributedAvailabilityGroup(name))};
}

// One of few words: the schema knows which, and what stands for none of them is the careful one.
std::string TextOf(const FieldReader& reader, const char* key) {
  std::string text;
  reader.Read(key, text);
  return text;
}

NetworkTestMode ToNetworkTestMode(const std::string& text) {
  if (text == "Require") {
    return NetworkTestMode::kRequire;
  }
  return text == "Skip" ? NetworkTestMode::kSkip : NetworkTestMode::kWarn;
}

LinkSpec::Preparation ReadPreparation(const FieldReader& reader) {
  LinkSpec::Preparation preparation;
  reader.Read("setFullRecovery", preparation.set_full_recovery);
  const FieldReader backup = reader.Child("initialBackup");
  preparation.make_initial_backup = TextOf(backup, "policy") == "IfMissing";
  backup.Read("path", preparation.initial_backup_path);
  preparation.network_test = ToNetworkTestMode(TextOf(reader, "networkTest"));
  preparation.migrate_tde_certificates = TextOf(reader, "tdeCertificates") == "Migrate";
  reader.Read("replaceInstanceCertificate", preparation.replace_instance_certificate);
  reader.Read("tdeThumbprintsOnInstance", preparation.tde_thumbprints);
  for (std::string& thumbprint : preparation.tde_thumbprints) {
    thumbprint = ToUpperAscii(thumbprint);
  }
  return preparation;
}

LinkSpec::Credentials ReadCredentials(const FieldReader& reader) {
  LinkSpec::Credentials credentials;
  credentials.type = reader.Require("type");
  reader.Read("clientId", credentials.client_id);
  reader.Read("tenantId", credentials.tenant_id);
  if (reader.Has("secretRef")) {
    credentials.secret = reader.Child("secretRef").Require("name");
  }
  return credentials;
}

LinkSpec::ManagedInstance ReadManagedInstance(const FieldReader& reader) {
  LinkSpec::ManagedInstance instance;
  instance.subscription_id = reader.Require("subscriptionId");
  instance.resource_group = reader.Require("resourceGroup");
  instance.name = reader.Require("name");
  reader.Read("cloud", instance.cloud);
  if (reader.Has("sqlCredentialsSecretRef")) {
    instance.sql_credentials_secret = reader.Child("sqlCredentialsSecretRef").Require("name");
  }
  if (reader.Has("credentials")) {
    instance.credentials = ReadCredentials(reader.Child("credentials"));
  }
  return instance;
}

LinkSpec ReadLinkSpec(const FieldReader& reader) {
  LinkSpec spec;
  spec.replica = reader.RequireChild("sqlServerReplicaRef").Require("name");
  spec.managed_instance = ReadManagedInstance(reader.RequireChild("managedInstance"));
  for (const FieldReader& item : reader.Items("databases")) {
    spec.databases.push_back(ReadDatabase(item));
  }
  spec.primary = reader.Require("primary");
  spec.preparation = ReadPreparation(reader.Child("preparation"));
  const bool unlink = TextOf(reader, "deletionPolicy") == "Unlink";
  spec.deletion_policy = unlink ? DeletionPolicy::kUnlink : DeletionPolicy::kRetain;
  reader.Read("suspend", spec.suspend);
  return spec;
}

LinkStatus::Database ReadObservedDatabase(const FieldReader& reader) {
  LinkStatus::Database database;
  database.name = DatabaseName(reader.Require("name"));
  reader.Read("phase", database.phase);
  reader.Read("availabilityGroup", database.availability_group);
  reader.Read("instanceAvailabilityGroup", database.instance_availability_group);
  reader.Read("distributedAvailabilityGroup", database.distributed_availability_group);
  reader.Read("sqlServerRole", database.sql_server_role);
  reader.Read("managedInstanceRole", database.managed_instance_role);
  reader.Read("replicaState", database.replica_state);
  reader.Read("synchronizationHealth", database.synchronization_health);
  reader.Read("connectedState", database.connected_state);
  if (reader.Has("seeding")) {
    reader.Child("seeding").Read("percent", database.seeding_percent.emplace(0));
  }
  reader.Read("lag", database.lag);
  reader.Read("lastFullBackupTime", database.last_full_backup_time);
  reader.Read("message", database.message);
  return database;
}

nlohmann::json ToJson(const LinkStatus::Database& database) {
  nlohmann::json object = {{"name", database.name.str()}};
  SetText(object, "phase", database.phase);
  SetText(object, "availabilityGroup", database.availability_group);
  SetText(object, "instanceAvailabilityGroup", database.instance_availability_group);
  SetText(object, "distributedAvailabilityGroup", database.distributed_availability_group);
  SetText(object, "sqlServerRole", database.sql_server_role);
  SetText(object, "managedInstanceRole", database.managed_instance_role);
  SetText(object, "replicaState", database.replica_state);
  SetText(object, "synchronizationHealth", database.synchronization_health);
  SetText(object, "connectedState", database.connected_state);
  if (database.seeding_percent) {
    object["seeding"] = {{"percent", *database.seeding_percent}};
  }
  SetText(object, "lag", database.lag);
  SetTime(object, "lastFullBackupTime", database.last_full_backup_time);
  SetText(object, "message", database.message);
  return object;
}

LinkStatus::Summary ReadSummary(const FieldReader& reader) {
  LinkStatus::Summary summary;
  reader.Read("databases", summary.databases);
  reader.Read("seeding", summary.seeding);
  reader.Read("lag", summary.lag);
  return summary;
}

nlohmann::json ToJson(const LinkStatus::Summary& summary) {
  nlohmann::json object = nlohmann::json::object();
  SetText(object, "databases", summary.databases);
  SetText(object, "seeding", summary.seeding);
  SetText(object, "lag", summary.lag);
  return object;
}

LinkStatus::Trust ReadTrust(const FieldReader& reader) {
  LinkStatus::Trust trust;
  reader.Read("sqlThumbprints", trust.sql_thumbprints);
  reader.Read("managedInstanceThumbprint", trust.managed_instance_thumbprint);
  reader.Read("rootThumbprints", trust.root_thumbprints);
  return trust;
}

nlohmann::json ToJson(const LinkStatus::Trust& trust) {
  nlohmann::json object = nlohmann::json::object();
  SetTexts(object, "sqlThumbprints", trust.sql_thumbprints);
  SetText(object, "managedInstanceThumbprint", trust.managed_instance_thumbprint);
  SetTexts(object, "rootThumbprints", trust.root_thumbprints);
  return object;
}

LinkStatus::Operation ReadOperation(const FieldReader& reader) {
  LinkStatus::Operation operation;
  operation.system = reader.Require("system");
  operation.kind = reader.Require("kind");
  operation.id = reader.Require("id");
  reader.Read("pollUrl", operation.poll_url);
  reader.Read("startTime", operation.start_time);
  return operation;
}

nlohmann::json ToJson(const LinkStatus::Operation& operation) {
  nlohmann::json object = {
      {"system", operation.system}, {"kind", operation.kind}, {"id", operation.id}};
  SetText(object, "pollUrl", operation.poll_url);
  SetTime(object, "startTime", operation.start_time);
  return object;
}

LinkStatus::DatabaseRecord ReadRecord(const FieldReader& reader) {
  LinkStatus::DatabaseRecord record;
  record.name = DatabaseName(reader.Require("name"));
  reader.Read("acceptedPrimary", record.accepted_primary);
  reader.Read("established", record.established);
  if (reader.Has("operation")) {
    record.operation = ReadOperation(reader.Child("operation"));
  }
  return record;
}

nlohmann::json ToJson(const LinkStatus::DatabaseRecord& record) {
  nlohmann::json object = {{"name", record.name.str()}, {"established", record.established}};
  SetText(object, "acceptedPrimary", record.accepted_primary);
  if (record.operation) {
    object["operation"] = ToJson(*record.operation);
  }
  return object;
}

LinkStatus::NetworkTest ReadNetworkTest(const FieldReader& reader) {
  LinkStatus::NetworkTest test;
  test.state = reader.Require("state");
  reader.Read("request", test.request);
  reader.Read("reason", test.reason);
  reader.Read("message", test.message);
  return test;
}

// Of a merge patch: what was there before and is not any more must be taken out by name.
nlohmann::json ToJson(const LinkStatus::NetworkTest& test) {
  const auto text = [](const std::string& value) {
    return value.empty() ? nlohmann::json() : nlohmann::json(value);
  };
  return {{"state", test.state},
          {"request", text(test.request)},
          {"reason", text(test.reason)},
          {"message", text(test.message)}};
}

template <typename Item>
nlohmann::json ToJsonList(const std::vector<Item>& items) {
  nlohmann::json list = nlohmann::json::array();
  for (const Item& item : items) {
    list.push_back(ToJson(item));
  }
  return list;
}

LinkStatus ReadLinkStatus(const FieldReader& reader) {
  LinkStatus status;
  reader.Read("observedGeneration", status.observed_generation);
  status.conditions = ReadConditions(reader);
  reader.Read("phase", status.phase);
  reader.Read("primary", status.primary);
  for (const FieldReader& item : reader.Items("databases")) {
    status.databases.push_back(ReadObservedDatabase(item));
  }
  if (reader.Has("summary")) {
    status.summary = ReadSummary(reader.Child("summary"));
  }
  if (reader.Has("trust")) {
    status.trust = ReadTrust(reader.Child("trust"));
  }
  status.owned_objects = ReadOwnedObjects(reader);
  for (const FieldReader& item : reader.Items("databaseRecords")) {
    status.records.push_back(ReadRecord(item));
  }
  if (reader.Has("networkTest")) {
    status.network_test = ReadNetworkTest(reader.Child("networkTest"));
  }
  return status;
}

}  // namespace

Result<ManagedInstanceLink> DecodeLink(const nlohmann::json& object) {
  return DecodeObject<ManagedInstanceLink>(object, "ManagedInstanceLink", ReadLinkSpec,
                                           ReadLinkStatus);
}

nlohmann::json EncodeStatus(const ManagedInstanceLinkStatus& status) {
  nlohmann::json object = {{"observedGeneration", status.observed_generation}};
  if (!status.conditions.empty()) {
    object["conditions"] = ToJson(status.conditions);
  }
  SetText(object, "phase", status.phase);
  SetText(object, "primary", status.primary);
  if (status.summary) {
    object["summary"] = ToJson(*status.summary);
  }
  if (!status.databases.empty()) {
    object["databases"] = ToJsonList(status.databases);
  }
  if (status.trust) {
    object["trust"] = ToJson(*status.trust);
  }
  return object;
}

nlohmann::json EncodeJournal(const ManagedInstanceLinkStatus& status) {
  nlohmann::json journal = {{"ownedObjects", ToJson(status.owned_objects)},
                            {"databaseRecords", ToJsonList(status.records)}};
  if (status.network_test) {
    journal["networkTest"] = ToJson(*status.network_test);
  }
  return journal;
}

}  // namespace milink::api
