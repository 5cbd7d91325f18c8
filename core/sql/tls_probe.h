// Why a TLS connection to a SQL Server fails: FreeTDS reports every cause with the same words, so a
// second look with OpenSSL tells the user. Sends no login. Thread-safe, blocking.
// Facts: MS-TDS 2.2.6.5 (PRELOGIN) and 3.3.5.1 (TLS inside TDS packets).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "core/base/clock.h"

namespace milink::sql {

enum class TlsFinding {
  kTrusted,      // handshake, chain and name are right: the cause lies elsewhere
  kUnreachable,  // no TCP connection
  kNoAnswer,     // connected, but no TDS answer in time
  kNoTls,        // the server does not encrypt
  kUntrusted,    // signed by nobody we trust
  kWrongName,
  kExpired,  // or not yet valid
};

struct TlsProbeResult {
  TlsFinding finding = TlsFinding::kUnreachable;
  std::string detail;  // of the certificate or of the system's error, for people
};

// `ca_pem` nothing: the system's trust store. The name to resolve may take longer than `timeout`.
TlsProbeResult ProbeTls(const std::string& host, std::uint16_t port,
                        const std::optional<std::string>& ca_pem, Duration timeout);

// Does the text hold at least one certificate in PEM form and no broken one?
bool IsReadableCa(std::string_view pem);

}  // namespace milink::sql
