// A SQL Server as its clients see it: TDS 7.4 on a port, over any Executor.
//
// Thread-safe. Every connection has its own threads; Executor is called from them.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "core/base/result.h"
#include "tests/sim/sql/executor.h"
#include "tests/sim/tds/options.h"
#include "tests/sim/tds/tls.h"

namespace milink::sim::tds {

struct TdsServerConfig {
  std::string address = "127.0.0.1";
  std::uint16_t port = 0;               // 0: any free one
  std::optional<TlsIdentity> identity;  // nothing: self-signed for `certificate_host`
  std::string certificate_host = "localhost";
  ListenerOptions options;
};

class TdsServer {
 public:
  // Listens when it returns. `executor` outlives the server.
  static Result<std::unique_ptr<TdsServer>> Start(Executor& executor, TdsServerConfig config);
  // Stops.
  ~TdsServer();
  TdsServer(const TdsServer&) = delete;
  TdsServer& operator=(const TdsServer&) = delete;

  std::uint16_t port() const;
  // The certificate in use, for clients that check it.
  std::string certificate_pem() const;

  ListenerOptions options() const;
  // Encryption, packet size and row form hold for new connections; faults at once for all.
  void SetOptions(const ListenerOptions& options);
  // For new connections.
  Status SetIdentity(const TlsIdentity& identity);

  // Cuts all connections; new ones are accepted as before.
  void DropConnections();
  int open_connections() const;
  // Ends every thread. Idempotent.
  void Stop();

 private:
  class Impl;
  explicit TdsServer(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace milink::sim::tds
