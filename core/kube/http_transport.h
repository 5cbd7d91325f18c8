// Blocking requests over a small pool of kept-alive connections.
//
// Thread-safe: each call runs its own connection on the calling thread, so requests neither wait
// for each other nor for the watches. Shutdown makes every call, running and future, fail with
// kStopped at once. Retries follow retry.h within the request's deadline.
#pragma once

#include <condition_variable>
#include <memory>
#include <mutex>
#include <set>
#include <vector>

#include "core/base/clock.h"
#include "core/base/log.h"
#include "core/kube/dialer.h"
#include "core/kube/http.h"

namespace milink::kube {

class HttpTransport final : public HttpSender {
 public:
  // `clock` must outlive this. At most `max_idle` connections are kept while nobody uses them.
  HttpTransport(std::shared_ptr<Dialer> dialer, const Clock& clock, Logger logger,
                std::size_t max_idle = 8);
  ~HttpTransport() override;

  Result<HttpResponse> Send(const HttpRequest& request) override;
  void Shutdown();

  std::size_t idle_connections() const;

 private:
  struct Lane;  // a connection with the loop that it runs on
  using LanePointer = std::shared_ptr<Lane>;

  Result<HttpResponse> SendOnce(const HttpRequest& request, Duration remaining);
  LanePointer Take();
  void GiveBack(const LanePointer& lane);
  void NoteWarning(const HttpHead& head);
  bool Sleep(Duration delay);  // false: shut down meanwhile

  const std::shared_ptr<Dialer> dialer_;
  const Clock& clock_;
  const Logger logger_;
  const std::size_t max_idle_;

  mutable std::mutex mutex_;
  std::condition_variable stopping_;
  bool stopped_ = false;
  std::vector<LanePointer> idle_;  // the most recently used last
  std::set<LanePointer> busy_;
  std::set<std::string> warnings_;  // texts of the server's warnings that were logged
};

}  // namespace milink::kube
