// The simulated network: who listens where. Names and addresses are those of the world
// ("10.0.0.4"); each started endpoint owns a real listening socket, bound to the loopback on a free
// port unless the address is itself one of this machine's loopback addresses, so that tests may run
// side by side. Guarded by the World's lock.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace milink::sim {

struct HostPort {
  std::string host;  // lower case
  int port = 0;

  auto operator<=>(const HostPort&) const = default;
};

// "tcp://10.0.0.4:5022;Server=[x]" -> 10.0.0.4, 5022. Nothing when it is not of that form.
std::optional<HostPort> ParseTcpUrl(std::string_view url);
// The text in brackets of `;Server=[..]`; empty when there is none.
std::string ServerPartOfUrl(std::string_view url);

enum class ConnectResult { kConnected, kUnknownHost, kTimedOut, kRefused };

class Network {
 public:
  Network();
  ~Network();
  Network(const Network&) = delete;
  Network& operator=(const Network&) = delete;

  // False when the port is taken. `real_port` 0: any free port.
  bool Listen(const std::string& owner, const std::vector<std::string>& addresses, int port);
  void Close(const std::string& owner);
  // Opens a real connection to whoever listens at the place and closes it again.
  ConnectResult Connect(const HostPort& to);
  std::optional<std::string> OwnerOf(const HostPort& at) const;
  // The real loopback port behind a listening place; 0 when nobody listens.
  int RealPort(const HostPort& at) const;

  // A cut host neither accepts nor answers.
  void Cut(const std::string& host);
  void Mend(const std::string& host);
  bool IsCut(const std::string& host) const;
  // A firewall drops what is sent to this place.
  void Block(const HostPort& place);
  void Unblock(const HostPort& place);
  bool IsBlocked(const HostPort& place) const;
  void AddHost(const std::string& host);  // makes the name known, though nobody listens

 private:
  class Socket;
  struct Listener {
    std::string owner;
    std::shared_ptr<Socket> socket;
  };
  std::map<HostPort, Listener> listeners_;
  std::set<std::string> hosts_;
  std::set<std::string> cut_;
  std::set<HostPort> blocked_;
};

}  // namespace milink::sim
