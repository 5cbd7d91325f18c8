// A SqlSession over one ODBC connection. Inside the ODBC adapter; connections are made by
// odbc_connector.h.
#pragma once

#include <atomic>
#include <mutex>

#include "core/sql/odbc_handle.h"
#include "core/sql/session.h"

namespace milink::sql {

class OdbcSession final : public SqlSession {
 public:
  explicit OdbcSession(OdbcHandle connection) : connection_(std::move(connection)) {}

  Result<SqlReply> Run(const SqlBatch& batch, Duration timeout) override;
  void Cancel() override;
  bool Dead() const override { return dead_; }

 private:
  Result<SqlReply> Execute(const OdbcHandle& statement, const SqlBatch& batch);
  // Reads one result set, if the current result is one.
  Status ReadSet(const OdbcHandle& statement, const SqlBatch& batch, SqlReply& reply);
  Error Failure(const OdbcHandle& failed, const SqlBatch& batch, SqlReply& reply);
  bool AskDead() const;

  // False once the session is dead, decided together with Cancel(): no statement starts after it.
  bool Activate(const OdbcHandle& statement);

  OdbcHandle connection_;
  std::atomic<bool> dead_ = false;      // only ever set
  std::mutex mutex_;                    // guards active_: a handle is never freed under Cancel
  const OdbcHandle* active_ = nullptr;  // the statement being executed
};

}  // namespace milink::sql
