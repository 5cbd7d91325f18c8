// ODBC handles with owners, and the diagnostics on them. Inside the ODBC adapter only.
//
// A handle belongs to one thread at a time, except that SQLCancel may be called on a statement from
// any thread while it is alive.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/base/clock.h"
#include "core/base/result.h"

namespace milink::sql {

enum class OdbcKind { kEnvironment, kConnection, kStatement };

class OdbcHandle {
 public:
  // kInternal OdbcUnavailable when the driver manager refuses.
  static Result<OdbcHandle> MakeEnvironment();
  static Result<OdbcHandle> MakeChild(OdbcKind kind, const OdbcHandle& parent);

  OdbcHandle(OdbcHandle&& other) noexcept;
  OdbcHandle& operator=(OdbcHandle&& other) noexcept;
  OdbcHandle(const OdbcHandle&) = delete;
  OdbcHandle& operator=(const OdbcHandle&) = delete;
  ~OdbcHandle();  // a connection is disconnected first

  void* get() const { return handle_; }
  OdbcKind kind() const { return kind_; }

 private:
  OdbcHandle(OdbcKind kind, void* handle) : kind_(kind), handle_(handle) {}
  void Free();

  OdbcKind kind_;
  void* handle_;
};

struct OdbcDiagnostic {
  std::string state;  // SQLSTATE
  int number = 0;     // the server's error number, or the driver's own
  int severity = 0;   // 0: not known
  std::string text;   // without the [..] groups in front
};

// Must be the very next call after the one that failed: any other call drops the records.
std::vector<OdbcDiagnostic> ReadDiagnostics(const OdbcHandle& handle);

// All of them on one line, for Error::detail.
std::string Describe(const std::vector<OdbcDiagnostic>& diagnostics);

// ODBC passes the value of an integer attribute in place of a pointer.
void* OdbcInteger(std::uintptr_t value);
// Whole seconds, rounded up, at least one: zero would mean no limit.
void* OdbcSeconds(Duration limit);

// "[FreeTDS][SQL Server]Login failed" becomes "Login failed".
std::string WithoutDriverPrefix(std::string text);

}  // namespace milink::sql
