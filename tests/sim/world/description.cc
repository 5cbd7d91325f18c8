#include "tests/sim/world/description.h"

#include <set>
#include <utility>

#include <nlohmann/json.hpp>

#include "core/base/text.h"
#include "core/base/time_format.h"
#include "tests/sim/world/database_ddl.h"
#include "tests/sim/world/security_ddl.h"
#include "tests/sim/world/x509.h"

namespace milink::sim {
namespace {

using nlohmann::json;

// Reads the keys of one object and remembers what it could not use.
class Reader {
 public:
  Reader(const json& object, std::string where, Status& status)
      : object_(object), where_(std::move(where)), status_(status) {}
  ~Reader() {
    if (!object_.is_object()) {
      Complain("must be an object");
      return;
    }
    for (const auto& [key, value] : object_.items()) {
      if (!known_.contains(key)) {
        Complain("has the unknown key '" + key + "'");
      }
    }
  }
  Reader(const Reader&) = delete;
  Reader& operator=(const Reader&) = delete;

  const json* Find(const std::string& key) {
    known_.insert(key);
    const auto it = object_.is_object() ? object_.find(key) : object_.end();
    return it == object_.end() ? nullptr : &*it;
  }
  template <typename T>
  void Read(const std::string& key, T& into) {
    const json* const value = Find(key);
    if (value == nullptr) {
      return;
    }
    try {
      into = value->get<T>();
    } catch (const json::exception&) {
      Complain("has a value of the wrong type at '" + key + "'");
    }
  }
  template <typename Function>
  void Each(const std::string& key, Function function) {
    const json* const list = Find(key);
    for (std::size_t i = 0; list != nullptr && i < list->size(); ++i) {
      function((*list)[i], where_ + "." + key + "[" + std::to_string(i) + "]");
    }
  }
  void ReadDuration(const std::string& key, Duration& into) {
    std::string text;
    Read(key, text);
    if (const auto parsed = ParseDuration(text); parsed) {
      into = *parsed;
    } else if (!text.empty()) {
      Complain("has no duration at '" + key + "'");
    }
  }
  void Complain(const std::string& what) {
    if (status_.ok()) {
      status_ = Error{
          .kind = ErrorKind::kInvalid, .reason = "BadDescription", .message = where_ + " " + what};
    }
  }

 private:
  const json& object_;
  std::string where_;
  Status& status_;
  std::set<std::string> known_;
};

void DescribeLogin(const json& object, const std::string& where, Status& status, Login& login) {
  Reader reader(object, where, status);
  reader.Read("name", login.name);
  reader.Read("password", login.password);
  reader.Read("sysadmin", login.sysadmin);
  reader.Read("disabled", login.disabled);
  reader.Read("permissions", login.permissions);
}

template <typename Enum>
void ReadEnum(Reader& reader, const std::string& key, std::initializer_list<Enum> values,
              Enum& into) {
  std::string text;
  reader.Read(key, text);
  for (const Enum value : values) {
    if (Desc(value) == text) {
      into = value;
      return;
    }
  }
  if (!text.empty()) {
    reader.Complain("has the unknown value '" + text + "' at '" + key + "'");
  }
}

void AddFiles(Database& database, int log_files, int filestream_files) {
  const auto add = [&](FileType type, const std::string& suffix) {
    DatabaseFile file;
    file.file_id = static_cast<int>(database.files.size()) + 1;
    file.type = type;
    file.name = database.name + suffix + std::to_string(file.file_id);
    file.physical_name = "/var/opt/mssql/data/" + file.name;
    database.files.push_back(std::move(file));
  };
  for (int i = 1; i < log_files; ++i) {
    add(FileType::kLog, "_log");
  }
  for (int i = 0; i < filestream_files; ++i) {
    add(FileType::kFilestream, "_stream");
  }
}

// The certificate or the asymmetric key that protects an encrypted database.
void DescribeProtector(Reader& reader, const SqlServerInstance& instance, Database& database) {
  std::string name;
  reader.Read("encryptionCertificate", name);
  if (!name.empty()) {
    const Certificate* const certificate = instance.FindCertificate(name);
    if (certificate == nullptr) {
      reader.Complain("is encrypted by the unknown certificate " + name);
      return;
    }
    database.encryptor_thumbprint = certificate->thumbprint;
  }
  name.clear();
  reader.Read("encryptionAsymmetricKey", name);
  for (const AsymmetricKey& key : instance.asymmetric_keys) {
    if (key.name == name) {
      database.encryptor_thumbprint = key.thumbprint;
    }
  }
  if (!name.empty() && database.encryptor_thumbprint.empty()) {
    reader.Complain("is encrypted by the unknown asymmetric key " + name);
  }
}

void DescribeDatabase(WorldState& world, SqlServerInstance& instance, const json& object,
                      const std::string& where, Status& status) {
  Reader reader(object, where, status);
  Database database;
  std::int64_t size = 1LL << 30;
  bool full_backup = true;
  int log_files = 1;
  int filestream_files = 0;
  reader.Read("name", database.name);
  reader.Read("sizeBytes", size);
  reader.Read("fullBackup", full_backup);
  reader.Read("writeRate", database.write_rate);
  reader.Read("readOnly", database.read_only);
  reader.Read("autoClose", database.auto_close);
  DescribeProtector(reader, instance, database);
  reader.Read("logFiles", log_files);
  reader.Read("filestreamFiles", filestream_files);
  ReadEnum(reader, "recovery",
           {RecoveryModel::kFull, RecoveryModel::kBulkLogged, RecoveryModel::kSimple},
           database.recovery);
  ReadEnum(reader, "state",
           {DatabaseState::kOnline, DatabaseState::kRestoring, DatabaseState::kSuspect,
            DatabaseState::kEmergency, DatabaseState::kOffline},
           database.state);
  ReadEnum(reader, "userAccess",
           {UserAccess::kMultiUser, UserAccess::kSingleUser, UserAccess::kRestrictedUser},
           database.user_access);
  Database& added = AddDatabase(world, instance, std::move(database), size);
  AddFiles(added, log_files, filestream_files);
  if (full_backup) {
    const SqlOutcome outcome = BackupDatabase(
        world, instance,
        {.database = added.name, .path = instance.backup_directory + "/" + added.name + ".bak"});
    if (outcome.failed()) {
      reader.Complain("cannot be backed up");
    }
  }
}

void DescribeEndpoint(WorldState& world, SqlServerInstance& instance, const json& object,
                      const std::string& where, Status& status) {
  Reader reader(object, where, status);
  EndpointClauses clauses;
  clauses.state = EndpointState::kStarted;
  clauses.auth = ConnectionAuth::kNegotiate;
  clauses.port.emplace(5022);
  std::string certificate;
  reader.Read("name", clauses.name);
  reader.Read("port", *clauses.port);
  reader.Read("certificate", certificate);
  if (!certificate.empty()) {
    clauses.auth = ConnectionAuth::kCertificate;
    clauses.certificate = certificate;
  }
  std::string address;
  reader.Read("ipAddress", address);
  clauses.ip_address = address;
  clauses.role = EndpointRole::kAll;
  clauses.encryption = EncryptionAlgorithm::kAes;
  ReadEnum(reader, "state",
           {EndpointState::kStarted, EndpointState::kStopped, EndpointState::kDisabled},
           *clauses.state);
  ReadEnum(reader, "role", {EndpointRole::kPartner, EndpointRole::kWitness, EndpointRole::kAll},
           *clauses.role);
  ReadEnum(reader, "authentication",
           {ConnectionAuth::kNtlm, ConnectionAuth::kKerberos, ConnectionAuth::kNegotiate,
            ConnectionAuth::kCertificate, ConnectionAuth::kNegotiateCertificate,
            ConnectionAuth::kCertificateNegotiate},
           *clauses.auth);
  ReadEnum(reader, "encryption",
           {EncryptionAlgorithm::kNone, EncryptionAlgorithm::kRc4, EncryptionAlgorithm::kAes,
            EncryptionAlgorithm::kNoneAes, EncryptionAlgorithm::kAesRc4},
           *clauses.encryption);
  if (CreateEndpoint(world, instance, clauses).failed()) {
    reader.Complain("cannot be created");
  }
}

void DescribeInstance(WorldState& world, const json& object, const std::string& where,
                      Status& status) {
  Reader reader(object, where, status);
  SqlServerInstance wanted;
  reader.Read("serverName", wanted.server_name);
  wanted.machine_name = Split(wanted.server_name, '\\').front();
  reader.Read("machineName", wanted.machine_name);
  reader.Read("instanceName", wanted.instance_name);
  reader.Read("productVersion", wanted.product_version);
  reader.Read("productLevel", wanted.product_level);
  reader.Read("updateLevel", wanted.update_level);
  reader.Read("updateReference", wanted.update_reference);
  reader.Read("edition", wanted.edition);
  reader.Read("engineEdition", wanted.engine_edition);
  reader.Read("platform", wanted.platform);
  reader.Read("distribution", wanted.distribution);
  reader.Read("collation", wanted.collation);
  reader.Read("hadrEnabled", wanted.hadr_enabled);
  reader.Read("hadrManagerStatus", wanted.hadr_manager_status);
  reader.Read("wsfc", wanted.wsfc);
  reader.Read("clusterAccountRights", wanted.cluster_account_rights);
  if (std::string name; reader.Find("registeredName") != nullptr) {
    reader.Read("registeredName", name);
    wanted.registered_name = name;
  }
  reader.Read("linkProcedures", wanted.link_procedures);
  reader.Read("traceFlags", wanted.trace_flags);
  reader.Read("backupDirectory", wanted.backup_directory);
  reader.Read("addresses", wanted.addresses);
  reader.Read("agent", wanted.agent.running);
  wanted.always_on_supported = wanted.engine_edition == 2 || wanted.engine_edition == 3;
  if (world.FindInstance(wanted.server_name) != nullptr) {
    reader.Complain("repeats the server name " + wanted.server_name);
    return;
  }
  SqlServerInstance& instance = AddInstance(world, std::move(wanted));
  reader.Each("logins", [&](const json& login, const std::string& at) {
    DescribeLogin(login, at, status, instance.logins.emplace_back());
  });
  MasterKey key;
  reader.Read("masterKey", key.exists);
  key.encrypted_by_service_key = key.exists;
  reader.Read("masterKeyEncryptedByServer", key.encrypted_by_service_key);
  reader.Read("masterKeyPassword", key.password);
  key.create_date = world.now;
  key.guid = world.NewId();
  instance.master_key = key;
  reader.Each("certificates", [&](const json& name, const std::string& at) {
    if (!name.is_string() ||
        CreateCertificate(world, instance,
                          {.name = name, .subject = name, .start_date = {}, .expiry_date = {}})
            .failed()) {
      reader.Complain("cannot have the certificate at " + at);
    }
  });
  reader.Each("asymmetricKeys", [&](const json& name, const std::string& at) {
    if (!name.is_string()) {
      reader.Complain("has no name at " + at);
      return;
    }
    AsymmetricKey& added = instance.asymmetric_keys.emplace_back();
    added.name = name;
    added.asymmetric_key_id = 256 + static_cast<int>(instance.asymmetric_keys.size());
    added.thumbprint = ThumbprintOf(added.name);
  });
  if (const json* const endpoint = reader.Find("endpoint")) {
    DescribeEndpoint(world, instance, *endpoint, where + ".endpoint", status);
  }
  reader.Each("databases", [&](const json& database, const std::string& at) {
    DescribeDatabase(world, instance, database, at, status);
  });
}

void DescribeManagedInstance(WorldState& world, const json& object, const std::string& where,
                             Status& status) {
  Reader reader(object, where, status);
  ManagedInstance wanted;
  reader.Read("subscriptionId", wanted.subscription_id);
  reader.Read("resourceGroup", wanted.resource_group);
  reader.Read("name", wanted.name);
  reader.Read("location", wanted.location);
  reader.Read("dnsZone", wanted.dns_zone);
  reader.Read("state", wanted.state);
  reader.Read("provisioningState", wanted.provisioning_state);
  reader.Read("collation", wanted.collation);
  reader.Read("databaseFormat", wanted.database_format);
  reader.Read("tier", wanted.tier);
  reader.Read("address", wanted.address);
  reader.Read("subnet", wanted.subnet_prefix);
  reader.Each("securityRules", [&](const json& rule, const std::string& at) {
    Reader read(rule, at, status);
    SecurityRule& added = wanted.security_rules.emplace_back();
    read.Read("name", added.name);
    read.Read("priority", added.priority);
    read.Read("direction", added.direction);
    read.Read("access", added.access);
    read.Read("protocol", added.protocol);
    read.Read("sources", added.sources);
    read.Read("destinations", added.destinations);
    read.Read("ports", added.ports);
  });
  if (reader.Find("logins") != nullptr) {
    wanted.sql = std::make_shared<SqlServerInstance>();
    wanted.sql->server_name = wanted.name;
    wanted.sql->engine_edition = 8;
    wanted.sql->platform = "Windows";
    wanted.sql->edition = "SQL Azure";
    wanted.sql->product_version = "12.0.2000.8";
    wanted.sql->agent.running = true;
    reader.Each("logins", [&](const json& login, const std::string& at) {
      DescribeLogin(login, at, status, wanted.sql->logins.emplace_back());
    });
  }
  reader.Read("authorityThumbprints", wanted.authority_thumbprints);
  reader.Read("tdeThumbprints", wanted.tde_thumbprints);
  reader.Each("databases", [&](const json& name, const std::string& /*at*/) {
    wanted.databases.push_back(
        {.name = name.get<std::string>(), .status = "Online", .creation_date = world.now});
  });
  if (const json* const permissions = reader.Find("permissions")) {
    wanted.permissions.clear();
    for (const auto& [client, entries] : permissions->items()) {
      for (std::size_t i = 0; i < entries.size(); ++i) {
        Reader entry(entries[i], where + ".permissions", status);
        RolePermission role;
        entry.Read("actions", role.actions);
        entry.Read("notActions", role.not_actions);
        wanted.permissions[client].push_back(std::move(role));
      }
    }
  }
  AddManagedInstance(world, std::move(wanted));
}

void DescribeTimings(SimTimings& timings, const json& object, Status& status) {
  Reader reader(object, "timings", status);
  reader.ReadDuration("connectDelay", timings.connect_delay);
  reader.ReadDuration("retryDelay", timings.retry_delay);
  reader.ReadDuration("connectTimeout", timings.connect_timeout);
  reader.ReadDuration("certificateOperation", timings.certificate_operation);
  reader.ReadDuration("dropOperation", timings.drop_operation);
  reader.Read("seedBytesPerSecond", timings.seed_bytes_per_second);
  reader.Read("replicationBytesPerSecond", timings.replication_bytes_per_second);
}

}  // namespace

Status Describe(WorldState& world, const json& description) {
  Status status;
  Reader reader(description, "world", status);
  if (const json* const switches = reader.Find("switches")) {
    for (const auto& [name, value] : switches->items()) {
      const std::string text = value.is_string() ? value.get<std::string>() : value.dump();
      if (!SetSwitch(world.switches, name, text)) {
        reader.Complain("has no switch '" + name + "' with the value " + text);
      }
    }
  }
  if (const json* const timings = reader.Find("timings")) {
    DescribeTimings(world.timings, *timings, status);
  }
  reader.Each("principals", [&](const json& object, const std::string& where) {
    Reader principal(object, where, status);
    Principal& added = world.principals.emplace_back();
    principal.Read("tenantId", added.tenant_id);
    principal.Read("clientId", added.client_id);
    principal.Read("objectId", added.object_id);
    principal.Read("secret", added.secret);
    principal.Read("certificate", added.certificate_pem);
    principal.Read("federatedSubject", added.federated_subject);
    principal.Read("managedIdentity", added.managed_identity);
  });
  reader.Each("sqlServers", [&](const json& object, const std::string& where) {
    DescribeInstance(world, object, where, status);
  });
  reader.Each("managedInstances", [&](const json& object, const std::string& where) {
    DescribeManagedInstance(world, object, where, status);
  });
  return status;
}

}  // namespace milink::sim
