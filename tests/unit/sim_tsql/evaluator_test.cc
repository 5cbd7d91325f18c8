// Expressions: what SELECT <expression> answers.
#include <gtest/gtest.h>

#include "tests/unit/sim_tsql/server.h"

namespace milink::sim {
namespace {

struct ExpressionCase {
  const char* expression;
  const char* result;  // "#n": error n
};

class EvaluatorTest : public testing::TestWithParam<ExpressionCase> {};

TEST_P(EvaluatorTest, Answers) {
  Server server;
  const Answer answer = server.Run("SELECT " + std::string(GetParam().expression));
  const std::string shown =
      answer.failed.empty() ? answer.One() : "#" + std::to_string(answer.failed[0]);
  EXPECT_EQ(shown, GetParam().result) << GetParam().expression;
}

INSTANTIATE_TEST_SUITE_P(
    Expressions, EvaluatorTest,
    testing::Values(
        ExpressionCase{"1 + 2 * 3", "7"}, ExpressionCase{"7 / 2", "3"},
        ExpressionCase{"7 % 4", "3"}, ExpressionCase{"-(1 - 3)", "2"},
        ExpressionCase{"1 / 0", "#8134"}, ExpressionCase{"2147483647 + 1", "#8115"},
        ExpressionCase{"1.5 + 1", "2.5"},
        ExpressionCase{"100.0 * CAST(1 AS int) / CAST(4 AS int)", "25.000000000000"},
        ExpressionCase{"'a' + N'b'", "ab"}, ExpressionCase{"'a' + NULL", "NULL"},
        ExpressionCase{"'1' + 2", "3"}, ExpressionCase{"'x' + 1", "#245"},
        ExpressionCase{"CONVERT(bigint, 37000000024000001) + 1", "37000000024000002"},
        ExpressionCase{"CONVERT(varchar(25), CONVERT(numeric(25,0), '37000000024000001'))",
                       "37000000024000001"},
        ExpressionCase{"CASE WHEN 'A' = 'a ' THEN 'same' ELSE 'other' END", "same"},
        ExpressionCase{"CASE WHEN NULL = NULL THEN 1 WHEN NOT (NULL = 1) THEN 2 ELSE 3 END", "3"},
        ExpressionCase{"CASE 2 WHEN 1 THEN 'one' WHEN 2 THEN 'two' END", "two"},
        ExpressionCase{"IIF(1 IN (2, NULL), 'yes', 'no')", "no"},
        ExpressionCase{"IIF(1 NOT IN (2, NULL), 'yes', 'unknown')", "unknown"},
        ExpressionCase{"IIF('tcp://x;Server=[m]' LIKE N'%Server=%', 1, 0)", "1"},
        ExpressionCase{"IIF('a_b' LIKE 'a!_b' ESCAPE '!', 1, 0)", "1"},
        ExpressionCase{"IIF('abc' LIKE '[a-c]b_', 1, 0)", "1"},
        ExpressionCase{"IIF(3 BETWEEN 1 AND 3, 1, 0)", "1"}, ExpressionCase{"ISNULL(NULL, 5)", "5"},
        ExpressionCase{"COALESCE(NULL, NULL, 'x')", "x"}, ExpressionCase{"NULLIF(1, 1)", "NULL"},
        ExpressionCase{"LEN('ab  ')", "2"}, ExpressionCase{"DATALENGTH(N'ab')", "4"},
        ExpressionCase{"UPPER('aß')", "Aß"}, ExpressionCase{"REPLACE('aAa', 'A', 'b')", "bbb"},
        ExpressionCase{"SUBSTRING('abcdef', 2, 3)", "bcd"},
        ExpressionCase{"CHARINDEX('c', 'abc')", "3"},
        ExpressionCase{"LEFT('abc', 2) + RIGHT('abc', 1)", "abc"},
        ExpressionCase{"LTRIM(RTRIM('  x '))", "x"}, ExpressionCase{"QUOTENAME('a]b')", "[a]]b]"},
        ExpressionCase{"QUOTENAME('it''s', '''')", "'it''s'"},
        ExpressionCase{"CONVERT(varchar(33), GETUTCDATE(), 126)", "2026-11-21T10:00:00"},
        ExpressionCase{"CONVERT(varchar(8), DATEADD(day, 1, GETDATE()), 112)", "20261122"},
        ExpressionCase{"DATEDIFF(hour, '20261121', GETDATE())", "10"},
        ExpressionCase{"CONVERT(varchar(30), CAST('20260102 03:04:05' AS datetime), 121)",
                       "2026-01-02 03:04:05.000"},
        ExpressionCase{"CAST('2026-13-01' AS datetime)", "#241"},
        ExpressionCase{"CAST('x' AS int)", "#245"}, ExpressionCase{"TRY_CONVERT(int, 'x')", "NULL"},
        ExpressionCase{"CONVERT(nvarchar(10), 0x0A1B, 1)", "0x0A1B"},
        ExpressionCase{"CONVERT(varbinary(4), '0x0A1B', 1)", "0x0A1B"},
        ExpressionCase{"CAST(300 AS tinyint)", "#220"},
        ExpressionCase{"CONVERT(int, SERVERPROPERTY('EngineEdition'))", "3"},
        ExpressionCase{"SERVERPROPERTY('NoSuchThing')", "NULL"},
        ExpressionCase{"@@SERVERNAME", "SQL1"}, ExpressionCase{"DB_NAME()", "master"},
        ExpressionCase{"DB_ID(N'db1')", "5"}, ExpressionCase{"DB_ID('none')", "NULL"},
        ExpressionCase{"CERT_ID(N'none')", "NULL"}, ExpressionCase{"CERTENCODED(NULL)", "NULL"},
        ExpressionCase{"IS_SRVROLEMEMBER(N'sysadmin')", "1"},
        ExpressionCase{"HAS_PERMS_BY_NAME(NULL, NULL, 'ALTER ANY AVAILABILITY GROUP')", "1"},
        ExpressionCase{"LEN(CONVERT(varchar(36), NEWID()))", "36"},
        ExpressionCase{"NO_SUCH_FUNCTION(1)", "#195"}, ExpressionCase{"LEN()", "#174"},
        ExpressionCase{"nothing", "#207"}, ExpressionCase{"t.nothing", "#4104"},
        ExpressionCase{"@@nothing", "#137"}));

}  // namespace
}  // namespace milink::sim
