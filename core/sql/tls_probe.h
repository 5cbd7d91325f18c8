// Why a TLS connection to a SQL Server fails: drivers report it in words of their own, FreeTDS
// every cause with the same, so a second look with OpenSSL tells the user. Sends no login.
// Thread-safe, blocking. Facts: MS-TDS 2.2.6.5 (PRELOGIN), 3.3.5.1 (TLS inside TDS packets),
// TDS.md 2.3 (TDS 8).
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

struct TlsProbe {
  std::string host;
  std::uint16_t port = 0;
  std::string name;                   // expected in the certificate
  std::optional<std::string> ca_pem;  // nothing: the system's trust store
  bool strict = false;                // TDS 8: TLS from the first byte
  bool pinned = false;  // `ca_pem` is the server's own certificate, or it is untrusted
};

// The host's name to resolve may take longer than `timeout`.
TlsProbeResult ProbeTls(const TlsProbe& probe, Duration timeout);

// Does the text hold at least one certificate in PEM form and no broken one?
bool IsReadableCa(std::string_view pem);

}  // namespace milink::sql
