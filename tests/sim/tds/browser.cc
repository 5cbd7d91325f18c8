#include "tests/sim/tds/browser.h"

#include <array>
#include <string_view>

#include <arpa/inet.h>
#include <sys/socket.h>

#include "core/base/text.h"

namespace milink::sim::tds {
namespace {

constexpr char kClientUnicastInstance = 0x04;
constexpr char kServerResponse = 0x05;
constexpr std::size_t kLongestName = 32;

}  // namespace

Result<std::unique_ptr<Browser>> Browser::Start() {
  Socket socket(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (!socket.valid() ||
      bind(socket.fd(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
    return Error{ErrorKind::kInternal, "NoSocket", "no UDP port could be had", ""};
  }
  return std::unique_ptr<Browser>(new Browser(std::move(socket)));
}

Browser::Browser(Socket socket) : socket_(std::move(socket)), port_(LocalPort(socket_)) {
  thread_ = std::thread([this] { Serve(); });
}

Browser::~Browser() {
  socket_.Shutdown();
  thread_.join();
}

void Browser::Announce(const std::string& instance, std::uint16_t tcp_port) {
  const std::lock_guard lock(mutex_);
  instances_.insert_or_assign(ToUpperAscii(instance), tcp_port);
}

void Browser::Lose(int requests) {
  const std::lock_guard lock(mutex_);
  to_lose_ = requests;
}

void Browser::Serve() {
  while (true) {
    std::array<char, 256> request{};
    sockaddr_storage client{};
    socklen_t size = sizeof client;
    auto* const from = reinterpret_cast<sockaddr*>(&client);
    const ssize_t length = recvfrom(socket_.fd(), request.data(), request.size(), 0, from, &size);
    if (length <= 0) {
      return;  // shut down
    }
    const std::string answer = AnswerTo({request.data(), static_cast<std::size_t>(length)});
    if (!answer.empty()) {
      sendto(socket_.fd(), answer.data(), answer.size(), 0, from, size);
    }
  }
}

std::string Browser::AnswerTo(std::string_view request) {
  const bool well_formed = request.size() > 2 && request.size() <= kLongestName + 2 &&
                           request.front() == kClientUnicastInstance && request.back() == '\0';
  const std::lock_guard lock(mutex_);
  if (!well_formed || to_lose_-- > 0) {
    return {};
  }
  to_lose_ = 0;
  const auto found =
      instances_.find(ToUpperAscii(std::string(request.substr(1, request.size() - 2))));
  if (found == instances_.end()) {
    return {};
  }
  const std::string data = "ServerName;SQL1;InstanceName;" + found->first +
                           ";IsClustered;No;Version;16.0.1000.6;tcp;" +
                           std::to_string(found->second) + ";;";
  std::string answer(1, kServerResponse);
  answer += static_cast<char>(data.size() & 0xFF);
  answer += static_cast<char>(data.size() >> 8);
  return answer + data;
}

}  // namespace milink::sim::tds
