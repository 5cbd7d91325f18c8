// The procedures of msdb by which jobs of SQL Server Agent are made and run.
#include "core/base/text.h"
#include "tests/sim/tsql/run/procedures.h"
#include "tests/sim/world/agent.h"

namespace milink::sim::tsql {
namespace {

std::string TextOf(const ProcedureArgument& argument) { return Procedures::Text(argument); }

std::string JobOf(const ProcedureArgument& id, const ProcedureArgument& name) {
  const std::string text = TextOf(id);
  return text.empty() ? TextOf(name) : text;
}

}  // namespace

int Procedures::AddJob(Interpreter& in, std::vector<ProcedureArgument>& a) {
  in.RequireAgentRights("sp_add_job");
  const std::string name = Text(a[0]);
  const std::string description = Text(a[2]);
  std::string id;
  in.Mutate("EXEC sp_add_job", name, [&](WorldState& world, SqlServerInstance& instance) {
    return sim::AddJob(world, instance, name, description, id);
  });
  a[5].value = Guid{ToUpperAscii(id)};
  a[5].type = {.type = SqlType::kUniqueIdentifier};
  return 0;
}

int Procedures::AddJobStep(Interpreter& in, std::vector<ProcedureArgument>& a) {
  in.RequireAgentRights("sp_add_jobstep");
  const std::string job = JobOf(a[0], a[1]);
  AgentStep step;
  step.step_id = static_cast<int>(Integer(a[2]).value_or(1));
  step.name = Text(a[3]);
  step.subsystem = Text(a[4]).empty() ? "TSQL" : Text(a[4]);
  step.command = Text(a[5]);
  step.flags = static_cast<int>(Integer(a[10]).value_or(0));
  in.Mutate("EXEC sp_add_jobstep", step.name, [&](WorldState& world, SqlServerInstance& instance) {
    return sim::AddJobStep(world, instance, job, step);
  });
  return 0;
}

int Procedures::AddJobServer(Interpreter& in, std::vector<ProcedureArgument>& a) {
  in.RequireAgentRights("sp_add_jobserver");
  const std::string job = JobOf(a[0], a[1]);
  in.Mutate("EXEC sp_add_jobserver", "", [&](WorldState&, SqlServerInstance& instance) {
    return sim::AddJobServer(instance, job);
  });
  return 0;
}

int Procedures::StartJob(Interpreter& in, std::vector<ProcedureArgument>& a) {
  in.RequireAgentRights("sp_start_job");
  const std::string job = JobOf(a[1], a[0]);
  in.Mutate("EXEC sp_start_job", "", [&](WorldState& world, SqlServerInstance& instance) {
    return sim::StartJob(world, instance, job);
  });
  return 0;
}

int Procedures::DeleteJob(Interpreter& in, std::vector<ProcedureArgument>& a) {
  in.RequireAgentRights("sp_delete_job");
  const std::string job = JobOf(a[0], a[1]);
  in.Mutate("EXEC sp_delete_job", Text(a[1]), [&](WorldState&, SqlServerInstance& instance) {
    return sim::DeleteJob(instance, job);
  });
  return 0;
}

const std::vector<Procedures::Entry>& Procedures::AgentTable() {
  static const std::vector<Entry> kTable = {
      {"sp_add_job",
       {"@job_name", "@enabled", "@description", "@category_name", "@owner_login_name", "@job_id"},
       1,
       Since::kAlways,
       AddJob},
      {"sp_add_jobstep",
       {"@job_id", "@job_name", "@step_id", "@step_name", "@subsystem", "@command",
        "@cmdexec_success_code", "@on_success_action", "@on_fail_action", "@database_name",
        "@flags", "@os_run_priority"},
       0,
       Since::kAlways,
       AddJobStep},
      {"sp_add_jobserver",
       {"@job_id", "@job_name", "@server_name"},
       0,
       Since::kAlways,
       AddJobServer},
      {"sp_start_job", {"@job_name", "@job_id"}, 0, Since::kAlways, StartJob},
      {"sp_delete_job",
       {"@job_id", "@job_name", "@delete_history", "@delete_unused_schedule"},
       0,
       Since::kAlways,
       DeleteJob},
  };
  return kTable;
}

}  // namespace milink::sim::tsql
