// SELECT, variables, SET options, errors of the user, waiting, USE, transactions.
#include <algorithm>
#include <chrono>
#include <thread>

#include "core/base/text.h"
#include "tests/sim/tsql/catalog/catalog.h"
#include "tests/sim/tsql/run/datetime.h"
#include "tests/sim/tsql/run/expression_compiler.h"
#include "tests/sim/tsql/run/interpreter.h"

namespace milink::sim::tsql {
namespace {

// RAISERROR's placeholders: %s, %d, %i, %u, %%, with an optional width which is not honoured.
std::string FormatText(const std::string& format, const std::vector<std::string>& arguments) {
  std::string text;
  auto next = arguments.begin();
  for (std::size_t i = 0; i < format.size(); ++i) {
    if (format[i] != '%' || i + 1 >= format.size()) {
      text += format[i];
      continue;
    }
    const char kind = format[++i];
    if (kind == '%') {
      text += '%';
    } else if (std::string_view("sdiu").find(kind) == std::string_view::npos) {
      Fail(2787, {format});
    } else {
      text += next == arguments.end() ? "(null)" : *next++;
    }
  }
  return text;
}

int IntegerOf(const Value& value) {
  const auto* number = std::get_if<std::int64_t>(&value);
  return number == nullptr ? 0 : static_cast<int>(*number);
}

constexpr TypeInfo kInt{.type = SqlType::kInt};

// "hh:mm[:ss[.mmm]]" of WAITFOR DELAY.
std::optional<Duration> ParseDelay(const std::string& text) {
  const auto time = ParseDateTime("19000101 " + text);
  const auto begin = ParseDateTime("19000101");
  if (!time || text.find(':') == std::string::npos) return std::nullopt;
  return std::chrono::duration_cast<Duration>(*time - *begin);
}

}  // namespace

Interpreter::Flow Interpreter::Execute(const QueryStatement& node) {
  if (session_.implicit_transactions && session_.transaction_depth == 0 &&
      !node.query->first.from.empty()) {
    session_.transaction_depth = 1;
    writer_.TransactionChanged(TransactionStep::kBegin);
  }
  Query query;
  // Rows are sent only after the world's lock is given back.
  const std::vector<Row> rows =
      WithWorld([&](const WorldState&, const SqlServerInstance&, const Environment& environment) {
        query = CompileQuery(*node.query, environment, nullptr, nullptr);
        std::vector<Row> result = query.run(nullptr);
        query.run = nullptr;
        return result;
      });
  const bool assigns = std::any_of(query.variables.begin(), query.variables.end(),
                                   [](const std::string& name) { return !name.empty(); });
  if (!assigns) {
    SendTable({query.columns, rows});
    return Flow::kNext;
  }
  for (const Row& row : rows) {
    for (std::size_t i = 0; i < row.size(); ++i) {
      Assign(query.variables[i], row[i], query.columns[i].type);
    }
  }
  session_.row_count = static_cast<std::int64_t>(rows.size());
  session_.last_error = 0;
  return Flow::kNext;
}

Interpreter::Flow Interpreter::Execute(const Declare& node) {
  for (const Declaration& variable : node.variables) {
    TypeInfo type;
    if (!variable.value) continue;
    const Value value = EvaluateAs(*variable.value, type);
    Assign(variable.name, value, type);
  }
  return Flow::kNext;
}

Interpreter::Flow Interpreter::Execute(const SetVariable& node) {
  TypeInfo type;
  const Value value = EvaluateAs(*node.value, type);
  Assign(node.name, value, type);
  session_.row_count = 1;
  session_.last_error = 0;
  return Flow::kNext;
}

Interpreter::Flow Interpreter::Execute(const SetOption& node) {
  const bool on = node.value == "ON";
  if (node.option == "NOCOUNT") session_.no_count = on;
  if (node.option == "XACT_ABORT") session_.abort_on_error = on;
  if (node.option == "IMPLICIT_TRANSACTIONS") session_.implicit_transactions = on;
  // These would change what later statements mean, and nothing here follows them.
  const bool changes_meaning =
      on && (node.option == "FMTONLY" || node.option == "NOEXEC" || node.option == "PARSEONLY");
  const bool other_format = node.option == "DATEFORMAT" && node.value != "MDY";
  if (changes_meaning || other_format) FailNotModelled("SET " + node.option + " " + node.value);
  return Flow::kNext;
}

Interpreter::Flow Interpreter::Execute(const Throw& node) {
  ServerMessage message;
  if (!node.number) {
    if (!caught_) Fail(10704);
    message = *caught_;
  } else {
    message.number = IntegerOf(Evaluate(*node.number, kInt));
    if (message.number < 50000) Fail(35100, {std::to_string(message.number)});
    message.text = EvaluateText(*node.text);
    message.state = IntegerOf(Evaluate(*node.state, kInt));
    message.severity = 16;
  }
  Failure failure(message);
  failure.aborts_batch = true;
  throw failure;
}

Interpreter::Flow Interpreter::Execute(const RaiseError& node) {
  TypeInfo type;
  const Value text = EvaluateAs(*node.text, type);
  if (!std::holds_alternative<std::string>(text)) {
    FailNotModelled("RAISERROR with a message number");
  }
  std::vector<std::string> arguments;
  for (const ExpressionPtr& argument : node.arguments) arguments.push_back(EvaluateText(*argument));
  ServerMessage message{.number = 50000};
  message.text = FormatText(std::get<std::string>(text), arguments);
  message.severity = IntegerOf(Evaluate(*node.severity, kInt));
  message.state = std::max(1, IntegerOf(Evaluate(*node.state, kInt)));
  message.line = current_->line;
  if (message.severity > 18) Fail(2754);
  if (message.severity > 10) throw Failure(message);
  writer_.Message(message);
  return Flow::kNext;
}

Interpreter::Flow Interpreter::Execute(const Print& node) {
  ServerMessage message{.number = 0, .severity = 0, .state = 1};
  message.text = EvaluateText(*node.text);
  message.line = current_->line;
  writer_.Message(message);
  return Flow::kNext;
}

Interpreter::Flow Interpreter::Execute(const WaitFor& node) {
  const std::string text = EvaluateText(*node.delay);
  const std::optional<Duration> delay = ParseDelay(text);
  if (!delay) Fail(148, {text});
  const auto now = [this] {
    return WithWorld([](const WorldState& world, const SqlServerInstance&, const Environment&) {
      return world.now;
    });
  };
  // The world's clock decides, which a test may move at will; so it is asked again and again.
  const TimePoint until = now() + *delay;
  while (!cancelled_.load() && now() < until) {
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
  }
  if (cancelled_.load()) return Flow::kStop;
  Done(std::nullopt);
  return Flow::kNext;
}

Interpreter::Flow Interpreter::Execute(const Use& node) {
  const std::string name = WithWorld([&](const WorldState&, const SqlServerInstance& instance,
                                         const Environment& environment) -> std::string {
    if (DatabaseIdOf(environment, node.database) == 0) Fail(911, {node.database});
    const Database* database = instance.FindDatabase(node.database);
    if (database == nullptr) return ToLowerAscii(node.database);
    if (database->state != DatabaseState::kOnline) Fail(927, {database->name});
    return database->name;
  });
  const std::string before = session_.database();
  session_.SetDatabase(name);
  writer_.DatabaseChanged(before, name);
  Done(std::nullopt);
  return Flow::kNext;
}

Interpreter::Flow Interpreter::Execute(const Transaction& node) {
  int& depth = session_.transaction_depth;
  switch (node.action) {
    case TransactionAction::kBegin:
      if (++depth == 1) writer_.TransactionChanged(TransactionStep::kBegin);
      break;
    case TransactionAction::kCommit:
      if (depth == 0) Fail(3902);
      if (--depth == 0) writer_.TransactionChanged(TransactionStep::kCommit);
      break;
    case TransactionAction::kRollback:
      if (depth == 0) Fail(3903);
      depth = 0;
      writer_.TransactionChanged(TransactionStep::kRollback);
      break;
  }
  Done(std::nullopt);
  return Flow::kNext;
}

}  // namespace milink::sim::tsql
