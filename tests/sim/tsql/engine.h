// The T-SQL engine of one simulated SQL Server instance: what the TDS server speaks to.
//
// Thread-safe; a session belongs to its connection's thread. The instance is found by name for each
// statement, so the world may be reset under a running engine.
#pragma once

#include <atomic>
#include <memory>
#include <string>
#include <vector>

#include "tests/sim/control/calls.h"
#include "tests/sim/sql/executor.h"
#include "tests/sim/tsql/run/app_locks.h"
#include "tests/sim/tsql/run/interpreter.h"
#include "tests/sim/world/world.h"

namespace milink::sim {

class TsqlEngine final : public Executor {
 public:
  // `world` and `calls` must outlive the engine.
  TsqlEngine(World& world, Calls& calls, std::string server_name);

  std::string ServerName() const override;
  std::string ProductVersion() const override;
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
  LoginResult CheckLogin(const LoginRequest& request);
  int MajorVersion();

  mutable tsql::Services services_;
  std::shared_ptr<tsql::AppLocks> locks_ = std::make_shared<tsql::AppLocks>();
  std::atomic<int> next_spid_{51};  // smaller numbers are the server's own
};

}  // namespace milink::sim
