// The SQL Server Browser of a host: tells on UDP where named instances listen (MC-SQLR, as
// Microsoft publishes it, 2.2.3 and 2.2.5). Silent about what it does not know, as the real one.
//
// Thread-safe; answers on a thread of its own, at a port of 127.0.0.1 that the system chooses.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

#include "core/base/result.h"
#include "tests/sim/tds/socket.h"

namespace milink::sim::tds {

class Browser {
 public:
  static Result<std::unique_ptr<Browser>> Start();
  ~Browser();
  Browser(const Browser&) = delete;
  Browser& operator=(const Browser&) = delete;

  std::uint16_t port() const { return port_; }
  // Another port for the same name replaces the first, as a restart of the instance does.
  void Announce(const std::string& instance, std::uint16_t tcp_port);
  // Ignores the next requests, as if they were lost.
  void Lose(int requests);

 private:
  explicit Browser(Socket socket);

  void Serve();
  std::string AnswerTo(std::string_view request);

  Socket socket_;
  std::uint16_t port_;
  std::mutex mutex_;
  std::map<std::string, std::uint16_t> instances_;  // by name in upper case
  int to_lose_ = 0;
  std::thread thread_;
};

}  // namespace milink::sim::tds
