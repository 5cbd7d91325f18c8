#include "controllers/link/reasons.h"
#include "core/api/codec.h"
#include "tests/unit/link/scene.h"

namespace milink::link {
namespace {

using gen::kUnknown;
using gen::Row;
using gen::Scene;
namespace type = api::condition_type;

constexpr char kFromSqlServer[] = "remove what a test of the network has left on SQL Server";
constexpr char kFromInstance[] =
    "remove what a test of the network has left on the managed instance";

// The journal says that a test runs, of which this process knows nothing.
void Interrupted(Scene& s, bool login = true) {
  s.Established();
  s.world.link.spec.preparation.network_test = api::NetworkTestMode::kSkip;
  if (login) s.world.link.spec.managed_instance.sql_credentials_secret = "mi-login";
  s.world.link.status.network_test = api::ManagedInstanceLinkStatus::NetworkTest{"Running"};
}
// A part of the test that this process knows, which is of this link and given up unless said
// otherwise.
NetworkOutcome& PartOf(Scene& s, NetworkProbe probe, bool running = false) {
  if (!s.network.has_value()) {
    s.network = NetworkRun{{"shop", "link"}, "", s.world.now, {}, true};
  }
  NetworkOutcome& outcome = s.network->probes[probe];
  outcome.running = running;
  outcome.ended = s.world.now;
  return outcome;
}
void Removed(Scene& s) {
  PartOf(s, NetworkProbe::kRemoveFromSqlServer);
  PartOf(s, NetworkProbe::kRemoveFromInstance);
}
void NotRemoved(Scene& s) {
  Removed(s);
  PartOf(s, NetworkProbe::kRemoveFromInstance).error =
      Error{ErrorKind::kTransient, "Unreachable", "no route to host", ""};
}

std::vector<Row> SkippedRows() {
  const auto row = [](const char* name, std::function<void(Scene&)> arrange, const char* text,
                      std::vector<std::string> steps) {
    return Row{
        name, std::move(arrange), type::kNetworkVerified, kUnknown, reason::kNetworkTestSkipped,
        text, std::move(steps)};
  };
  return {
      row("Skip takes away what an interrupted test has left on both sides",
          [](Scene& s) { Interrupted(s); }, "Skip", {kFromSqlServer, kFromInstance}),
      row("Without a login on the instance no job was made there",
          [](Scene& s) { Interrupted(s, false); }, "Skip", {kFromSqlServer}),
      row("On Linux no job was made",
          [](Scene& s) {
            Interrupted(s);
            s.world.sql.properties.host_platform = "Linux";
          },
          "Skip", {kFromInstance}),
      row("Nothing is taken away after a test that has ended",
          [](Scene& s) {
            Interrupted(s);
            s.world.link.status.network_test->state = "Failed";
          },
          "Skip", {}),
      row("Nothing is changed while the link is suspended",
          [](Scene& s) {
            Interrupted(s);
            s.world.link.spec.suspend = true;
          },
          "the link is suspended", {}),
      row("A side that cannot be read waits for itself",
          [](Scene& s) {
            Interrupted(s);
            s.sql_unreachable = true;
          },
          "Skip", {kFromInstance}),
      row("What cannot be removed is named",
          [](Scene& s) {
            Interrupted(s);
            NotRemoved(s);
          },
          "may have left a job milink-network-test-.. in msdb of managed instance sqlmi1: no route",
          {}),
      row("A removal that failed is tried again, though not at once",
          [](Scene& s) {
            Interrupted(s);
            NotRemoved(s);
            s.world.now += std::chrono::minutes(10);
          },
          "Skip", {kFromSqlServer, kFromInstance}),
      row("A removal is waited for",
          [](Scene& s) {
            Interrupted(s);
            PartOf(s, NetworkProbe::kRemoveFromSqlServer, true);
            PartOf(s, NetworkProbe::kRemoveFromInstance);
          },
          "Skip", {}),
      row("A test that runs is not waited for but ended",
          [](Scene& s) {
            Interrupted(s);
            PartOf(s, NetworkProbe::kToInstance, true);
            s.network->given_up = false;
          },
          "Skip", {kFromSqlServer, kFromInstance}),
      row("The test of another link keeps its jobs, which have the same names",
          [](Scene& s) {
            Interrupted(s);
            PartOf(s, NetworkProbe::kToInstance, true);
            s.network->owner.name = "other";
          },
          "Skip", {}),
      row("What another link's test has been is no proof",
          [](Scene& s) {
            Interrupted(s);
            PartOf(s, NetworkProbe::kToInstance);
            s.network->owner.name = "other";
          },
          "Skip", {kFromSqlServer, kFromInstance}),
  };
}

class PlanNetworkRemovalTable : public testing::TestWithParam<Row> {};
TEST_P(PlanNetworkRemovalTable, DecidesAsTheSentenceSays) { gen::Check(GetParam()); }
INSTANTIATE_TEST_SUITE_P(Skipped, PlanNetworkRemovalTable, testing::ValuesIn(SkippedRows()),
                         gen::CaseName);

TEST(PlanNetworkRemovalTest, OnlyTheFirstRemovalGivesTheTestUp) {
  Scene s;
  Interrupted(s);
  const Plan plan = PlanLink(s.Observe());
  EXPECT_FALSE(plan.write_journal);
  ASSERT_EQ(plan.steps.size(), 2U);
  EXPECT_TRUE(std::get<TestNetwork>(plan.steps[0]).first);
  EXPECT_FALSE(std::get<TestNetwork>(plan.steps[1]).first);
  EXPECT_EQ(ClassOf(plan.steps[0]), StepClass::kReplace);
}

TEST(PlanNetworkRemovalTest, OnceAllIsGoneTheJournalSaysSo) {
  Scene s;
  Interrupted(s);
  Removed(s);
  const Plan plan = PlanLink(s.Observe());
  EXPECT_TRUE(plan.write_journal);
  EXPECT_EQ(plan.status.network_test->state, "Incomplete");
  EXPECT_TRUE(s.Decide().steps.empty());
}

TEST(PlanNetworkRemovalTest, AsLongAsSomethingMayBeLeftTheJournalKeepsIt) {
  Scene s;
  Interrupted(s);
  NotRemoved(s);
  const Plan plan = PlanLink(s.Observe());
  EXPECT_FALSE(plan.write_journal);
  ASSERT_TRUE(plan.requeue_after.has_value());
  EXPECT_LE(*plan.requeue_after, std::chrono::minutes(10));
}

struct DeletionOfTested {
  const char* name;
  std::function<void(Scene&)> arrange;
  std::vector<std::string> steps;
  bool ends;         // the finalizer goes
  const char* note;  // part of one; empty: nothing of a test is told
};

std::vector<DeletionOfTested> DeletionsOfTested() {
  return {
      {"WhatWasInterruptedIsRemovedFirst",
       [](Scene&) {},
       {kFromSqlServer, kFromInstance},
       false,
       ""},
      {"ThenTheLinkGoes", Removed, {}, true, ""},
      {"WhatRunsStillIsWaitedFor",
       [](Scene& s) {
         Removed(s);
         PartOf(s, NetworkProbe::kToSqlServer, true);
       },
       {},
       false,
       ""},
      {"ButNotForEver",
       [](Scene& s) {
         Removed(s);
         PartOf(s, NetworkProbe::kToSqlServer, true);
         s.world.now += kNetworkTestLimit;
       },
       {},
       true,
       ""},
      {"WhatCannotBeRemovedIsToldAndLeft", NotRemoved, {}, true, "no route to host"},
      {"WhatWasNotEvenSentIsTriedAgain",
       [](Scene& s) {
         NotRemoved(s);
         PartOf(s, NetworkProbe::kRemoveFromInstance).error->kind = ErrorKind::kConflict;
       },
       {kFromSqlServer, kFromInstance},
       false,
       ""},
      {"WhatCannotBeReachedIsToldAndLeft",
       [](Scene& s) {
         s.sql_unreachable = true;
         s.instance_unread = true;
       },
       {},
       true,
       "msdb of SQL Server: it cannot be read; a test"},
      {"WithoutItsReplicaNobodyKnowsTheName",
       [](Scene& s) { s.replica_missing = true; },
       {},
       true,
       "msdb of managed instance sqlmi1: it cannot be read"},
      {"NothingIsChangedWhileSuspended",
       [](Scene& s) { s.world.link.spec.suspend = true; },
       {},
       true,
       "the link is suspended"},
      {"AndWhatRunsIsNotCutOff",
       [](Scene& s) {
         s.world.link.spec.suspend = true;
         PartOf(s, NetworkProbe::kToSqlServer, true);
         s.network->given_up = false;
       },
       {},
       false,
       ""},
  };
}

class DeletionOfTestedTable : public testing::TestWithParam<DeletionOfTested> {};

TEST_P(DeletionOfTestedTable, DecidesAsItsNameSays) {
  Scene s;
  Interrupted(s);
  s.Delete("Retain");
  GetParam().arrange(s);
  const Plan plan = PlanLink(s.Observe());
  std::vector<std::string> steps;
  for (const Step& step : plan.steps) steps.push_back(Describe(step));
  EXPECT_EQ(steps, GetParam().steps);
  EXPECT_EQ(plan.remove_finalizer, GetParam().ends);
  std::string told;
  for (const Note& note : plan.notes) {
    if (note.action == "TestNetwork") told += note.message;
  }
  EXPECT_NE(told.find(GetParam().note), std::string::npos) << told;
  EXPECT_EQ(told.empty(), std::string(GetParam().note).empty()) << told;
}

INSTANTIATE_TEST_SUITE_P(, DeletionOfTestedTable, testing::ValuesIn(DeletionsOfTested()),
                         [](const auto& row) { return std::string(row.param.name); });

}  // namespace
}  // namespace milink::link
