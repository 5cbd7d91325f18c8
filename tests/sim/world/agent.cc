#include "tests/sim/world/agent.h"

#include <algorithm>
#include <cstdlib>

#include "core/base/text.h"
#include "tests/sim/world/world.h"

namespace milink::sim {
namespace {

SqlOutcome NoSuchJob(const std::string& job) { return Refuse(14'262, {"@job_name", job}); }

// The address that a name has in this world; empty: it resolves to none.
std::string AddressOfHost(const WorldState& world, const std::string& host) {
  if (host.find_first_not_of("0123456789.") == std::string::npos) {
    return host;
  }
  for (const auto& instance : world.managed_instances) {
    if (EqualsIgnoreCaseAscii(instance->Fqdn(), host) ||
        EqualsIgnoreCaseAscii(instance->NodeHost(), host)) {
      return instance->address;
    }
  }
  return {};
}

struct Trial {
  std::string host;
  int port = 0;
  bool quiet = false;
};

// "tnc <host> -port <port> [-InformationLevel Quiet] [| ..]".
Trial ParseTrial(const std::string& command) {
  std::vector<std::string> words;
  for (const std::string& word : Split(command, ' ')) {
    if (!word.empty()) {
      words.push_back(word);
    }
  }
  Trial trial;
  if (words.size() >= 4 && words[0] == "tnc" && words[2] == "-port") {
    trial.host = words[1];
    trial.port = std::atoi(words[3].c_str());
  }
  trial.quiet = command.find("-InformationLevel Quiet") != std::string::npos;
  return trial;
}

std::string OutputOf(WorldState& world, const Trial& trial) {
  const std::string address = AddressOfHost(world, trial.host);
  const bool connected = !address.empty() && world.network.Connect({trial.host, trial.port}) ==
                                                 ConnectResult::kConnected;
  const std::string word = connected ? "True" : "False";
  if (trial.quiet) {
    return word + "\r\n";
  }
  return "\r\n\r\nComputerName     : " + trial.host + "\r\nRemoteAddress    : " + address +
         "\r\nTcpTestSucceeded : " + word + "\r\n\r\n\r\n\r\n";
}

}  // namespace

AgentJob* Agent::FindJob(std::string_view name_or_id) {
  const auto found = std::ranges::find_if(jobs, [&](const AgentJob& job) {
    return EqualsIgnoreCaseAscii(job.name, name_or_id) || EqualsIgnoreCaseAscii(job.id, name_or_id);
  });
  return found == jobs.end() ? nullptr : &*found;
}

SqlOutcome AddJob(WorldState& world, SqlServerInstance& instance, const std::string& name,
                  const std::string& description, std::string& id) {
  if (instance.agent.FindJob(name) != nullptr) {
    return Refuse(14'261, {"@name", name});
  }
  id = world.NewId();
  instance.agent.jobs.push_back({id, name, description, world.now, false, {}});
  return {};
}

SqlOutcome AddJobStep(WorldState& world, SqlServerInstance& instance, const std::string& job,
                      AgentStep step) {
  AgentJob* const found = instance.agent.FindJob(job);
  if (found == nullptr) {
    return NoSuchJob(job);
  }
  step.uid = world.NewId();
  found->steps.push_back(std::move(step));
  return {};
}

SqlOutcome AddJobServer(SqlServerInstance& instance, const std::string& job) {
  AgentJob* const found = instance.agent.FindJob(job);
  if (found == nullptr) {
    return NoSuchJob(job);
  }
  found->targeted = true;
  return {};
}

SqlOutcome StartJob(WorldState& world, SqlServerInstance& instance, const std::string& job) {
  Agent& agent = instance.agent;
  const AgentJob* const found = agent.FindJob(job);
  if (found == nullptr) {
    return NoSuchJob(job);
  }
  if (!found->targeted) {
    return Refuse(14'256, {found->name});
  }
  if (!agent.running) {
    return Refuse(22'022,
                  {"SQLServerAgent is not currently running so it cannot be notified of this "
                   "action."});
  }
  TimePoint at = world.now;
  bool good = true;
  for (const AgentStep& step : found->steps) {
    at += agent.step_time;
    const bool runs = step.subsystem == "PowerShell" && instance.platform != "Linux";
    const std::string output = runs ? OutputOf(world, ParseTrial(step.command)) : std::string();
    const std::string message =
        runs ? "Executed as user: NT Service\\SQLSERVERAGENT. " + output +
                   " Process Exit Code 0.  The step succeeded."
             : "The " + step.subsystem + " subsystem failed to load. The step failed.";
    agent.history.push_back({agent.next_instance_id++, found->id, step.step_id, step.name, step.uid,
                             message, (step.flags & 8) != 0, output, runs ? 1 : 0, at});
    good = runs;
  }
  agent.history.push_back({agent.next_instance_id++, found->id, 0, "(Job outcome)", "",
                           good ? "The job succeeded." : "The job failed.", false, "", good ? 1 : 0,
                           at});
  return {};
}

SqlOutcome DeleteJob(SqlServerInstance& instance, const std::string& job) {
  Agent& agent = instance.agent;
  const AgentJob* const found = agent.FindJob(job);
  if (found == nullptr) {
    return NoSuchJob(job);
  }
  const std::string id = found->id;
  std::erase_if(agent.history, [&](const AgentHistory& row) { return row.job_id == id; });
  std::erase_if(agent.jobs, [&](const AgentJob& other) { return other.id == id; });
  return {};
}

}  // namespace milink::sim
