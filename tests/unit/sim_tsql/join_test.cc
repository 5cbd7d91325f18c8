// A join by hash gives what the nested loop gives.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/sim_tsql/server.h"

namespace milink::sim {
namespace {

using testing::ElementsAre;
using testing::ElementsAreArray;

// A number, a text in several cases, a decimal of two scales, an identity.
std::string Table(const std::string& scale, const std::string& rows, const std::string& alias) {
  return "(SELECT v.n, NULLIF(v.t, N'') AS t, CAST(NULLIF(v.d, '') AS numeric(10," + scale +
         ")) AS d, CAST(NULLIF(v.g, '') AS uniqueidentifier) AS g FROM (VALUES " + rows +
         ") AS v(n, t, d, g)) AS " + alias;
}

std::string Left() {
  return Table("2",
               "(1, N'one', '1.5', 'aaaaaaaa-0000-0000-0000-000000000001'),"
               "(2, N'Two', '2.0', 'AAAAAAAA-0000-0000-0000-000000000002'),"
               "(2, N'two ', '2.5', ''), (NULL, N'', '', ''),"
               "(9, N'nine', '9', 'aaaaaaaa-0000-0000-0000-000000000009')",
               "a");
}

std::string Right() {
  return Table("3",
               "(2, 'TWO', '2', 'aaaaaaaa-0000-0000-0000-000000000002'),"
               "(2, 'two', '2.500', ''),"
               "(1, 'ONE', '1.500', 'AAAAAAAA-0000-0000-0000-000000000001'),"
               "(NULL, '', '', ''), (7, 'seven', '7', '')",
               "b");
}

struct JoinCase {
  const char* sentence;
  const char* on;
  std::vector<std::string> inner;  // "a.n|a.t|b.n|b.t"
};

void PrintTo(const JoinCase& test_case, std::ostream* out) { *out << test_case.sentence; }

std::vector<JoinCase> Cases() {
  return {
      {"duplicate keys pair with each other, NULL with nothing",
       "a.n = b.n",
       {"1|one|1|ONE", "2|Two|2|TWO", "2|Two|2|two", "2|two |2|TWO", "2|two |2|two"}},
      {"the sides of the equality may be exchanged",
       "b.n = a.n",
       {"1|one|1|ONE", "2|Two|2|TWO", "2|Two|2|two", "2|two |2|TWO", "2|two |2|two"}},
      {"text is equal without regard to case and trailing blanks",
       "a.t = b.t",
       {"1|one|1|ONE", "2|Two|2|TWO", "2|Two|2|two", "2|two |2|TWO", "2|two |2|two"}},
      {"a collation that minds case is kept",
       "a.t = b.t COLLATE Latin1_General_BIN2",
       {"2|two |2|two"}},
      {"both of two keys must agree",
       "a.n = b.n AND a.d = b.d AND a.t = b.t",
       {"1|one|1|ONE", "2|Two|2|TWO", "2|two |2|two"}},
      {"a remaining condition chooses among equal keys",
       "a.n = b.n AND b.d > 2 AND a.d < 2.5",
       {"2|Two|2|two"}},
      {"numbers of several spellings are equal",
       "a.d = b.d",
       {"1|one|1|ONE", "2|Two|2|TWO", "2|two |2|two"}},
      {"identities are equal without regard to case", "a.g = b.g", {"1|one|1|ONE", "2|Two|2|TWO"}},
      {"an equality under OR decides nothing alone",
       "a.n = b.n AND (a.t = b.t COLLATE Latin1_General_BIN2 OR b.n = 1)",
       {"1|one|1|ONE", "2|two |2|two"}},
      {"a number meets a text by its value",
       "a.n = CAST(b.n AS nvarchar(9)) AND a.n = b.n",
       {"1|one|1|ONE", "2|Two|2|TWO", "2|Two|2|two", "2|two |2|TWO", "2|two |2|two"}},
      {"an equality within one side is no key",
       "a.n = a.n AND b.t = 'seven'",
       {"1|one|7|seven", "2|Two|7|seven", "2|two |7|seven", "9|nine|7|seven"}},
      {"keys that never agree join nothing", "a.n = b.n AND a.t = 'seven'", {}},
  };
}

class JoinTest : public testing::TestWithParam<JoinCase> {
 protected:
  std::vector<std::string> Run(const std::string& join, const std::string& on) {
    const Answer answer = server_.Run("SELECT a.n, a.t, b.n, b.t FROM " + Left() + " " + join +
                                      " JOIN " + Right() + " ON " + on);
    EXPECT_EQ(ErrorOf(answer), 0) << answer.One();
    return answer.Rows();
  }

  Server server_;
};

TEST_P(JoinTest, JoinsWhatTheConditionSays) {
  EXPECT_THAT(Run("INNER", GetParam().on), ElementsAreArray(GetParam().inner));
}

// No equality is certain under OR: such a condition is asked for every pair.
TEST_P(JoinTest, EveryKindOfJoinGivesTheRowsOfTheNestedLoopInItsOrder) {
  const std::string on = GetParam().on;
  for (const char* join : {"INNER", "LEFT", "RIGHT", "FULL"}) {
    SCOPED_TRACE(join);
    EXPECT_THAT(Run(join, on), ElementsAreArray(Run(join, "((" + on + ") OR 1 = 0)")));
  }
}

INSTANTIATE_TEST_SUITE_P(Conditions, JoinTest, testing::ValuesIn(Cases()));

TEST_F(JoinTest, ALeftJoinKeepsRowsWithoutMatch) {
  EXPECT_THAT(Run("LEFT", "a.n = b.n AND b.t = 'one'"),
              ElementsAre("1|one|1|ONE", "2|Two|NULL|NULL", "2|two |NULL|NULL",
                          "NULL|NULL|NULL|NULL", "9|nine|NULL|NULL"));
}

TEST_F(JoinTest, ASubqueryInTheConditionSeesBothSides) {
  EXPECT_THAT(Run("INNER",
                  "a.n = b.n AND EXISTS (SELECT 1 FROM (VALUES (1)) AS c(x) JOIN (VALUES"
                  " (1)) AS d(x) ON c.x = d.x AND c.x = a.n AND d.x = b.n)"),
              ElementsAre("1|one|1|ONE"));
}

}  // namespace
}  // namespace milink::sim
