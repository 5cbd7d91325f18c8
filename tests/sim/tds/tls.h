// TLS without a socket: bytes in, bytes out, so that the handshake can travel inside TDS packets.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "core/base/result.h"

namespace milink::sim::tds {

// Certificate chain, leaf first, and private key, both PEM.
struct TlsIdentity {
  std::string certificate_pem;
  std::string key_pem;
};

// A self-signed certificate for `host` (also 127.0.0.1 and ::1), valid from yesterday for a year,
// as SQL Server makes one when it is given none.
Result<TlsIdentity> MakeSelfSigned(const std::string& host);

// Settings shared by the connections of a listener. Immutable, thread-safe.
class TlsContext {
 public:
  static Result<std::shared_ptr<const TlsContext>> ForServer(const TlsIdentity& identity);
  // Trusts any certificate: for tests of the server.
  static Result<std::shared_ptr<const TlsContext>> ForClient();
  ~TlsContext();
  TlsContext(const TlsContext&) = delete;
  TlsContext& operator=(const TlsContext&) = delete;

 private:
  friend class TlsEndpoint;
  struct Impl;
  explicit TlsContext(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

// One end of one connection. Not thread-safe.
class TlsEndpoint {
 public:
  // kWrapped: the handshake travels inside TDS 7.x packets, TLS 1.2 only, because FreeTDS never
  // flushes the end of a TLS 1.3 handshake. kStrict: TDS 8, TLS from the first byte.
  enum class Mode { kWrapped, kStrict };

  TlsEndpoint(std::shared_ptr<const TlsContext> context, Mode mode);
  ~TlsEndpoint();
  TlsEndpoint(const TlsEndpoint&) = delete;
  TlsEndpoint& operator=(const TlsEndpoint&) = delete;

  enum class Progress { kMore, kDone, kFailed };
  // Takes what the peer sent; `to_send` is what it must get now, also when the handshake failed.
  Progress Handshake(std::string_view received, std::string& to_send);

  // Appends what could be decrypted. False when the peer ended TLS or sent nonsense.
  bool Decrypt(std::string_view received, std::string& plain);
  std::string Encrypt(std::string_view plain);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace milink::sim::tds
