#include "tests/unit/sql/sample_replies.h"

namespace milink::sql {
namespace {

using Row = ReplyRowValues;
constexpr std::nullopt_t kNull = std::nullopt;

}  // namespace

// NOLINTNEXTLINE(readability-function-size): a table of literals
SqlReply LinkedServer() {
  SqlReply reply;
  reply.sets = {
      {{"server_name", "product_version", "product_level", "product_update_level", "edition",
        "engine_edition", "is_hadr_enabled", "hadr_manager_status", "is_clustered", "machine_name",
        "instance_name", "collation_name", "actual_server_name", "is_sysadmin"},
       {Row{"SQL1", "16.0.4125.3", "RTM", "CU13", "Developer Edition (64-bit)", "3", "1", "1", "0",
            "SQL1", kNull, "SQL_Latin1_General_CP1_CI_AS", "SQL1", "1"}}},
      {{"right_name", "is_granted"}, {Row{"CONTROL SERVER", "1"}, Row{"ALTER ANY ENDPOINT", "1"}}},
      {{"encrypt_option"}, {Row{"TRUE"}}},
      {{"host_platform", "host_distribution"}, {Row{"Linux", "Ubuntu"}}},
      {{"service_master_key_guid"}, {Row{"5B2C0A6E-3F0C-4C0B-9E43-0D1F6A0B7C11"}}},
      {{"master_key_count"}, {Row{"1"}}},
      {{"is_master_key_encrypted_by_server"}, {Row{"1"}}},
      {{"certificate_name", "certificate_id", "pvt_key_encryption_type", "subject", "issuer_name",
        "start_date", "expiry_date", "thumbprint", "public_key"},
       {Row{"Cert_SQL1_endpoint", "256", "MK", "s", "s", "2026-01-01T00:00:00",
            "2027-01-01T00:00:00.500", "ab01", "3082"},
        Row{"A", "257", "NA", "s", "i", "2026-01-01T00:00:00", "2027-01-01T00:00:00", "CD",
            kNull}}},
      {{"endpoint_name", "endpoint_id", "state_desc", "role_desc", "connection_auth_desc",
        "is_encryption_enabled", "encryption_algorithm_desc", "port", "ip_address",
        "endpoint_certificate"},
       {Row{"dm", "65537", "STARTED", "ALL", "CERTIFICATE", "1", "AES", "5022", kNull,
            "Cert_SQL1_endpoint"}}},
      {{"group_name", "group_id", "is_distributed", "basic_features", "cluster_type_desc",
        "is_contained"},
       {Row{"DAG_sales", "G2", "1", "0", "NONE", "0"},
        Row{"AG_sales", "G1", "0", "0", "NONE", "0"}}},
      {{"replica_server_name", "replica_id", "group_id", "endpoint_url", "availability_mode_desc",
        "failover_mode_desc", "seeding_mode_desc", "secondary_role_allow_connections_desc",
        "is_local", "role_desc", "connected_state_desc", "operational_state_desc",
        "synchronization_health_desc", "last_connect_error_number",
        "last_connect_error_description"},
       {Row{"SQL1", "R1", "G1", "TCP://h:5022", "SYNCHRONOUS_COMMIT", "MANUAL", "AUTOMATIC", "ALL",
            "1", "PRIMARY", "CONNECTED", "ONLINE", "HEALTHY", kNull, kNull},
        Row{"AG_sales_MI", "R3", "G2", "tcp://mi:5022;Server=[mi]", "ASYNCHRONOUS_COMMIT", "MANUAL",
            "AUTOMATIC", "ALL", kNull, kNull, kNull, kNull, kNull, kNull, kNull},
        Row{"AG_sales", "R2", "G2", "TCP://h:5022", "ASYNCHRONOUS_COMMIT", "MANUAL", "AUTOMATIC",
            "ALL", "1", "PRIMARY", "CONNECTED", "ONLINE", "HEALTHY", "10060", "timed out"},
        Row{"X", "R9", "G9", "u", "m", "f", "s", "ALL", "1", "r", "c", "o", "h", kNull, kNull}}},
      {{"group_database_name", "group_id"}, {Row{"sales", "G1"}}},
      {{"state_database_name", "group_id", "replica_id", "is_local", "is_primary_replica",
        "synchronization_state_desc", "synchronization_health_desc", "is_suspended",
        "suspend_reason_desc", "secondary_lag_seconds", "log_send_queue_size", "redo_queue_size",
        "last_hardened_lsn"},
       {Row{"sales", "G1", "R1", "1", "1", "SYNCHRONIZED", "HEALTHY", "0", kNull, kNull, kNull,
            kNull, "37000000024000001"}}},
      {{"seeding_group_id", "start_time", "current_state", "is_source", "failure_state_desc",
        "error_code", "number_of_attempts", "local_database_name", "catalog_database_name",
        "database_size_bytes", "transferred_size_bytes", "failure_message"},
       {Row{"G2", "2026-11-21T10:00:00.100", "SEEDING", "1", kNull, "0", "2", "sales", "sales",
            "1000", "250", kNull},
        Row{"G2", "2026-11-21T10:00:00", "FAILED", "1", "Seeding", "1225", "1", kNull, "sales",
            kNull, kNull, kNull}}},
      {{"database_name", "database_id", "state_desc", "recovery_model_desc", "user_access_desc",
        "is_read_only", "is_auto_close_on", "is_encrypted", "collation_name", "group_database_id",
        "log_reuse_wait_desc", "last_log_backup_lsn"},
       {Row{"sales", "5", "ONLINE", "FULL", "MULTI_USER", "0", "0", "0", "C", "D1", "NOTHING",
            "37000000024000001"},
        Row{"crm", "6", "ONLINE", "SIMPLE", "MULTI_USER", "0", "0", "0", "C", kNull, "NOTHING",
            kNull}}},
      {{"Database Name", "Log Size (MB)", "Log Space Used (%)", "Status"},
       {Row{"master", "1.0", "50.0", "0"}, Row{"sales", "8.0", "12.5", "0"}}},
      {{"TraceFlag", "Status", "Global", "Session"},
       {Row{"9567", "1", "1", "0"}, Row{"1800", "1", "1", "0"}, Row{"3604", "1", "0", "1"}}},
  };
  return reply;
}

SqlReply VersionProbeReply() {
  SqlReply reply;
  reply.sets = {{{"product_version", "engine_edition"}, {Row{"16.0.4125.3", "3"}}}};
  return reply;
}

SqlReply SlowReply() {
  SqlReply reply;
  reply.sets = {
      {{"server_local_time", "server_utc_time"},
       {Row{"2026-11-21T11:00:00.003", "2026-11-21T10:00:00.007"}}},
      {{"backup_database_name", "last_full_backup"},
       {Row{"sales", "2026-11-21T09:30:00"}, Row{"gone", "2026-11-20T09:30:00"}}},
      {{"files_database_name", "type_desc", "state_desc", "file_count"},
       {Row{"sales", "ROWS", "ONLINE", "2"}, Row{"sales", "LOG", "ONLINE", "1"},
        Row{"sales", "LOG", "DEFUNCT", "1"}, Row{"crm", "FILESTREAM", "ONLINE", "1"}}},
      {{"encrypted_database_name", "encryption_state", "encryptor_type", "encryptor_thumbprint",
        "asymmetric_key", "provider_type"},
       {Row{"sales", "3", "CERTIFICATE", "a1b2", kNull, kNull},
        Row{"crm", "2", "ASYMMETRIC KEY", "C3D4", "VaultKey", "CRYPTOGRAPHIC PROVIDER"}}},
  };
  return reply;
}

}  // namespace milink::sql
