#include "tests/sim/tds/testing/scripted_executor.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "core/base/text.h"

namespace milink::sim::tds {
namespace {

class ScriptedSession final : public SqlSession {
 public:
  ScriptedSession(int spid, std::string database) : spid_(spid), database_(std::move(database)) {}
  int spid() const override { return spid_; }
  std::string database() const override { return database_; }

 private:
  int spid_;
  std::string database_;
};

ServerMessage LoginFailed(const std::string& user) {
  return {
      .number = 18456, .severity = 14, .state = 1, .text = "Login failed for user '" + user + "'."};
}

}  // namespace

Script Rows(std::vector<Column> columns, std::vector<std::vector<Value>> rows) {
  return [columns = std::move(columns), rows = std::move(rows)](const ScriptedRequest& request) {
    request.writer.Columns(columns);
    for (const std::vector<Value>& row : rows) {
      request.writer.Row(row);
    }
    request.writer.StatementDone(rows.size(), false);
    return ConnectionFate::kKeep;
  };
}

Script Counts(std::uint64_t count) {
  return [count](const ScriptedRequest& request) {
    request.writer.StatementDone(count, false);
    return ConnectionFate::kKeep;
  };
}

Script Succeeds() {
  return [](const ScriptedRequest& request) {
    request.writer.StatementDone(std::nullopt, false);
    return ConnectionFate::kKeep;
  };
}

Script Says(std::vector<ServerMessage> messages) {
  return [messages = std::move(messages)](const ScriptedRequest& request) {
    for (const ServerMessage& message : messages) {
      request.writer.Message(message);
    }
    const bool failed =
        std::ranges::any_of(messages, [](const ServerMessage& m) { return m.severity > 10; });
    request.writer.StatementDone(std::nullopt, failed);
    return ConnectionFate::kKeep;
  };
}

Script WaitsForCancel() {
  return [](const ScriptedRequest& request) {
    request.cancelled.wait(false);
    return ConnectionFate::kKeep;
  };
}

Script Sequence(std::vector<Script> scripts) {
  return [scripts = std::move(scripts)](const ScriptedRequest& request) {
    ConnectionFate fate = ConnectionFate::kKeep;
    for (const Script& script : scripts) {
      const ConnectionFate next = script(request);
      fate = next == ConnectionFate::kKeep ? fate : next;
    }
    return fate;
  };
}

void ScriptedExecutor::On(const std::string& batch, Script script) {
  const std::lock_guard lock(mutex_);
  scripts_[batch] = std::move(script);
}

void ScriptedExecutor::OnProcedure(const std::string& name, Script script) {
  const std::lock_guard lock(mutex_);
  procedures_[name] = std::move(script);
}

void ScriptedExecutor::OnDescribe(const std::string& batch, Description description) {
  const std::lock_guard lock(mutex_);
  descriptions_[batch] = std::move(description);
}

std::vector<std::string> ScriptedExecutor::batches() const {
  const std::lock_guard lock(mutex_);
  return batches_;
}

std::vector<LoginRequest> ScriptedExecutor::logins() const {
  const std::lock_guard lock(mutex_);
  return logins_;
}

std::vector<TransactionStep> ScriptedExecutor::transactions() const {
  const std::lock_guard lock(mutex_);
  return transactions_;
}

int ScriptedExecutor::resets() const {
  const std::lock_guard lock(mutex_);
  return resets_;
}

Executor::LoginResult ScriptedExecutor::Login(const LoginRequest& request) {
  const std::lock_guard lock(mutex_);
  logins_.push_back(request);
  LoginResult result;
  const bool known = request.user == account_.user && request.password == account_.password;
  if (!known && request.access_token.empty()) {
    result.messages = {LoginFailed(request.user)};
    return result;
  }
  if (!request.database.empty() && request.database != account_.database) {
    result.messages = {{.number = 4060,
                        .severity = 11,
                        .state = 1,
                        .text = "Cannot open database \"" + request.database +
                                "\" requested by the login. The login failed."},
                       LoginFailed(request.user)};
    return result;
  }
  result.session = std::make_unique<ScriptedSession>(next_spid_++, account_.database);
  return result;
}

ConnectionFate ScriptedExecutor::Execute(SqlSession& session, const std::string& batch,
                                         const std::vector<Parameter>& parameters,
                                         const std::atomic<bool>& cancelled, ResultWriter& writer) {
  Script script = Says({{.number = 102, .severity = 15, .text = "Incorrect syntax."}});
  {
    const std::lock_guard lock(mutex_);
    batches_.emplace_back(Trim(batch));
    if (const auto at = scripts_.find(batches_.back()); at != scripts_.end()) {
      script = at->second;
    }
  }
  return script({session, parameters, cancelled, writer});
}

ConnectionFate ScriptedExecutor::Call(SqlSession& session, const std::string& procedure,
                                      const std::vector<Parameter>& parameters,
                                      const std::atomic<bool>& cancelled, ResultWriter& writer) {
  std::optional<Script> script;
  {
    const std::lock_guard lock(mutex_);
    if (const auto at = procedures_.find(procedure); at != procedures_.end()) {
      script = at->second;
    }
  }
  if (!script) {
    writer.Message({.number = 2812,
                    .severity = 16,
                    .state = 62,
                    .text = "Could not find stored procedure '" + procedure + "'."});
    return ConnectionFate::kKeep;
  }
  return (*script)({session, parameters, cancelled, writer});
}

Executor::Description ScriptedExecutor::Describe(SqlSession& /*session*/, const std::string& batch,
                                                 const std::vector<Parameter>& /*parameters*/) {
  const std::lock_guard lock(mutex_);
  const auto at = descriptions_.find(batch);
  return at == descriptions_.end() ? Description() : at->second;
}

void ScriptedExecutor::Transact(SqlSession& /*session*/, TransactionStep step) {
  const std::lock_guard lock(mutex_);
  transactions_.push_back(step);
}

void ScriptedExecutor::Reset(SqlSession& /*session*/) {
  const std::lock_guard lock(mutex_);
  ++resets_;
}

}  // namespace milink::sim::tds
