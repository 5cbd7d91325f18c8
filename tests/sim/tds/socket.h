// TCP sockets of the server: owned handles and the few calls it needs.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "core/base/result.h"

namespace milink::sim::tds {

// Closes its descriptor. Movable; not thread-safe, but Shutdown() may be called from any thread
// while the owner lives.
class Socket {
 public:
  Socket() = default;
  explicit Socket(int fd) : fd_(fd) {}
  ~Socket();
  Socket(Socket&& other) noexcept;
  Socket& operator=(Socket&& other) noexcept;

  bool valid() const { return fd_ >= 0; }
  int fd() const { return fd_; }
  // Wakes every thread that waits on the socket; nothing can be read or written any more.
  void Shutdown() const;
  // Appends what has arrived, waiting for at least one byte. False at the end of the connection.
  bool Receive(std::string& out) const;
  bool Send(std::string_view bytes) const;
  // The next connection of a listener, with TCP_NODELAY; invalid when the listener was shut down.
  Socket Accept() const;

 private:
  int fd_ = -1;
};

// `address` is an IPv4 or IPv6 address in digits. Port 0 lets the system choose; a bound socket
// which does not listen keeps the port while connections are refused.
Result<Socket> BindTcp(const std::string& address, std::uint16_t port);
Status Listen(const Socket& socket);
std::uint16_t LocalPort(const Socket& socket);
Result<Socket> ConnectTcp(const std::string& address, std::uint16_t port);

}  // namespace milink::sim::tds
