// Variables, branches, errors, procedures, transactions.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/sim_tsql/server.h"

namespace milink::sim {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

TEST(ControlFlowTest, VariablesAndLoops) {
  Server server;
  EXPECT_EQ(server
                .Run("DECLARE @i int = 0, @s nvarchar(20) = N''; WHILE @i < 5 BEGIN SET @i += 1; "
                     "IF @i = 2 CONTINUE; IF @i = 4 BREAK; SET @s = @s + CONVERT(nvarchar(5), "
                     "@i); END SELECT @s")
                .One(),
            "13");
  EXPECT_EQ(server
                .Run("DECLARE @n sysname; SELECT @n = name FROM sys.databases WHERE database_id = "
                     "5; SELECT @n")
                .One(),
            "db1");
}

TEST(ControlFlowTest, ParametersAreVariables) {
  Server server;
  const Parameter name{.name = "@P1",
                       .type = {.type = SqlType::kNVarChar, .length = 4000},
                       .value = std::string("db1")};
  EXPECT_EQ(server.Run("SELECT database_id FROM sys.databases WHERE name = @P1", {name}).One(),
            "5");
}

TEST(ControlFlowTest, SyntaxErrorRunsNothing) {
  Server server;
  const Answer answer = server.Run("CREATE DATABASE d2; SELCT 1");
  EXPECT_EQ(ErrorOf(answer), 102);
  EXPECT_EQ(server.Run("SELECT DB_ID('d2')").One(), "NULL");
}

TEST(ControlFlowTest, StatementErrorsGoOnAndBatchErrorsStop) {
  Server server;
  EXPECT_THAT(server.Run("DROP CERTIFICATE c; SELECT 1").Rows(), ElementsAre("1"));
  EXPECT_THAT(server.Run("SELECT CAST('x' AS int); SELECT 1").sets, testing::SizeIs(0));
  EXPECT_THAT(server.Run("SET XACT_ABORT ON; DROP CERTIFICATE c; SELECT 1").Rows(), IsEmpty());
}

TEST(ControlFlowTest, CatchSeesTheError) {
  Server server;
  EXPECT_THAT(server
                  .Run("BEGIN TRY DROP CERTIFICATE c; SELECT 'not here' END TRY BEGIN CATCH SELECT "
                       "ERROR_NUMBER(), ERROR_LINE() END CATCH")
                  .Rows(),
              ElementsAre("15151|1"));
  EXPECT_EQ(ErrorOf(server.Run("BEGIN TRY SELECT 1/0 END TRY BEGIN CATCH THROW; END CATCH")), 8134);
  EXPECT_EQ(ErrorOf(server.Run(
                "BEGIN TRY SELECT x FROM sys.databases END TRY BEGIN CATCH SELECT 1 END CATCH")),
            207);
  EXPECT_THAT(server
                  .Run("BEGIN TRY EXEC(N'SELECT x FROM sys.databases') END TRY BEGIN CATCH SELECT "
                       "ERROR_NUMBER() END CATCH")
                  .Rows(),
              ElementsAre("207"));
}

TEST(ControlFlowTest, ThrowStopsAndRaiserrorDoesNot) {
  Server server;
  EXPECT_THAT(server.Run("THROW 50001, N'no', 3; SELECT 1").Rows(), IsEmpty());
  const Answer answer = server.Run("RAISERROR(N'%s and %d', 16, 2, N'a', 5); SELECT 1");
  ASSERT_EQ(answer.messages.size(), 1U);
  EXPECT_EQ(answer.messages[0].text, "a and 5");
  EXPECT_THAT(answer.Rows(), ElementsAre("1"));
  EXPECT_EQ(ErrorOf(server.Run("RAISERROR('note', 10, 1)")), 0);
  EXPECT_EQ(ErrorOf(server.Run("THROW 40000, 'x', 1")), 35100);
}

TEST(ControlFlowTest, ErrorsNameTheirLine) {
  Server server;
  const Answer answer = server.Run("SELECT 1\nSELECT 2\nDROP CERTIFICATE c");
  ASSERT_EQ(answer.messages.size(), 1U);
  EXPECT_EQ(answer.messages[0].line, 3);
}

TEST(ControlFlowTest, Procedures) {
  Server server;
  EXPECT_EQ(server.Run("EXEC sys.sp_executesql N'SELECT @a + 1', N'@a int', @a = 4").One(), "5");
  EXPECT_EQ(server
                .Run("DECLARE @r int; EXEC sp_executesql N'SET @o = 7', N'@o int OUTPUT', @o = @r "
                     "OUTPUT; SELECT @r")
                .One(),
            "7");
  EXPECT_EQ(ErrorOf(server.Run("EXEC sp_executesql 'SELECT 1'")), 214);
  EXPECT_EQ(ErrorOf(server.Run("EXEC no_such_procedure 1")), 2812);
  EXPECT_EQ(ErrorOf(server.Run("EXEC sys.sp_certificate_add_issuer 1")), 201);
  EXPECT_EQ(ErrorOf(server.Run("EXEC sys.sp_certificate_add_issuer 1, N'a', 3")), 8144);
  EXPECT_EQ(ErrorOf(server.Run("EXEC msdb.dbo.sp_update_job @job_name = N'x'")), 50000);
}

TEST(ControlFlowTest, LinkProceduresNeedTheUpdate) {
  Server server({.link_procedures = false});
  EXPECT_EQ(ErrorOf(server.Run("EXEC sys.sp_certificate_add_issuer 1, N'*.x'")), 2812);
}

TEST(ControlFlowTest, ChainsAreValidatedFromABuildOn) {
  const auto run = [](const char* version) {
    return ErrorOf(
        Server({.product_version = version}).Run("EXEC sys.sp_validate_certificate_ca_chain 1"));
  };
  EXPECT_EQ(run("15.0.4430.1"), 2812);
  EXPECT_EQ(run("16.0.1190.1"), 2812) << "a security fix is newer in date and lacks it";
  EXPECT_EQ(run("16.0.4035.4"), 2812);
  EXPECT_EQ(run("16.0.4045.3"), 15151);
  EXPECT_EQ(run("17.0.1000.7"), 15151);
}

TEST(ControlFlowTest, ApplicationLocksBelongToTheSession) {
  Server server;
  const std::string take =
      "DECLARE @r int; EXEC @r = sp_getapplock @Resource = N'x', @LockMode = 'Exclusive', "
      "@LockOwner "
      "= 'Session', @LockTimeout = 0; SELECT @r";
  EXPECT_EQ(server.Run(take).One(), "0");
  EXPECT_EQ(server.RunAs("sa", take).One(), "-1");
  EXPECT_EQ(ErrorOf(server.Run("EXEC sp_releaseapplock @Resource = N'x', @LockOwner = 'Session'")),
            0);
  EXPECT_EQ(server.RunAs("sa", take).One(), "0");
}

TEST(ControlFlowTest, TransactionsRefuseWhatCannotBeInThem) {
  Server server;
  EXPECT_EQ(ErrorOf(server.Run("COMMIT")), 3902);
  EXPECT_EQ(server.Run("BEGIN TRAN; SELECT @@TRANCOUNT").One(), "1");
  EXPECT_EQ(ErrorOf(server.Run("DROP AVAILABILITY GROUP a")), 574);
  EXPECT_EQ(ErrorOf(server.Run("DROP ENDPOINT e")), 226);
  EXPECT_EQ(ErrorOf(server.Run("BACKUP DATABASE db1 TO DISK = 'x'")), 3021);
  EXPECT_EQ(server.Run("ROLLBACK; SELECT @@TRANCOUNT").One(), "0");
}

TEST(ControlFlowTest, UseChangesTheDatabase) {
  Server server;
  EXPECT_THAT(server.Run("USE [DB1]; SELECT DB_NAME()").Rows(), ElementsAre("db1"));
  EXPECT_EQ(ErrorOf(server.Run("USE nowhere")), 911);
  EXPECT_EQ(ErrorOf(server.Run("USE db1; DROP AVAILABILITY GROUP a")), 35208);
}

TEST(ControlFlowTest, CountsFollowNocount) {
  Server server;
  EXPECT_THAT(server.Run("SELECT 1").done, ElementsAre(std::optional<std::uint64_t>(1)));
  EXPECT_THAT(server.Run("SET NOCOUNT ON; SELECT 1").done,
              ElementsAre(std::optional<std::uint64_t>()));
}

}  // namespace
}  // namespace milink::sim
