#include "core/sql/statements.h"

#include <functional>
#include <string>

#include <gtest/gtest.h>

namespace milink::sql {
namespace {

using namespace std::chrono_literals;

constexpr const char* kGroupId = "6F9619FF-8B86-D011-B42D-00C04FC964FF";

struct StatementCase {
  std::string name;
  std::function<Result<SqlBatch>()> build;
  std::string text;
};

class StatementsTest : public testing::TestWithParam<StatementCase> {};

TEST_P(StatementsTest, BuildsTheText) {
  const auto batch = GetParam().build();
  ASSERT_TRUE(batch.ok()) << ToString(batch.error());
  EXPECT_EQ(batch->text.Reveal(), GetParam().text);
  EXPECT_EQ(batch->shown, GetParam().text);
}

INSTANTIATE_TEST_SUITE_P(
    Table, StatementsTest,
    testing::Values(
        StatementCase{"CreatesACertificate",
                      [] {
                        const TimePoint start(1'735'689'600s);
                        return CreateCertificate({CertificateName("Cert_SQL1_endpoint"),
                                                  "Certificate for SQL1", start,
                                                  start + 24h * 365});
                      },
                      "CREATE CERTIFICATE [Cert_SQL1_endpoint] WITH SUBJECT = N'Certificate for "
                      "SQL1', START_DATE = N'20250101', EXPIRY_DATE = N'20260101';"},
        StatementCase{"ImportsACertificate",
                      [] { return ImportCertificate(CertificateName("mi.example"), "\x30\x82"); },
                      "CREATE CERTIFICATE [mi.example] FROM BINARY = 0x3082;"},
        StatementCase{"TrustsAnIssuer",
                      [] {
                        return AddTrustedIssuer(CertificateName("MicrosoftPKI"),
                                                "*.database.windows.net");
                      },
                      "DECLARE @id int = CERT_ID(N'MicrosoftPKI'); EXEC "
                      "sys.sp_certificate_add_issuer @id, N'*.database.windows.net';"},
        StatementCase{"ValidatesAChain", [] { return ValidateChain(CertificateName("mi'x")); },
                      "DECLARE @id int = CERT_ID(N'mi''x'); EXEC "
                      "sys.sp_validate_certificate_ca_chain @id;"},
        StatementCase{"DropsTheCertificateItSaw",
                      [] { return DropCertificate(CertificateName("c'1"), "ab01"); },
                      "IF EXISTS (SELECT 1 FROM sys.certificates WHERE name = N'c''1' AND "
                      "thumbprint = 0xAB01) DROP CERTIFICATE [c'1] ELSE SELECT 1 AS left_alone;"},
        StatementCase{"DropsThePublicCertificateItSaw",
                      [] { return DropPublicCertificate(CertificateName("mi.x"), "ab01"); },
                      "IF EXISTS (SELECT 1 FROM sys.certificates WHERE name = N'mi.x' AND "
                      "thumbprint = 0xAB01 AND pvt_key_encryption_type = N'NA') DROP CERTIFICATE "
                      "[mi.x] ELSE SELECT 1 AS left_alone;"},
        StatementCase{"CreatesTheEndpoint",
                      [] {
                        return CreateEndpoint(EndpointName("database_mirroring_endpoint"), 5022,
                                              CertificateName("Cert_SQL1_endpoint"));
                      },
                      "CREATE ENDPOINT [database_mirroring_endpoint] STATE = STARTED AS TCP "
                      "(LISTENER_PORT = 5022, LISTENER_IP = ALL) FOR DATABASE_MIRRORING (ROLE = "
                      "ALL, AUTHENTICATION = CERTIFICATE [Cert_SQL1_endpoint], ENCRYPTION = "
                      "REQUIRED ALGORITHM AES);"},
        StatementCase{"SwitchesTraceFlagsOn", [] { return EnableTraceFlags({1800, 9567}); },
                      "DBCC TRACEON(1800, 9567, -1) WITH NO_INFOMSGS;"},
        StatementCase{"StartsTheEndpoint", [] { return StartEndpoint(EndpointName("e")); },
                      "ALTER ENDPOINT [e] STATE = STARTED;"},
        StatementCase{
            "AddsACertificateToWindowsAuthentication",
            [] {
              return AlterEndpoint({EndpointName("Hadr]e"), 65'537, "NEGOTIATE", "AES", 5022,
                                    "PARTNER", "NEGOTIATE, CERTIFICATE", CertificateName("c"),
                                    "AES"});
            },
            "IF EXISTS (SELECT 1 FROM sys.database_mirroring_endpoints WHERE name = "
            "N'Hadr]e' AND endpoint_id = 65537 AND connection_auth_desc = N'NEGOTIATE' "
            "AND encryption_algorithm_desc = N'AES') ALTER ENDPOINT [Hadr]]e] STATE = "
            "STARTED AS TCP (LISTENER_PORT = 5022, LISTENER_IP = ALL) FOR "
            "DATABASE_MIRRORING (ROLE = PARTNER, AUTHENTICATION = WINDOWS NEGOTIATE "
            "CERTIFICATE [c], ENCRYPTION = REQUIRED ALGORITHM AES) ELSE SELECT 1 AS left_alone;"},
        StatementCase{
            "AddsAesAndRestatesAuthenticationInItsOrder",
            [] {
              return AlterEndpoint({EndpointName("e"), 65'537, "CERTIFICATE, KERBEROS", "RC4", 7022,
                                    "ALL", "CERTIFICATE, KERBEROS", CertificateName("theirs"),
                                    "AES, RC4"});
            },
            "IF EXISTS (SELECT 1 FROM sys.database_mirroring_endpoints WHERE name = "
            "N'e' AND endpoint_id = 65537 AND connection_auth_desc = N'CERTIFICATE, "
            "KERBEROS' AND encryption_algorithm_desc = N'RC4') ALTER ENDPOINT [e] STATE = "
            "STARTED AS TCP (LISTENER_PORT = 7022, LISTENER_IP = ALL) FOR "
            "DATABASE_MIRRORING (ROLE = ALL, AUTHENTICATION = CERTIFICATE [theirs] "
            "WINDOWS KERBEROS, ENCRYPTION = REQUIRED ALGORITHM AES RC4) ELSE SELECT 1 AS "
            "left_alone;"},
        StatementCase{"WidensAListenerAndTouchesNothingElse",
                      [] {
                        return AlterEndpoint({EndpointName("e"), 65'537, "CERTIFICATE", "AES", 7022,
                                              "ALL", "CERTIFICATE", CertificateName("c"), "AES"});
                      },
                      "IF EXISTS (SELECT 1 FROM sys.database_mirroring_endpoints WHERE name = "
                      "N'e' AND endpoint_id = 65537 AND connection_auth_desc = N'CERTIFICATE' AND "
                      "encryption_algorithm_desc = N'AES') ALTER ENDPOINT [e] STATE = STARTED AS "
                      "TCP (LISTENER_PORT = 7022, LISTENER_IP = ALL) ELSE SELECT 1 AS left_alone;"},
        StatementCase{"GivesAnEndpointAnotherCertificateAndRestatesTheRest",
                      [] {
                        return AlterEndpoint({EndpointName("e"), 65'537, "NEGOTIATE, CERTIFICATE",
                                              "AES, RC4", 7022, "ALL", "NEGOTIATE, CERTIFICATE",
                                              CertificateName("c_2"), "AES, RC4",
                                              CertificateName("c")});
                      },
                      "IF EXISTS (SELECT 1 FROM sys.database_mirroring_endpoints WHERE name = "
                      "N'e' AND endpoint_id = 65537 AND connection_auth_desc = N'NEGOTIATE, "
                      "CERTIFICATE' AND encryption_algorithm_desc = N'AES, RC4' AND "
                      "certificate_id = CERT_ID(N'c')) ALTER ENDPOINT [e] STATE = STARTED AS TCP "
                      "(LISTENER_PORT = 7022, LISTENER_IP = ALL) FOR DATABASE_MIRRORING (ROLE = "
                      "ALL, AUTHENTICATION = WINDOWS NEGOTIATE CERTIFICATE [c_2], ENCRYPTION = "
                      "REQUIRED ALGORITHM AES RC4) ELSE SELECT 1 AS left_alone;"},
        StatementCase{"DropsTheEndpointItSaw",
                      [] { return DropEndpoint(EndpointName("e"), 65'537); },
                      "IF EXISTS (SELECT 1 FROM sys.database_mirroring_endpoints WHERE name = "
                      "N'e' AND endpoint_id = 65537) AND NOT EXISTS (SELECT 1 FROM "
                      "sys.availability_groups) AND NOT EXISTS (SELECT 1 FROM "
                      "sys.database_mirroring WHERE mirroring_guid IS NOT NULL) DROP ENDPOINT [e] "
                      "ELSE SELECT 1 AS left_alone;"},
        StatementCase{"SetsFullRecovery", [] { return SetFullRecovery(DatabaseName("a]b")); },
                      "ALTER DATABASE [a]]b] SET RECOVERY FULL;"},
        StatementCase{"BacksUp",
                      [] { return BackupDatabase(DatabaseName("sales"), "/b/sales.bak"); },
                      "BACKUP DATABASE [sales] TO DISK = N'/b/sales.bak' WITH CHECKSUM;"},
        StatementCase{"CreatesTheLocalGroup",
                      [] {
                        return CreateAvailabilityGroup({GroupName("AG_db1"), DatabaseName("db1"),
                                                        "SQL1", "TCP://10.0.0.4:5022"});
                      },
                      "CREATE AVAILABILITY GROUP [AG_db1] WITH (CLUSTER_TYPE = NONE) FOR DATABASE "
                      "[db1] REPLICA ON N'SQL1' WITH (ENDPOINT_URL = N'TCP://10.0.0.4:5022', "
                      "AVAILABILITY_MODE = SYNCHRONOUS_COMMIT, FAILOVER_MODE = MANUAL, "
                      "SEEDING_MODE = AUTOMATIC, SECONDARY_ROLE (ALLOW_CONNECTIONS = ALL));"},
        StatementCase{"LeavesTheClusterTypeOutOn2016",
                      [] {
                        return CreateAvailabilityGroup(
                            {GroupName("AG"), DatabaseName("db1"), "S\\I", "TCP://h:1", false});
                      },
                      "CREATE AVAILABILITY GROUP [AG] FOR DATABASE [db1] REPLICA ON N'S\\I' WITH "
                      "(ENDPOINT_URL = N'TCP://h:1', AVAILABILITY_MODE = SYNCHRONOUS_COMMIT, "
                      "FAILOVER_MODE = MANUAL, SEEDING_MODE = AUTOMATIC, SECONDARY_ROLE "
                      "(ALLOW_CONNECTIONS = ALL));"},
        StatementCase{"CreatesTheDistributedGroup",
                      [] {
                        return CreateDistributedGroup(
                            {GroupName("DAG_db1"), GroupName("AG_db1"), "TCP://10.0.0.4:5022",
                             GroupName("AG_db1_MI"), "tcp://mi:5022;Server=[mi]"});
                      },
                      "CREATE AVAILABILITY GROUP [DAG_db1] WITH (DISTRIBUTED) AVAILABILITY GROUP "
                      "ON N'AG_db1' WITH (LISTENER_URL = N'TCP://10.0.0.4:5022', "
                      "AVAILABILITY_MODE = ASYNCHRONOUS_COMMIT, FAILOVER_MODE = MANUAL, "
                      "SEEDING_MODE = AUTOMATIC, SESSION_TIMEOUT = 20), N'AG_db1_MI' WITH "
                      "(LISTENER_URL = N'tcp://mi:5022;Server=[mi]', AVAILABILITY_MODE = "
                      "ASYNCHRONOUS_COMMIT, FAILOVER_MODE = MANUAL, SEEDING_MODE = AUTOMATIC);"},
        StatementCase{"DropsTheLocalGroupItSaw",
                      [] { return DropAvailabilityGroup(GroupName("AG"), kGroupId); },
                      "IF EXISTS (SELECT 1 FROM sys.availability_groups WHERE name = N'AG' AND "
                      "group_id = N'6F9619FF-8B86-D011-B42D-00C04FC964FF' AND is_distributed = 0) "
                      "DROP AVAILABILITY GROUP [AG];"},
        StatementCase{"DropsTheDistributedGroupItSaw",
                      [] { return DropDistributedGroup(GroupName("DAG"), kGroupId); },
                      "IF EXISTS (SELECT 1 FROM sys.availability_groups WHERE name = N'DAG' AND "
                      "group_id = N'6F9619FF-8B86-D011-B42D-00C04FC964FF' AND is_distributed = 1) "
                      "DROP AVAILABILITY GROUP [DAG];"}),
    [](const auto& row) { return row.param.name; });

TEST(AlterEndpointTest, GivesKnownWordsOnly) {
  const EndpointChange good{
      EndpointName("e"),    1,    "NEGOTIATE", "AES", 5022, "ALL", "CERTIFICATE",
      CertificateName("c"), "AES"};
  ASSERT_TRUE(AlterEndpoint(good).ok());
  for (const auto& spoil : std::initializer_list<std::function<void(EndpointChange&)>>{
           [](EndpointChange& change) { change.role = "ALL, DROP"; },
           [](EndpointChange& change) { change.role = ""; },
           [](EndpointChange& change) { change.authentication = ""; },
           [](EndpointChange& change) { change.authentication = "CERTIFICATE [x]"; },
           [](EndpointChange& change) { change.encryption = "NONE, AES"; },
           [](EndpointChange& change) { change.encryption = ""; }}) {
    EndpointChange bad = good;
    spoil(bad);
    const auto batch = AlterEndpoint(bad);
    ASSERT_FALSE(batch.ok());
    EXPECT_EQ(batch.error().reason, "TextNotAllowed");
  }
}

TEST(MasterKeyStatementsTest, PasswordIsSentButNotShown) {
  const auto create = CreateMasterKey(Secret("p'w"));
  ASSERT_TRUE(create.ok());
  EXPECT_EQ(create->text.Reveal(), "CREATE MASTER KEY ENCRYPTION BY PASSWORD = N'p''w';");
  EXPECT_EQ(create->shown, "CREATE MASTER KEY ENCRYPTION BY PASSWORD = N'***';");

  const auto add = AddServiceKeyEncryption(Secret("p'w"));
  ASSERT_TRUE(add.ok());
  EXPECT_EQ(add->text.Reveal(),
            "OPEN MASTER KEY DECRYPTION BY PASSWORD = N'p''w'; ALTER MASTER KEY ADD ENCRYPTION BY "
            "SERVICE MASTER KEY; CLOSE MASTER KEY;");
  EXPECT_EQ(add->shown.find("p''w"), std::string::npos);
}

TEST(ChainNotValidatedTest, IsToldByAWarning) {
  EXPECT_FALSE(ChainNotValidated({}));
  EXPECT_FALSE(ChainNotValidated({{}, {{5701, 10, "Changed database context"}}}));
  EXPECT_TRUE(ChainNotValidated({{}, {{5701, 10, ""}, {37449, 10, "Warning"}}}));
}

TEST(StatementsRefuseTest, WhatCannotBeQuoted) {
  EXPECT_FALSE(SetFullRecovery(DatabaseName("")).ok());
  EXPECT_FALSE(DropDistributedGroup(GroupName("DAG"), "not a guid").ok());
  EXPECT_FALSE(DropCertificate(CertificateName("c"), "xyz").ok());
  EXPECT_FALSE(DropCertificate(CertificateName("c"), "").ok());
  EXPECT_FALSE(CreateMasterKey(Secret(std::string("a\0b", 3))).ok());
}

TEST(BackupFileTest, IsSafeAndTheSameEveryTime) {
  const DatabaseName plain("sales");
  EXPECT_EQ(BackupFile("/var/opt/mssql/backup", plain, "u1"),
            BackupFile("/var/opt/mssql/backup/", plain, "u1"));
  EXPECT_EQ(BackupFile("/b", plain, "u1").find("/b/milink_sales_"), 0U);
  EXPECT_TRUE(BackupFile("/b", plain, "u1").ends_with("_u1.bak"));
  EXPECT_EQ(BackupFile("D:\\b", plain, "").find("D:\\b\\milink_sales_"), 0U);
  EXPECT_EQ(BackupFile("/b", DatabaseName("../x'; DROP"), "../t").find("/b/milink____x___DROP_"),
            0U);
  EXPECT_EQ(BackupFile("/b", DatabaseName("x"), "../t").find(".."), std::string::npos);
}

TEST(BackupFileTest, TellsNamesApartThatLookAlike) {
  EXPECT_NE(BackupFile("/b", DatabaseName("a.b"), ""), BackupFile("/b", DatabaseName("a b"), ""));
  EXPECT_NE(BackupFile("/b", DatabaseName(std::string(70, 'x') + "1"), ""),
            BackupFile("/b", DatabaseName(std::string(70, 'x') + "2"), ""));
}

}  // namespace
}  // namespace milink::sql
