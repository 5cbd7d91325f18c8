// A relay of TCP connections on a free port of 127.0.0.1, in front of the real API server: what
// passes is never changed, but a test can cut it anywhere, refuse it, or let it fall silent.
//
// TLS passes through, so that the client checks the server's own certificate. Thread-safe; the
// destructor cuts all connections.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>

namespace milink::test {

struct RelayCounts {
  int connections = 0;         // accepted ever
  int cuts = 0;                // of the plan
  std::uint64_t bytes_up = 0;  // from clients to the server
  std::uint64_t bytes_down = 0;
};

class TcpRelay {
 public:
  // After how many bytes from the server a connection is cut; nothing: not at all. Called once per
  // connection, on the relay's thread. Connections are cut with an end and with a reset by turns.
  using CutPlan = std::function<std::optional<std::uint64_t>()>;

  // Throws std::system_error when it cannot listen.
  explicit TcpRelay(int server_port);
  ~TcpRelay();
  TcpRelay(const TcpRelay&) = delete;
  TcpRelay& operator=(const TcpRelay&) = delete;

  int port() const;
  RelayCounts counts() const;

  // For connections made from now on; null: none is cut.
  void SetPlan(CutPlan plan);
  void CutAll();
  // Refuse() cuts all and refuses new connections, as a server that is not running; Accept()
  // listens again on the same port. They return when it is so.
  void Refuse();
  void Accept();
  // Existing and new connections stay open and nothing passes any more, as with a dead peer.
  void FallSilent();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace milink::test
