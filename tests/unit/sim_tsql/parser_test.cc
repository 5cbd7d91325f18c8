#include "tests/sim/tsql/parse/parser.h"

#include <gtest/gtest.h>

#include "tests/sim/tsql/failure.h"

namespace milink::sim::tsql {
namespace {

// 0: accepted.
int NumberOf(const std::string& text, int version = 16) {
  try {
    ParseBatch(text, version);
  } catch (const Failure& failure) {
    return failure.last().number;
  }
  return 0;
}

struct RefusalCase {
  const char* name;
  const char* text;
  int number;
  int version = 16;
};

class ParserTest : public testing::TestWithParam<RefusalCase> {};

TEST_P(ParserTest, AcceptsOrRefuses) {
  EXPECT_EQ(NumberOf(GetParam().text, GetParam().version), GetParam().number) << GetParam().text;
}

constexpr const char* kDistributed =
    "CREATE AVAILABILITY GROUP [DAG_db1] WITH (DISTRIBUTED) AVAILABILITY GROUP ON N'AG_db1' WITH "
    "(LISTENER_URL = N'TCP://10.0.0.4:5022', AVAILABILITY_MODE = ASYNCHRONOUS_COMMIT, "
    "FAILOVER_MODE "
    "= MANUAL, SEEDING_MODE = AUTOMATIC, SESSION_TIMEOUT = 20), N'AG_MI' WITH (LISTENER_URL = "
    "N'tcp://mi.x.database.windows.net:5022;Server=[mi]', AVAILABILITY_MODE = "
    "ASYNCHRONOUS_COMMIT, FAILOVER_MODE = MANUAL, SEEDING_MODE = AUTOMATIC);";
constexpr const char* kLocalGroup =
    "CREATE AVAILABILITY GROUP [AG] WITH (CLUSTER_TYPE = NONE) FOR database [db1] REPLICA ON "
    "N'SQL1' WITH (ENDPOINT_URL = 'TCP://10.0.0.4:5022', AVAILABILITY_MODE = SYNCHRONOUS_COMMIT, "
    "FAILOVER_MODE = MANUAL, SEEDING_MODE = AUTOMATIC)";
constexpr const char* kEmptyGroup =
    "CREATE AVAILABILITY GROUP [AG] FOR REPLICA ON N'SQL1' WITH (ENDPOINT_URL = N'TCP://x:5022', "
    "AVAILABILITY_MODE = SYNCHRONOUS_COMMIT, FAILOVER_MODE = MANUAL)";
constexpr const char* kCertificateScript = R"(
USE MASTER
DECLARE @cert_expiry_date AS varchar(max)='03/30/2030'
DECLARE @name NVARCHAR(MAX) = N'Cert_' + @@servername  + N'_endpoint'
DECLARE @command NVARCHAR(MAX) = N'CREATE CERTIFICATE [' + @name + '] ' + char (13) +
'    WITH SUBJECT = ''' + @name + ''',' + char (13) + '    EXPIRY_DATE = '''+ @cert_expiry_date + ''''
IF NOT EXISTS (SELECT name from sys.certificates WHERE name = @name)
BEGIN
    PRINT (@command)
    EXEC sp_executesql @stmt = @command
END
ELSE
    PRINT 'Certificate ' + @name + ' already exists.')";

INSTANTIATE_TEST_SUITE_P(
    Texts, ParserTest,
    testing::Values(
        RefusalCase{"local_group", kLocalGroup, 0},
        RefusalCase{"cluster_type_is_unknown_to_2016", kLocalGroup, 102, 13},
        RefusalCase{"group_without_database", kEmptyGroup, 0},
        RefusalCase{"distributed_group", kDistributed, 0},
        RefusalCase{"certificate_script", kCertificateScript, 0},
        RefusalCase{"modify_modes",
                    "ALTER AVAILABILITY GROUP [D] MODIFY AVAILABILITY GROUP ON N'A' WITH "
                    "(AVAILABILITY_MODE "
                    "= SYNCHRONOUS_COMMIT), N'B' WITH (AVAILABILITY_MODE = SYNCHRONOUS_COMMIT);",
                    0},
        RefusalCase{
            "join",
            "ALTER AVAILABILITY GROUP [D] JOIN AVAILABILITY GROUP ON N'B' WITH (LISTENER_URL = "
            "N'tcp://m:5022'), N'A' WITH (LISTENER_URL = N'TCP://s:5022');",
            0},
        RefusalCase{"grant_create", "ALTER AVAILABILITY GROUP [A] GRANT CREATE ANY DATABASE;", 0},
        RefusalCase{"failover", "ALTER AVAILABILITY GROUP [D] FAILOVER;", 0},
        RefusalCase{"force", "ALTER AVAILABILITY GROUP [D] FORCE_FAILOVER_ALLOW_DATA_LOSS;", 0},
        RefusalCase{"role", "ALTER AVAILABILITY GROUP [D] SET (ROLE = SECONDARY);", 0},
        RefusalCase{"secondary_role",
                    "ALTER AVAILABILITY GROUP [A] MODIFY REPLICA ON N'S' WITH (SECONDARY_ROLE "
                    "(ALLOW_CONNECTIONS = ALL));",
                    0},
        RefusalCase{
            "log_backup",
            "BACKUP LOG [db1] TO DISK = N'x' WITH NOFORMAT, NOINIT, SKIP, NOREWIND, NOUNLOAD, "
            "COMPRESSION, STATS = 1;",
            0},
        RefusalCase{"hadr_resume", "ALTER DATABASE [db1] SET HADR RESUME;", 0},
        RefusalCase{"grant_right", "GRANT ALTER ANY AVAILABILITY GROUP TO [NT AUTHORITY\\SYSTEM];",
                    0},
        RefusalCase{"trace_flags", "DBCC TRACESTATUS(-1) WITH NO_INFOMSGS;", 0},
        RefusalCase{
            "wait_loop",
            "DECLARE @s int = 10; WHILE (@s >= 4) BEGIN SELECT DISTINCT @s = 1 WAITFOR DELAY "
            "'00:00:05'; END",
            0},
        RefusalCase{"apply",
                    "SELECT d.name, s.log_min_lsn FROM sys.databases AS d OUTER APPLY "
                    "sys.dm_db_log_stats(d.database_id) AS s",
                    0},
        RefusalCase{"go_is_no_statement", "GO", 102},
        RefusalCase{"misspelled_word", "SELCT 1", 102},
        RefusalCase{"reserved_word_as_name", "SELECT 1 AS from", 156},
        RefusalCase{"variable_as_name", "DECLARE @n int; DROP AVAILABILITY GROUP @n", 102},
        RefusalCase{"variable_as_url",
                    "DECLARE @u int; ALTER AVAILABILITY GROUP [A] MODIFY REPLICA ON N'S' WITH "
                    "(ENDPOINT_URL = @u)",
                    102},
        RefusalCase{"variable_as_date",
                    "DECLARE @u int; CREATE CERTIFICATE c WITH SUBJECT = 's', EXPIRY_DATE = @u",
                    102},
        RefusalCase{"quoted_binary", "CREATE CERTIFICATE c FROM BINARY = '0x30'", 102},
        RefusalCase{"undeclared_variable", "SELECT @x", 137},
        RefusalCase{"declared_twice", "DECLARE @x int, @x int", 134},
        RefusalCase{"value_as_condition", "IF 1 PRINT 'x'", 4145},
        RefusalCase{"condition_as_value", "SELECT 1 = 1", 102},
        RefusalCase{"end_of_block_missing", "BEGIN SELECT 1", 102},
        RefusalCase{"empty_block", "BEGIN END", 156},
        RefusalCase{"derived_table_without_name", "SELECT 1 FROM (SELECT 1 AS a)", 102},
        RefusalCase{"insert_is_outside", "INSERT INTO t VALUES (1)", 156},
        RefusalCase{"unknown_option", "SET ANSI_NOTHING ON", 195},
        RefusalCase{"unknown_type", "DECLARE @x geography", 2715},
        RefusalCase{"distributed_word_missing",
                    "CREATE AVAILABILITY GROUP [D] WITH (BASIC) AVAILABILITY GROUP ON N'A' WITH "
                    "(LISTENER_URL = N'x')",
                    19498},
        RefusalCase{
            "endpoint_without_port",
            "CREATE ENDPOINT e AS TCP (LISTENER_IP = ALL) FOR DATABASE_MIRRORING (ROLE = ALL)",
            102},
        RefusalCase{"endpoint_kind_altered", "ALTER ENDPOINT e FOR TSQL ()", 7860}),
    [](const auto& suite) { return std::string(suite.param.name); });

TEST(ParserLineTest, SyntaxErrorsNameTheirLine) {
  try {
    ParseBatch("SELECT 1\n\nSELECT FROM", 16);
    FAIL();
  } catch (const Failure& failure) {
    EXPECT_EQ(failure.last().line, 3);
  }
}

}  // namespace
}  // namespace milink::sim::tsql
