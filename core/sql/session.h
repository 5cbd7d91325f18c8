// One connection to a SQL Server and the one thing that is done with it: run a batch.
//
// SqlConnector is thread-safe. A SqlSession belongs to one thread at a time, except Cancel() and
// Dead(), which any thread may call. Texts are UTF-8; the adapter converts.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/base/clock.h"
#include "core/base/result.h"
#include "core/base/secret.h"

namespace milink::sql {

enum class TlsMode { kMandatory, kOptional, kStrict };

struct SqlTarget {
  std::string host;
  std::uint16_t port = 1433;
  std::string instance;  // then the port is asked of the SQL Server Browser
  std::string user;
  Secret password;
  TlsMode tls = TlsMode::kMandatory;
  std::string server_name;            // expected in the certificate; empty: `host`
  std::optional<std::string> ca_pem;  // nothing: the system's trust store decides
  bool trust_server_certificate = false;
};

bool SameTarget(const SqlTarget& a, const SqlTarget& b);

// A batch ready to be sent. Built only by statements.h and catalog.h, never from user text.
struct SqlBatch {
  Secret text;        // what is sent; it may hold a password
  std::string shown;  // the same with every secret masked: for logs, plans and events
};

// A message from the server. Severity up to 10 is information, above is an error.
struct SqlMessage {
  int number = 0;
  int severity = 0;  // 0 when the driver does not tell it
  std::string text;

  bool operator==(const SqlMessage&) const = default;
};

// Values as text (SQL NULL = nothing): binary as upper-case hexadecimal without prefix, bit as 0/1,
// datetime as the driver writes it. Catalog queries convert what needs a certain form.
struct ResultSet {
  std::vector<std::string> columns;
  std::vector<std::vector<std::optional<std::string>>> rows;
};

struct SqlReply {
  std::vector<ResultSet> sets;
  std::vector<SqlMessage> messages;
};

class SqlSession {
 public:
  virtual ~SqlSession() = default;

  // Sends the batch, reads every result to the end and returns them all.
  // Errors carry the kind by errors.h, `reason` by number, and all messages in `detail`. After a
  // time-out, a cancel or a broken connection the outcome is unknown (reason "OutcomeUnknown"):
  // observe. A dead session sends nothing (kTransient "ConnectionLost").
  virtual Result<SqlReply> Run(const SqlBatch& batch, Duration timeout) = 0;

  // Makes a running Run() return soon; the session is dead from then on. Nothing happens when none
  // is running. Thread-safe.
  virtual void Cancel() = 0;

  // True once the connection is known to be lost, or a statement on it was cancelled; the session
  // is then useless: connect anew. A time-out alone leaves it usable. Thread-safe.
  virtual bool Dead() const = 0;
};

class SqlConnector {
 public:
  virtual ~SqlConnector() = default;
  // Errors: kTransient ServerUnreachable, kUnauthorized LoginFailed (18456), kInvalid
  // TlsUntrusted / TlsNameMismatch / CertificateAuthorityUnreadable, kUnsupported TlsUnsupported.
  virtual Result<std::unique_ptr<SqlSession>> Connect(const SqlTarget& target,
                                                      Duration timeout) = 0;
};

}  // namespace milink::sql
