// SELECT over the tables of the catalog and over VALUES.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/sim_tsql/server.h"

namespace milink::sim {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

constexpr const char* kPairs =
    " FROM (VALUES (1, 'a'), (2, 'b'), (2, 'c'), (NULL, 'd')) AS v(n, t)";

std::vector<std::string> Query(const std::string& text) {
  Server server;
  const Answer answer = server.Run(text);
  if (!answer.failed.empty()) return {"#" + std::to_string(answer.failed[0])};
  return answer.Rows();
}

TEST(SelectTest, FiltersSortsAndLimits) {
  EXPECT_THAT(
      Query("SELECT TOP (2) t" + std::string(kPairs) + " WHERE n >= 1 ORDER BY n DESC, t DESC"),
      ElementsAre("c", "b"));
  EXPECT_THAT(Query("SELECT t" + std::string(kPairs) + " ORDER BY 1 DESC"),
              ElementsAre("d", "c", "b", "a"));
  EXPECT_THAT(Query("SELECT DISTINCT n" + std::string(kPairs) + " ORDER BY n"),
              ElementsAre("NULL", "1", "2"));
}

TEST(SelectTest, GroupsWithNullAsOneGroup) {
  EXPECT_THAT(Query("SELECT n, COUNT(*) AS c, MAX(t) AS m" + std::string(kPairs) +
                    " GROUP BY n HAVING COUNT(*) > 0 ORDER BY c DESC, n"),
              ElementsAre("2|2|c", "NULL|1|d", "1|1|a"));
  EXPECT_THAT(Query("SELECT COUNT(n), SUM(n), AVG(n), MIN(t)" + std::string(kPairs)),
              ElementsAre("3|5|1|a"));
  EXPECT_THAT(Query("SELECT COUNT(*) FROM (VALUES (1)) AS v(n) WHERE n = 2"), ElementsAre("0"));
}

TEST(SelectTest, Joins) {
  const std::string left = " FROM (VALUES (1), (2)) AS a(x) ";
  const std::string right = "(VALUES (2), (3)) AS b(x) ON a.x = b.x";
  EXPECT_THAT(Query("SELECT a.x, b.x" + left + "JOIN " + right), ElementsAre("2|2"));
  EXPECT_THAT(Query("SELECT a.x, b.x" + left + "LEFT JOIN " + right), ElementsAre("1|NULL", "2|2"));
  EXPECT_THAT(Query("SELECT a.x, b.x" + left + "FULL JOIN " + right),
              ElementsAre("1|NULL", "2|2", "NULL|3"));
  EXPECT_THAT(Query("SELECT a.x, c.y" + left +
                    "OUTER APPLY (SELECT TOP (1) b.x AS y FROM (VALUES (2), (2)) AS b(x) WHERE b.x "
                    "= a.x) AS c"),
              ElementsAre("1|NULL", "2|2"));
  EXPECT_THAT(Query("SELECT a.x" + left + "CROSS JOIN (VALUES (7)) AS b(y)"),
              ElementsAre("1", "2"));
}

TEST(SelectTest, Subqueries) {
  EXPECT_THAT(Query("SELECT name FROM sys.databases AS d WHERE EXISTS (SELECT 1 FROM "
                    "sys.master_files AS f WHERE f.database_id = d.database_id)"),
              ElementsAre("db1"));
  EXPECT_THAT(Query("SELECT (SELECT MAX(database_id) FROM sys.databases)"), ElementsAre("5"));
  EXPECT_THAT(Query("SELECT (SELECT name FROM sys.databases)"), ElementsAre("#512"));
  EXPECT_THAT(Query("SELECT 1 WHERE 5 IN (SELECT database_id FROM sys.databases)"),
              ElementsAre("1"));
}

TEST(SelectTest, UnionsCommonTablesAndWindows) {
  EXPECT_THAT(Query("SELECT 1 AS a UNION ALL SELECT 1 UNION ALL SELECT 2 ORDER BY a DESC"),
              ElementsAre("2", "1", "1"));
  EXPECT_THAT(Query("SELECT 1 UNION SELECT 1"), ElementsAre("1"));
  EXPECT_THAT(Query("WITH q AS (SELECT 1 AS a) SELECT q.a + 1 FROM q"), ElementsAre("2"));
  EXPECT_THAT(Query("SELECT q.t FROM (SELECT t, ROW_NUMBER() OVER (PARTITION BY n ORDER BY t DESC) "
                    "AS r" +
                    std::string(kPairs) + ") AS q WHERE q.r = 1 ORDER BY q.t"),
              ElementsAre("a", "c", "d"));
}

TEST(SelectTest, NamesAreCheckedEvenWithoutRows) {
  EXPECT_THAT(Query("SELECT no_such FROM sys.certificates"), ElementsAre("#207"));
  EXPECT_THAT(Query("SELECT c.no_such FROM sys.certificates AS c"), ElementsAre("#207"));
  EXPECT_THAT(Query("SELECT x.name FROM sys.certificates AS c"), ElementsAre("#4104"));
  EXPECT_THAT(Query("SELECT name FROM sys.no_such"), ElementsAre("#208"));
  EXPECT_THAT(Query("SELECT name FROM certificates"), ElementsAre("#208"));
  EXPECT_THAT(Query("SELECT name, COUNT(*) FROM sys.certificates"), ElementsAre("#8120"));
  EXPECT_THAT(Query("SELECT name FROM sys.databases AS a, sys.databases AS b"),
              ElementsAre("#209"));
  EXPECT_THAT(Query("SELECT 1 FROM sys.databases WHERE COUNT(*) = 1"), ElementsAre("#147"));
}

TEST(SelectTest, CollationDecidesAboutCase) {
  EXPECT_THAT(Query("SELECT NAME FROM SYS.DATABASES WHERE name = 'DB1'"), ElementsAre("db1"));
  Server server({.collation = "Latin1_General_CS_AS"});
  EXPECT_THAT(server.Run("SELECT name FROM sys.databases WHERE name = 'DB1'").Rows(), IsEmpty());
  EXPECT_EQ(ErrorOf(server.Run("SELECT name FROM SYS.DATABASES")), 208);
  EXPECT_EQ(ErrorOf(server.Run("SELECT NAME FROM sys.databases")), 207);
}

TEST(SelectTest, ColumnsCarryNamesAndTypes) {
  Server server;
  const Answer answer =
      server.Run("SELECT name, database_id AS id, is_read_only, create_date FROM sys.databases");
  ASSERT_EQ(answer.sets.size(), 1U);
  const auto& columns = answer.sets[0].columns;
  EXPECT_EQ(columns[1].name, "id");
  EXPECT_EQ(columns[0].type.type, SqlType::kNVarChar);
  EXPECT_EQ(columns[0].type.length, 128);
  EXPECT_EQ(columns[1].type.type, SqlType::kInt);
  EXPECT_EQ(columns[2].type.type, SqlType::kBit);
  EXPECT_EQ(columns[3].type.type, SqlType::kDateTime);
}

}  // namespace
}  // namespace milink::sim
