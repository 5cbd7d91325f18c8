#include "core/sql/tcp_stream.h"

#include <array>
#include <cerrno>
#include <memory>
#include <system_error>

#include <netdb.h>
#include <sys/socket.h>
#include <sys/time.h>

namespace milink::sql {
namespace {

struct AddressListFreer {
  void operator()(addrinfo* list) const { freeaddrinfo(list); }
};
using AddressList = std::unique_ptr<addrinfo, AddressListFreer>;

AddressList Resolve(const std::string& host, std::uint16_t port, std::string& problem) {
  addrinfo hints{};
  hints.ai_family = AF_UNSPEC;
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* list = nullptr;
  const int code = getaddrinfo(host.c_str(), std::to_string(port).c_str(), &hints, &list);
  if (code != 0) {
    problem = gai_strerror(code);
    return nullptr;
  }
  return AddressList(list);
}

// On Linux the send limit covers connect() too.
bool LimitWaits(const FileDescriptor& socket, Duration wait) {
  timeval limit{};
  limit.tv_sec = wait.count() / 1000;
  limit.tv_usec = wait.count() % 1000 * 1000;
  return setsockopt(socket.get(), SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit) == 0 &&
         setsockopt(socket.get(), SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit) == 0;
}

}  // namespace

std::optional<TcpStream> TcpStream::Connect(const std::string& host, std::uint16_t port,
                                            Duration wait, std::string& problem) {
  const AddressList list = Resolve(host, port, problem);
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
