#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/sim_tsql/server.h"

namespace milink::sim {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

// Every view answers SELECT * on a prepared server of every version.
TEST(ViewsTest, AllViewsAnswerOnEveryVersion) {
  for (const auto* version :
       {"13.0.7000.253", "14.0.3490.10", "15.0.4312.2", "16.0.4165.4", "17.0.1000.7"}) {
    Server server({.product_version = version});
    server.Prepare();
    for (const auto* view : {"availability_groups",
                             "availability_replicas",
                             "availability_databases_cluster",
                             "availability_group_listeners",
                             "dm_hadr_availability_replica_states",
                             "dm_hadr_availability_group_states",
                             "dm_hadr_availability_replica_cluster_states",
                             "dm_hadr_database_replica_states",
                             "dm_hadr_database_replica_cluster_states",
                             "dm_hadr_automatic_seeding",
                             "dm_hadr_physical_seeding_stats",
                             "certificates",
                             "symmetric_keys",
                             "asymmetric_keys",
                             "server_principals",
                             "server_permissions",
                             "dm_hadr_cluster",
                             "dm_database_encryption_keys",
                             "endpoints",
                             "tcp_endpoints",
                             "database_mirroring_endpoints",
                             "databases",
                             "database_mirroring",
                             "master_files",
                             "database_recovery_status",
                             "dm_db_log_space_usage",
                             "dm_os_performance_counters",
                             "dm_exec_connections",
                             "dm_exec_sessions",
                             "dm_exec_requests",
                             "dm_server_services",
                             "servers"}) {
      EXPECT_EQ(ErrorOf(server.Run("SELECT * FROM sys." + std::string(view))), 0) << view;
    }
  }
}

TEST(ViewsTest, VersionsDifferInColumnsAndViews) {
  Server old({.product_version = "13.0.7000.253"});
  EXPECT_EQ(ErrorOf(old.Run("SELECT cluster_type_desc FROM sys.availability_groups")), 207);
  EXPECT_EQ(ErrorOf(old.Run("SELECT host_platform FROM sys.dm_os_host_info")), 208);
  Server newer({.product_version = "14.0.3490.10"});
  EXPECT_EQ(ErrorOf(newer.Run("SELECT cluster_type_desc FROM sys.availability_groups")), 0);
  EXPECT_EQ(ErrorOf(newer.Run("SELECT is_contained FROM sys.availability_groups")), 207);
  EXPECT_THAT(newer.Run("SELECT host_platform FROM sys.dm_os_host_info").Rows(),
              ElementsAre("Linux"));
}

TEST(ViewsTest, PreparedServer) {
  Server server;
  server.Prepare();
  EXPECT_THAT(
      server.Run("SELECT name, pvt_key_encryption_type, expiry_date FROM master.sys.certificates")
          .Rows(),
      ElementsAre("c1|MK|2030-11-01T23:59:59Z"));
  EXPECT_THAT(server.Run("SELECT symmetric_key_id FROM sys.symmetric_keys").Rows(),
              ElementsAre("101", "102"));
  EXPECT_THAT(
      server
          .Run("SELECT is_master_key_encrypted_by_server FROM sys.databases WHERE database_id = 1")
          .Rows(),
      ElementsAre("1"));
  EXPECT_THAT(
      server
          .Run("SELECT e.name, e.state_desc, e.role_desc, e.connection_auth_desc, "
               "e.is_encryption_enabled, e.encryption_algorithm, t.port, t.ip_address, c.name FROM "
               "sys.database_mirroring_endpoints AS e JOIN sys.tcp_endpoints AS t ON t.endpoint_id "
               "= "
               "e.endpoint_id LEFT JOIN sys.certificates AS c ON c.certificate_id = "
               "e.certificate_id")
          .Rows(),
      ElementsAre("e|STARTED|ALL|CERTIFICATE|1|2|5022|NULL|c1"));
  EXPECT_THAT(
      server
          .Run(
              "SELECT ag.name, ag.is_distributed, ag.cluster_type_desc, ar.replica_server_name, "
              "ar.availability_mode_desc, ar.seeding_mode_desc, rs.role_desc, "
              "rs.connected_state_desc FROM "
              "sys.availability_groups AS ag JOIN sys.availability_replicas AS ar ON ar.group_id = "
              "ag.group_id LEFT JOIN sys.dm_hadr_availability_replica_states AS rs ON "
              "rs.replica_id = "
              "ar.replica_id")
          .Rows(),
      ElementsAre("AG_db1|0|NONE|SQL1|SYNCHRONOUS_COMMIT|AUTOMATIC|PRIMARY|CONNECTED"));
  EXPECT_THAT(
      server.Run("SELECT database_name, type, is_copy_only, recovery_model FROM msdb.dbo.backupset")
          .Rows(),
      ElementsAre("db1|D|0|FULL"));
  EXPECT_THAT(server
                  .Run("SELECT is_local, synchronization_state_desc FROM "
                       "sys.dm_hadr_database_replica_states")
                  .Rows(),
              ElementsAre("1|SYNCHRONIZED"));
  EXPECT_THAT(server.Run("SELECT recovery_model FROM sys.dm_db_log_stats(DB_ID(N'db1'))").Rows(),
              ElementsAre("FULL"));
}

TEST(ViewsTest, CertificatesBelongToMaster) {
  Server server;
  server.Prepare();
  EXPECT_THAT(server.Run("SELECT name FROM msdb.sys.certificates").Rows(), IsEmpty());
  EXPECT_EQ(ErrorOf(server.Run("SELECT name FROM nowhere.sys.certificates")), 208);
}

TEST(ViewsTest, RightsDecideWhatIsSeen) {
  Server server;
  server.Prepare();
  const Answer states =
      server.RunAs("reader", "SELECT * FROM sys.dm_hadr_availability_replica_states");
  EXPECT_THAT(states.Numbers(), ElementsAre(300, 297));
  EXPECT_NE(states.messages[0].text.find("VIEW SERVER PERFORMANCE STATE"), std::string::npos);
  EXPECT_THAT(server.RunAs("reader", "SELECT name FROM sys.certificates").Rows(), IsEmpty());
  EXPECT_EQ(ErrorOf(server.RunAs("reader", "SELECT 1 FROM msdb.dbo.backupset")), 229);
  EXPECT_EQ(ErrorOf(server.Run("GRANT VIEW SERVER STATE TO [reader]")), 0);
  EXPECT_EQ(
      ErrorOf(server.RunAs("reader", "SELECT * FROM sys.dm_hadr_availability_replica_states")), 0);
}

TEST(ViewsTest, TheClusterAndTheRightsOfItsAccount) {
  Server server({.product_version = "13.0.7000.253",
                 .platform = "Windows",
                 .wsfc = true,
                 .cluster_account_rights = {"CONNECT SQL"}});
  constexpr char kRights[] =
      "SELECT p.permission_name FROM sys.server_permissions AS p JOIN sys.server_principals AS s"
      " ON s.principal_id = p.grantee_principal_id"
      " WHERE s.name = N'NT AUTHORITY\\SYSTEM' AND p.state IN ('G', 'W')";
  EXPECT_EQ(server.Run("SELECT COUNT(*) FROM sys.dm_hadr_cluster").One(), "1");
  EXPECT_THAT(server.Run(kRights).Rows(), ElementsAre("CONNECT SQL"));
  EXPECT_EQ(ErrorOf(server.Run("GRANT VIEW SERVER STATE TO [NT AUTHORITY\\SYSTEM]")), 0);
  EXPECT_THAT(server.Run(kRights).Rows(), ElementsAre("CONNECT SQL", "VIEW SERVER STATE"));
  EXPECT_EQ(server.Run("SELECT IS_SRVROLEMEMBER(N'sysadmin', N'NT AUTHORITY\\SYSTEM')").One(), "0");
  EXPECT_EQ(server.Run("SELECT IS_SRVROLEMEMBER(N'sysadmin', N'reader')").One(), "0");
  EXPECT_EQ(server.Run("SELECT IS_SRVROLEMEMBER(N'sysadmin', N'sa')").One(), "1");
  EXPECT_EQ(server.Run("SELECT IS_SRVROLEMEMBER(N'sysadmin', N'nobody')").One(), "NULL");
  EXPECT_EQ(Server().Run("SELECT COUNT(*) FROM sys.dm_hadr_cluster").One(), "0");
}

TEST(ViewsTest, ARenamedServerKeepsItsOldRegisteredName) {
  Server renamed({.registered_name = "OLD1"});
  EXPECT_EQ(renamed.Run("SELECT @@SERVERNAME").One(), "OLD1");
  EXPECT_EQ(renamed.Run("SELECT CONVERT(nvarchar(128), SERVERPROPERTY('ServerName'))").One(),
            "SQL1");
  EXPECT_EQ(Server({.registered_name = ""}).Run("SELECT @@SERVERNAME").One(), "NULL");
  EXPECT_EQ(Server().Run("SELECT @@SERVERNAME").One(), "SQL1");
}

TEST(ViewsTest, Dbcc) {
  Server server({.trace_flags = {1800}});
  EXPECT_THAT(server.Run("DBCC TRACESTATUS(-1) WITH NO_INFOMSGS").Rows(),
              ElementsAre("1800|1|1|0"));
  EXPECT_EQ(ErrorOf(server.Run("DBCC TRACEON (9567, -1)")), 0);
  EXPECT_EQ(server.Run("DBCC TRACESTATUS(-1) WITH NO_INFOMSGS").Rows().size(), 2U);
  const Answer log = server.Run("DBCC SQLPERF(LOGSPACE) WITH NO_INFOMSGS");
  ASSERT_EQ(log.sets.size(), 1U);
  EXPECT_EQ(log.sets[0].columns[2].name, "Log Space Used (%)");
  EXPECT_EQ(log.sets[0].rows.size(), 5U);
}

}  // namespace
}  // namespace milink::sim
