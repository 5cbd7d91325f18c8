#include "core/sql/tcp_stream.h"

#include <array>
#include <cerrno>
#include <system_error>

#include <netdb.h>
#include <sys/socket.h>

#include "core/sql/socket_addresses.h"

namespace milink::sql {
std::optional<TcpStream> TcpStream::Connect(const std::string& host, std::uint16_t port,
                                            Duration wait, std::string& problem) {
  const AddressList list = ResolveAddresses(host, port, SOCK_STREAM, problem);
  for (const addrinfo* address = list.get(); address != nullptr; address = address->ai_next) {
    FileDescriptor socket(::socket(address->ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0));
    if (socket.get() >= 0 && LimitWaits(socket, wait) &&
        connect(socket.get(), address->ai_addr, address->ai_addrlen) == 0) {
      return TcpStream(std::move(socket));
    }
    problem = std::generic_category().message(errno == EINPROGRESS ? ETIMEDOUT : errno);
  }
  return std::nullopt;
}

std::string TcpStream::PeerAddress() const {
  sockaddr_storage address{};
  socklen_t size = sizeof address;
  std::array<char, NI_MAXHOST> host{};
  auto* const generic = reinterpret_cast<sockaddr*>(&address);
  const bool told =
      getpeername(socket_.get(), generic, &size) == 0 &&
      getnameinfo(generic, size, host.data(), host.size(), nullptr, 0, NI_NUMERICHOST) == 0;
  return told ? host.data() : std::string();
}

bool TcpStream::Write(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t sent = send(socket_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent <= 0) {
      return false;
    }
    bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
  return true;
}

std::optional<std::string> TcpStream::Read() {
  constexpr std::size_t kPiece = 8192;
  std::array<char, kPiece> piece{};
  const ssize_t size = recv(socket_.get(), piece.data(), piece.size(), 0);
  if (size <= 0) {
    return std::nullopt;
  }
  return std::string(piece.data(), static_cast<std::size_t>(size));
}

}  // namespace milink::sql
