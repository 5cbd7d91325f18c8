// Between the TDS server (connections, logins, tokens) and the T-SQL engine (meaning).
//
// The engine reports what happens as a stream of events; only the TDS side decides about DONE bits,
// because only it knows what comes last. Executor is thread-safe; a SqlSession belongs to its
// connection's thread.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "tests/sim/sql/value.h"

namespace milink::sim {

struct ServerMessage {
  int number = 0;
  int severity = 16;  // up to 10 is sent as INFO, above as ERROR; 20 and more closes the connection
  int state = 1;
  std::string text = {};
  std::string procedure = {};
  int line = 1;  // of the statement in its batch, from 1
};

// What happened to, or is asked of, the session's transaction.
enum class TransactionStep { kBegin, kCommit, kRollback };

// Receives the events of one request in order.
class ResultWriter {
 public:
  virtual ~ResultWriter() = default;
  virtual void Columns(const std::vector<Column>& columns) = 0;
  virtual void Row(const std::vector<Value>& values) = 0;
  virtual void Message(const ServerMessage& message) = 0;
  // The database context changed (USE); the TDS side adds ENVCHANGE and message 5701.
  virtual void DatabaseChanged(const std::string& before, const std::string& after) = 0;
  // A statement ended. `count` is set where SQL Server counts rows (SELECT, DML).
  virtual void StatementDone(std::optional<std::uint64_t> count, bool failed) = 0;
  virtual void ReturnStatus(int status) = 0;  // of a procedure
  // BEGIN, COMMIT or ROLLBACK TRANSACTION took effect; the TDS side adds the descriptor.
  virtual void TransactionChanged(TransactionStep) {}
  // The value of an output parameter, sent when the call ends.
  virtual void OutputValue(const std::string& /*name*/, const TypeInfo&, const Value&) {}
};

struct Parameter {
  std::string name;  // "@P1"; empty when passed by position
  TypeInfo type;
  Value value;
  bool output = false;
};

struct LoginRequest {
  std::string user;
  std::string password;
  std::string database;  // empty: the login's default (master)
  std::string application;
  std::string host;
  bool encrypted = false;    // the whole connection, as sys.dm_exec_connections shows it
  std::string access_token;  // a JWT instead of user and password; empty: none
  bool read_only_intent = false;
};

// What lives as long as a connection. The engine derives from it.
class SqlSession {
 public:
  virtual ~SqlSession() = default;
  virtual int spid() const = 0;
  virtual std::string database() const = 0;
};

// How a request ends for the connection, beside its events: set by injected faults.
enum class ConnectionFate { kKeep, kCloseBeforeReply, kCloseAfterReply };

class Executor {
 public:
  virtual ~Executor() = default;

  // The instance's own name (@@SERVERNAME) and version for LOGINACK and messages.
  virtual std::string ServerName() const = 0;
  virtual std::string ProductVersion() const = 0;

  // Nothing in `session` means refused: `messages` are sent and the connection is closed.
  struct LoginResult {
    std::unique_ptr<SqlSession> session;
    std::vector<ServerMessage> messages;
  };
  virtual LoginResult Login(const LoginRequest& request) = 0;

  // Runs a batch (or the statement of sp_executesql, with parameters). `cancelled` becomes true
  // when the client sends an attention or leaves: stop at the next chance. It is notified, so that
  // cancelled.wait(false) may be used.
  virtual ConnectionFate Execute(SqlSession& session, const std::string& batch,
                                 const std::vector<Parameter>& parameters,
                                 const std::atomic<bool>& cancelled, ResultWriter& writer) = 0;

  // A procedure called by name in an RPC. Unknown: message 2812.
  virtual ConnectionFate Call(SqlSession& session, const std::string& procedure,
                              const std::vector<Parameter>& parameters,
                              const std::atomic<bool>& cancelled, ResultWriter& writer) = 0;

  // What sp_prepare learns of `batch` without running it: the columns which it would return, none
  // when it is not a query. Messages mean that it cannot be prepared.
  struct Description {
    std::vector<Column> columns;
    std::vector<ServerMessage> messages;
  };
  virtual Description Describe(SqlSession&, const std::string& /*batch*/,
                               const std::vector<Parameter>&) {
    return {};
  }
  // A transaction manager request of the client (autocommit off in ODBC). The TDS side answers.
  virtual void Transact(SqlSession&, TransactionStep) {}
  // A pool hands the connection on: back to the state after login (database, SET options,
  // transaction, temporary objects, session locks).
  virtual void Reset(SqlSession&) {}
};

}  // namespace milink::sim
