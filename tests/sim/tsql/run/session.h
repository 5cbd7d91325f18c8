// What lives as long as a connection to one simulated instance. Belongs to its connection's thread.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <utility>

#include "core/base/clock.h"
#include "tests/sim/sql/executor.h"
#include "tests/sim/tsql/run/app_locks.h"

namespace milink::sim::tsql {

// What a reset of the connection gives back.
struct SessionSettings {
  int transaction_depth = 0;  // @@TRANCOUNT
  bool no_count = false;
  bool abort_on_error = false;                 // XACT_ABORT
  bool implicit_transactions = false;          // IMPLICIT_TRANSACTIONS
  bool master_key_open = false;                // OPEN MASTER KEY
  std::int64_t row_count = 0;                  // @@ROWCOUNT of the statement before
  int last_error = 0;                          // @@ERROR of the statement before
  std::map<std::string, std::string> context;  // sp_set_session_context
};

class Session final : public SqlSession, public SessionSettings {
 public:
  Session(int spid, const LoginRequest& request, std::string database,
          std::shared_ptr<AppLocks> locks)
      : login(request.user),
        application(request.application),
        host(request.host),
        encrypted(request.encrypted),
        spid_(spid),
        first_database_(database),
        database_(std::move(database)),
        locks_(std::move(locks)) {}
  ~Session() override { locks_->ReleaseAll(spid_); }
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  int spid() const override { return spid_; }
  std::string database() const override { return database_; }
  void SetDatabase(std::string database) { database_ = std::move(database); }
  AppLocks& locks() const { return *locks_; }
  void Reset() {
    static_cast<SessionSettings&>(*this) = SessionSettings();
    database_ = first_database_;
    locks_->ReleaseAll(spid_);
  }

  std::string login;
  std::string application;
  std::string host;
  bool encrypted = false;
  TimePoint connect_time;

 private:
  int spid_;
  std::string first_database_;
  std::string database_;
  std::shared_ptr<AppLocks> locks_;
};

}  // namespace milink::sim::tsql
