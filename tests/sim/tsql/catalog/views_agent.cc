// The tables of SQL Server Agent in msdb. What a run has found is shown once its time has come.
#include "tests/sim/tsql/catalog/view_builder.h"

namespace milink::sim::tsql {
namespace {

std::vector<AgentJob> AgentJobs(const Environment& env) { return env.instance->agent.jobs; }

View AgentJobsView(const char* name) {
  return MakeView<AgentJob>({"dbo", name, Access::kMsdb, 0, "msdb"}, AgentJobs,
                            Columns<AgentJob>()
                                .Guid("job_id", &AgentJob::id)
                                .Name("name", &AgentJob::name)
                                .Fixed("enabled", kTinyIntType, std::int64_t{1})
                                .TextOrNull("description", 512, &AgentJob::description)
                                .Time("date_created", &AgentJob::created));
}

struct AgentStepRow {
  std::string job_id;
  AgentStep step;
};

std::vector<AgentStepRow> AgentSteps(const Environment& env) {
  std::vector<AgentStepRow> rows;
  for (const AgentJob& job : env.instance->agent.jobs) {
    for (const AgentStep& step : job.steps) rows.push_back({job.id, step});
  }
  return rows;
}

View AgentStepsView() {
  using R = AgentStepRow;
  return MakeView<R>({"dbo", "sysjobsteps", Access::kMsdb, 0, "msdb"}, AgentSteps,
                     Columns<R>()
                         .Guid("job_id", &R::job_id)
                         .Int("step_id", [](const R& r) { return r.step.step_id; })
                         .Name("step_name", [](const R& r) { return r.step.name; })
                         .Text("subsystem", 40, [](const R& r) { return r.step.subsystem; })
                         .Text("command", -1, [](const R& r) { return r.step.command; })
                         .Guid("step_uid", [](const R& r) { return r.step.uid; }));
}

std::vector<AgentHistory> AgentPast(const Environment& env, bool to_log_table) {
  std::vector<AgentHistory> rows;
  for (const AgentHistory& row : env.instance->agent.history) {
    const bool wanted = !to_log_table || row.to_log_table;
    if (wanted && row.at <= env.world->now) rows.push_back(row);
  }
  return rows;
}

View AgentHistoryView() {
  using R = AgentHistory;
  return MakeView<R>(
      {"dbo", "sysjobhistory", Access::kMsdb, 0, "msdb"},
      [](const Environment& env) { return AgentPast(env, false); },
      Columns<R>()
          .Int("instance_id", &R::instance_id)
          .Guid("job_id", &R::job_id)
          .Int("step_id", &R::step_id)
          .Name("step_name", &R::step_name)
          .Text("message", 4000, &R::message)
          .Int("run_status", &R::run_status));
}

View AgentLogsView() {
  using R = AgentHistory;
  return MakeView<R>(
      {"dbo", "sysjobstepslogs", Access::kMsdb, 0, "msdb"},
      [](const Environment& env) { return AgentPast(env, true); },
      Columns<R>()
          .Int("log_id", &R::instance_id)
          .Text("log", -1, &R::log)
          .Time("date_created", &R::at)
          .Guid("step_uid", &R::step_uid));
}

}  // namespace

std::vector<View> AgentViews() {
  return {AgentJobsView("sysjobs"), AgentJobsView("sysjobs_view"), AgentStepsView(),
          AgentHistoryView(), AgentLogsView()};
}

}  // namespace milink::sim::tsql
