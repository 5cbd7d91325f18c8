// An HTTP proxy on a free port of 127.0.0.1: it tunnels to a port of this machine, whatever host
// it is asked for, or answers as a test says.
//
// One thread per connection. The destructor cuts all connections and waits.
#pragma once

#include <memory>
#include <string>
#include <vector>

namespace milink::fakes {

class ConnectProxy {
 public:
  // What happens after the CONNECT.
  enum class Manner {
    kTunnel,
    kCloseAtOnce,  // after the answer
    kStaySilent,   // instead of the answer
  };

  explicit ConnectProxy(int target_port, Manner manner = Manner::kTunnel,
                        const std::string& answer = "HTTP/1.1 200 Connected\r\n\r\n");
  ~ConnectProxy();
  ConnectProxy(const ConnectProxy&) = delete;
  ConnectProxy& operator=(const ConnectProxy&) = delete;

  int port() const;
  // What was asked, each from its first line to the empty one.
  std::vector<std::string> Heads() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace milink::fakes
