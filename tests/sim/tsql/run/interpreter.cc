#include "tests/sim/tsql/run/interpreter.h"

#include <algorithm>

#include "tests/sim/tsql/catalog/catalog.h"
#include "tests/sim/tsql/parse/parser.h"
#include "tests/sim/tsql/run/expression_compiler.h"

namespace milink::sim::tsql {
namespace {

// Names that resolve to nothing fail while the batch is compiled: TRY in the same batch does not
// see them, the batch around does.
bool IsCompileError(int number) {
  for (const int known : {195, 207, 208, 209, 4104, 4121, 8120}) {
    if (number == known) return true;
  }
  return false;
}

}  // namespace

Environment Interpreter::MakeEnvironment(const WorldState& world,
                                         const SqlServerInstance& instance) const {
  Environment environment;
  environment.world = &world;
  environment.instance = &instance;
  environment.session = &session_;
  environment.variables = &variables_;
  environment.collation = CollationNamed(instance.collation);
  environment.row_count = session_.row_count;
  environment.last_error = session_.last_error;
  environment.caught = caught_;
  return environment;
}

void Interpreter::DeclareParameter(const std::string& name, const TypeInfo& type,
                                   const Value& value) {
  variables_[name] = {type, value};
}

void Interpreter::RunBatch(const Batch& batch, std::string_view text) {
  text_ = text;
  for (const auto& [name, type] : batch.variables) variables_[name] = {type, Null{}};
  RunAll(batch.statements);
}

Interpreter::Flow Interpreter::RunAll(const std::vector<StatementPtr>& statements) {
  for (const StatementPtr& statement : statements) {
    const Flow flow = RunSafely(*statement);
    if (flow != Flow::kNext) return flow;
  }
  return Flow::kNext;
}

Interpreter::Flow Interpreter::Run(const Statement& statement) {
  current_ = &statement;
  return std::visit([this](const auto& node) { return Execute(node); }, statement.node);
}

bool Interpreter::StopsAt(const Failure& failure) const {
  const ServerMessage& last = failure.last();
  return AbortsBatch(last.number) || last.severity >= 20 || session_.abort_on_error ||
         failure.aborts_batch;
}

Interpreter::Flow Interpreter::RunSafely(const Statement& statement) {
  if (cancelled_.load()) return Flow::kStop;
  try {
    return Run(statement);
  } catch (Failure& failure) {
    failure.SetLine(statement.line);
    session_.last_error = failure.last().number;
    session_.row_count = 0;
    if (try_depth_ > 0 || nesting_ > 0) throw;
    const bool stops = StopsAt(failure);
    if (stops)
      session_.transaction_depth = session_.abort_on_error ? 0 : session_.transaction_depth;
    Report(failure);
    return stops ? Flow::kStop : Flow::kNext;
  }
}

void Interpreter::Report(const Failure& failure) {
  for (const ServerMessage& message : failure.messages()) writer_.Message(message);
  writer_.StatementDone(std::nullopt, true);
}

Interpreter::Flow Interpreter::Execute(const Block& node) { return RunAll(node.statements); }

Interpreter::Flow Interpreter::Execute(const If& node) {
  if (Test(*node.condition)) return RunSafely(*node.then);
  return node.otherwise ? RunSafely(*node.otherwise) : Flow::kNext;
}

Interpreter::Flow Interpreter::Execute(const While& node) {
  while (!cancelled_.load() && Test(*node.condition)) {
    const Flow flow = RunSafely(*node.body);
    if (flow == Flow::kBreak) break;
    if (flow == Flow::kReturn || flow == Flow::kStop) return flow;
  }
  return cancelled_.load() ? Flow::kStop : Flow::kNext;
}

Interpreter::Flow Interpreter::Execute(const TryCatch& node) {
  std::optional<ServerMessage> error;
  const int depth = try_depth_;
  ++try_depth_;
  try {
    const Flow flow = RunAll(node.attempt);
    try_depth_ = depth;
    return flow;
  } catch (const Failure& failure) {
    try_depth_ = depth;
    if ((IsCompileError(failure.last().number) && !failure.from_inner_batch) ||
        failure.last().severity >= 20) {
      throw;
    }
    error = failure.last();
  } catch (...) {
    try_depth_ = depth;
    throw;
  }
  const std::optional<ServerMessage> outer = std::exchange(caught_, error);
  const Flow flow = RunAll(node.handler);
  caught_ = outer;
  return flow;
}

Interpreter::Flow Interpreter::Execute(const Return& node) {
  if (node.value) Fail(178);
  return Flow::kReturn;
}

void Interpreter::RunText(const std::string& text, std::vector<ProcedureArgument>& parameters) {
  std::vector<std::pair<std::string, TypeInfo>> known;
  for (const ProcedureArgument& parameter : parameters) {
    known.emplace_back(parameter.name, parameter.type);
  }
  const int version = WithWorld([](const WorldState&, const SqlServerInstance& instance,
                                   const Environment&) { return instance.MajorVersion(); });
  Interpreter inner(services_, session_, cancelled_, writer_);
  inner.nesting_ = 1;
  inner.try_depth_ = try_depth_;
  try {
    const Batch batch = ParseBatch(text, version, known);
    for (const ProcedureArgument& parameter : parameters) {
      inner.DeclareParameter(parameter.name, parameter.type, parameter.value);
    }
    // Outside of TRY an error inside is sent by the inner batch, which may go on after it.
    inner.nesting_ = try_depth_ > 0 ? 1 : 0;
    inner.RunBatch(batch, text);
  } catch (Failure& failure) {
    failure.from_inner_batch = true;
    throw;
  }
  for (ProcedureArgument& parameter : parameters) {
    if (parameter.output) parameter.value = inner.variables_[parameter.name].value;
  }
}

Value Interpreter::EvaluateAs(const Expression& expression, TypeInfo& type) {
  return WithWorld([&](const WorldState&, const SqlServerInstance&,
                       const Environment& environment) {
    const Scope scope;
    const Compiled compiled = ExpressionCompiler(environment, scope, nullptr).Compile(expression);
    type = compiled.type;
    const Row empty;
    return compiled.run({&environment, &empty, nullptr, nullptr});
  });
}

Value Interpreter::Evaluate(const Expression& expression, const TypeInfo& type) {
  TypeInfo from;
  const Value value = EvaluateAs(expression, from);
  return ConvertValue(value, from, type);
}

bool Interpreter::Test(const Expression& condition) {
  TypeInfo type;
  const Value value = EvaluateAs(condition, type);
  session_.row_count = 0;
  session_.last_error = 0;
  return !IsNullValue(value) && std::get<std::int64_t>(value) != 0;
}

std::string Interpreter::EvaluateText(const Expression& expression) {
  const Value value = Evaluate(expression, {.type = SqlType::kNVarChar, .length = -1});
  const auto* text = std::get_if<std::string>(&value);
  return text == nullptr ? "" : *text;
}

void Interpreter::Assign(const std::string& variable, const Value& value, const TypeInfo& from) {
  Variable& target = variables_.at(variable);
  target.value = ConvertValue(value, from, target.type);
}

void Interpreter::Done(std::optional<std::uint64_t> count) {
  session_.row_count = count ? static_cast<std::int64_t>(*count) : 0;
  session_.last_error = 0;
  writer_.StatementDone(session_.no_count ? std::nullopt : count, false);
}

void Interpreter::Send(const SqlOutcome& outcome) {
  if (outcome.failed()) throw Failure(outcome.messages);
  for (ServerMessage message : outcome.messages) {
    message.line = current_ == nullptr ? 1 : current_->line;
    writer_.Message(message);
  }
}

void Interpreter::SendTable(const Table& table) {
  writer_.Columns(table.columns);
  for (const Row& row : table.rows) writer_.Row(row);
  Done(table.rows.size());
}

Interpreter::Flow Interpreter::Mutate(const std::string& operation, const std::string& object,
                                      const Work& work) {
  const std::string_view text =
      current_ == nullptr || current_->end > text_.size()
          ? std::string_view()
          : text_.substr(current_->begin, current_->end - current_->begin);
  Calls::Pass pass = services_.calls.Begin({.kind = CallKind::kStatement,
                                            .target = services_.server_name,
                                            .operation = operation,
                                            .object = object,
                                            .text = MaskSecrets(text),
                                            .mutation = true});
  if (pass.verdict.action == Verdict::kFail) {
    pass.End(false, std::to_string(pass.verdict.sql.number));
    throw Failure(pass.verdict.sql);
  }
  if (pass.verdict.action == Verdict::kClose) {
    pass.End(false, "closed");
    throw Disconnect{};
  }
  SqlOutcome outcome;
  try {
    outcome = WithWorld([&](WorldState& world, SqlServerInstance& instance, const Environment&) {
      return work(world, instance);
    });
  } catch (const Failure& failure) {
    outcome.messages = failure.messages();
  } catch (const Disconnect&) {
    pass.End(false, "gone");
    throw;
  }
  const bool failed = outcome.failed();
  const std::string result = failed ? std::to_string(outcome.messages.front().number) : "ok";
  const Verdict after = pass.End(!failed, result);
  if (after.action == Verdict::kClose) throw Disconnect{};
  if (after.action == Verdict::kFail) throw Failure(after.sql);
  Send(outcome);
  Done(std::nullopt);
  return Flow::kNext;
}

void Interpreter::RequirePermission(const std::string& permission, const Failure& otherwise) {
  const bool allowed = WithWorld([&](const WorldState&, const SqlServerInstance& instance,
                                     const Environment&) {
    const Login* login = instance.FindLogin(session_.login);
    return login != nullptr && (login->sysadmin || login->permissions.contains("CONTROL SERVER") ||
                                login->permissions.contains(permission));
  });
  if (!allowed) throw otherwise;
}

void Interpreter::RefuseInTransaction(int number, const std::string& statement) {
  if (session_.implicit_transactions && session_.transaction_depth == 0) {
    session_.transaction_depth = 1;
    writer_.TransactionChanged(TransactionStep::kBegin);
  }
  if (session_.transaction_depth > 0) Fail(number, {statement});
}

void Interpreter::RequireMaster() {
  if (!SameText(session_.database(), "master", {false})) Fail(35208);
}

// Members of the SQLAgent roles of msdb may make jobs too; no login here is one.
void Interpreter::RequireAgentRights(const std::string& procedure) {
  WithWorld([&](const WorldState&, const SqlServerInstance&, const Environment& environment) {
    if (!IsSysadmin(environment)) Fail(229, {"EXECUTE", procedure, "msdb", "dbo"}, 5);
  });
}

}  // namespace milink::sim::tsql
