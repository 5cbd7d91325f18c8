// An engine that answers known batches with prepared events, for tests of the TDS server and of
// clients. Thread-safe.
#pragma once

#include <atomic>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "tests/sim/sql/executor.h"

namespace milink::sim::tds {

// What a script gets to see of its request.
struct ScriptedRequest {
  SqlSession& session;
  const std::vector<Parameter>& parameters;
  const std::atomic<bool>& cancelled;
  ResultWriter& writer;
};
using Script = std::function<ConnectionFate(const ScriptedRequest&)>;

// One result set and its count.
Script Rows(std::vector<Column> columns, std::vector<std::vector<Value>> rows);
// One statement without rows.
Script Counts(std::uint64_t count);
Script Succeeds();
// One statement that only sends messages; it failed when one of them is an error.
Script Says(std::vector<ServerMessage> messages);
// Sends nothing until the client cancels or leaves.
Script WaitsForCancel();
// All in order; the last fate but kKeep counts.
Script Sequence(std::vector<Script> scripts);

class ScriptedExecutor : public Executor {
 public:
  struct Account {
    std::string user = "sa";
    std::string password = "Correct-Horse-9";
    std::string database = "master";  // the only one that exists
  };

  ScriptedExecutor() : ScriptedExecutor(Account()) {}
  explicit ScriptedExecutor(Account account) : account_(std::move(account)) {}

  // For batches with exactly this text (without blanks around it), and for the statement of
  // sp_executesql and its like. Anything else fails with 102.
  void On(const std::string& batch, Script script);
  // For procedures called by name. Anything else fails with 2812.
  void OnProcedure(const std::string& name, Script script);
  // For sp_prepare.
  void OnDescribe(const std::string& batch, Description description);

  std::vector<std::string> batches() const;
  std::vector<LoginRequest> logins() const;
  std::vector<TransactionStep> transactions() const;
  int resets() const;

  std::string ServerName() const override { return "SQL01"; }
  std::string ProductVersion() const override { return "16.0.1000.6"; }
  LoginResult Login(const LoginRequest& request) override;
  ConnectionFate Execute(SqlSession& session, const std::string& batch,
                         const std::vector<Parameter>& parameters,
                         const std::atomic<bool>& cancelled, ResultWriter& writer) override;
  ConnectionFate Call(SqlSession& session, const std::string& procedure,
                      const std::vector<Parameter>& parameters, const std::atomic<bool>& cancelled,
                      ResultWriter& writer) override;
  Description Describe(SqlSession& session, const std::string& batch,
                       const std::vector<Parameter>& parameters) override;
  void Transact(SqlSession& session, TransactionStep step) override;
  void Reset(SqlSession& session) override;

 private:
  const Account account_;
  mutable std::mutex mutex_;
  std::map<std::string, Script> scripts_;
  std::map<std::string, Script> procedures_;
  std::map<std::string, Description> descriptions_;
  std::vector<std::string> batches_;
  std::vector<LoginRequest> logins_;
  std::vector<TransactionStep> transactions_;
  int resets_ = 0;
  int next_spid_ = 51;
};

}  // namespace milink::sim::tds
