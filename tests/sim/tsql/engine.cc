#include "tests/sim/tsql/engine.h"

#include <functional>
#include <optional>
#include <utility>

#include "core/base/text.h"
#include "tests/sim/tsql/catalog/catalog.h"
#include "tests/sim/tsql/failure.h"
#include "tests/sim/tsql/mutations.h"
#include "tests/sim/tsql/parse/parser.h"

namespace milink::sim {
namespace {

using tsql::Failure;
using tsql::Interpreter;
using tsql::Session;

// Every session that comes in was made by Login().
Session& Own(SqlSession& session) { return dynamic_cast<Session&>(session); }

std::vector<std::pair<std::string, TypeInfo>> Known(const std::vector<Parameter>& parameters) {
  std::vector<std::pair<std::string, TypeInfo>> known;
  for (const Parameter& parameter : parameters) {
    known.emplace_back(ToLowerAscii(parameter.name), parameter.type);
  }
  return known;
}

// A round trip: journalled, with the faults that a test has put before and after it.
ConnectionFate RunCall(Calls& calls, const milink::sim::Call& call, ResultWriter& writer,
                       const std::function<std::string()>& work) {
  Calls::Pass pass = calls.Begin(call);
  const auto refuse = [&](const Verdict& verdict) {
    writer.Message(verdict.sql);
    writer.StatementDone(std::nullopt, true);
    return ConnectionFate::kKeep;
  };
  if (pass.verdict.action == Verdict::kClose) {
    pass.End(false, "closed");
    return ConnectionFate::kCloseBeforeReply;
  }
  if (pass.verdict.action == Verdict::kFail) {
    pass.End(false, std::to_string(pass.verdict.sql.number));
    return refuse(pass.verdict);
  }
  std::string result;
  try {
    result = work();
  } catch (const tsql::Disconnect&) {
    pass.End(false, "closed");
    return ConnectionFate::kCloseBeforeReply;
  }
  const Verdict after = pass.End(call.mutation, result);
  if (after.action == Verdict::kClose) return ConnectionFate::kCloseBeforeReply;
  if (after.action == Verdict::kFail) return refuse(after);
  return ConnectionFate::kKeep;
}

}  // namespace

TsqlEngine::TsqlEngine(World& world, Calls& calls, std::string server_name)
    : services_{world, calls, std::move(server_name)} {}

std::string TsqlEngine::ServerName() const { return services_.server_name; }

std::string TsqlEngine::ProductVersion() const {
  const World::Guard guard = services_.world.Enter();
  const SqlServerInstance* instance = guard->FindSqlSide(services_.server_name);
  return instance == nullptr ? "" : instance->product_version;
}

int TsqlEngine::MajorVersion() {
  const World::Guard guard = services_.world.Enter();
  const SqlServerInstance* instance = guard->FindSqlSide(services_.server_name);
  return instance == nullptr ? 0 : instance->MajorVersion();
}

Executor::LoginResult TsqlEngine::CheckLogin(const LoginRequest& request) {
  World::Guard guard = services_.world.Enter();
  const SqlServerInstance* instance = guard->FindSqlSide(services_.server_name);
  if (instance == nullptr) return {};
  const milink::sim::Login* login = instance->FindLogin(request.user);
  if (login == nullptr || login->password != request.password) {
    return {nullptr, {MakeMessage(18456, {request.user, ""})}};
  }
  if (login->disabled) return {nullptr, {MakeMessage(18470, {request.user, ""})}};
  const std::string database = request.database.empty() ? "master" : request.database;
  auto session = std::make_unique<Session>(next_spid_++, request, database, locks_);
  session->connect_time = guard->now;
  tsql::Environment environment;
  environment.instance = instance;
  environment.session = session.get();
  environment.collation = tsql::CollationNamed(instance->collation);
  const Database* user = instance->FindDatabase(database);
  const bool closed = user != nullptr && user->state != DatabaseState::kOnline;
  if (tsql::DatabaseIdOf(environment, database) == 0 || closed) {
    return {nullptr, {MakeMessage(4060, {database}), MakeMessage(18456, {request.user, ""})}};
  }
  session->SetDatabase(user == nullptr ? ToLowerAscii(database) : user->name);
  return {std::move(session), {}};
}

Executor::LoginResult TsqlEngine::Login(const LoginRequest& request) {
  Calls::Pass pass = services_.calls.Begin({.kind = CallKind::kLogin,
                                            .target = services_.server_name,
                                            .operation = "LOGIN",
                                            .object = request.user,
                                            .text = request.application});
  if (pass.verdict.action != Verdict::kProceed) {
    pass.End(false, "refused");
    if (pass.verdict.action == Verdict::kClose) return {};
    return {nullptr, {pass.verdict.sql}};
  }
  LoginResult result = CheckLogin(request);
  const std::string text =
      result.messages.empty() ? "ok" : std::to_string(result.messages.front().number);
  const Verdict after = pass.End(false, text);
  if (after.action == Verdict::kClose) return {};
  if (after.action == Verdict::kFail) return {nullptr, {after.sql}};
  return result;
}

ConnectionFate TsqlEngine::Execute(SqlSession& session, const std::string& batch,
                                   const std::vector<Parameter>& parameters,
                                   const std::atomic<bool>& cancelled, ResultWriter& writer) {
  std::optional<tsql::Batch> parsed;
  std::optional<Failure> syntax;
  try {
    parsed = tsql::ParseBatch(batch, MajorVersion(), Known(parameters));
  } catch (const Failure& failure) {
    syntax = failure;
  }
  const milink::sim::Call call{.kind = CallKind::kBatch,
                               .target = services_.server_name,
                               .operation = "BATCH",
                               .object = "",
                               .text = MaskSecrets(batch),
                               .mutation = parsed && tsql::MayMutate(*parsed)};
  return RunCall(services_.calls, call, writer, [&]() -> std::string {
    Interpreter interpreter(services_, Own(session), cancelled, writer);
    if (syntax) {
      Own(session).last_error = syntax->last().number;
      interpreter.Report(*syntax);
      return std::to_string(syntax->last().number);
    }
    for (const Parameter& parameter : parameters) {
      interpreter.DeclareParameter(ToLowerAscii(parameter.name), parameter.type, parameter.value);
    }
    interpreter.RunBatch(*parsed, batch);
    for (const Parameter& parameter : parameters) {
      if (!parameter.output) continue;
      const auto& value = interpreter.variables().at(ToLowerAscii(parameter.name));
      writer.OutputValue(parameter.name, value.type, value.value);
    }
    const int error = Own(session).last_error;
    return error == 0 ? "ok" : std::to_string(error);
  });
}

ConnectionFate TsqlEngine::Call(SqlSession& session, const std::string& procedure,
                                const std::vector<Parameter>& parameters,
                                const std::atomic<bool>& cancelled, ResultWriter& writer) {
  const milink::sim::Call call{.kind = CallKind::kBatch,
                               .target = services_.server_name,
                               .operation = "RPC",
                               .object = procedure,
                               .text = procedure,
                               .mutation = tsql::IsMutatingProcedure(procedure)};
  return RunCall(services_.calls, call, writer, [&]() -> std::string {
    Interpreter interpreter(services_, Own(session), cancelled, writer);
    std::vector<tsql::ProcedureArgument> arguments;
    for (const Parameter& parameter : parameters) {
      arguments.push_back(
          {ToLowerAscii(parameter.name), parameter.type, parameter.value, parameter.output});
    }
    try {
      tsql::Cursor cursor(procedure, 0);
      const tsql::ObjectName name = cursor.ExpectObjectName();
      const int status = interpreter.CallProcedure(name, arguments);
      for (const tsql::ProcedureArgument& argument : arguments) {
        if (argument.output) writer.OutputValue(argument.name, argument.type, argument.value);
      }
      writer.ReturnStatus(status);
      return "ok";
    } catch (const Failure& failure) {
      interpreter.Report(failure);
      return std::to_string(failure.last().number);
    }
  });
}

Executor::Description TsqlEngine::Describe(SqlSession& session, const std::string& batch,
                                           const std::vector<Parameter>& parameters) {
  try {
    const tsql::Batch parsed = tsql::ParseBatch(batch, MajorVersion(), Known(parameters));
    return {tsql::DescribeFirstQuery(services_, Own(session), parsed, parameters), {}};
  } catch (const Failure& failure) {
    Description refused{{}, failure.messages()};
    refused.messages.push_back(tsql::MakeMessage(8180));
    return refused;
  }
}

void TsqlEngine::Transact(SqlSession& session, TransactionStep step) {
  int& depth = Own(session).transaction_depth;
  depth = step == TransactionStep::kBegin ? depth + 1 : 0;
}

void TsqlEngine::Reset(SqlSession& session) { Own(session).Reset(); }

}  // namespace milink::sim
