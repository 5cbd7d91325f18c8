#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/sim_tsql/server.h"

namespace milink::sim {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr char kMake[] =
    "DECLARE @job uniqueidentifier;"
    " EXEC msdb.dbo.sp_add_job @job_name = N'test', @description = N'ours', @job_id = @job OUTPUT;"
    " EXEC msdb.dbo.sp_add_jobstep @job_id = @job, @step_name = N'one', @step_id = 1,"
    " @on_success_action = 3, @on_fail_action = 3, @subsystem = N'PowerShell', @flags = 40,"
    " @command = N'tnc sqlmi1.73d19f36a420a.database.windows.net -port 5022 | select"
    " ComputerName, RemoteAddress, TcpTestSucceeded | Format-List';"
    " EXEC msdb.dbo.sp_add_jobserver @job_id = @job, @server_name = N'(local)';"
    " EXEC msdb.dbo.sp_start_job @job_id = @job;";

class AgentTest : public testing::Test {
 protected:
  static SqlServerInstance Windows() {
    SqlServerInstance instance;
    instance.platform = "Windows";
    instance.agent.running = true;
    return instance;
  }
  AgentTest() : server_(Windows()) {
    const auto world = server_.world.Enter();
    AddManagedInstance(*world, {});
  }
  std::string Outcome() {
    server_.Run(kMake);
    server_.clock.Step(std::chrono::minutes(1));
    return server_.Run("SELECT message FROM msdb.dbo.sysjobhistory WHERE step_id = 1").One();
  }

  Server server_;
};

TEST_F(AgentTest, AJobRunsByItselfAndLeavesWhatItFound) {
  EXPECT_THAT(server_.Run(kMake).failed, IsEmpty());
  EXPECT_THAT(server_.Run("SELECT name, description FROM msdb.dbo.sysjobs").Rows(),
              ElementsAre("test|ours"));
  EXPECT_THAT(server_.Run("SELECT step_id FROM msdb.dbo.sysjobhistory").Rows(), IsEmpty());
  server_.clock.Step(std::chrono::seconds(10));
  EXPECT_THAT(server_.Run("SELECT step_id, run_status FROM msdb.dbo.sysjobhistory").Rows(),
              ElementsAre("1|1", "0|1"));
  EXPECT_THAT(
      server_
          .Run("SELECT s.step_id FROM msdb.dbo.sysjobsteps s JOIN msdb.dbo.sysjobstepslogs l"
               " ON s.step_uid = l.step_uid")
          .Rows(),
      ElementsAre("1"));
  EXPECT_THAT(server_.Run("EXEC msdb.dbo.sp_delete_job @job_name = N'test'").failed, IsEmpty());
  EXPECT_THAT(server_.Run("SELECT step_id FROM msdb.dbo.sysjobhistory").Rows(), IsEmpty());
  EXPECT_EQ(ErrorOf(server_.Run("EXEC msdb.dbo.sp_delete_job @job_name = N'test'")), 14262);
}

TEST_F(AgentTest, WhatItFindsIsWhatTheWorldIs) {
  EXPECT_THAT(Outcome(), HasSubstr("TcpTestSucceeded : True"));
  EXPECT_THAT(Outcome(), HasSubstr("RemoteAddress    : 10.0.1.4"));
  server_.Run("EXEC msdb.dbo.sp_delete_job @job_name = N'test'");
  server_.world.Enter()->network.Block({"sqlmi1.73d19f36a420a.database.windows.net", 5022});
  EXPECT_THAT(Outcome(), HasSubstr("TcpTestSucceeded : False"));
}

TEST_F(AgentTest, AStoppedAgentRefusesAndANameIsThereOnce) {
  server_.Run(kMake);
  EXPECT_EQ(server_.Run(kMake).failed.front(), 14261);
  server_.world.Enter()->FindInstance("SQL1")->agent.running = false;
  EXPECT_EQ(ErrorOf(server_.Run("EXEC msdb.dbo.sp_start_job @job_name = N'test'")), 22022);
  EXPECT_THAT(
      server_
          .Run("SELECT status_desc FROM sys.dm_server_services WHERE servicename LIKE N'%Agent%'")
          .Rows(),
      ElementsAre("Stopped"));
}

TEST_F(AgentTest, OtherDatabasesHaveNoSuchProceduresAndServersNoFabric) {
  EXPECT_EQ(ErrorOf(server_.Run("EXEC dbo.sp_add_job @job_name = N'x'")), 2812);
  EXPECT_EQ(ErrorOf(server_.Run("SELECT * FROM sys.dm_hadr_fabric_nodes")), 208);
}

}  // namespace
}  // namespace milink::sim
