#include "controllers/link/plan/network_verdict.h"

#include <functional>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace milink::link {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

constexpr char kVerdictFqdn[] = "mi.zone.database.windows.net";

// All was tried, and all is well.
struct VerdictCase {
  NetworkRun run;
  NetworkScene scene{"mi", kVerdictFqdn, {"10.0.0.4", 5022}, true, true};

  VerdictCase() {
    Part(NetworkProbe::kRules).subnet = {{"10.0.1.0/24"}, "/nsg"};
    Part(NetworkProbe::kRules).group = azure::SecurityGroup{"nsg1", {}};
    Part(NetworkProbe::kNode).node = sql::NetworkTarget{"DB1.tr1.net", 11'002};
    Part(NetworkProbe::kToInstance).job.trials = {{true, "10.0.1.4"}, {true, "10.0.1.5"}};
    Part(NetworkProbe::kToSqlServer).job.trials = {{true, ""}};
  }
  NetworkOutcome& Part(NetworkProbe probe) {
    NetworkOutcome& outcome = run.probes[probe];
    outcome.running = false;
    return outcome;
  }
  void Rule(const char* direction, const char* port, const char* peer) {
    azure::SecurityRule rule{"no", 100, direction, "Deny", "*", {"*"}, {"*"}, {port}};
    (rule.direction == "Inbound" ? rule.sources : rule.destinations) = {peer};
    Part(NetworkProbe::kRules).group->rules.push_back(rule);
  }
  void Fail(NetworkProbe probe, ErrorKind kind, const char* message) {
    Part(probe).error = Error{kind, "", message, ""};
  }
};

struct VerdictRow {
  const char* name;
  std::function<void(VerdictCase&)> arrange;
  const char* state;
  const char* reason;
  const char* text;
};

class VerdictTest : public ::testing::TestWithParam<VerdictRow> {};

TEST_P(VerdictTest, IsToldInWords) {
  VerdictCase made;
  GetParam().arrange(made);
  const auto record = JudgeNetwork(made.run, made.scene);
  EXPECT_EQ(record.state, GetParam().state) << record.message;
  EXPECT_EQ(record.reason, GetParam().reason) << record.message;
  EXPECT_THAT(record.message, HasSubstr(GetParam().text));
}

using P = NetworkProbe;
const std::vector<VerdictRow> kVerdictRows{
    {"AllIsReached", [](VerdictCase&) {}, "Passed", "Succeeded", "reach each other"},
    {"TheEndpointIsNotReached",
     [](VerdictCase& c) { c.Part(P::kToInstance).job.trials[0].connected = false; }, "Failed",
     "InstanceNotReached", "cannot reach mi.zone.database.windows.net:5022"},
    {"TheRemedyNamesPortsAndSubnet",
     [](VerdictCase& c) { c.Part(P::kToInstance).job.trials[1].connected = false; }, "Failed",
     "InstanceNotReached",
     "cannot reach DB1.tr1.net:11002; let the firewalls of its host and network pass TCP 5022 and "
     "11000-11999 to the whole subnet 10.0.1.0/24 of mi, and the network security group of that "
     "subnet let them in from 10.0.0.4"},
    {"SqlServerIsNotReached",
     [](VerdictCase& c) { c.Part(P::kToSqlServer).job.trials[0].connected = false; }, "Failed",
     "SqlServerNotReached", "let TCP 5022 in from the whole subnet 10.0.1.0/24"},
    {"TheNameLeadsElsewhere",
     [](VerdictCase& c) { c.Part(P::kToInstance).job.trials[0].remote_address = "52.1.2.3"; },
     "Failed", "AddressOutsideSubnet", "leads to 52.1.2.3"},
    {"ARuleDeniesPortsThatWereNotTried",
     [](VerdictCase& c) { c.Rule("Inbound", "11500", "10.0.0.0/24"); }, "Failed",
     "SecurityRuleDenies",
     "rule no of network security group nsg1 denies TCP 11000-11999 from 10.0.0.4"},
    {"ARuleSeemsToDenyWhatWorks", [](VerdictCase& c) { c.Rule("Inbound", "5022", "10.0.0.0/24"); },
     "Passed", "Succeeded", "rule no"},
    {"ARuleDeniesTheWayBack",
     [](VerdictCase& c) {
       c.Rule("Outbound", "5022", "*");
       c.scene.has_login = false;
       c.run.probes.erase(P::kToSqlServer);
     },
     "Failed", "SecurityRuleDenies", "denies TCP 5022 to 10.0.0.4"},
    {"ARuleThatCannotBeJudgedIsNamedWhereNothingWasTried",
     [](VerdictCase& c) {
       c.Rule("Outbound", "5022", "Internet");
       c.scene.has_login = false;
       c.run.probes.erase(P::kToSqlServer);
     },
     "Incomplete", "NetworkTestIncomplete",
     "whether network security group nsg1 allows TCP 5022 to 10.0.0.4 hangs on its rule no, and"},
    {"AnAddressOfIPv6IsNotComparedWithTheSubnet",
     [](VerdictCase& c) {
       c.Part(P::kToInstance).job.trials[0].remote_address = "64:ff9b::a00:104";
     },
     "Passed", "Succeeded", "reach each other"},
    {"OverlappingAddressesAreAWarningWhenBothWaysAreOpen",
     [](VerdictCase& c) { c.scene.sql_server.host = "10.0.1.77"; }, "Passed", "Succeeded",
     "warning: SQL Server's address 10.0.1.77 lies in the subnet 10.0.1.0/24 of mi"},
    {"OverlappingAddressesExplainAClosedWay",
     [](VerdictCase& c) {
       c.scene.sql_server.host = "10.0.1.77";
       c.Part(P::kToSqlServer).job.trials[0].connected = false;
     },
     "Failed", "SqlServerNotReached", "10.0.1.77 lies in the subnet 10.0.1.0/24 of mi; the ranges"},
    {"OverlappingAddressesAreToldBeforeAWayIsTried",
     [](VerdictCase& c) {
       c.scene.sql_server.host = "10.0.1.77";
       c.scene.has_login = false;
       c.run.probes.erase(P::kToSqlServer);
     },
     "Failed", "AddressesOverlap", "must not overlap"},
    {"ANameIsComparedByTheAddressThatSqlServerHas",
     [](VerdictCase& c) {
       c.scene.sql_server.host = "sql1.corp.example";
       c.Part(P::kToInstance).job.server_address = "10.0.1.77";
       c.Part(P::kToSqlServer).job.trials[0].connected = false;
     },
     "Failed", "SqlServerNotReached", "SQL Server's address 10.0.1.77 lies in the subnet"},
    {"SomebodyRemovesTheJob",
     [](VerdictCase& c) { c.Part(P::kToInstance).job = {sql::NetworkJobState::kRemoved, {}, {}}; },
     "Incomplete", "NetworkTestIncomplete", "was removed while it ran"},
    {"AJobThatCouldNotBeRemovedIsNamed",
     [](VerdictCase& c) {
       c.Fail(P::kToSqlServer, ErrorKind::kTransient, "the statement timed out");
       c.Fail(P::kRemoveFromInstance, ErrorKind::kTransient, "no route to host");
     },
     "Incomplete", "NetworkTestIncomplete",
     "a job milink-network-test-.. may be left in msdb of mi; the next test removes it, which "
     "could "
     "not be done now: no route to host"},
    {"TheRulesMayNotBeRead",
     [](VerdictCase& c) { c.Fail(P::kRules, ErrorKind::kUnauthorized, "denied"); }, "Passed",
     "Succeeded", "Microsoft.Network/networkSecurityGroups/read"},
    {"NoLogin",
     [](VerdictCase& c) {
       c.scene.has_login = false;
       c.run.probes.erase(P::kToSqlServer);
       c.run.probes.erase(P::kNode);
     },
     "Incomplete", "NetworkTestIncomplete", "spec.managedInstance.sqlCredentialsSecretRef"},
    {"TheLoginIsRefused",
     [](VerdictCase& c) {
       c.Part(P::kNode).node.reset();
       c.Fail(P::kNode, ErrorKind::kUnauthorized, "login refused");
       c.run.probes.erase(P::kToSqlServer);
     },
     "Incomplete", "NetworkTestIncomplete", "login refused"},
    {"TheAgentIsStopped",
     [](VerdictCase& c) {
       c.Part(P::kToInstance).job = {sql::NetworkJobState::kAgentStopped, {}, {}};
     },
     "Incomplete", "NetworkTestIncomplete", "SQL Server Agent is stopped; start it"},
    {"TheLoginMayNotMakeJobs",
     [](VerdictCase& c) { c.Part(P::kToSqlServer).job = {sql::NetworkJobState::kNoRight, {}, {}}; },
     "Incomplete", "NetworkTestIncomplete", "the login on mi is no member of sysadmin"},
    {"TheJobDoesNotEnd",
     [](VerdictCase& c) { c.Part(P::kToInstance).job = {sql::NetworkJobState::kTimedOut, {}, {}}; },
     "Incomplete", "NetworkTestIncomplete", "did not end in time"},
    {"AJobOfThatNameIsSomebodyElses",
     [](VerdictCase& c) {
       c.Part(P::kToInstance).job = {sql::NetworkJobState::kNameTaken, {}, {}};
     },
     "Incomplete", "NetworkTestIncomplete", "drop it"},
    {"TheJobSaysNothing", [](VerdictCase& c) { c.Part(P::kToInstance).job.trials.clear(); },
     "Incomplete", "NetworkTestIncomplete", "said nothing about"},
    {"OnLinuxTheOperatorReachesIt",
     [](VerdictCase& c) {
       c.scene.can_run_jobs = false;
       c.Part(P::kDirect).job.trials = {{true, "10.0.1.4"}, {true, "10.0.1.5"}};
     },
     "Passed", "Succeeded", "tried from the operator"},
    {"OnLinuxWhatTheOperatorCannotReachProvesNothing",
     [](VerdictCase& c) {
       c.scene.can_run_jobs = false;
       c.Part(P::kDirect).job.trials = {{false, ""}, {false, ""}};
     },
     "Incomplete", "NetworkTestIncomplete", "the operator itself cannot reach"},
};
INSTANTIATE_TEST_SUITE_P(Rows, VerdictTest, ::testing::ValuesIn(kVerdictRows),
                         [](const auto& row) { return std::string(row.param.name); });

// Behind a translation of addresses SQL Server's own says nothing about what the instance dials.
TEST(VerdictTest, AnAddressInTheSpecIsComparedItself) {
  VerdictCase made;
  made.Part(NetworkProbe::kToInstance).job.server_address = "10.0.1.77";
  made.Part(NetworkProbe::kToSqlServer).job.trials[0].connected = false;
  EXPECT_THAT(JudgeNetwork(made.run, made.scene).message, Not(HasSubstr("lies in the subnet")));
}

TEST(VerdictTest, AllCausesAreToldAtOnce) {
  VerdictCase made;
  made.Part(NetworkProbe::kToInstance).job.trials[0].connected = false;
  made.Part(NetworkProbe::kToSqlServer).job.trials[0].connected = false;
  const auto record = JudgeNetwork(made.run, made.scene);
  EXPECT_THAT(record.message, HasSubstr("SQL Server cannot reach"));
  EXPECT_THAT(record.message, HasSubstr("mi cannot reach SQL Server"));
  EXPECT_THAT(record.message, HasSubstr("milink.dev/test-network"));
  EXPECT_THAT(JudgeNetwork(VerdictCase().run, VerdictCase().scene).message,
              Not(HasSubstr("milink.dev/test-network")));
}

TEST(VerdictTest, ARuleThatCannotBeJudgedIsNoMatterWhereTheWayIsOpen) {
  VerdictCase made;
  made.Rule("Outbound", "5022", "Internet");
  EXPECT_THAT(JudgeNetwork(made.run, made.scene).message, Not(HasSubstr("hangs on")));
}

}  // namespace
}  // namespace milink::link
