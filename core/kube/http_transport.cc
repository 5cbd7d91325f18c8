#include "core/kube/http_transport.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "core/base/text.h"
#include "core/kube/api_status.h"
#include "core/kube/retry.h"

namespace milink::kube {
namespace {

// Well below the time after which servers and load balancers drop an idle connection.
constexpr Duration kIdleLimit = std::chrono::seconds(50);
// Distinct texts that are remembered; warnings with names inside must not fill the memory.
constexpr std::size_t kMaxWarnings = 256;

Error Stopped() {
  return {ErrorKind::kTransient, std::string(kStopped), "the program is shutting down"};
}

Duration Between(MonotonicTime from, MonotonicTime to) {
  return std::chrono::duration_cast<Duration>(to - from);
}

}  // namespace

struct HttpTransport::Lane {
  explicit Lane(const Dialer& dialer) : connection(dialer.Dial(loop)) {}

  // Runs one exchange to its end on the calling thread.
  Result<HttpResponse> Exchange(const HttpRequest& request, const Secret& token,
                                Duration deadline) {
    response = {};
    outcome.reset();
    connection->ExpireAfter(deadline);
    connection->Start(request, token, [this](Result<HttpHead> head) {
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
      ReadOn();
    });
  }

  void Finish(Result<HttpResponse> result) {
    connection->ExpireNever();
    outcome = std::move(result);
  }

  IoLoop loop;
  std::unique_ptr<HttpConnection> connection;
  HttpResponse response;
  std::optional<Result<HttpResponse>> outcome;
  MonotonicTime idle_since;
  bool was_used = false;
};

HttpTransport::HttpTransport(std::shared_ptr<Dialer> dialer, const Clock& clock, Logger logger,
                             std::size_t max_idle)
    : dialer_(std::move(dialer)), clock_(clock), logger_(std::move(logger)), max_idle_(max_idle) {}

HttpTransport::~HttpTransport() { Shutdown(); }

Result<HttpResponse> HttpTransport::Send(const HttpRequest& request) {
  const MonotonicTime start = clock_.Monotonic();
  for (int attempt = 1;; ++attempt) {
    Duration remaining = request.deadline - Between(start, clock_.Monotonic());
    Result<HttpResponse> outcome = SendOnce(request, std::max(remaining, Duration(1)));
    remaining = request.deadline - Between(start, clock_.Monotonic());
    const auto delay = RetryDelay(attempt, request.method, outcome, remaining);
    if (!delay) {
      return outcome;
    }
    logger_.Debug("Waited before sending a request again",
                  {{"target", request.target}, {"delay_ms", delay->count()}});
    if (!Sleep(*delay)) {
      return Stopped();
    }
  }
}

Result<HttpResponse> HttpTransport::SendOnce(const HttpRequest& request, Duration remaining) {
  const LanePointer lane = Take();
  if (!lane) {
    return Stopped();
  }
  const MonotonicTime start = clock_.Monotonic();
  const bool reused = std::exchange(lane->was_used, true);
  Result<HttpResponse> outcome = lane->Exchange(request, dialer_->tokens().Get(), remaining);
  const bool sent = lane->connection->request_sent();
  GiveBack(lane);
  if (outcome.ok()) {
    if (outcome->head.status == 401) {
      dialer_->tokens().Refused(start);
    }
    NoteWarning(outcome->head);
    return outcome;
  }
  const Error& error = outcome.error();
  if (request.method == HttpMethod::kGet) {
    // The server closed a kept connection just before we used it: that is nobody's failure.
    const bool stale = reused && error.reason == kConnectionLost;
    return stale ? SendOnce(request, remaining) : outcome;
  }
  if (!sent || error.reason == kStopped) {
    return outcome;
  }
  return Error{ErrorKind::kTransient, std::string(kOutcomeUnknown),
               "the answer to a write was lost; it may have taken effect: " + error.message,
               error.detail};
}

HttpTransport::LanePointer HttpTransport::Take() {
  const MonotonicTime now = clock_.Monotonic();
  const std::lock_guard lock(mutex_);
  if (stopped_) {
    return nullptr;
  }
  LanePointer lane;
  while (!idle_.empty() && !lane) {
    lane = std::move(idle_.back());
    idle_.pop_back();
    if (now - lane->idle_since >= kIdleLimit || !lane->connection->quiet()) {
      lane.reset();
    }
  }
  if (!lane) {
    lane = std::make_shared<Lane>(*dialer_);
  }
  busy_.insert(lane);
  return lane;
}

void HttpTransport::GiveBack(const LanePointer& lane) {
  lane->idle_since = clock_.Monotonic();
  const std::lock_guard lock(mutex_);
  busy_.erase(lane);
  if (!stopped_ && lane->connection->reusable() && idle_.size() < max_idle_) {
    idle_.push_back(lane);
  }
}

void HttpTransport::NoteWarning(const HttpHead& head) {
  const auto it = head.headers.find("warning");
  if (it == head.headers.end()) {
    return;
  }
  {
    const std::lock_guard lock(mutex_);
    if (warnings_.size() >= kMaxWarnings || !warnings_.insert(it->second).second) {
      return;
    }
  }
  logger_.Warning("The Kubernetes API server warned", {{"warning", Shorten(it->second, 512)}});
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
  stopping_.notify_all();
}

std::size_t HttpTransport::idle_connections() const {
  const std::lock_guard lock(mutex_);
  return idle_.size();
}

}  // namespace milink::kube
