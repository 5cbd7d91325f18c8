#include "controllers/link/plan/network_verdict.h"
#include "controllers/link/reasons.h"
#include "core/api/codec.h"
#include "tests/unit/link/scene.h"

namespace milink::link {
namespace {

using gen::kFalse;
using gen::kTrue;
using gen::kUnknown;
using gen::Row;
using gen::Scene;
namespace type = api::condition_type;

constexpr char kReadRules[] = "read the security rules of the managed instance's subnet";
constexpr char kToInstance[] =
    "try connections from SQL Server to sqlmi1.73d19f36a420a.database.windows.net:5022";
constexpr char kToNode[] =
    "try connections from SQL Server to sqlmi1.73d19f36a420a.database.windows.net:5022 and "
    "DB1.tr1.net:11002";
constexpr char kTryBack[] = "try a connection from the managed instance to 10.0.0.4:5022";
constexpr char kAskNode[] = "ask the managed instance for the node of its endpoint";

NetworkOutcome EndedProbe(TimePoint at, std::vector<sql::NetworkTrial> trials = {}) {
  NetworkOutcome outcome;
  outcome.running = false;
  outcome.ended = at;
  outcome.job.trials = std::move(trials);
  return outcome;
}

using Mode = api::NetworkTestMode;

// A link that has all but its first copy, and is tested.
void TestedLink(Scene& s, Mode mode = Mode::kWarn) {
  s.Linked();
  s.world.link.spec.preparation.network_test = mode;
  s.world.instance.instance.subnet_id = "/subscriptions/s/subnets/mi";
}
void WithInstanceLogin(Scene& s) {
  s.world.link.spec.managed_instance.sql_credentials_secret = "mi-login";
}
void StoredTest(Scene& s, const std::string& state, const std::string& reason = "",
                const std::string& request = "") {
  s.world.link.status.network_test = api::ManagedInstanceLinkStatus::NetworkTest{
      state, request, reason, reason.empty() ? "" : "as before"};
}
void AskForTest(Scene& s, const std::string& value) {
  s.world.link.meta.annotations[api::kTestNetworkAnnotation] = value;
}
// A test that ended some time ago, without a login on the instance.
void RanBefore(Scene& s, bool connected, std::chrono::seconds ago = std::chrono::seconds(1),
               const std::string& owner = "link") {
  const TimePoint at = s.world.now - ago;
  NetworkRun run{{"shop", owner}, "", at, {}};
  run.probes[NetworkProbe::kRules] = EndedProbe(at);
  run.probes[NetworkProbe::kToInstance] = EndedProbe(at, {{connected, "10.0.1.4"}});
  s.network = run;
}
void NodeIsKnown(Scene& s) {
  NetworkRun run{{"shop", "link"}, "", s.world.now, {}};
  run.probes[NetworkProbe::kRules] = EndedProbe(s.world.now);
  run.probes[NetworkProbe::kNode] = EndedProbe(s.world.now);
  run.probes[NetworkProbe::kNode].node = sql::NetworkTarget{"DB1.tr1.net", 11'002};
  s.network = run;
}

std::vector<Row> WhenRows() {
  return {
      {"A link that comes up is tested",
       [](Scene& s) { TestedLink(s); },
       type::kNetworkVerified,
       kUnknown,
       reason::kTestingNetwork,
       "being tried",
       {kReadRules, kToInstance}},
      {"A subnet that Azure does not name is not read",
       [](Scene& s) {
         TestedLink(s);
         s.world.instance.instance.subnet_id.clear();
       },
       type::kNetworkVerified,
       kUnknown,
       reason::kTestingNetwork,
       "",
       {kToInstance}},
      {"With a login on the instance its node is asked for first",
       [](Scene& s) {
         TestedLink(s);
         WithInstanceLogin(s);
       },
       type::kNetworkVerified,
       kUnknown,
       reason::kTestingNetwork,
       "",
       {kReadRules, kAskNode}},
      {"Once the node is known both ways are tried",
       [](Scene& s) {
         TestedLink(s);
         WithInstanceLogin(s);
         StoredTest(s, "Running");
         NodeIsKnown(s);
       },
       type::kNetworkVerified,
       kUnknown,
       reason::kTestingNetwork,
       "",
       {kToNode, kTryBack}},
      {"A login that was refused is not tried twice",
       [](Scene& s) {
         TestedLink(s);
         WithInstanceLogin(s);
         StoredTest(s, "Running");
         NodeIsKnown(s);
         s.network->probes[NetworkProbe::kNode].node.reset();
         s.network->probes[NetworkProbe::kNode].error =
             Error{ErrorKind::kUnauthorized, "LoginFailed", "login refused", ""};
       },
       type::kNetworkVerified,
       kUnknown,
       reason::kTestingNetwork,
       "",
       {kToInstance}},
      {"What a job may have left that was cut off is taken away before the test is over",
       [](Scene& s) {
         TestedLink(s);
         WithInstanceLogin(s);
         StoredTest(s, "Running");
         NodeIsKnown(s);
         for (const auto probe : {NetworkProbe::kToInstance, NetworkProbe::kToSqlServer}) {
           s.network->probes[probe] = EndedProbe(s.world.now);
           s.network->probes[probe].error =
               Error{ErrorKind::kTransient, "Timeout", "timed out", ""};
           s.network->probes[probe].job_may_stay = true;
         }
       },
       type::kNetworkVerified,
       kUnknown,
       reason::kTestingNetwork,
       "",
       {"remove what a test of the network has left on SQL Server",
        "remove what a test of the network has left on the managed instance"}},
      {"Once that was tried the outcome is told",
       [](Scene& s) {
         TestedLink(s);
         StoredTest(s, "Running");
         RanBefore(s, true);
         s.network->probes[NetworkProbe::kToInstance].error =
             Error{ErrorKind::kTransient, "Timeout", "timed out", ""};
         s.network->probes[NetworkProbe::kToInstance].job_may_stay = true;
         s.network->probes[NetworkProbe::kRemoveFromSqlServer] = EndedProbe(s.world.now);
       },
       type::kNetworkVerified,
       kUnknown,
       reason::kNetworkTestIncomplete,
       "timed out",
       {}},
      {"A test that is given up answers nobody, and is waited for",
       [](Scene& s) {
         TestedLink(s);
         RanBefore(s, true);
         s.network->given_up = true;
         s.network->probes[NetworkProbe::kRemoveFromSqlServer].running = true;
       },
       type::kNetworkVerified,
       kUnknown,
       reason::kTestingNetwork,
       "",
       {}},
      {"Once it is over the network is tested anew",
       [](Scene& s) {
         TestedLink(s);
         RanBefore(s, true);
         s.network->given_up = true;
       },
       type::kNetworkVerified,
       kUnknown,
       reason::kTestingNetwork,
       "",
       {kReadRules, kToInstance}},
      {"From SQL Server on Linux the operator tries by itself",
       [](Scene& s) {
         TestedLink(s);
         s.world.sql.properties.host_platform = "Linux";
       },
       type::kNetworkVerified,
       kUnknown,
       reason::kTestingNetwork,
       "",
       {kReadRules,
        "try connections from the operator to sqlmi1.73d19f36a420a.database.windows.net:5022"}},
      {"Nothing is tested when the spec says Skip",
       [](Scene& s) { TestedLink(s, Mode::kSkip); },
       type::kNetworkVerified,
       kUnknown,
       reason::kNetworkTestSkipped,
       "Skip",
       {}},
      {"Nothing is tested while the link is suspended",
       [](Scene& s) {
         s.Trust();
         s.world.link.spec.preparation.network_test = Mode::kWarn;
         s.world.link.spec.suspend = true;
       },
       type::kNetworkVerified,
       kUnknown,
       reason::kWaiting,
       "suspended",
       {}},
      {"A test that waits for the end of a suspension is told as waiting",
       [](Scene& s) {
         TestedLink(s);
         StoredTest(s, "Running");
         s.world.link.spec.suspend = true;
       },
       type::kNetworkVerified,
       kUnknown,
       reason::kWaiting,
       "suspended",
       {}},
      {"Nothing is tested while SQL Server cannot be read",
       [](Scene& s) {
         TestedLink(s);
         s.sql_unreachable = true;
       },
       type::kNetworkVerified,
       kUnknown,
       reason::kWaiting,
       "both sides must be ready",
       {}},
      {"A link that was up before there were tests is left alone",
       [](Scene& s) {
         TestedLink(s);
         s.world.link.status.records.front().established = true;
       },
       type::kNetworkVerified,
       kUnknown,
       reason::kNetworkNotTested,
       "milink.dev/test-network",
       {}},
      {"A test that a crash has interrupted is made again, which takes away what it has left",
       [](Scene& s) {
         TestedLink(s);
         s.world.link.status.records.front().established = true;
         StoredTest(s, "Running");
       },
       type::kNetworkVerified,
       kUnknown,
       reason::kTestingNetwork,
       "",
       {kReadRules, kToInstance}},
      {"An annotation asks for a test of a link that is up",
       [](Scene& s) {
         TestedLink(s);
         s.world.link.status.records.front().established = true;
         StoredTest(s, "Passed", "Succeeded");
         AskForTest(s, "1");
       },
       type::kNetworkVerified,
       kTrue,
       reason::kSucceeded,
       "as before",
       {kReadRules, kToInstance}},
      {"An annotation that was answered asks for nothing",
       [](Scene& s) {
         TestedLink(s);
         StoredTest(s, "Passed", "Succeeded", "1");
         AskForTest(s, "1");
       },
       type::kNetworkVerified,
       kTrue,
       reason::kSucceeded,
       "as before",
       {}},
      {"What was found before is told while a new test runs",
       [](Scene& s) {
         TestedLink(s);
         StoredTest(s, "Running", "InstanceNotReached", "1");
         AskForTest(s, "1");
       },
       type::kNetworkVerified,
       kFalse,
       "InstanceNotReached",
       "as before",
       {kReadRules, kToInstance}},
  };
}

std::vector<Row> SharedRows() {
  return {
      {"What another link of the pair has found is taken over",
       [](Scene& s) {
         TestedLink(s);
         RanBefore(s, false, std::chrono::minutes(4), "other");
       },
       type::kNetworkVerified,
       kFalse,
       reason::kInstanceNotReached,
       "SQL Server cannot reach",
       {}},
      {"Bad news of another link that is old is looked at again",
       [](Scene& s) {
         TestedLink(s);
         RanBefore(s, false, std::chrono::minutes(6), "other");
       },
       type::kNetworkVerified,
       kUnknown,
       reason::kTestingNetwork,
       "",
       {kReadRules, kToInstance}},
      {"While another link tests this one waits",
       [](Scene& s) {
         TestedLink(s);
         RanBefore(s, true, std::chrono::seconds(10), "other");
         s.network->probes[NetworkProbe::kToInstance].running = true;
       },
       type::kNetworkVerified,
       kUnknown,
       reason::kTestingNetwork,
       "",
       {}},
      {"A test that does not end is begun anew by whoever needs it",
       [](Scene& s) {
         TestedLink(s);
         RanBefore(s, true, std::chrono::minutes(6), "other");
         s.network->probes[NetworkProbe::kToInstance].running = true;
       },
       type::kNetworkVerified,
       kUnknown,
       reason::kTestingNetwork,
       "",
       {kReadRules, kToInstance}},
      {"The way back is named as untried without a login, and Warn goes on",
       [](Scene& s) {
         TestedLink(s);
         RanBefore(s, true);
       },
       type::kNetworkVerified,
       kUnknown,
       reason::kNetworkTestIncomplete,
       "sqlCredentialsSecretRef",
       {}},
      {"What another link was told an hour ago is no answer to the same annotation",
       [](Scene& s) {
         TestedLink(s);
         StoredTest(s, "Passed", "Succeeded");
         RanBefore(s, true, std::chrono::hours(1), "other");
         s.network->request = "1";
         AskForTest(s, "1");
       },
       type::kNetworkVerified,
       kTrue,
       reason::kSucceeded,
       "as before",
       {kReadRules, kToInstance}},
      {"An old answer is no answer to an annotation",
       [](Scene& s) {
         TestedLink(s);
         StoredTest(s, "Incomplete", "NetworkTestIncomplete");
         RanBefore(s, true);
         AskForTest(s, "1");
       },
       type::kNetworkVerified,
       kUnknown,
       reason::kNetworkTestIncomplete,
       "as before",
       {kReadRules, kToInstance}},
  };
}

void FreshPair(Scene& s, Mode mode) {
  s.Trust();
  s.world.link.spec.preparation.network_test = mode;
}

std::vector<Row> ModeRows() {
  const char* const group = "create availability group AG_sales for database sales";
  return {
      {"Warn makes groups whatever was found",
       [](Scene& s) {
         FreshPair(s, Mode::kWarn);
         StoredTest(s, "Failed", "InstanceNotReached");
       },
       type::kAvailabilityGroupsReady,
       kFalse,
       reason::kCreatingGroups,
       "",
       {group}},
      {"Require makes none while something is not reached",
       [](Scene& s) {
         FreshPair(s, Mode::kRequire);
         RanBefore(s, false);
         StoredTest(s, "Failed", "InstanceNotReached");
       },
       type::kAvailabilityGroupsReady,
       kFalse,
       reason::kWaiting,
       "until the network is verified",
       {}},
      {"Require makes none while something was not tried",
       [](Scene& s) {
         FreshPair(s, Mode::kRequire);
         RanBefore(s, true);
       },
       type::kReady,
       kFalse,
       reason::kNetworkTestIncomplete,
       "sqlCredentialsSecretRef",
       {}},
      {"Require looks again by itself after some minutes",
       [](Scene& s) {
         FreshPair(s, Mode::kRequire);
         RanBefore(s, false, std::chrono::minutes(5));
         StoredTest(s, "Failed", "InstanceNotReached");
       },
       type::kNetworkVerified,
       kFalse,
       "InstanceNotReached",
       "as before",
       {kToInstance}},
      {"Require lets a verified link come up",
       [](Scene& s) {
         FreshPair(s, Mode::kRequire);
         StoredTest(s, "Passed", "Succeeded");
       },
       type::kAvailabilityGroupsReady,
       kFalse,
       reason::kCreatingGroups,
       "",
       {group}},
      {"Require does not take a link down that is up",
       [](Scene& s) {
         TestedLink(s, Mode::kRequire);
         s.world.link.status.records.front().established = true;
         StoredTest(s, "Failed", "InstanceNotReached");
       },
       type::kReady,
       kTrue,
       reason::kReplicating,
       "",
       {}},
  };
}

class NetworkTest : public testing::TestWithParam<Row> {};
TEST_P(NetworkTest, Decides) { gen::Check(GetParam()); }
INSTANTIATE_TEST_SUITE_P(When, NetworkTest, testing::ValuesIn(WhenRows()), gen::CaseName);
INSTANTIATE_TEST_SUITE_P(Shared, NetworkTest, testing::ValuesIn(SharedRows()), gen::CaseName);
INSTANTIATE_TEST_SUITE_P(Modes, NetworkTest, testing::ValuesIn(ModeRows()), gen::CaseName);

TEST(NetworkPlanTest, ATestIsWrittenDownBeforeItBegins) {
  Scene s;
  TestedLink(s);
  const Plan plan = PlanLink(s.Observe());
  EXPECT_TRUE(plan.write_journal);
  EXPECT_TRUE(plan.steps.empty());
  ASSERT_TRUE(plan.status.network_test.has_value());
  EXPECT_EQ(plan.status.network_test->state, "Running");
}

TEST(NetworkPlanTest, ATestIsFollowedWhileItsLinkIsSuspended) {
  Scene s;
  TestedLink(s);
  StoredTest(s, "Running");
  RanBefore(s, true);
  s.network->probes[NetworkProbe::kToInstance].running = true;
  s.world.link.spec.suspend = true;
  ASSERT_TRUE(s.Decide().requeue_after.has_value());
  EXPECT_LE(*s.Decide().requeue_after, kNetworkTestPoll);
}

TEST(NetworkPlanTest, OnlyTheFirstPartBeginsTheTest) {
  Scene s;
  TestedLink(s);
  const Plan plan = s.Decide();
  ASSERT_EQ(plan.steps.size(), 2U);
  EXPECT_TRUE(std::get<TestNetwork>(plan.steps[0]).first);
  EXPECT_FALSE(std::get<TestNetwork>(plan.steps[1]).first);
}

TEST(NetworkPlanTest, WhatWasFoundIsToldOnce) {
  Scene s;
  TestedLink(s);
  StoredTest(s, "Running");
  RanBefore(s, false);
  const Plan plan = PlanLink(s.Observe());
  ASSERT_EQ(plan.notes.size(), 1U);
  EXPECT_TRUE(plan.notes[0].warning);
  EXPECT_EQ(plan.notes[0].reason, reason::kInstanceNotReached);
  EXPECT_EQ(plan.notes[0].action, "TestNetwork");
  EXPECT_TRUE(s.Decide().notes.empty());
}

}  // namespace
}  // namespace milink::link
