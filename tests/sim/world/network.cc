#include "tests/sim/world/network.h"

#include <charconv>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "core/base/text.h"

namespace milink::sim {
namespace {

constexpr int kConnectMilliseconds = 500;

bool IsAddress(const std::string& host) {
  return host.find_first_not_of("0123456789.") == std::string::npos;
}

sockaddr_in AddressOf(const std::string& host, int port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  inet_pton(AF_INET, host.c_str(), &address.sin_addr);
  return address;
}

const sockaddr* AsGeneric(const sockaddr_in& address) {
  return reinterpret_cast<const sockaddr*>(&address);
}

}  // namespace

// A file descriptor of a listening or connected TCP socket.
class Network::Socket {
 public:
  Socket() : fd_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)) {}
  ~Socket() {
    if (fd_ >= 0) {
      ::close(fd_);
    }
  }
  Socket(const Socket&) = delete;
  Socket& operator=(const Socket&) = delete;

  bool Listen(const std::string& host, int port) const {
    const int yes = 1;
    ::setsockopt(fd_, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof(yes));
    const sockaddr_in address = AddressOf(host, port);
    return ::bind(fd_, AsGeneric(address), sizeof(address)) == 0 && ::listen(fd_, SOMAXCONN) == 0;
  }

  sockaddr_in LocalAddress() const {
    sockaddr_in address{};
    socklen_t size = sizeof(address);
    ::getsockname(fd_, reinterpret_cast<sockaddr*>(&address), &size);
    return address;
  }

  bool Connect(const sockaddr_in& address) const {
    if (::connect(fd_, AsGeneric(address), sizeof(address)) == 0) {
      return true;
    }
    pollfd waiting{.fd = fd_, .events = POLLOUT, .revents = 0};
    if (::poll(&waiting, 1, kConnectMilliseconds) != 1) {
      return false;
    }
    int error = 0;
    socklen_t size = sizeof(error);
    ::getsockopt(fd_, SOL_SOCKET, SO_ERROR, &error, &size);
    return error == 0;
  }

  // Takes and drops who has knocked, so that the backlog never fills.
  void DrainBacklog() const {
    for (int peer = ::accept4(fd_, nullptr, nullptr, SOCK_CLOEXEC); peer >= 0;
         peer = ::accept4(fd_, nullptr, nullptr, SOCK_CLOEXEC)) {
      ::close(peer);
    }
  }

 private:
  int fd_;
};

Network::Network() = default;
Network::~Network() = default;

bool Network::Listen(const std::string& owner, const std::vector<std::string>& addresses,
                     int port) {
  Close(owner);
  auto shared = std::make_shared<Socket>();
  if (!shared->Listen("127.0.0.1", 0)) {
    return false;
  }
  for (const std::string& address : addresses) {
    const HostPort place{ToLowerAscii(address), port};
    hosts_.insert(place.host);
    std::shared_ptr<Socket> socket = shared;
    if (place.host.starts_with("127.") || place.host == "localhost") {
      socket = std::make_shared<Socket>();
      if (!socket->Listen(place.host == "localhost" ? "127.0.0.1" : place.host, port)) {
        Close(owner);
        return false;
      }
    }
    if (!listeners_.emplace(place, Listener{owner, socket}).second) {
      Close(owner);
      return false;
    }
  }
  return true;
}

void Network::Close(const std::string& owner) {
  std::erase_if(listeners_, [&](const auto& entry) { return entry.second.owner == owner; });
}

ConnectResult Network::Connect(const HostPort& to) {
  const HostPort place{ToLowerAscii(to.host), to.port};
  if (IsCut(place.host) || IsBlocked(place)) {
    return ConnectResult::kTimedOut;
  }
  const auto it = listeners_.find(place);
  if (it == listeners_.end()) {
    if (hosts_.contains(place.host)) {
      return ConnectResult::kRefused;
    }
    return IsAddress(place.host) ? ConnectResult::kTimedOut : ConnectResult::kUnknownHost;
  }
  const Socket client;
  const bool connected = client.Connect(it->second.socket->LocalAddress());
  it->second.socket->DrainBacklog();
  return connected ? ConnectResult::kConnected : ConnectResult::kRefused;
}

std::optional<std::string> Network::OwnerOf(const HostPort& at) const {
  const auto it = listeners_.find({ToLowerAscii(at.host), at.port});
  return it == listeners_.end() ? std::nullopt : std::optional(it->second.owner);
}

int Network::RealPort(const HostPort& at) const {
  const auto it = listeners_.find({ToLowerAscii(at.host), at.port});
  return it == listeners_.end() ? 0 : ntohs(it->second.socket->LocalAddress().sin_port);
}

void Network::Cut(const std::string& host) { cut_.insert(ToLowerAscii(host)); }
void Network::Mend(const std::string& host) { cut_.erase(ToLowerAscii(host)); }
void Network::Block(const HostPort& place) {
  blocked_.insert({ToLowerAscii(place.host), place.port});
}
void Network::Unblock(const HostPort& place) {
  blocked_.erase({ToLowerAscii(place.host), place.port});
}
bool Network::IsBlocked(const HostPort& place) const {
  return blocked_.contains({ToLowerAscii(place.host), place.port});
}
bool Network::IsCut(const std::string& host) const { return cut_.contains(ToLowerAscii(host)); }
void Network::AddHost(const std::string& host) { hosts_.insert(ToLowerAscii(host)); }

std::optional<HostPort> ParseTcpUrl(std::string_view url) {
  constexpr std::string_view kScheme = "tcp://";
  if (url.size() <= kScheme.size() ||
      !EqualsIgnoreCaseAscii(url.substr(0, kScheme.size()), kScheme)) {
    return std::nullopt;
  }
  const std::string_view rest = url.substr(kScheme.size(), url.find(';') - kScheme.size());
  const std::size_t colon = rest.rfind(':');
  if (colon == std::string_view::npos || colon == 0) {
    return std::nullopt;
  }
  int port = 0;
  const std::string_view digits = rest.substr(colon + 1);
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), port);
  if (error != std::errc{} || end != digits.data() + digits.size() || port < 1 || port > 65'535) {
    return std::nullopt;
  }
  return HostPort{ToLowerAscii(rest.substr(0, colon)), port};
}

std::string ServerPartOfUrl(std::string_view url) {
  const std::string lower = ToLowerAscii(url);
  constexpr std::string_view kStart = ";server=[";
  const std::size_t at = lower.find(kStart);
  if (at == std::string::npos) {
    return {};
  }
  const std::size_t end = lower.find(']', at);
  return end == std::string::npos
             ? std::string{}
             : std::string(url.substr(at + kStart.size(), end - at - kStart.size()));
}

}  // namespace milink::sim
