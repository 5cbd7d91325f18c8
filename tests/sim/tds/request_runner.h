// Runs decoded requests of one session: dispatches to the engine, keeps prepared statements and
// the transaction descriptor. Belongs to its connection's thread.
#pragma once

#include <atomic>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "tests/sim/sql/executor.h"
#include "tests/sim/tds/packet.h"
#include "tests/sim/tds/reply.h"
#include "tests/sim/tds/requests.h"

namespace milink::sim::tds {

class RequestRunner {
 public:
  // Both outlive the runner.
  RequestRunner(Executor& executor, SqlSession& session) : executor_(executor), session_(session) {}

  // Answers one message into `reply`, except for its end. A message that cannot be decoded is
  // answered with a fatal error.
  ConnectionFate Run(const Message& request, const std::atomic<bool>& cancelled, Reply& reply);

  // The descriptor of the open transaction, 0 when there is none. Reply keeps it.
  std::uint64_t& transaction() { return transaction_; }

 private:
  struct Prepared {
    std::string definitions;
    std::string statement;
  };
  using Flag = std::atomic<bool>;

  void Reset(bool keep_transaction, Reply& reply);
  ConnectionFate RunBatch(const Message& request, const Flag& cancelled, Reply& reply);
  ConnectionFate RunRpc(const Message& request, const Flag& cancelled, Reply& reply);
  ConnectionFate RunTransaction(const Message& request, Reply& reply);

  ConnectionFate RunCall(const RpcCall& call, const Flag& cancelled, Reply& reply);
  ConnectionFate ExecuteSql(const RpcCall& call, const Flag& cancelled, Reply& reply);
  ConnectionFate Prepare(const RpcCall& call, Reply& reply);
  ConnectionFate PrepExec(const RpcCall& call, const Flag& cancelled, Reply& reply);
  ConnectionFate ExecutePrepared(const RpcCall& call, const Flag& cancelled, Reply& reply);
  ConnectionFate Unprepare(const RpcCall& call, Reply& reply);

  // The statement with its values, named by the definitions.
  ConnectionFate RunStatement(const Prepared& prepared, std::vector<Parameter> values,
                              const Flag& cancelled, Reply& reply);
  int Keep(Prepared prepared);
  // The prepared statement of the call's first parameter; null after reporting 8179.
  const Prepared* Find(const RpcCall& call, Reply& reply, int& handle);

  Executor& executor_;
  SqlSession& session_;
  std::map<int, Prepared> prepared_;
  int next_handle_ = 1;
  std::uint64_t transaction_ = 0;
};

}  // namespace milink::sim::tds
