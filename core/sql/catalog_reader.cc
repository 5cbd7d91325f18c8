// From replies to snapshots; the queries are in catalog.cc.
#include <algorithm>
#include <array>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>

#include "core/base/text.h"
#include "core/sql/catalog.h"
#include "core/sql/reply_table.h"
#include "core/sql/version.h"

namespace milink::sql {
namespace {

constexpr int kManagedInstanceEngine = 8;
// What the cluster's account needs to bring a group online; its absence shows as error 41131.
constexpr std::array<std::string_view, 3> kClusterRights = {"ALTER ANY AVAILABILITY GROUP",
                                                            "CONNECT SQL", "VIEW SERVER STATE"};

WindowsCluster ReadCluster(ReplyTables& tables) {
  WindowsCluster cluster;
  tables.One("cluster_count",
             [&](const ReplyRow& row) { cluster.joined = row.Int("cluster_count") > 0; });
  std::set<std::string> granted;
  tables.ForEach("cluster_account_right",
                 [&](const ReplyRow& row) { granted.insert(row.Text("cluster_account_right")); });
  tables.One("is_cluster_account_sysadmin", [&](const ReplyRow& row) {
    if (row.Bool("is_cluster_account_sysadmin")) {
      granted.insert(kClusterRights.begin(), kClusterRights.end());
    }
  });
  for (const auto right : kClusterRights) {
    if (!granted.contains(std::string(right))) {
      cluster.missing_rights.emplace_back(right);
    }
  }
  return cluster;
}

void ReadProperties(ReplyTables& tables, const CatalogDialect& dialect, InstanceProperties& out) {
  tables.One("server_name", [&](const ReplyRow& row) {
    out.server_name = row.Text("server_name");
    out.actual_server_name = row.Text("actual_server_name");
    out.product_version = row.Text("product_version");
    out.product_level = row.Text("product_level");
    out.update_level = row.Text("product_update_level");
    out.edition = row.Text("edition");
    out.engine_edition = row.Int("engine_edition");
    out.hadr_enabled = row.Bool("is_hadr_enabled");
    out.hadr_manager_status = row.Int("hadr_manager_status");
    out.clustered = row.Bool("is_clustered");
    out.machine_name = row.Text("machine_name");
    out.instance_name = row.Text("instance_name");
    out.collation = row.Text("collation_name");
    out.sysadmin = row.Bool("is_sysadmin");
  });
  tables.One("encrypt_option", [&](const ReplyRow& row) {
    out.connection_encrypted = row.Text("encrypt_option") == "TRUE";
  });
  if (!dialect.groups) {
    return;
  }
  tables.ForEach("right_name", [&](const ReplyRow& row) {
    if (!row.Bool("is_granted")) {
      out.missing_rights.push_back(row.Text("right_name"));
    }
  });
  if (dialect.windows_cluster) {
    out.windows_cluster = ReadCluster(tables);
  }
  out.host_platform = "Windows";
  if (dialect.host_info) {
    tables.One("host_platform", [&](const ReplyRow& row) {
      out.host_platform = row.Text("host_platform");
      out.host_distribution = row.Text("host_distribution");
    });
  }
  constexpr bool kOptionalSet = true;
  tables.ForEach(
      "TraceFlag",
      [&](const ReplyRow& row) {
        if (row.Bool("Status") && row.Bool("Global")) {
          out.trace_flags.push_back(row.Int("TraceFlag"));
        }
      },
      kOptionalSet);
  std::ranges::sort(out.trace_flags);
}

void ReadKeys(ReplyTables& tables, InstanceSnapshot& out) {
  tables.ForEach("service_master_key_guid", [&](const ReplyRow& row) {
    out.properties.service_master_key_guid = row.Text("service_master_key_guid");
  });
  tables.One("master_key_count",
             [&](const ReplyRow& row) { out.master_key.exists = row.Int("master_key_count") > 0; });
  tables.One("is_master_key_encrypted_by_server", [&](const ReplyRow& row) {
    out.master_key.encrypted_by_service_key = row.Bool("is_master_key_encrypted_by_server");
  });
  tables.ForEach("certificate_name", [&](const ReplyRow& row) {
    Certificate certificate;
    certificate.name = CertificateName(row.Text("certificate_name"));
    certificate.certificate_id = row.Int("certificate_id");
    certificate.private_key = row.Text("pvt_key_encryption_type");
    certificate.subject = row.Text("subject");
    certificate.issuer = row.Text("issuer_name");
    certificate.not_before = row.Time("start_date");
    certificate.not_after = row.Time("expiry_date");
    certificate.thumbprint = ToUpperAscii(row.Text("thumbprint"));
    certificate.der = row.Bytes("public_key");
    out.certificates.push_back(std::move(certificate));
  });
  std::ranges::sort(out.certificates, {}, &Certificate::name);
}

void ReadEndpoints(ReplyTables& tables, InstanceSnapshot& out) {
  tables.ForEach("endpoint_name", [&](const ReplyRow& row) {
    MirroringEndpoint endpoint;
    endpoint.name = EndpointName(row.Text("endpoint_name"));
    endpoint.endpoint_id = row.Int("endpoint_id");
    endpoint.state = row.Text("state_desc");
    endpoint.role = row.Text("role_desc");
    endpoint.authentication = row.Text("connection_auth_desc");
    endpoint.encryption_enabled = row.Bool("is_encryption_enabled");
    endpoint.encryption = row.Text("encryption_algorithm_desc");
    endpoint.port = row.Int("port");
    endpoint.ip_address = row.Text("ip_address");
    endpoint.certificate = CertificateName(row.Text("endpoint_certificate"));
    out.endpoints.push_back(std::move(endpoint));
  });
}

AvailabilityReplica ReadReplica(const ReplyRow& row) {
  AvailabilityReplica replica;
  replica.replica_id = row.Text("replica_id");
  replica.server_name = row.Text("replica_server_name");
  replica.endpoint_url = row.Text("endpoint_url");
  replica.availability_mode = row.Text("availability_mode_desc");
  replica.failover_mode = row.Text("failover_mode_desc");
  replica.seeding_mode = row.Text("seeding_mode_desc");
  replica.secondary_connections = row.Text("secondary_role_allow_connections_desc");
  replica.local = row.Bool("is_local");
  replica.role = row.Text("role_desc");
  replica.connected_state = row.Text("connected_state_desc");
  replica.operational_state = row.Text("operational_state_desc");
  replica.synchronization_health = row.Text("synchronization_health_desc");
  replica.last_connect_error = row.Int("last_connect_error_number");
  replica.last_connect_error_text = row.Text("last_connect_error_description");
  return replica;
}

void ReadGroups(ReplyTables& tables, const CatalogDialect& dialect, InstanceSnapshot& out) {
  std::map<std::string, AvailabilityGroup> groups;  // by group_id
  tables.ForEach("group_name", [&](const ReplyRow& row) {
    AvailabilityGroup group;
    group.name = GroupName(row.Text("group_name"));
    group.group_id = row.Text("group_id");
    group.distributed = row.Bool("is_distributed");
    group.basic = row.Bool("basic_features");
    group.cluster_type = dialect.cluster_type ? row.Text("cluster_type_desc") : "";
    group.contained = dialect.contained && row.Bool("is_contained");
    groups.emplace(group.group_id, std::move(group));
  });
  // Statements of one batch see different moments: a replica or database of a group that has just
  // come or gone belongs to nothing here.
  tables.ForEach("replica_server_name", [&](const ReplyRow& row) {
    if (const auto group = groups.find(row.Text("group_id")); group != groups.end()) {
      group->second.replicas.push_back(ReadReplica(row));
    }
  });
  tables.ForEach("group_database_name", [&](const ReplyRow& row) {
    if (const auto group = groups.find(row.Text("group_id")); group != groups.end()) {
      group->second.databases.emplace_back(row.Text("group_database_name"));
    }
  });
  for (auto& [id, group] : groups) {
    std::ranges::sort(group.replicas, {}, &AvailabilityReplica::server_name);
    std::ranges::sort(group.databases);
    out.groups.push_back(std::move(group));
  }
  std::ranges::sort(out.groups, {}, &AvailabilityGroup::name);
}

void ReadDatabaseStates(ReplyTables& tables, InstanceSnapshot& out) {
  tables.ForEach("state_database_name", [&](const ReplyRow& row) {
    DatabaseReplicaState state;
    state.group_id = row.Text("group_id");
    state.replica_id = row.Text("replica_id");
    state.database = DatabaseName(row.Text("state_database_name"));
    state.local = row.Bool("is_local");
    state.primary_replica = row.Bool("is_primary_replica");
    state.synchronization_state = row.Text("synchronization_state_desc");
    state.synchronization_health = row.Text("synchronization_health_desc");
    state.suspended = row.Bool("is_suspended");
    state.suspend_reason = row.Text("suspend_reason_desc");
    state.lag_seconds = row.Int64("secondary_lag_seconds");
    state.log_send_queue_kb = row.Int64("log_send_queue_size");
    state.redo_queue_kb = row.Int64("redo_queue_size");
    state.last_hardened_lsn = row.Text("last_hardened_lsn");
    out.database_states.push_back(std::move(state));
  });
  out.database_states.shrink_to_fit();
  std::ranges::sort(out.database_states, {}, [](const DatabaseReplicaState& state) {
    return std::tie(state.group_id, state.database, state.replica_id);
  });
}

Seeding ReadSeeding(const ReplyRow& row) {
  Seeding seeding;
  seeding.group_id = row.Text("seeding_group_id");
  const std::string physical = row.Text("local_database_name");
  const std::string catalog = row.Text("catalog_database_name");
  seeding.database = DatabaseName(physical.empty() ? catalog : physical);
  seeding.state = row.Text("current_state");
  seeding.source = row.Bool("is_source");
  seeding.failure_state = row.Text("failure_state_desc");
  seeding.error_code = row.Int("error_code");
  seeding.attempts = row.Int("number_of_attempts");
  seeding.database_bytes = row.Int64("database_size_bytes").value_or(0);
  seeding.transferred_bytes = row.Int64("transferred_size_bytes").value_or(0);
  seeding.failure_message = row.Text("failure_message");
  return seeding;
}

// One per group and database: the newest attempt. Times of one form compare as text.
void ReadSeedings(ReplyTables& tables, InstanceSnapshot& out) {
  std::map<std::pair<std::string, DatabaseName>, std::pair<std::string, Seeding>> newest;
  tables.ForEach("seeding_group_id", [&](const ReplyRow& row) {
    Seeding seeding = ReadSeeding(row);
    std::string start = row.Text("start_time");
    const auto key = std::pair(seeding.group_id, seeding.database);
    const auto found = newest.find(key);
    if (found == newest.end() || found->second.first < start) {
      newest.insert_or_assign(key, std::pair(std::move(start), std::move(seeding)));
    }
  });
  for (auto& [key, attempt] : newest) {
    out.seedings.push_back(std::move(attempt.second));
  }
}

void ReadDatabases(ReplyTables& tables, InstanceSnapshot& out) {
  std::map<std::string, std::optional<double>> log_use;
  tables.ForEach("Log Space Used (%)", [&](const ReplyRow& row) {
    log_use[row.Text("Database Name")] = row.Real("Log Space Used (%)");
  });
  tables.ForEach("database_name", [&](const ReplyRow& row) {
    Database database;
    database.name = DatabaseName(row.Text("database_name"));
    database.database_id = row.Int("database_id");
    database.state = row.Text("state_desc");
    database.recovery_model = row.Text("recovery_model_desc");
    database.user_access = row.Text("user_access_desc");
    database.read_only = row.Bool("is_read_only");
    database.auto_close = row.Bool("is_auto_close_on");
    database.encrypted = row.Bool("is_encrypted");
    database.group_database_id = row.Text("group_database_id");
    database.log_chain_started = !row.Text("last_log_backup_lsn").empty();
    database.log_used_percent = log_use[database.name.str()];
    out.databases.push_back(std::move(database));
  });
  out.databases.shrink_to_fit();  // kept for long, for hundreds of instances
  std::ranges::sort(out.databases, {}, &Database::name);
}

Duration ServerOffset(ReplyTables& tables) {
  Duration offset{0};
  tables.One("server_local_time", [&](const ReplyRow& row) {
    const auto local = row.Time("server_local_time");
    const auto utc = row.Time("server_utc_time");
    if (local && utc) {
      // The clocks are read one after the other; offsets are whole quarters of an hour.
      constexpr auto kQuarter = std::chrono::minutes(15);
      const auto difference = std::chrono::duration_cast<Duration>(*local - *utc);
      const auto half = difference.count() < 0 ? -kQuarter / 2 : kQuarter / 2;
      offset = (difference + half) / kQuarter * kQuarter;
    }
  });
  return offset;
}

}  // namespace

Result<CatalogDialect> ReadDialect(const SqlReply& reply) {
  CatalogDialect dialect;
  ReplyTables tables(reply);
  tables.One("product_version", [&](const ReplyRow& row) {
    const auto version = ParseProductVersion(row.Text("product_version"));
    const bool instance = row.Int("engine_edition") == kManagedInstanceEngine;
    const int major = version && !instance ? version->major : 0;
    dialect.groups = major >= 13;
    dialect.host_info = major >= 14;
    dialect.cluster_type = major >= 14;
    dialect.contained = major >= 16;
    dialect.windows_cluster = major == 13;
  });
  if (tables.problem()) {
    return *tables.problem();
  }
  return dialect;
}

Result<InstanceSnapshot> ReadFast(const SqlReply& reply, const CatalogDialect& dialect) {
  InstanceSnapshot out;
  ReplyTables tables(reply);
  ReadProperties(tables, dialect, out.properties);
  if (dialect.groups) {
    ReadKeys(tables, out);
    ReadEndpoints(tables, out);
    ReadGroups(tables, dialect, out);
    ReadDatabaseStates(tables, out);
    ReadSeedings(tables, out);
    ReadDatabases(tables, out);
  }
  if (tables.problem()) {
    return *tables.problem();
  }
  return out;
}

Result<RareParts> ReadSlow(const SqlReply& reply) {
  RareParts out;
  ReplyTables tables(reply);
  tables.ForEach("files_database_name", [&](const ReplyRow& row) {
    DatabaseFiles& files = out.files[DatabaseName(row.Text("files_database_name"))];
    const int count = row.Int("file_count");
    const std::string type = row.Text("type_desc");
    files.log_files += type == "LOG" ? count : 0;
    files.filestream_files += type == "FILESTREAM" ? count : 0;
    files.fulltext_files += type == "FULLTEXT" ? count : 0;
    files.defunct_files += row.Text("state_desc") == "DEFUNCT" ? count : 0;
  });
  const Duration offset = ServerOffset(tables);
  tables.ForEach("backup_database_name", [&](const ReplyRow& row) {
    const std::string name = row.Text("backup_database_name");
    const auto found = std::ranges::find_if(out.files, [&](const auto& entry) {
      return EqualsIgnoreCaseAscii(entry.first.str(), name);
    });
    const auto finished = row.Time("last_full_backup");
    if (found != out.files.end() && finished) {
      found->second.last_full_backup = *finished - offset;
    }
  });
  tables.ForEach("encrypted_database_name", [&](const ReplyRow& row) {
    DatabaseEncryption encryption;
    encryption.state = row.Int("encryption_state");
    encryption.protector_type = row.Text("encryptor_type");
    encryption.thumbprint = ToUpperAscii(row.Text("encryptor_thumbprint"));
    encryption.asymmetric_key = row.Text("asymmetric_key");
    encryption.external_provider = !row.Text("provider_type").empty();
    out.encryptions.insert_or_assign(DatabaseName(row.Text("encrypted_database_name")),
                                     std::move(encryption));
  });
  if (tables.problem()) {
    return *tables.problem();
  }
  return out;
}

Result<bool> ReadEncryption(const SqlReply& reply) {
  bool encrypted = false;
  ReplyTables tables(reply);
  tables.One("encrypt_option",
             [&](const ReplyRow& row) { encrypted = row.Text("encrypt_option") == "TRUE"; });
  if (tables.problem()) {
    return *tables.problem();
  }
  return encrypted;
}

}  // namespace milink::sql
