// Cuts the connections of requests that take too long, and of those that nobody waits for any more.
//
// httplib limits each read, so that an answer which drips never ends, and its stop() waits while a
// connection is being made. Here a socket is shut down under it, which ends whatever waits for it.
// Thread-safe; one thread watches all requests.
#pragma once

#include <condition_variable>
#include <list>
#include <mutex>
#include <thread>

#include "core/base/clock.h"

namespace milink::azure {

class ConnectionLimits {
  struct Request;

 public:
  // The socket that a connection uses now.
  class Socket {
   public:
    Socket() = default;
    ~Socket();
    Socket(const Socket&) = delete;
    Socket& operator=(const Socket&) = delete;
    // Keeps a copy, since the number may be another's as soon as its owner has closed it.
    void Follow(int socket);
    void Cut();

   private:
    std::mutex mutex_;
    int copy_ = -1;
  };

  // One request, as long as this lives.
  class Watched {
   public:
    Watched(ConnectionLimits& limits, std::list<Request>::iterator request)
        : limits_(limits), request_(request) {}
    ~Watched() { limits_.Remove(request_); }
    Watched(const Watched&) = delete;
    Watched& operator=(const Watched&) = delete;
    bool cut() const { return limits_.WasCut(*request_); }

   private:
    ConnectionLimits& limits_;
    std::list<Request>::iterator request_;
  };

  explicit ConnectionLimits(const Clock& clock);
  // REQUIRES: nothing is watched any more.
  ~ConnectionLimits() = default;
  ConnectionLimits(const ConnectionLimits&) = delete;
  ConnectionLimits& operator=(const ConnectionLimits&) = delete;

  // Cuts `socket` after `limit`, and at Shutdown if it `may_be_cut` then.
  Watched Watch(Socket& socket, Duration limit, bool may_be_cut);
  void Shutdown();
  bool stopping() const;

 private:
  struct Request {
    Socket& socket;
    MonotonicTime end;
    bool may_be_cut = false;
    bool cut = false;
  };

  void Run(const std::stop_token& end);
  void Remove(std::list<Request>::iterator request);
  bool WasCut(const Request& request) const;

  const Clock& clock_;
  mutable std::mutex mutex_;
  std::condition_variable_any changed_;
  std::list<Request> requests_;
  bool stopping_ = false;
  bool news_ = false;  // for the thread
  std::jthread thread_;
};

}  // namespace milink::azure
