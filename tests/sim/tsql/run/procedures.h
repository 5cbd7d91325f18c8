// The system procedures as functions over an interpreter. Private to run/.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "tests/sim/tsql/run/interpreter.h"

namespace milink::sim::tsql {

using Arguments = std::vector<ProcedureArgument>;

// Access to an Interpreter for the functions of the table.
class Procedures {
 public:
  using Run = int (*)(Interpreter&, Arguments&);
  // With which build a procedure comes.
  enum class Since { kAlways, kLink, kChainCheck };
  struct Entry {
    const char* name;
    std::vector<const char*> parameters;  // in order; bound by position or name
    std::size_t required;
    Since since;
    Run run;
  };
  static const std::vector<Entry>& Table();

  static int AddIssuer(Interpreter& in, Arguments& arguments);
  static int ValidateChain(Interpreter& in, Arguments& arguments);
  static int EndpointCertificate(Interpreter& in, Arguments& arguments);
  static int TakeLock(Interpreter& in, Arguments& arguments);
  static int ReleaseLock(Interpreter& in, Arguments& arguments);
  static int SetContext(Interpreter& in, Arguments& arguments);

  // agent_procedures.cc: those of msdb.
  static const std::vector<Entry>& AgentTable();
  static int AddJob(Interpreter& in, Arguments& arguments);
  static int AddJobStep(Interpreter& in, Arguments& arguments);
  static int AddJobServer(Interpreter& in, Arguments& arguments);
  static int StartJob(Interpreter& in, Arguments& arguments);
  static int DeleteJob(Interpreter& in, Arguments& arguments);

  static std::optional<std::int64_t> Integer(const ProcedureArgument& argument) {
    const Value value = ConvertValue(argument.value, argument.type, {.type = SqlType::kInt});
    if (IsNullValue(value)) return std::nullopt;
    return std::get<std::int64_t>(value);
  }
  static std::string Text(const ProcedureArgument& argument) {
    const Value value =
        ConvertValue(argument.value, argument.type, {.type = SqlType::kNVarChar, .length = -1});
    return IsNullValue(value) ? "" : std::get<std::string>(value);
  }
};

}  // namespace milink::sim::tsql
