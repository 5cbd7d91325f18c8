// Blocking requests over a small pool of kept-alive connections.
//
// Thread-safe: each call runs its own connection on the calling thread, so requests neither wait
// for each other nor for the watches. Shutdown makes every call, running and future, fail with
// kStopped at once. Retries follow retry.h within the request's deadline. What must not share its
// connections, as leader election, has an HttpTransport of its own.
#pragma once

#include <condition_variable>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <vector>

#include "core/base/clock.h"
#include "core/base/log.h"
#include "core/kube/dialer.h"
#include "core/kube/http.h"

namespace milink::kube {

struct TransportOptions {
  std::size_t max_connections = 32;   // a request waits for a free one, within its deadline
  std::size_t max_idle = 8;           // kept while nobody uses them
  std::size_t max_body = 64U << 20U;  // bytes of an answer; more is kAnswerTooLarge
};

class HttpTransport final : public HttpSender {
 public:
  // `clock` must outlive this.
  HttpTransport(std::shared_ptr<Dialer> dialer, const Clock& clock, Logger logger,
                TransportOptions options = {});
  ~HttpTransport() override;

  Result<HttpResponse> Send(const HttpRequest& request) override;
  void Shutdown();

  std::size_t idle_connections() const;

 private:
  struct Lane;  // a connection with the loop that it runs on
  using LanePointer = std::shared_ptr<Lane>;

  Result<HttpResponse> SendOnce(const HttpRequest& request, MonotonicTime deadline);
  Result<LanePointer> Take(MonotonicTime deadline);
  LanePointer TakeIdle();
  void GiveBack(const LanePointer& lane);
  void DropStale(MonotonicTime now);
  Duration Until(MonotonicTime deadline) const;  // at least 1 ms
  bool Sleep(Duration delay);                    // false: shut down meanwhile

  const std::shared_ptr<Dialer> dialer_;
  const Clock& clock_;
  const Logger logger_;
  const TransportOptions options_;

  mutable std::mutex mutex_;
  // Apart, so that a connection that came free never wakes who does not wait for one.
  std::condition_variable freed_;  // a connection came free, or shut down
  std::condition_variable stopping_;
  bool stopped_ = false;
  std::vector<LanePointer> idle_;  // the most recently used last
  std::set<LanePointer> busy_;
};

}  // namespace milink::kube
