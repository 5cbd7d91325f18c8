#include "tests/sim/tds/socket.h"

#include <array>
#include <cerrno>
#include <cstring>
#include <system_error>
#include <utility>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

namespace milink::sim::tds {
namespace {

Error SocketError(const std::string& what) {
  return Error{.kind = ErrorKind::kTransient,
               .reason = "TdsSocket",
               .message = what + ": " + std::generic_category().message(errno)};
}

struct Address {
  sockaddr_storage storage = {};
  socklen_t length = 0;
};

// The socket calls take every kind of address through a pointer to their common head.
sockaddr* Head(Address& address) { return reinterpret_cast<sockaddr*>(&address.storage); }

Result<Address> ParseAddress(const std::string& text, std::uint16_t port) {
  Address address;
  sockaddr_in v4 = {};
  sockaddr_in6 v6 = {};
  if (inet_pton(AF_INET, text.c_str(), &v4.sin_addr) == 1) {
    v4.sin_family = AF_INET;
    v4.sin_port = htons(port);
    address.length = sizeof(v4);
    std::memcpy(&address.storage, &v4, sizeof(v4));
    return address;
  }
  if (inet_pton(AF_INET6, text.c_str(), &v6.sin6_addr) == 1) {
    v6.sin6_family = AF_INET6;
    v6.sin6_port = htons(port);
    address.length = sizeof(v6);
    std::memcpy(&address.storage, &v6, sizeof(v6));
    return address;
  }
  return Error{.kind = ErrorKind::kInvalid,
               .reason = "TdsSocket",
               .message = "'" + text + "' is no IP address"};
}

Socket Open(const Address& address) {
  return Socket(::socket(address.storage.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0));
}

void SetFlag(const Socket& socket, int level, int option) {
  const int on = 1;
  ::setsockopt(socket.fd(), level, option, &on, sizeof(on));
}

}  // namespace

Socket::~Socket() {
  if (fd_ >= 0) {
    ::close(fd_);
  }
}

Socket::Socket(Socket&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}

Socket& Socket::operator=(Socket&& other) noexcept {
  std::swap(fd_, other.fd_);
  return *this;
}

void Socket::Shutdown() const { ::shutdown(fd_, SHUT_RDWR); }

bool Socket::Receive(std::string& out) const {
  std::array<char, 16UL * 1024> buffer = {};
  while (true) {
    const ssize_t count = ::recv(fd_, buffer.data(), buffer.size(), 0);
    if (count > 0) {
      out.append(buffer.data(), static_cast<std::size_t>(count));
      return true;
    }
    if (count == 0 || errno != EINTR) {
      return false;
    }
  }
}

bool Socket::Send(std::string_view bytes) const {
  while (!bytes.empty()) {
    const ssize_t count = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (count > 0) {
      bytes.remove_prefix(static_cast<std::size_t>(count));
    } else if (count == 0 || errno != EINTR) {
      return false;
    }
  }
  return true;
}

Socket Socket::Accept() const {
  while (true) {
    Socket peer(::accept4(fd_, nullptr, nullptr, SOCK_CLOEXEC));
    if (peer.valid()) {
      SetFlag(peer, IPPROTO_TCP, TCP_NODELAY);
      return peer;
    }
    if (errno != EINTR && errno != ECONNABORTED) {
      return peer;
    }
  }
}

Result<Socket> BindTcp(const std::string& address, std::uint16_t port) {
  Result<Address> parsed = ParseAddress(address, port);
  if (!parsed) {
    return parsed.error();
  }
  Socket socket = Open(*parsed);
  if (!socket.valid()) {
    return SocketError("socket");
  }
  SetFlag(socket, SOL_SOCKET, SO_REUSEADDR);
  SetFlag(socket, SOL_SOCKET, SO_REUSEPORT);
  if (::bind(socket.fd(), Head(*parsed), parsed->length) != 0) {
    return SocketError("bind to " + address + " port " + std::to_string(port));
  }
  return socket;
}

Status Listen(const Socket& socket) {
  return ::listen(socket.fd(), SOMAXCONN) == 0 ? OkStatus() : SocketError("listen");
}

std::uint16_t LocalPort(const Socket& socket) {
  Address address;
  address.length = sizeof(address.storage);
  if (::getsockname(socket.fd(), Head(address), &address.length) != 0) {
    return 0;
  }
  if (address.storage.ss_family == AF_INET6) {
    sockaddr_in6 v6 = {};
    std::memcpy(&v6, &address.storage, sizeof(v6));
    return ntohs(v6.sin6_port);
  }
  sockaddr_in v4 = {};
  std::memcpy(&v4, &address.storage, sizeof(v4));
  return ntohs(v4.sin_port);
}

Result<Socket> ConnectTcp(const std::string& address, std::uint16_t port) {
  Result<Address> parsed = ParseAddress(address, port);
  if (!parsed) {
    return parsed.error();
  }
  Socket socket = Open(*parsed);
  if (!socket.valid() || ::connect(socket.fd(), Head(*parsed), parsed->length) != 0) {
    return SocketError("connect to " + address + " port " + std::to_string(port));
  }
  SetFlag(socket, IPPROTO_TCP, TCP_NODELAY);
  return socket;
}

}  // namespace milink::sim::tds
