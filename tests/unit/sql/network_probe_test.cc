#include "core/sql/network_probe.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace milink::sql {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

ResultSet StateSet(const std::string& state) { return {{"network_job_state"}, {{state}}}; }

SqlReply JobReplyOf(const std::vector<std::string>& outputs,
                    const std::string& state = "Finished") {
  SqlReply reply;
  ResultSet steps{{"step_id", "step_output"}, {}};
  int step = 0;
  for (const auto& output : outputs) steps.rows.push_back({std::to_string(++step), output});
  reply.sets = {steps, StateSet(state)};
  return reply;
}

struct StepOutput {
  const char* name;
  const char* text;
  NetworkTrial trial;
};

class NetworkOutputTest : public ::testing::TestWithParam<StepOutput> {};

TEST_P(NetworkOutputTest, IsRead) {
  const auto result = ReadNetworkJob(JobReplyOf({GetParam().text}));
  ASSERT_TRUE(result.ok());
  EXPECT_THAT(result->trials, ElementsAre(GetParam().trial));
}

const std::vector<StepOutput> kStepOutputs{
    {"AHistoryThatSaysTrue",
     "Executed as user: NT Service\\SQLSERVERAGENT. \r\n\r\nComputerName     : mi.x.net\r\n"
     "RemoteAddress    : 10.0.1.4\r\nTcpTestSucceeded : True\r\n\r\n Process Exit Code 0.",
     {true, "10.0.1.4"}},
    {"AHistoryInOneLine",
     "Executed as user: x. ComputerName     : mi.x.net  RemoteAddress    : 10.0.1.4  "
     "TcpTestSucceeded : False  Process Exit Code 0.",
     {false, "10.0.1.4"}},
    {"ANameThatDidNotResolve",
     "WARNING: Name resolution of mi failed\r\nComputerName     : mi\r\nRemoteAddress    : \r\n"
     "TcpTestSucceeded : False\r\n",
     {false, ""}},
    {"AQuietTrue", "True\r\n", {true, ""}},
    {"AQuietFalseAfterAWarning",
     "WARNING: TCP connect to (10.0.0.4 : 5022) failed\r\nFalse\r\n",
     {false, ""}},
    {"AStepThatCouldNotRun",
     "The PowerShell subsystem failed to load. The step failed.",
     {std::nullopt, ""}},
};
INSTANTIATE_TEST_SUITE_P(Outputs, NetworkOutputTest, ::testing::ValuesIn(kStepOutputs),
                         [](const auto& row) { return std::string(row.param.name); });

TEST(NetworkJobTest, EveryStateIsRead) {
  const std::vector<std::pair<std::string, NetworkJobState>> rows{
      {"Finished", NetworkJobState::kFinished},         {"NoRight", NetworkJobState::kNoRight},
      {"AgentStopped", NetworkJobState::kAgentStopped}, {"NameTaken", NetworkJobState::kNameTaken},
      {"Removed", NetworkJobState::kRemoved},           {"TimedOut", NetworkJobState::kTimedOut}};
  for (const auto& [word, state] : rows) {
    SqlReply reply;
    reply.sets = {StateSet(word)};
    const auto result = ReadNetworkJob(reply);
    ASSERT_TRUE(result.ok());
    EXPECT_EQ(result->state, state) << word;
    EXPECT_THAT(result->trials, IsEmpty());
  }
  EXPECT_FALSE(ReadNetworkJob({}).ok());
}

TEST(NetworkJobTest, StepsKeepTheirPlacesWhenOneSaysNothing) {
  SqlReply reply;
  reply.sets = {{{"step_id", "step_output"}, {{"2", "True"}}}, StateSet("Finished")};
  EXPECT_THAT(ReadNetworkJob(reply)->trials, ElementsAre(NetworkTrial{}, NetworkTrial{true, ""}));
}

TEST(NetworkJobTest, TheServersOwnAddressIsRead) {
  SqlReply reply = JobReplyOf({"True"});
  EXPECT_EQ(ReadNetworkJob(reply)->server_address, "");
  reply.sets.push_back({{"server_address"}, {{"10.0.0.4"}}});
  EXPECT_EQ(ReadNetworkJob(reply)->server_address, "10.0.0.4");
  reply.sets.back().rows = {{std::nullopt}};
  EXPECT_EQ(ReadNetworkJob(reply)->server_address, "");
}

TEST(NetworkJobTest, RemovalTakesOurJobAwayAndMakesNone) {
  const NetworkJob job{"it's", "o'urs", {{"[::1]", 0}}};
  const auto batch = RemoveNetworkJob(job);
  ASSERT_TRUE(batch.ok());
  EXPECT_THAT(batch->shown, HasSubstr("name = N'it''s' AND description = N'o''urs'"));
  EXPECT_THAT(batch->shown, HasSubstr("sp_delete_job @job_name = N'it''s'"));
  EXPECT_THAT(batch->shown, Not(HasSubstr("sp_add_job")));
  EXPECT_THAT(batch->shown, Not(HasSubstr("WAITFOR")));
}

// An Agent that has been stopped since a crash does not keep the job of before.
TEST(NetworkJobTest, WhatWasLeftGoesBeforeAnythingIsChecked) {
  const auto batch = RunNetworkJob({"n", "d", {{"mi.x.net", 5022}}});
  ASSERT_TRUE(batch.ok());
  EXPECT_LT(batch->shown.find("sp_delete_job"), batch->shown.find("dm_server_services"));
  EXPECT_LT(batch->shown.find("sysadmin"), batch->shown.find("sp_delete_job"));
}

TEST(NetworkJobTest, ItsPatienceIsTimeAndEndsWithTheJob) {
  const auto batch = RunNetworkJob({"n", "d", {{"mi.x.net", 5022}}, std::chrono::seconds(70)});
  ASSERT_TRUE(batch.ok());
  EXPECT_THAT(batch->shown,
              HasSubstr("SET @deadline = DATEADD(second, 70, SYSUTCDATETIME());"
                        " WHILE SYSUTCDATETIME() < @deadline AND EXISTS (SELECT 1 FROM"
                        " msdb.dbo.sysjobs WHERE job_id = @job) AND NOT EXISTS"));
}

TEST(NetworkJobTest, TextOfOthersStaysText) {
  NetworkJob job{"it's", "ours'", {{"mi.x.net", 5022}}};
  const auto batch = RunNetworkJob(job);
  ASSERT_TRUE(batch.ok());
  EXPECT_THAT(batch->shown, HasSubstr("N'it''s'"));
  for (const char* host : {"", "-x", "a b", "a;b", "a|b", "a$(b)", "a'b", "[::1]"}) {
    job.targets = {{host, 5022}};
    EXPECT_FALSE(RunNetworkJob(job).ok()) << host;
  }
  job.targets = {{"a", 0}};
  EXPECT_FALSE(RunNetworkJob(job).ok());
}

TEST(NetworkJobTest, OnAManagedInstanceTheAgentIsNotAskedFor) {
  NetworkJob job{"n", "d", {{"10.0.0.4", 5022}}, std::chrono::seconds(90), true};
  EXPECT_THAT(RunNetworkJob(job)->shown, HasSubstr("-InformationLevel Quiet"));
  EXPECT_THAT(RunNetworkJob(job)->shown, Not(HasSubstr("dm_server_services")));
  job.on_managed_instance = false;
  EXPECT_THAT(RunNetworkJob(job)->shown, HasSubstr("dm_server_services"));
}

SqlReply NodeReply(const std::string& port, const std::string& instance) {
  SqlReply reply;
  reply.sets = {{{"section_name", "parameter_name", "parameter_value"},
                 {{"SQL", "HadrPort", port},
                  {"SQL", "ClusterName", "tr1.worker.net"},
                  {"Other", "InstanceName", "wrong"},
                  {"SQL", "InstanceName", instance}}},
                {{"service_name", "replica_address"},
                 {{"fabric:/Worker/ManagedServer/app9", "DB9\\x"},
                  {"fabric:/Worker/ManagedServer/app1", "DB1\\y"}}}};
  return reply;
}

TEST(EndpointNodeTest, IsTheNodeOfTheInstanceItself) {
  const auto node = ReadEndpointNode(NodeReply("11002", "app1"));
  ASSERT_TRUE(node.ok());
  EXPECT_EQ(*node, (NetworkTarget{"DB1.tr1.worker.net", 11002}));
  EXPECT_EQ(*ReadEndpointNode(NodeReply("", "app1")), std::nullopt);
  EXPECT_EQ(*ReadEndpointNode(NodeReply("11002", "app2")), std::nullopt);
  EXPECT_FALSE(ReadEndpointNode({}).ok());
}

}  // namespace
}  // namespace milink::sql
