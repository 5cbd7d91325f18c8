// SQL Server Agent of one simulated instance: jobs in msdb whose PowerShell steps try connections
// (Test-NetConnection, "tnc"). Plain data and what the procedures of msdb do to it. Call with the
// World's lock held.
// Source: CATALOG 5, LINK-LIFECYCLE P2.
#pragma once

#include <string>
#include <vector>

#include "core/base/clock.h"
#include "tests/sim/world/outcome.h"

namespace milink::sim {

struct WorldState;
struct SqlServerInstance;

struct AgentStep {
  int step_id = 1;
  std::string name;
  std::string subsystem = "TSQL";
  std::string command;
  int flags = 0;  // 8: output to the log table
  std::string uid;
};

struct AgentJob {
  std::string id;
  std::string name;
  std::string description;
  TimePoint created;
  bool targeted = false;  // sp_add_jobserver was called
  std::vector<AgentStep> steps;
};

// What a run leaves; visible from `at` on.
struct AgentHistory {
  int instance_id = 0;
  std::string job_id;
  int step_id = 0;  // 0: the outcome of the job
  std::string step_name;
  std::string step_uid;
  std::string message;
  bool to_log_table = false;
  std::string log;  // output of the step
  int run_status = 1;
  TimePoint at;
};

struct Agent {
  bool running = false;
  Duration step_time = std::chrono::seconds(3);
  std::vector<AgentJob> jobs;
  std::vector<AgentHistory> history;
  int next_instance_id = 1;

  AgentJob* FindJob(std::string_view name_or_id);
};

SqlOutcome AddJob(WorldState& world, SqlServerInstance& instance, const std::string& name,
                  const std::string& description, std::string& id);
SqlOutcome AddJobStep(WorldState& world, SqlServerInstance& instance, const std::string& job,
                      AgentStep step);
SqlOutcome AddJobServer(SqlServerInstance& instance, const std::string& job);
// Returns at once; what the steps find is history once their time has come.
SqlOutcome StartJob(WorldState& world, SqlServerInstance& instance, const std::string& job);
SqlOutcome DeleteJob(SqlServerInstance& instance, const std::string& job);

}  // namespace milink::sim
