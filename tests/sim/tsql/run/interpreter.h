// Runs one batch for one session: control flow, errors, and every statement. One object per batch;
// what a statement asks of the world goes through Calls, so that it is journalled and can be made
// to fail.
#pragma once

#include <atomic>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tests/sim/control/calls.h"
#include "tests/sim/tsql/ast/statement.h"
#include "tests/sim/tsql/failure.h"
#include "tests/sim/tsql/run/environment.h"
#include "tests/sim/tsql/run/query.h"
#include "tests/sim/tsql/run/session.h"
#include "tests/sim/world/outcome.h"
#include "tests/sim/world/world.h"

namespace milink::sim::tsql {

// What all batches of an instance share.
struct Services {
  World& world;
  Calls& calls;
  std::string server_name;
};

// The connection ends here, without an answer: an injected fault, or the instance is gone.
struct Disconnect {};

struct ProcedureArgument {
  std::string name;  // "@x" in lower case; empty: by position
  TypeInfo type;
  Value value;
  bool output = false;
};

class Interpreter {
 public:
  // All references must outlive the object.
  Interpreter(const Services& services, Session& session, const std::atomic<bool>& cancelled,
              ResultWriter& writer)
      : services_(services), session_(session), cancelled_(cancelled), writer_(writer) {}

  // Throws Disconnect, and Failure only for `nested` batches: the outermost sends its errors.
  void RunBatch(const Batch& batch, std::string_view text);
  void DeclareParameter(const std::string& name, const TypeInfo& type, const Value& value);
  const Variables& variables() const { return variables_; }
  // EXEC (text) and sp_executesql: a batch of its own inside this one.
  void RunText(const std::string& text, std::vector<ProcedureArgument>& parameters);
  // A procedure with evaluated arguments; output values are written back to them. 2812 when
  // unknown.
  int CallProcedure(const ObjectName& name, std::vector<ProcedureArgument>& arguments);
  // Sends what failed as messages.
  void Report(const Failure& failure);

  // Runs `work` with the world's lock held.
  template <typename Work>
  auto WithWorld(Work work) {
    World::Guard guard = services_.world.Enter();
    SqlServerInstance* instance = guard->FindSqlSide(services_.server_name);
    if (instance == nullptr) throw Disconnect{};
    Environment environment = MakeEnvironment(*guard, *instance);
    return work(*guard, *instance, environment);
  }

 private:
  friend class Procedures;
  enum class Flow { kNext, kBreak, kContinue, kReturn, kStop };
  using Work = std::function<SqlOutcome(WorldState&, SqlServerInstance&)>;

  Environment MakeEnvironment(const WorldState& world, const SqlServerInstance& instance) const;
  Value Evaluate(const Expression& expression, const TypeInfo& type);
  Value EvaluateAs(const Expression& expression, TypeInfo& type);  // of its own type
  bool Test(const Expression& condition);
  std::string EvaluateText(const Expression& expression);
  void Assign(const std::string& variable, const Value& value, const TypeInfo& from);

  // interpreter.cc
  Flow RunAll(const std::vector<StatementPtr>& statements);
  Flow Run(const Statement& statement);
  Flow RunSafely(const Statement& statement);
  bool StopsAt(const Failure& failure) const;
  Flow Execute(const Block& node);
  Flow Execute(const If& node);
  Flow Execute(const While& node);
  Flow Execute(const TryCatch& node);
  Flow Execute(const Return& node);
  Flow Execute(const Break&) { return Flow::kBreak; }
  Flow Execute(const Continue&) { return Flow::kContinue; }

  // statements.cc
  Flow Execute(const QueryStatement& node);
  Flow Execute(const Declare& node);
  Flow Execute(const SetVariable& node);
  Flow Execute(const SetOption& node);
  Flow Execute(const Throw& node);
  Flow Execute(const RaiseError& node);
  Flow Execute(const Print& node);
  Flow Execute(const WaitFor& node);
  Flow Execute(const Use& node);
  Flow Execute(const Transaction& node);

  // execution.cc
  Flow Execute(const ExecuteProcedure& node);
  Flow Execute(const ExecuteText& node);
  Flow Execute(const Dbcc& node);
  void TraceStatus(const Dbcc& node);
  void LogSpace();
  void SetTraceFlags(const Dbcc& node, bool on);

  // ddl/*.cc
  Flow Execute(const MasterKeyStatement& node);
  Flow Execute(const CreateCertificate& node);
  Flow Execute(const tsql::DropCertificate& node);
  Flow Execute(const EndpointStatement& node);
  Flow Execute(const tsql::DropEndpoint& node);
  Flow Execute(const CreateGroup& node);
  Flow Execute(const AlterGroup& node);
  Flow Execute(const DropGroup& node);
  Flow Execute(const CreateDatabase& node);
  Flow Execute(const tsql::DropDatabase& node);
  Flow Execute(const AlterDatabase& node);
  Flow Execute(const RestoreDatabase& node);
  Flow Execute(const BackupStatement& node);
  Flow Execute(const PermissionStatement& node);

  // A statement that changes the world: journalled, subject to faults, its messages sent.
  Flow Mutate(const std::string& operation, const std::string& object, const Work& work);
  void Send(const SqlOutcome& outcome);
  void SendTable(const Table& table);
  void Done(std::optional<std::uint64_t> count);
  void RequirePermission(const std::string& permission, const Failure& otherwise);
  void RefuseInTransaction(int number, const std::string& statement);
  void RequireMaster();
  void RequireAgentRights(const std::string& procedure);

  const Services& services_;
  Session& session_;
  const std::atomic<bool>& cancelled_;
  ResultWriter& writer_;
  Variables variables_;
  std::string_view text_;
  const Statement* current_ = nullptr;
  std::optional<ServerMessage> caught_;
  int try_depth_ = 0;
  int nesting_ = 0;  // of batches inside batches
  int return_status_ = 0;
};

}  // namespace milink::sim::tsql
