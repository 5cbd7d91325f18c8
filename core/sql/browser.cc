#include "core/sql/browser.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <memory>

#include <netdb.h>
#include <sys/socket.h>

#include "core/base/text.h"
#include "core/sql/file_descriptor.h"
#include "core/sql/socket_addresses.h"

namespace milink::sql {
namespace {

constexpr char kAskForInstance = 0x04;
constexpr char kAnswer = 0x05;
constexpr std::size_t kHeader = 3;  // the kind and two bytes of length
constexpr std::size_t kLongestAnswer = kHeader + 1024;
constexpr int kTries = 3;  // a datagram may be lost
constexpr Duration kShortestWait = std::chrono::milliseconds(200);
constexpr Duration kLongestSearch = std::chrono::seconds(3);

// "ServerName;SQL1;InstanceName;INST1;..;tcp;50123;;": names and values in turn.
std::optional<std::string_view> ValueOf(std::string_view text, std::string_view wanted) {
  while (!text.empty()) {
    const auto name = text.substr(0, text.find(';'));
    text.remove_prefix(std::min(name.size() + 1, text.size()));
    const auto value = text.substr(0, text.find(';'));
    text.remove_prefix(std::min(value.size() + 1, text.size()));
    if (name == wanted) {
      return value;
    }
  }
  return std::nullopt;
}

std::optional<std::uint16_t> AskOnce(const FileDescriptor& socket, const std::string& request,
                                     const std::string& instance) {
  if (send(socket.get(), request.data(), request.size(), MSG_NOSIGNAL) < 0) {
    return std::nullopt;
  }
  std::array<char, kLongestAnswer> answer{};
  const ssize_t size = recv(socket.get(), answer.data(), answer.size(), 0);
  return size <= 0 ? std::nullopt
                   : PortInAnswer({answer.data(), static_cast<std::size_t>(size)}, instance);
}

Error NotLocated(const std::string& host, const std::string& instance, std::uint16_t port,
                 const std::string& problem) {
  return {ErrorKind::kTransient, "InstanceNotLocated",
          "the SQL Server Browser at " + host + ":" + std::to_string(port) +
              "/udp does not tell the TCP port of instance " + instance +
              (problem.empty() ? "" : " (" + problem + ")") +
              "; start the service SQL Server Browser and open that port, check "
              "spec.instanceName, or give the instance a fixed port and name it in spec.port",
          ""};
}

}  // namespace

std::string BrowserRequest(std::string_view instance) {
  return kAskForInstance + std::string(instance) + '\0';
}

std::optional<std::uint16_t> PortInAnswer(std::string_view answer, std::string_view instance) {
  if (answer.size() < kHeader || answer.front() != kAnswer) {
    return std::nullopt;
  }
  answer.remove_prefix(kHeader);
  const auto name = ValueOf(answer, "InstanceName");
  const auto port = ValueOf(answer, "tcp");
  if (!name || !port || !EqualsIgnoreCaseAscii(*name, instance)) {
    return std::nullopt;
  }
  std::uint16_t number = 0;
  const auto [end, problem] = std::from_chars(port->data(), port->data() + port->size(), number);
  const bool whole = problem == std::errc() && end == port->data() + port->size();
  return whole && number != 0 ? std::optional(number) : std::nullopt;
}

Result<std::uint16_t> FindInstancePort(const std::string& host, const std::string& instance,
                                       std::uint16_t browser_port, Duration timeout) {
  timeout = std::min(timeout, kLongestSearch);
  std::string problem;
  const AddressList list = ResolveAddresses(host, browser_port, SOCK_DGRAM, problem);
  const std::string request = BrowserRequest(instance);
  std::size_t addresses = 0;
  for (const addrinfo* address = list.get(); address != nullptr; address = address->ai_next) {
    ++addresses;
  }
  const auto tries = static_cast<Duration::rep>(std::max<std::size_t>(addresses, 1)) * kTries;
  const Duration wait = std::max(timeout / tries, kShortestWait);
  for (const addrinfo* address = list.get(); address != nullptr; address = address->ai_next) {
    const FileDescriptor socket(::socket(address->ai_family, SOCK_DGRAM | SOCK_CLOEXEC, 0));
    if (socket.get() < 0 || !LimitWaits(socket, wait) ||
        connect(socket.get(), address->ai_addr, address->ai_addrlen) != 0) {
      continue;
    }
    for (int i = 0; i < kTries; ++i) {
      if (const auto port = AskOnce(socket, request, instance)) {
        return *port;
      }
    }
  }
  return NotLocated(host, instance, browser_port, problem);
}

}  // namespace milink::sql
