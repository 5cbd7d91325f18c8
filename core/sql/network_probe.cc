#include "core/sql/network_probe.h"

#include <algorithm>
#include <charconv>
#include <map>
#include <string_view>

#include "core/base/text.h"
#include "core/sql/batch_text.h"
#include "core/sql/reply_table.h"

namespace milink::sql {
namespace {

constexpr std::string_view kPowerShellOutput =
    " | select ComputerName, RemoteAddress, TcpTestSucceeded | Format-List";

std::string CommandOf(const NetworkTarget& target, bool on_managed_instance) {
  std::string command = "tnc " + target.host + " -port " + std::to_string(target.port);
  command += on_managed_instance ? std::string_view(" -InformationLevel Quiet") : kPowerShellOutput;
  return command;
}

// Of every batch here. What keeps the job from being made stands in `@state`; "Finished" when
// nothing does.
constexpr std::string_view kHead =
    "SET NOCOUNT ON; DECLARE @state nvarchar(20) = N'Finished', @job uniqueidentifier,"
    " @deadline datetime2;"
    " IF ISNULL(IS_SRVROLEMEMBER('sysadmin'), 0) = 0 SET @state = N'NoRight';"
    " IF @state = N'Finished' BEGIN";
constexpr std::string_view kTail = " END; SELECT @state AS network_job_state;";

void AddRemoval(BatchText& batch, const NetworkJob& job) {
  batch.Text(" IF EXISTS (SELECT 1 FROM msdb.dbo.sysjobs WHERE name = ")
      .Literal(job.name)
      .Text(" AND description = ")
      .Literal(job.description)
      .Text(") EXEC msdb.dbo.sp_delete_job @job_name = ")
      .Literal(job.name)
      .Text(", @delete_unused_schedule = 1;");
}

// REQUIRES: what was left of the job was removed.
void AddChecks(BatchText& batch, const NetworkJob& job) {
  if (!job.on_managed_instance) {
    batch.Text(
        " SELECT local_net_address AS server_address FROM sys.dm_exec_connections"
        " WHERE session_id = @@SPID;"
        " IF NOT EXISTS (SELECT 1 FROM sys.dm_server_services"
        " WHERE servicename LIKE N'SQL Server Agent%' AND status_desc = N'Running')"
        " SET @state = N'AgentStopped';");
  }
  batch.Text(" IF EXISTS (SELECT 1 FROM msdb.dbo.sysjobs WHERE name = ")
      .Literal(job.name)
      .Text(") SET @state = N'NameTaken';");
}

void AddJob(BatchText& batch, const NetworkJob& job) {
  batch.Text(" EXEC msdb.dbo.sp_add_job @job_name = ")
      .Literal(job.name)
      .Text(", @enabled = 1, @description = ")
      .Literal(job.description)
      .Text(", @job_id = @job OUTPUT;");
  std::int64_t step = 0;
  for (const NetworkTarget& target : job.targets) {
    ++step;
    const bool last = step == static_cast<std::int64_t>(job.targets.size());
    batch.Text(" EXEC msdb.dbo.sp_add_jobstep @job_id = @job, @step_id = ")
        .Integer(step)
        .Text(", @step_name = ")
        .Literal(target.host + ":" + std::to_string(target.port))
        .Text(", @subsystem = N'PowerShell', @command = ")
        .Literal(CommandOf(target, job.on_managed_instance))
        .Text(last ? ", @on_success_action = 1, @on_fail_action = 2"
                   : ", @on_success_action = 3, @on_fail_action = 3")
        // 8: into the log table, 32: into the history.
        .Text(job.on_managed_instance ? ", @flags = 40" : "")
        .Text(", @database_name = N'master';");
  }
  batch.Text(
      " EXEC msdb.dbo.sp_add_jobserver @job_id = @job, @server_name = N'(local)';"
      " EXEC msdb.dbo.sp_start_job @job_id = @job;");
}

// A look at msdb may take long, too: what counts is the time, not how often it looks.
void AddWaiting(BatchText& batch, const NetworkJob& job) {
  constexpr std::string_view kThere = "EXISTS (SELECT 1 FROM msdb.dbo.sysjobs WHERE job_id = @job)";
  constexpr std::string_view kUnfinished =
      "NOT EXISTS (SELECT 1 FROM msdb.dbo.sysjobhistory WHERE job_id = @job AND step_id = 0)";
  batch.Text(" SET @deadline = DATEADD(second, ")
      .Integer(job.patience.count())
      .Text(", SYSUTCDATETIME()); WHILE SYSUTCDATETIME() < @deadline AND ")
      .Text(kThere)
      .Text(" AND ")
      .Text(kUnfinished)
      .Text(" WAITFOR DELAY '00:00:01'; IF NOT ")
      .Text(kThere)
      .Text(" SET @state = N'Removed'; ELSE IF ")
      .Text(kUnfinished)
      .Text(" SET @state = N'TimedOut';")
      .Text(job.on_managed_instance
                ? " SELECT s.step_id AS step_id, l.log AS step_output FROM msdb.dbo.sysjobsteps s"
                  " JOIN msdb.dbo.sysjobstepslogs l ON s.step_uid = l.step_uid"
                  " WHERE s.job_id = @job;"
                : " SELECT step_id, message AS step_output FROM msdb.dbo.sysjobhistory"
                  " WHERE job_id = @job AND step_id <> 0;");
}

bool IsWordCharacter(char c) { return c != ' ' && c != '\r' && c != '\n' && c != '\t'; }

// The word after "name :" in the output of Format-List; empty when the line ends before one.
std::string ValueAfter(std::string_view text, std::string_view name) {
  const std::size_t at = text.find(name);
  if (at == std::string_view::npos) {
    return {};
  }
  std::string_view rest = text.substr(at + name.size());
  while (!rest.empty() && (rest.front() == ' ' || rest.front() == ':')) {
    rest.remove_prefix(1);
  }
  std::size_t length = 0;
  while (length < rest.size() && IsWordCharacter(rest[length])) {
    ++length;
  }
  return std::string(rest.substr(0, length));
}

std::optional<bool> ParseBool(std::string_view word) {
  if (EqualsIgnoreCaseAscii(word, "True")) {
    return true;
  }
  return EqualsIgnoreCaseAscii(word, "False") ? std::optional(false) : std::nullopt;
}

NetworkTrial ParseOutput(const std::string& text) {
  constexpr std::string_view kSucceeded = "TcpTestSucceeded";
  NetworkTrial trial;
  if (text.find(kSucceeded) == std::string::npos) {
    // Of the quiet form there is one word; whatever was said before it stands in lines above.
    const std::string_view trimmed = Trim(text);
    const std::size_t line = trimmed.find_last_of("\r\n");
    trial.connected =
        ParseBool(Trim(line == std::string_view::npos ? trimmed : trimmed.substr(line + 1)));
    return trial;
  }
  trial.connected = ParseBool(ValueAfter(text, kSucceeded));
  trial.remote_address = ValueAfter(text, "RemoteAddress");
  return trial;
}

NetworkJobState ParseState(const std::string& word) {
  if (word == "Finished") return NetworkJobState::kFinished;
  if (word == "NoRight") return NetworkJobState::kNoRight;
  if (word == "AgentStopped") return NetworkJobState::kAgentStopped;
  if (word == "NameTaken") return NetworkJobState::kNameTaken;
  if (word == "Removed") return NetworkJobState::kRemoved;
  return NetworkJobState::kTimedOut;
}

}  // namespace

bool IsPlainHost(const std::string& host) {
  return !host.empty() && host.front() != '-' && std::ranges::all_of(host, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
           c == '-' || c == '_';
  });
}

Result<SqlBatch> RunNetworkJob(const NetworkJob& job) {
  for (const NetworkTarget& target : job.targets) {
    if (!IsPlainHost(target.host) || target.port < 1 || target.port > 65'535) {
      return Error{ErrorKind::kInvalid, "TextNotAllowed",
                   "a connection to " + target.host +
                       " cannot be tried: not a host name or "
                       "address",
                   ""};
    }
  }
  BatchText batch(kHead);
  AddRemoval(batch, job);
  AddChecks(batch, job);
  batch.Text(" IF @state = N'Finished' BEGIN BEGIN TRY");
  AddJob(batch, job);
  AddWaiting(batch, job);
  batch.Text(" END TRY BEGIN CATCH");
  AddRemoval(batch, job);
  batch.Text(" THROW; END CATCH;");
  AddRemoval(batch, job);
  return batch.Text(" END;").Text(kTail).Finish();
}

Result<SqlBatch> RemoveNetworkJob(const NetworkJob& job) {
  BatchText batch(kHead);
  AddRemoval(batch, job);
  return batch.Text(kTail).Finish();
}

Result<NetworkJobResult> ReadNetworkJob(const SqlReply& reply) {
  NetworkJobResult result;
  ReplyTables tables(reply);
  tables.One("network_job_state", [&](const ReplyRow& row) {
    result.state = ParseState(row.Text("network_job_state"));
  });
  tables.ForEach(
      "server_address",
      [&](const ReplyRow& row) { result.server_address = row.Text("server_address"); }, true);
  std::map<int, NetworkTrial> trials;
  tables.ForEach(
      "step_output",
      [&](const ReplyRow& row) {
        trials[row.Int("step_id")] = ParseOutput(row.Text("step_output"));
      },
      true);
  if (tables.problem()) {
    return *tables.problem();
  }
  for (auto& [step, trial] : trials) {
    result.trials.resize(static_cast<std::size_t>(std::max(step, 1)));
    result.trials.back() = std::move(trial);
  }
  return result;
}

SqlBatch EndpointNodeBatch() {
  // Fixed text needs no quoting, so it cannot be refused.
  return *BatchText(
              "SET NOCOUNT ON; SELECT section_name, parameter_name, value AS parameter_value"
              " FROM sys.dm_hadr_fabric_config_parameters"
              " WHERE parameter_name IN (N'HadrPort', N'ClusterName', N'InstanceName');"
              " SELECT p.service_name AS service_name, r.replica_address AS replica_address"
              " FROM sys.dm_hadr_fabric_partitions p"
              " JOIN sys.dm_hadr_fabric_replicas r ON p.partition_id = r.partition_id"
              " JOIN sys.dm_hadr_fabric_nodes n ON r.node_name = n.node_name"
              " WHERE p.service_name LIKE N'%ManagedServer%' AND r.replica_role = 2;")
              .Finish();
}

Result<std::optional<NetworkTarget>> ReadEndpointNode(const SqlReply& reply) {
  std::string port_text;
  std::string cluster;
  std::string instance;
  std::map<std::string, std::string> nodes;  // by the last part of the service's name
  ReplyTables tables(reply);
  tables.ForEach("parameter_value", [&](const ReplyRow& row) {
    const std::string name = row.Text("parameter_name");
    const std::string value = row.Text("parameter_value");
    if (name == "HadrPort") port_text = value;
    if (name == "ClusterName") cluster = value;
    if (name == "InstanceName" && row.Text("section_name") == "SQL") instance = value;
  });
  tables.ForEach("replica_address", [&](const ReplyRow& row) {
    const std::string service = row.Text("service_name");
    const std::string address = row.Text("replica_address");
    nodes[service.substr(service.rfind('/') + 1)] = address.substr(0, address.find('\\'));
  });
  if (tables.problem()) {
    return *tables.problem();
  }
  NetworkTarget node;
  const auto found = nodes.find(instance);
  const auto [end, error] =
      std::from_chars(port_text.data(), port_text.data() + port_text.size(), node.port);
  if (found == nodes.end() || found->second.empty() || cluster.empty() || error != std::errc()) {
    return std::optional<NetworkTarget>();
  }
  node.host = found->second + "." + cluster;
  return std::optional<NetworkTarget>(std::move(node));
}

}  // namespace milink::sql
