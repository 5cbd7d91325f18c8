// EXEC of texts and procedures, and DBCC.
#include <algorithm>

#include "tests/sim/tsql/catalog/view_builder.h"
#include "tests/sim/tsql/run/interpreter.h"
#include "tests/sim/world/views.h"

namespace milink::sim::tsql {
namespace {

constexpr int kSystemLogBytes = 8 << 20;

double Megabytes(std::int64_t bytes) { return static_cast<double>(bytes) / 1048576.0; }

}  // namespace

Interpreter::Flow Interpreter::Execute(const ExecuteText& node) {
  std::vector<ProcedureArgument> none;
  RunText(EvaluateText(*node.text), none);
  return Flow::kNext;
}

Interpreter::Flow Interpreter::Execute(const ExecuteProcedure& node) {
  std::vector<ProcedureArgument> arguments;
  for (const ExecuteArgument& argument : node.arguments) {
    ProcedureArgument value{.name = argument.name, .output = argument.output};
    if (argument.use_default) FailNotModelled("a parameter given as DEFAULT");
    value.value = EvaluateAs(*argument.value, value.type);
    arguments.push_back(std::move(value));
  }
  const int status = CallProcedure(node.name, arguments);
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    if (!node.arguments[i].output) continue;
    const auto* variable = std::get_if<VariableRef>(&node.arguments[i].value->node);
    if (variable == nullptr) Fail(179);
    Assign(variable->name, arguments[i].value, arguments[i].type);
  }
  if (!node.status_variable.empty()) {
    Assign(node.status_variable, std::int64_t{status}, {.type = SqlType::kInt});
  }
  return Flow::kNext;
}

void Interpreter::TraceStatus(const Dbcc& node) {
  const std::vector<int> flags = WithWorld([](const WorldState&, const SqlServerInstance& instance,
                                              const Environment&) { return instance.trace_flags; });
  Table table{{{"TraceFlag", kSmallIntType},
               {"Status", kSmallIntType},
               {"Global", kSmallIntType},
               {"Session", kSmallIntType}},
              {}};
  const bool all = node.arguments.empty() || node.arguments[0] == "-1";
  for (const int flag : flags) {
    const bool wanted = all || std::find(node.arguments.begin(), node.arguments.end(),
                                         std::to_string(flag)) != node.arguments.end();
    if (!wanted) continue;
    table.rows.push_back({std::int64_t{flag}, std::int64_t{1}, std::int64_t{1}, std::int64_t{0}});
  }
  SendTable(table);
}

void Interpreter::LogSpace() {
  Table table{{{"Database Name", kNameType},
               {"Log Size (MB)", kRealType},
               {"Log Space Used (%)", kRealType},
               {"Status", kIntType}},
              {}};
  table.rows = WithWorld([](const WorldState& world, const SqlServerInstance& instance,
                            const Environment& environment) {
    RequireServerState(environment);
    std::vector<Row> rows;
    for (const auto* name : {"master", "tempdb", "model", "msdb"}) {
      rows.push_back({std::string(name), Megabytes(kSystemLogBytes), 40.0, std::int64_t{0}});
    }
    for (const Database& database : instance.databases) {
      const LogUse use = LogUseOf(world, instance, database);
      rows.push_back(
          {database.name, Megabytes(use.total_bytes), use.used_percent, std::int64_t{0}});
    }
    return rows;
  });
  SendTable(table);
}

void Interpreter::SetTraceFlags(const Dbcc& node, bool on) {
  std::vector<int> flags;
  bool global = false;
  for (const std::string& argument : node.arguments) {
    if (argument == "-1") {
      global = true;
    } else if (argument.find_first_not_of("0123456789") == std::string::npos) {
      flags.push_back(std::stoi(argument));
    } else {
      Fail(2526);
    }
  }
  if (!global) FailNotModelled("a trace flag of one session");
  RequirePermission("ALTER TRACE", Failure(MakeMessage(2571, {session_.login, node.command})));
  Mutate("DBCC " + node.command, "", [&](WorldState&, SqlServerInstance& instance) {
    for (const int flag : flags) {
      std::erase(instance.trace_flags, flag);
      if (on) instance.trace_flags.push_back(flag);
    }
    return SqlOutcome{};
  });
}

Interpreter::Flow Interpreter::Execute(const Dbcc& node) {
  if (node.command == "TRACESTATUS") {
    TraceStatus(node);
  } else if (node.command == "SQLPERF") {
    if (node.arguments != std::vector<std::string>{"LOGSPACE"}) Fail(2526);
    LogSpace();
  } else {
    SetTraceFlags(node, node.command == "TRACEON");
  }
  if (!node.no_info_messages) {
    ServerMessage message = MakeMessage(2528);
    message.line = current_->line;
    writer_.Message(message);
  }
  return Flow::kNext;
}

}  // namespace milink::sim::tsql
