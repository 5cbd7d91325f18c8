// Statements that change the world: rights, context, preconditions in the engine's hands. What the
// world itself refuses is tested with the world.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/sim_tsql/server.h"

namespace milink::sim {
namespace {

using testing::ElementsAre;

TEST(DdlTest, MasterKey) {
  Server server;
  EXPECT_EQ(
      ErrorOf(server.RunAs("reader", "CREATE MASTER KEY ENCRYPTION BY PASSWORD = 'Long.Secret.1'")),
      15247);
  EXPECT_EQ(ErrorOf(server.Run("CREATE CERTIFICATE c WITH SUBJECT = 's'")), 15581);
  EXPECT_EQ(ErrorOf(server.Run("CREATE MASTER KEY ENCRYPTION BY PASSWORD = 'Long.Secret.1'")), 0);
  EXPECT_EQ(ErrorOf(server.Run("CREATE MASTER KEY ENCRYPTION BY PASSWORD = 'Long.Secret.1'")),
            15578);
  EXPECT_EQ(ErrorOf(server.Run("ALTER MASTER KEY DROP ENCRYPTION BY SERVICE MASTER KEY")), 0);
  EXPECT_EQ(ErrorOf(server.Run("ALTER MASTER KEY ADD ENCRYPTION BY SERVICE MASTER KEY")), 15581);
  EXPECT_EQ(ErrorOf(server.Run(
                "OPEN MASTER KEY DECRYPTION BY PASSWORD = 'Long.Secret.1'; ALTER MASTER KEY ADD "
                "ENCRYPTION BY SERVICE MASTER KEY; CLOSE MASTER KEY;")),
            0);
}

TEST(DdlTest, AWrongPasswordDoesNotOpenTheMasterKey) {
  Server server;
  constexpr char kOpen[] =
      "OPEN MASTER KEY DECRYPTION BY PASSWORD = N'Wrong.Secret.1'; ALTER MASTER KEY ADD ENCRYPTION "
      "BY SERVICE MASTER KEY; CLOSE MASTER KEY;";
  EXPECT_EQ(ErrorOf(server.Run(kOpen)), 15151);
  server.Run("CREATE MASTER KEY ENCRYPTION BY PASSWORD = 'Long.Secret.1'");
  server.Run("ALTER MASTER KEY DROP ENCRYPTION BY SERVICE MASTER KEY");
  EXPECT_THAT(server.Run(kOpen).failed, ElementsAre(15313, 15581, 15315));
  server.world.Enter()->switches.wrong_key_password_is_decryption_error = true;
  EXPECT_THAT(server.Run(kOpen).failed, ElementsAre(15466, 15581, 15315));
}

TEST(DdlTest, Certificates) {
  Server server;
  server.Prepare();
  EXPECT_EQ(ErrorOf(server.RunAs("reader", "CREATE CERTIFICATE c WITH SUBJECT = 's'")), 262);
  EXPECT_EQ(ErrorOf(server.Run("CREATE CERTIFICATE c1 WITH SUBJECT = 's'")), 15232);
  EXPECT_EQ(
      ErrorOf(server.Run("CREATE CERTIFICATE c2 WITH SUBJECT = 's', EXPIRY_DATE = 'tomorrow'")),
      241);
  EXPECT_EQ(ErrorOf(server.Run("CREATE CERTIFICATE c2 FROM BINARY = 0x3082")), 15297);
  const std::string blob = server.Run("SELECT CERTENCODED(CERT_ID(N'c1'))").One();
  EXPECT_TRUE(blob.starts_with("0x3082"));
  EXPECT_EQ(ErrorOf(server.Run("CREATE CERTIFICATE c2 FROM BINARY = " + blob)), 15232);
  EXPECT_EQ(ErrorOf(server.Run("DROP CERTIFICATE none")), 15151);
  const Answer key = server.Run("EXEC sys.sp_get_endpoint_certificate @endpoint_type = 4");
  EXPECT_EQ(key.One(), blob);
  EXPECT_EQ(key.sets[0].columns[0].name, "EndpointCertificatePublicKey");
}

TEST(DdlTest, APrivateKeyIsGivenToWhoMayUseIt) {
  constexpr char kExport[] = "SELECT CERTPRIVATEKEY(CERT_ID(N'c1'), N'Pa$$w0rd')";
  Server server;
  server.Prepare();
  // The header of an encrypted PVK file: magic, .., key exchange, encrypted, 16 bytes of salt.
  EXPECT_TRUE(server.Run(kExport).One().starts_with("0x1EF1B5B000000000010000000100000010000000"));
  EXPECT_EQ(server.RunAs("reader", kExport).One(), "NULL");
  EXPECT_EQ(server.Run("SELECT CERTPRIVATEKEY(999, 'p')").One(), "NULL");
  EXPECT_EQ(server.Run("SELECT CERTPRIVATEKEY(CERT_ID('c1'), NULL)").One(), "NULL");
  server.Run("ALTER MASTER KEY DROP ENCRYPTION BY SERVICE MASTER KEY");
  EXPECT_EQ(ErrorOf(server.Run(kExport)), 15581);
}

TEST(DdlTest, EndpointsAndDatabases) {
  Server server;
  server.Prepare();
  EXPECT_EQ(ErrorOf(server.Run("ALTER ENDPOINT e STATE = STOPPED")), 0);
  EXPECT_EQ(server.Run("SELECT state_desc FROM sys.database_mirroring_endpoints").One(), "STOPPED");
  EXPECT_EQ(ErrorOf(server.Run(
                "ALTER ENDPOINT e FOR DATABASE_MIRRORING (AUTHENTICATION = WINDOWS NEGOTIATE "
                "CERTIFICATE c1, ENCRYPTION = REQUIRED ALGORITHM AES RC4)")),
            0);
  EXPECT_THAT(server
                  .Run("SELECT connection_auth_desc, encryption_algorithm_desc FROM "
                       "sys.database_mirroring_endpoints")
                  .Rows(),
              ElementsAre("NEGOTIATE, CERTIFICATE|AES, RC4"));
  EXPECT_EQ(ErrorOf(server.Run("ALTER DATABASE db1 SET READ_ONLY")), 1468);
  EXPECT_EQ(ErrorOf(server.Run("CREATE DATABASE db1")), 1801);
  EXPECT_EQ(ErrorOf(server.Run(
                "CREATE DATABASE db2; ALTER DATABASE db2 SET SINGLE_USER WITH ROLLBACK IMMEDIATE")),
            0);
  EXPECT_EQ(server.Run("SELECT user_access_desc FROM sys.databases WHERE name = 'db2'").One(),
            "SINGLE_USER");
  EXPECT_THAT(server.RunAs("reader", "BACKUP DATABASE db1 TO DISK = 'x'").Numbers(),
              ElementsAre(262, 3013));
}

TEST(DdlTest, Groups) {
  Server server;
  server.Prepare();
  EXPECT_EQ(ErrorOf(server.RunAs("reader", "DROP AVAILABILITY GROUP AG_db1")), 15151);
  EXPECT_EQ(ErrorOf(server.Run("ALTER AVAILABILITY GROUP AG_db1 FAILOVER")), 50000);
  EXPECT_EQ(ErrorOf(server.Run("DROP AVAILABILITY GROUP none")), 15151);
  EXPECT_EQ(ErrorOf(server.Run("CREATE AVAILABILITY GROUP DAG_db1 WITH (DISTRIBUTED) AVAILABILITY "
                               "GROUP ON N'AG_db1' WITH "
                               "(LISTENER_URL = N'TCP://10.0.0.4:5022', AVAILABILITY_MODE = "
                               "ASYNCHRONOUS_COMMIT, FAILOVER_MODE = "
                               "MANUAL, SEEDING_MODE = AUTOMATIC), N'AG_MI' WITH (LISTENER_URL = "
                               "N'tcp://mi.x.database.windows.net:5022;Server=[mi]', "
                               "AVAILABILITY_MODE = ASYNCHRONOUS_COMMIT, "
                               "FAILOVER_MODE = MANUAL, SEEDING_MODE = AUTOMATIC)")),
            0);
  EXPECT_THAT(server
                  .Run("SELECT ag.name FROM sys.availability_groups AS ag JOIN "
                       "sys.availability_replicas AS ar ON "
                       "ar.group_id = ag.group_id WHERE ag.is_distributed = 1 GROUP BY "
                       "ag.group_id, ag.name HAVING "
                       "COUNT(*) = 2 AND SUM(CASE WHEN ar.endpoint_url LIKE N'%Server=%' THEN 1 "
                       "ELSE 0 END) = 1")
                  .Rows(),
              ElementsAre("DAG_db1"));
  EXPECT_EQ(ErrorOf(server.Run(
                "IF EXISTS (SELECT 1 FROM sys.availability_groups WHERE name = N'DAG_db1') DROP "
                "AVAILABILITY GROUP DAG_db1")),
            0);
}

}  // namespace
}  // namespace milink::sim
