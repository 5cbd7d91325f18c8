// The query texts. Names are written in the documented lower case, because a server with a
// case-sensitive collation knows no other; texts of properties are converted, because
// SERVERPROPERTY returns sql_variant; LSNs are converted, because 25 digits fit in no number.
// The first column of every set has a name of its own: the readers find the set by it.
#include "core/sql/catalog.h"

#include <string>
#include <string_view>

namespace milink::sql {
namespace {

constexpr std::string_view kVersionProbe =
    "SELECT CONVERT(nvarchar(128), SERVERPROPERTY('ProductVersion')) AS product_version,"
    " CONVERT(int, SERVERPROPERTY('EngineEdition')) AS engine_edition;\n";

constexpr std::string_view kProperties =
    "SELECT @@SERVERNAME AS server_name,"
    " CONVERT(nvarchar(128), SERVERPROPERTY('ProductVersion')) AS product_version,"
    " CONVERT(nvarchar(128), SERVERPROPERTY('ProductLevel')) AS product_level,"
    " CONVERT(nvarchar(128), SERVERPROPERTY('ProductUpdateLevel')) AS product_update_level,"
    " CONVERT(nvarchar(128), SERVERPROPERTY('Edition')) AS edition,"
    " CONVERT(int, SERVERPROPERTY('EngineEdition')) AS engine_edition,"
    " CONVERT(int, SERVERPROPERTY('IsHadrEnabled')) AS is_hadr_enabled,"
    " CONVERT(int, SERVERPROPERTY('HadrManagerStatus')) AS hadr_manager_status,"
    " CONVERT(int, SERVERPROPERTY('IsClustered')) AS is_clustered,"
    " CONVERT(nvarchar(128), SERVERPROPERTY('MachineName')) AS machine_name,"
    " CONVERT(nvarchar(128), SERVERPROPERTY('InstanceName')) AS instance_name,"
    " CONVERT(nvarchar(128), SERVERPROPERTY('Collation')) AS collation_name,"
    " CONVERT(nvarchar(128), SERVERPROPERTY('ServerName')) AS actual_server_name,"
    " IS_SRVROLEMEMBER(N'sysadmin') AS is_sysadmin;\n";

// What a login without sysadmin has of the rights that the statements of a link ask for.
constexpr std::string_view kRights =
    "SELECT r.right_name, HAS_PERMS_BY_NAME(NULL, NULL, r.right_name) AS is_granted"
    " FROM (VALUES (N'CONTROL SERVER'), (N'VIEW SERVER STATE'), (N'VIEW ANY DEFINITION'),"
    " (N'ALTER ANY AVAILABILITY GROUP'), (N'ALTER ANY ENDPOINT')) AS r(right_name);\n";

constexpr std::string_view kEncryption =
    "SELECT c.encrypt_option FROM sys.dm_exec_connections AS c WHERE c.session_id = @@SPID;\n";

constexpr std::string_view kHostInfo =
    "SELECT h.host_platform, h.host_distribution FROM sys.dm_os_host_info AS h;\n";

// SQL Server 2016 alone: groups live on a Windows cluster, whose service acts as this account.
constexpr std::string_view kCluster =
    "SELECT COUNT(*) AS cluster_count FROM sys.dm_hadr_cluster AS c;\n"
    "SELECT p.permission_name AS cluster_account_right FROM sys.server_permissions AS p"
    " JOIN sys.server_principals AS s ON s.principal_id = p.grantee_principal_id"
    " WHERE s.name = N'NT AUTHORITY\\SYSTEM' AND p.state IN ('G', 'W');\n"
    "SELECT IS_SRVROLEMEMBER(N'sysadmin', N'NT AUTHORITY\\SYSTEM')"
    " AS is_cluster_account_sysadmin;\n";

constexpr std::string_view kMasterKey =
    "SELECT k.key_guid AS service_master_key_guid FROM sys.symmetric_keys AS k"
    " WHERE k.symmetric_key_id = 102;\n"
    "SELECT COUNT(*) AS master_key_count FROM sys.symmetric_keys AS k"
    " WHERE k.symmetric_key_id = 101;\n"
    "SELECT d.is_master_key_encrypted_by_server FROM sys.databases AS d WHERE d.database_id = 1;\n";

constexpr std::string_view kCertificates =
    "SELECT c.name AS certificate_name, c.certificate_id, c.pvt_key_encryption_type, c.subject,"
    " c.issuer_name, CONVERT(varchar(33), c.start_date, 126) AS start_date,"
    " CONVERT(varchar(33), c.expiry_date, 126) AS expiry_date, c.thumbprint,"
    " CERTENCODED(c.certificate_id) AS public_key"
    " FROM sys.certificates AS c WHERE c.name NOT LIKE N'##%';\n";

constexpr std::string_view kEndpoints =
    "SELECT e.name AS endpoint_name, e.endpoint_id, e.state_desc, e.role_desc,"
    " e.connection_auth_desc, e.is_encryption_enabled, e.encryption_algorithm_desc, t.port,"
    " t.ip_address, c.name AS endpoint_certificate"
    " FROM sys.database_mirroring_endpoints AS e"
    " JOIN sys.tcp_endpoints AS t ON t.endpoint_id = e.endpoint_id"
    " LEFT JOIN sys.certificates AS c ON c.certificate_id = e.certificate_id;\n";

constexpr std::string_view kReplicas =
    "SELECT ar.replica_server_name, ar.replica_id, ar.group_id, ar.endpoint_url,"
    " ar.availability_mode_desc, ar.failover_mode_desc, ar.seeding_mode_desc,"
    " ar.secondary_role_allow_connections_desc, rs.is_local, rs.role_desc,"
    " rs.connected_state_desc, rs.operational_state_desc, rs.synchronization_health_desc,"
    " rs.last_connect_error_number, rs.last_connect_error_description"
    " FROM sys.availability_replicas AS ar"
    " LEFT JOIN sys.dm_hadr_availability_replica_states AS rs"
    " ON rs.replica_id = ar.replica_id AND rs.group_id = ar.group_id;\n";

constexpr std::string_view kGroupDatabases =
    "SELECT dc.database_name AS group_database_name, dc.group_id"
    " FROM sys.availability_databases_cluster AS dc;\n";

constexpr std::string_view kDatabaseStates =
    "SELECT d.name AS state_database_name, s.group_id, s.replica_id, s.is_local,"
    " s.is_primary_replica, s.synchronization_state_desc, s.synchronization_health_desc,"
    " s.is_suspended, s.suspend_reason_desc, s.secondary_lag_seconds, s.log_send_queue_size,"
    " s.redo_queue_size, CONVERT(varchar(25), s.last_hardened_lsn) AS last_hardened_lsn"
    " FROM sys.dm_hadr_database_replica_states AS s"
    " JOIN sys.databases AS d ON d.database_id = s.database_id;\n";

// The physical statistics, which name the database, vanish after the copy; the catalog still knows.
constexpr std::string_view kSeedings =
    "SELECT a.ag_id AS seeding_group_id, CONVERT(varchar(33), a.start_time, 126) AS start_time,"
    " a.current_state, a.is_source, a.failure_state_desc, a.error_code, a.number_of_attempts,"
    " p.local_database_name, d.name AS catalog_database_name, p.database_size_bytes,"
    " p.transferred_size_bytes, p.failure_message"
    " FROM sys.dm_hadr_automatic_seeding AS a"
    " LEFT JOIN sys.dm_hadr_physical_seeding_stats AS p"
    " ON p.local_physical_seeding_id = a.operation_id"
    " LEFT JOIN sys.databases AS d ON d.group_database_id = a.ag_db_id;\n";

constexpr std::string_view kDatabases =
    "SELECT d.name AS database_name, d.database_id, d.state_desc, d.recovery_model_desc,"
    " d.user_access_desc, d.is_read_only, d.is_auto_close_on, d.is_encrypted,"
    " d.group_database_id,"
    " CONVERT(varchar(25), r.last_log_backup_lsn) AS last_log_backup_lsn"
    " FROM sys.databases AS d"
    " LEFT JOIN sys.database_recovery_status AS r ON r.database_id = d.database_id"
    " WHERE d.database_id > 4 AND d.source_database_id IS NULL;\n";

constexpr std::string_view kLogUse = "DBCC SQLPERF(LOGSPACE) WITH NO_INFOMSGS;\n";
constexpr std::string_view kTraceFlags = "DBCC TRACESTATUS(-1) WITH NO_INFOMSGS;\n";

constexpr std::string_view kSlow =
    // msdb holds local times; the two clocks tell the offset.
    "SELECT CONVERT(varchar(33), GETDATE(), 126) AS server_local_time,"
    " CONVERT(varchar(33), GETUTCDATE(), 126) AS server_utc_time;\n"
    "SELECT b.database_name AS backup_database_name,"
    " CONVERT(varchar(33), MAX(b.backup_finish_date), 126) AS last_full_backup"
    " FROM msdb.dbo.backupset AS b"
    " WHERE b.type = 'D' AND b.is_copy_only = 0 AND b.is_snapshot = 0"
    " GROUP BY b.database_name;\n"
    "SELECT d.name AS files_database_name, f.type_desc, f.state_desc, COUNT(*) AS file_count"
    " FROM sys.master_files AS f"
    " JOIN sys.databases AS d ON d.database_id = f.database_id"
    " WHERE f.database_id > 4"
    " GROUP BY d.name, f.type_desc, f.state_desc;\n"
    // Of the certificates among the protectors everything else is read with the fast parts.
    "SELECT d.name AS encrypted_database_name, k.encryption_state, k.encryptor_type,"
    " k.encryptor_thumbprint, a.name AS asymmetric_key, a.provider_type"
    " FROM sys.dm_database_encryption_keys AS k"
    " JOIN sys.databases AS d ON d.database_id = k.database_id"
    " LEFT JOIN sys.asymmetric_keys AS a ON a.thumbprint = k.encryptor_thumbprint"
    " WHERE k.database_id > 4;\n";

std::string GroupsQuery(const CatalogDialect& dialect) {
  std::string query =
      "SELECT ag.name AS group_name, ag.group_id, ag.is_distributed, ag.basic_features";
  query += dialect.cluster_type ? ", ag.cluster_type_desc" : "";
  query += dialect.contained ? ", ag.is_contained" : "";
  return query + " FROM sys.availability_groups AS ag;\n";
}

SqlBatch FixedBatch(std::string text) {
  SqlBatch batch;
  batch.shown = text;
  batch.text = Secret(std::move(text));
  return batch;
}

}  // namespace

SqlBatch VersionProbeBatch() { return FixedBatch(std::string(kVersionProbe)); }

SqlBatch EncryptionBatch() { return FixedBatch(std::string(kEncryption)); }

SqlBatch FastBatch(const CatalogDialect& dialect) {
  std::string text(kProperties);
  text += kEncryption;
  if (!dialect.groups) {
    return FixedBatch(std::move(text));
  }
  text += kRights;
  text += dialect.host_info ? kHostInfo : "";
  text += dialect.windows_cluster ? kCluster : "";
  text += kMasterKey;
  text += kCertificates;
  text += kEndpoints;
  text += GroupsQuery(dialect);
  for (const auto part :
       {kReplicas, kGroupDatabases, kDatabaseStates, kSeedings, kDatabases, kLogUse, kTraceFlags}) {
    text += part;
  }
  return FixedBatch(std::move(text));
}

SqlBatch SlowBatch() { return FixedBatch(std::string(kSlow)); }

}  // namespace milink::sql
