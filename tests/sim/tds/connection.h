// One client: a thread that executes, and from the login on a second one that reads, so that an
// attention is seen while a request runs.
#pragma once

#include <atomic>
#include <cstdint>
#include <thread>

#include "tests/sim/sql/executor.h"
#include "tests/sim/tds/handshake.h"
#include "tests/sim/tds/inbox.h"
#include "tests/sim/tds/listener_state.h"
#include "tests/sim/tds/request_runner.h"
#include "tests/sim/tds/transport.h"

namespace milink::sim::tds {

class Connection {
 public:
  // Starts at once. `executor` and `state` outlive the connection.
  Connection(Executor& executor, const ListenerState& state, Socket socket, std::uint64_t number);
  // Aborts and joins.
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  // Ends it as if the network had; from any thread.
  void Abort() const { transport_.Abort(); }
  // Both threads are at their end.
  bool finished() const { return finished_; }

 private:
  void Run();
  void Serve(const LoggedIn& login);
  void ReadLoop();
  // False when the connection is to end.
  bool Answer(const LoggedIn& login, RequestRunner& runner, const Message& request);
  bool AcknowledgeAttention(const LoggedIn& login);
  bool Send(std::string_view packet);

  Executor& executor_;
  const ListenerState& state_;
  Transport transport_;
  MessageAssembler input_;
  Inbox inbox_;
  std::atomic<bool> finished_ = false;
  std::thread thread_;  // last: it uses all the others
};

}  // namespace milink::sim::tds
