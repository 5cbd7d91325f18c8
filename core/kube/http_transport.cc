#include "core/kube/http_transport.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "core/kube/api_status.h"
#include "core/kube/retry.h"

namespace milink::kube {
namespace {

// Well below the time after which servers and load balancers drop an idle connection.
constexpr Duration kIdleLimit = std::chrono::seconds(50);

Error Stopped() {
  return {ErrorKind::kTransient, std::string(kStopped), "the program is shutting down"};
}

}  // namespace

struct HttpTransport::Lane {
  Lane(const Dialer& dialer, std::size_t limit) : connection(dialer.Dial(loop)), max_body(limit) {}

  // Runs one exchange to its end on the calling thread.
  Result<HttpResponse> Exchange(const HttpRequest& request, Duration deadline) {
    response = {};
    outcome.reset();
    connection->ExpireAfter(deadline);
    connection->Start(request, [this](Result<HttpHead> head) {
      if (!head.ok()) {
        Finish(std::move(head).error());
        return;
      }
      response.head = *std::move(head);
      ReadOn();
    });
    loop.RunWhileBusy();
    return *std::move(outcome);
  }

  // The last exchange ended before the server said anything.
  bool heard_nothing() const { return response.head.status == 0; }

  void ReadOn() {
    connection->ReadSome([this](Result<std::string_view> bytes) {
      if (!bytes.ok()) {
        Finish(std::move(bytes).error());
        return;
      }
      if (bytes->empty()) {
        Finish(std::move(response));
        return;
      }
      response.body.append(*bytes);
      if (response.body.size() > max_body) {
        const Error error{ErrorKind::kInvalid, std::string(kAnswerTooLarge),
                          "the Kubernetes API server's answer is larger than " +
                              std::to_string(max_body) + " bytes"};
        connection->Cancel(error);
        Finish(error);
        return;
      }
      ReadOn();
    });
  }

  void Finish(Result<HttpResponse> result) {
    connection->ExpireNever();
    outcome = std::move(result);
  }

  IoLoop loop;
  std::unique_ptr<HttpConnection> connection;
  const std::size_t max_body;
  HttpResponse response;
  std::optional<Result<HttpResponse>> outcome;
  MonotonicTime idle_since;
  bool was_used = false;
};

HttpTransport::HttpTransport(std::shared_ptr<Dialer> dialer, const Clock& clock, Logger logger,
                             TransportOptions options)
    : dialer_(std::move(dialer)), clock_(clock), logger_(std::move(logger)), options_(options) {}

HttpTransport::~HttpTransport() { Shutdown(); }

Duration HttpTransport::Until(MonotonicTime deadline) const {
  const auto left = std::chrono::duration_cast<Duration>(deadline - clock_.Monotonic());
  return std::max(left, Duration(1));
}

Result<HttpResponse> HttpTransport::Send(const HttpRequest& request) {
  const MonotonicTime deadline = clock_.Monotonic() + request.deadline;
  for (int attempt = 1;; ++attempt) {
    Result<HttpResponse> outcome = SendOnce(request, deadline);
    const auto delay = RetryDelay(attempt, request.method, outcome, Until(deadline));
    if (!delay) {
      return outcome;
    }
    logger_.Debug("Waiting before sending a request again",
                  {{"target", request.target}, {"delay_ms", delay->count()}});
    if (!Sleep(*delay)) {
      return Stopped();
    }
  }
}

Result<HttpResponse> HttpTransport::SendOnce(const HttpRequest& request, MonotonicTime deadline) {
  const Result<LanePointer> taken = Take(deadline);
  if (!taken.ok()) {
    return taken.error();
  }
  const LanePointer& lane = *taken;
  const bool reused = std::exchange(lane->was_used, true);
  Result<HttpResponse> outcome = lane->Exchange(request, Until(deadline));
  const bool sent = lane->connection->request_sent();
  GiveBack(lane);
  if (outcome.ok()) {
    return outcome;
  }
  const Error& error = outcome.error();
  if (request.method == HttpMethod::kGet) {
    // The server closed a kept connection just before we used it: that is nobody's failure. The
    // next one is another kept one or new, so this ends.
    const bool stale = reused && error.reason == kConnectionLost && lane->heard_nothing();
    return stale ? SendOnce(request, deadline) : outcome;
  }
  if (!sent || error.reason == kStopped) {
    return outcome;
  }
  return Error{ErrorKind::kTransient, std::string(kOutcomeUnknown),
               "the answer to a write was lost; it may have taken effect: " + error.message,
               error.detail};
}

Result<HttpTransport::LanePointer> HttpTransport::Take(MonotonicTime deadline) {
  std::unique_lock lock(mutex_);
  const bool free = freed_.wait_for(lock, Until(deadline), [this] {
    return stopped_ || busy_.size() < options_.max_connections;
  });
  if (stopped_) {
    return Stopped();
  }
  if (!free) {
    return Error{ErrorKind::kTransient, std::string(kTimeout),
                 "all " + std::to_string(options_.max_connections) +
                     " connections to the Kubernetes API server are busy"};
  }
  LanePointer lane = TakeIdle();
  if (!lane) {
    lane = std::make_shared<Lane>(*dialer_, options_.max_body);
  }
  busy_.insert(lane);
  return lane;
}

// The most recently used connection that the server still keeps. Holds mutex_.
HttpTransport::LanePointer HttpTransport::TakeIdle() {
  DropStale(clock_.Monotonic());
  LanePointer lane;
  while (!idle_.empty() && !lane) {
    lane = std::move(idle_.back());
    idle_.pop_back();
    if (!lane->connection->quiet()) {
      lane.reset();
    }
  }
  return lane;
}

void HttpTransport::GiveBack(const LanePointer& lane) {
  {
    const std::lock_guard lock(mutex_);
    const MonotonicTime now = clock_.Monotonic();
    busy_.erase(lane);
    DropStale(now);
    lane->idle_since = now;
    if (!stopped_ && lane->connection->reusable() && idle_.size() < options_.max_idle) {
      idle_.push_back(lane);
    }
  }
  freed_.notify_one();
}

// Holds mutex_.
void HttpTransport::DropStale(MonotonicTime now) {
  std::erase_if(idle_,
                [now](const LanePointer& lane) { return now - lane->idle_since >= kIdleLimit; });
}

bool HttpTransport::Sleep(Duration delay) {
  std::unique_lock lock(mutex_);
  return !stopping_.wait_for(lock, delay, [this] { return stopped_; });
}

void HttpTransport::Shutdown() {
  {
    const std::lock_guard lock(mutex_);
    stopped_ = true;
    idle_.clear();
    for (const LanePointer& lane : busy_) {
      lane->loop.Post([lane = lane.get()] { lane->connection->Cancel(Stopped()); });
    }
  }
  freed_.notify_all();
  stopping_.notify_all();
}

std::size_t HttpTransport::idle_connections() const {
  const std::lock_guard lock(mutex_);
  return idle_.size();
}

}  // namespace milink::kube
