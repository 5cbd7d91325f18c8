#include "tests/gen/statuses.h"

namespace milink::gen {
namespace {

TimePoint Hour(int hours) {
  return TimePoint(std::chrono::seconds(1'795'255'200) + std::chrono::hours(hours));
}

std::vector<api::Condition> Conditions() {
  return {{.type = "Ready",
           .status = api::ConditionStatus::kFalse,
           .reason = "Progressing",
           .message = "one of two databases is being copied",
           .observed_generation = 3,
           .last_transition = Hour(1)},
          {.type = "Reconciling",
           .status = api::ConditionStatus::kTrue,
           .reason = "Progressing",
           .message = "",
           .observed_generation = 3,
           .last_transition = Hour(2)},
          {.type = "Synchronized",
           .status = api::ConditionStatus::kUnknown,
           .reason = "NotObserved",
           .message = "not looked at yet",
           .observed_generation = 3,
           .last_transition = Hour(3)}};
}

std::vector<api::OwnedObject> OwnedObjects() {
  return {{.side = "SqlServer",
           .kind = "Certificate",
           .name = "milink_sql1",
           .identity = "A94A8FE5CCB19BA61C4C0873D391E987982FBBD3",
           .state = api::OwnedState::kCreated},
          {.side = "SqlServer",
           .kind = "Endpoint",
           .name = "database_mirroring_endpoint",
           .identity = "",
           .state = api::OwnedState::kPending}};
}

}  // namespace

api::SqlServerReplicaStatus FullReplicaStatus() {
  return {.observed_generation = 3,
          .conditions = Conditions(),
          .product_version = "16.0.4135.4",
          .update_level = "CU13",
          .edition = "Enterprise Edition (64-bit)",
          .host_platform = "Linux",
          .collation = "SQL_Latin1_General_CP1_CI_AS",
          .capabilities = {"OneWayLink", "ManagedInstancePrimary", "TSqlFailover"},
          .trace_flags = {1800, 9567},
          .certificate = {{.current = {.name = "milink_sql1",
                                       .thumbprint = "A94A8FE5CCB19BA61C4C0873D391E987982FBBD3",
                                       .not_before = Hour(-1),
                                       .not_after = Hour(17'519)},
                           .next = {{.name = "milink_sql1_2",
                                     .thumbprint = "DA39A3EE5E6B4B0D3255BFEF95601890AFD80709",
                                     .not_before = Hour(16'078),
                                     .not_after = Hour(33'598)}},
                           .renewal_time = Hour(16'079),
                           .owned = true}},
          .endpoint = {{.name = "database_mirroring_endpoint",
                        .port = 5022,
                        .state = "STARTED",
                        .authentication = "CERTIFICATE",
                        .encryption = "AES",
                        .owned = true}},
          .links = 2,
          .plan = {{.hash = "0123456789abcdef",
                    .steps = {{.description = "create certificate milink_sql1",
                               .target = "SqlServer",
                               .kind = "Create"}},
                    .blockers = {"spec.suspend is true"}}},
          .identity = {{.server_name = "SQL1",
                        .service_master_key_guid = "5B2C0A6E-3F0C-4C0B-9E43-0D1F6A0B7C11"}},
          .owned_objects = OwnedObjects(),
          .approval = {{.sequence = 2,
                        .generation = 3,
                        .hash = "fedcba9876543210",
                        .steps = {"create certificate milink_sql1"}}}};
}

api::ManagedInstanceLinkStatus FullLinkStatus() {
  const api::ManagedInstanceLinkStatus::Operation operation = {
      .system = "Azure",
      .kind = "CreateLink",
      .id = "DAG_sales",
      .poll_url = "https://management.azure.com/subscriptions/1/operations/2?t=3&s=4",
      .start_time = Hour(4)};
  return {.observed_generation = 3,
          .conditions = Conditions(),
          .phase = "Seeding",
          .primary = "SqlServer",
          .databases = {{.name = DatabaseName("sales"),
                         .phase = "Seeding",
                         .availability_group = "AG_sales",
                         .instance_availability_group = "AG_sales_MI",
                         .distributed_availability_group = "DAG_sales",
                         .sql_server_role = "Primary",
                         .managed_instance_role = "Secondary",
                         .replica_state = "LinkSynchronizing",
                         .synchronization_health = "HEALTHY",
                         .connected_state = "CONNECTED",
                         .seeding_percent = 45,
                         .lag = "<10s",
                         .last_full_backup_time = Hour(-5),
                         .message = "being copied"},
                        {.name = DatabaseName("crm \"2\" ü"),
                         .phase = {},
                         .availability_group = {},
                         .instance_availability_group = {},
                         .distributed_availability_group = {},
                         .sql_server_role = {},
                         .managed_instance_role = {},
                         .replica_state = {},
                         .synchronization_health = {},
                         .connected_state = {},
                         .seeding_percent = {},
                         .lag = {},
                         .last_full_backup_time = {},
                         .message = {}}},
          .summary =
              api::ManagedInstanceLinkStatus::Summary{
                  .databases = "1/2", .seeding = "45%", .lag = "<10s"},
          .trust = {{.sql_thumbprints = {"A94A8FE5CCB19BA61C4C0873D391E987982FBBD3"},
                     .managed_instance_thumbprint = "B94A8FE5CCB19BA61C4C0873D391E987982FBBD3",
                     .root_thumbprints = {"DF3C24F9BFD666761B268073FE06D1CC8D4F82A4"}}},
          .owned_objects = OwnedObjects(),
          .records = {{.name = DatabaseName("sales"),
                       .accepted_primary = "SqlServer",
                       .established = true,
                       .operation = operation},
                      {.name = DatabaseName("crm \"2\" ü"),
                       .accepted_primary = "",
                       .established = false,
                       .operation = {}}},
          .network_test = api::ManagedInstanceLinkStatus::NetworkTest{
              "Failed", "2026-11-22", "InstanceNotReached", "SQL Server cannot reach it"}};
}

}  // namespace milink::gen
