// The jobs that try connections, through the real driver: what they find, and that nothing stays.
#include "core/sql/network_probe.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/integration/sql/engine_fixture.h"

namespace milink::sql {
namespace {

using ::testing::ElementsAre;

constexpr char kInstance[] = "sqlmi1.73d19f36a420a.database.windows.net";

class NetworkProbeTest : public EngineFixture {
 protected:
  void Start(bool sysadmin = true) {
    sim::SqlServerInstance instance;
    instance.platform = "Windows";
    instance.agent.running = true;
    instance.agent.step_time = Duration(0);
    instance.logins = {{.name = "sa",
                        .password = "Correct-Horse-9",
                        .sysadmin = sysadmin,
                        .permissions = {"VIEW SERVER STATE", "VIEW SERVER PERFORMANCE STATE"}}};
    StartServer(std::move(instance));
    sim::AddManagedInstance(*world_.Enter(), {});
  }
  NetworkJobResult Probe(std::chrono::seconds patience = std::chrono::seconds(90)) {
    const NetworkJob job{
        "milink-test", "ours", {{kInstance, 5022}, {"DB1.unknown.net", 11002}}, patience};
    const auto reply =
        hub_.Run(kReplica, Lane::kAct, *RunNetworkJob(job), std::chrono::seconds(60), OkStatus, {});
    if (!reply.ok()) {
      ADD_FAILURE() << ToString(reply.error());
      return {};
    }
    return *ReadNetworkJob(*reply);
  }
  std::size_t Jobs() {
    std::size_t jobs = 0;
    OnServer([&](auto& server) { jobs = server.agent.jobs.size(); });
    return jobs;
  }
};

TEST_F(NetworkProbeTest, EachTargetIsTriedAndNothingStays) {
  Start();
  const auto result = Probe();
  EXPECT_EQ(result.state, NetworkJobState::kFinished);
  EXPECT_THAT(result.trials, ElementsAre(NetworkTrial{true, "10.0.1.4"}, NetworkTrial{false, ""}));
  EXPECT_EQ(Jobs(), 0U);
}

TEST_F(NetworkProbeTest, WhatAnInterruptedTestLeftIsTakenAway) {
  Start();
  OnServer([](auto& server) {
    server.agent.jobs.push_back(
        {"0a0a0a0a-1111-4222-8333-000000000001", "milink-test", "ours", {}, true, {}});
  });
  EXPECT_EQ(Probe().state, NetworkJobState::kFinished);
  EXPECT_EQ(Jobs(), 0U);
}

TEST_F(NetworkProbeTest, AJobOfSomebodyElseIsLeftAlone) {
  Start();
  OnServer([](auto& server) {
    server.agent.jobs.push_back(
        {"0a0a0a0a-1111-4222-8333-000000000001", "milink-test", "theirs", {}, true, {}});
  });
  EXPECT_EQ(Probe().state, NetworkJobState::kNameTaken);
  EXPECT_EQ(Jobs(), 1U);
}

TEST_F(NetworkProbeTest, AStoppedAgentIsSaidAtOnce) {
  Start();
  OnServer([](auto& server) { server.agent.running = false; });
  EXPECT_EQ(Probe().state, NetworkJobState::kAgentStopped);
  EXPECT_EQ(Jobs(), 0U);
}

TEST_F(NetworkProbeTest, AJobThatDoesNotEndIsGivenUpAndTakenAway) {
  Start();
  OnServer([](auto& server) { server.agent.step_time = std::chrono::hours(1); });
  EXPECT_EQ(Probe(std::chrono::seconds(0)).state, NetworkJobState::kTimedOut);
  EXPECT_EQ(Jobs(), 0U);
}

TEST_F(NetworkProbeTest, AFailureInTheMiddleLeavesNothing) {
  Start();
  calls_.AddFault({.operation = "EXEC sp_start_job", .what = sim::Fault::kFail});
  const NetworkJob job{"milink-test", "ours", {{kInstance, 5022}}};
  EXPECT_FALSE(
      hub_.Run(kReplica, Lane::kAct, *RunNetworkJob(job), std::chrono::seconds(60), OkStatus, {})
          .ok());
  EXPECT_EQ(Jobs(), 0U);
}

class InstanceProbeTest : public EngineFixture {
 protected:
  // The engine speaks for the managed instance's T-SQL side.
  InstanceProbeTest() {
    sim::ManagedInstance managed;
    managed.name = "mi";
    managed.sql = std::make_shared<sim::SqlServerInstance>();
    managed.sql->engine_edition = 8;
    managed.sql->platform = "Windows";
    managed.sql->product_version = "12.0.2000.8";
    managed.sql->agent.running = true;
    managed.sql->agent.step_time = Duration(0);
    managed.sql->logins = {
        {.name = "sa", .password = "Correct-Horse-9", .sysadmin = true, .permissions = {}}};
    sim::AddManagedInstance(*world_.Enter(), std::move(managed));
    sim::tds::TdsServerConfig config;
    config.identity = LocalIdentity();
    server_ = *sim::tds::TdsServer::Start(managed_engine_, config);
    LogIn("sa");
  }
  SqlReply Ask(const SqlBatch& batch) {
    auto reply = hub_.Run(kReplica, Lane::kAct, batch, std::chrono::seconds(60), OkStatus, {});
    if (!reply.ok()) {
      ADD_FAILURE() << ToString(reply.error());
      return {};
    }
    return *std::move(reply);
  }

  sim::TsqlEngine managed_engine_{world_, calls_, "mi"};
};

TEST_F(InstanceProbeTest, TellsItsNodeAndTriesTheWayBack) {
  EXPECT_EQ(*ReadEndpointNode(Ask(EndpointNodeBatch())),
            (NetworkTarget{"DB1.tr1.westeurope1-a.worker.database.windows.net", 11002}));
  const NetworkJob job{"milink-test", "ours", {{"10.0.0.4", 5022}}, std::chrono::seconds(90), true};
  EXPECT_THAT(ReadNetworkJob(Ask(*RunNetworkJob(job)))->trials,
              ElementsAre(NetworkTrial{false, ""}));
  ASSERT_TRUE(world_.Enter()->network.Listen("SQL9", {"10.0.0.4"}, 5022));
  EXPECT_THAT(ReadNetworkJob(Ask(*RunNetworkJob(job)))->trials,
              ElementsAre(NetworkTrial{true, ""}));
  EXPECT_TRUE(world_.Enter()->FindManagedInstance("mi")->sql->agent.jobs.empty());
}

}  // namespace
}  // namespace milink::sql
