// Expressions: what SELECT <expression> answers.
#include <gtest/gtest.h>

#include "tests/unit/sim_tsql/server.h"

namespace milink::sim {
namespace {

struct Case {
  const char* expression;
  const char* result;  // "#n": error n
};

class EvaluatorTest : public testing::TestWithParam<Case> {};

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
        Case{"1 + 2 * 3", "7"}, Case{"7 / 2", "3"}, Case{"7 % 4", "3"}, Case{"-(1 - 3)", "2"},
        Case{"1 / 0", "#8134"}, Case{"2147483647 + 1", "#8115"}, Case{"1.5 + 1", "2.5"},
        Case{"100.0 * CAST(1 AS int) / CAST(4 AS int)", "25.000000000000"},
        Case{"'a' + N'b'", "ab"}, Case{"'a' + NULL", "NULL"}, Case{"'1' + 2", "3"},
        Case{"'x' + 1", "#245"},
        Case{"CONVERT(bigint, 37000000024000001) + 1", "37000000024000002"},
        Case{"CONVERT(varchar(25), CONVERT(numeric(25,0), '37000000024000001'))",
             "37000000024000001"},
        Case{"CASE WHEN 'A' = 'a ' THEN 'same' ELSE 'other' END", "same"},
        Case{"CASE WHEN NULL = NULL THEN 1 WHEN NOT (NULL = 1) THEN 2 ELSE 3 END", "3"},
        Case{"CASE 2 WHEN 1 THEN 'one' WHEN 2 THEN 'two' END", "two"},
        Case{"IIF(1 IN (2, NULL), 'yes', 'no')", "no"},
        Case{"IIF(1 NOT IN (2, NULL), 'yes', 'unknown')", "unknown"},
        Case{"IIF('tcp://x;Server=[m]' LIKE N'%Server=%', 1, 0)", "1"},
        Case{"IIF('a_b' LIKE 'a!_b' ESCAPE '!', 1, 0)", "1"},
        Case{"IIF('abc' LIKE '[a-c]b_', 1, 0)", "1"}, Case{"IIF(3 BETWEEN 1 AND 3, 1, 0)", "1"},
        Case{"ISNULL(NULL, 5)", "5"}, Case{"COALESCE(NULL, NULL, 'x')", "x"},
        Case{"NULLIF(1, 1)", "NULL"}, Case{"LEN('ab  ')", "2"}, Case{"DATALENGTH(N'ab')", "4"},
        Case{"UPPER('aß')", "Aß"}, Case{"REPLACE('aAa', 'A', 'b')", "bbb"},
        Case{"SUBSTRING('abcdef', 2, 3)", "bcd"}, Case{"CHARINDEX('c', 'abc')", "3"},
        Case{"LEFT('abc', 2) + RIGHT('abc', 1)", "abc"}, Case{"LTRIM(RTRIM('  x '))", "x"},
        Case{"QUOTENAME('a]b')", "[a]]b]"}, Case{"QUOTENAME('it''s', '''')", "'it''s'"},
        Case{"CONVERT(varchar(33), GETUTCDATE(), 126)", "2026-11-21T10:00:00"},
        Case{"CONVERT(varchar(8), DATEADD(day, 1, GETDATE()), 112)", "20261122"},
        Case{"DATEDIFF(hour, '20261121', GETDATE())", "10"},
        Case{"CONVERT(varchar(30), CAST('20260102 03:04:05' AS datetime), 121)",
             "2026-01-02 03:04:05.000"},
        Case{"CAST('2026-13-01' AS datetime)", "#241"}, Case{"CAST('x' AS int)", "#245"},
        Case{"TRY_CONVERT(int, 'x')", "NULL"}, Case{"CONVERT(nvarchar(10), 0x0A1B, 1)", "0x0A1B"},
        Case{"CONVERT(varbinary(4), '0x0A1B', 1)", "0x0A1B"}, Case{"CAST(300 AS tinyint)", "#220"},
        Case{"CONVERT(int, SERVERPROPERTY('EngineEdition'))", "3"},
        Case{"SERVERPROPERTY('NoSuchThing')", "NULL"}, Case{"@@SERVERNAME", "SQL1"},
        Case{"DB_NAME()", "master"}, Case{"DB_ID(N'db1')", "5"}, Case{"DB_ID('none')", "NULL"},
        Case{"CERT_ID(N'none')", "NULL"}, Case{"CERTENCODED(NULL)", "NULL"},
        Case{"IS_SRVROLEMEMBER(N'sysadmin')", "1"},
        Case{"HAS_PERMS_BY_NAME(NULL, NULL, 'ALTER ANY AVAILABILITY GROUP')", "1"},
        Case{"LEN(CONVERT(varchar(36), NEWID()))", "36"}, Case{"NO_SUCH_FUNCTION(1)", "#195"},
        Case{"LEN()", "#174"}, Case{"nothing", "#207"}, Case{"t.nothing", "#4104"},
        Case{"@@nothing", "#137"}));

}  // namespace
}  // namespace milink::sim
