#include "core/azure/connection_limits.h"

#include <algorithm>

#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

namespace milink::azure {
namespace {

// A connection that is being made goes on with its next address, whose socket is another one.
constexpr Duration kCutAgain = std::chrono::milliseconds(50);
constexpr Duration kNothingToWatch = std::chrono::hours(24);

}  // namespace

ConnectionLimits::Socket::~Socket() {
  if (copy_ >= 0) {
    close(copy_);
  }
}

void ConnectionLimits::Socket::Follow(int socket) {
  const std::lock_guard lock(mutex_);
  if (copy_ >= 0) {
    close(copy_);
  }
  copy_ = fcntl(socket, F_DUPFD_CLOEXEC, 0);
}

void ConnectionLimits::Socket::Cut() {
  const std::lock_guard lock(mutex_);
  if (copy_ >= 0) {
    shutdown(copy_, SHUT_RDWR);
  }
}

ConnectionLimits::ConnectionLimits(const Clock& clock)
    : clock_(clock), thread_([this](const std::stop_token& end) { Run(end); }) {}

ConnectionLimits::Watched ConnectionLimits::Watch(Socket& socket, Duration limit, bool may_be_cut) {
  const std::lock_guard lock(mutex_);
  requests_.push_back({socket, clock_.Monotonic() + limit, may_be_cut});
  news_ = true;
  changed_.notify_one();
  return {*this, std::prev(requests_.end())};
}

void ConnectionLimits::Remove(std::list<Request>::iterator request) {
  const std::lock_guard lock(mutex_);
  requests_.erase(request);
}

bool ConnectionLimits::WasCut(const Request& request) const {
  const std::lock_guard lock(mutex_);
  return request.cut;
}

void ConnectionLimits::Shutdown() {
  const std::lock_guard lock(mutex_);
  stopping_ = true;
  news_ = true;
  changed_.notify_one();
}

bool ConnectionLimits::stopping() const {
  const std::lock_guard lock(mutex_);
  return stopping_;
}

void ConnectionLimits::Run(const std::stop_token& end) {
  std::unique_lock lock(mutex_);
  while (!end.stop_requested()) {
    const MonotonicTime now = clock_.Monotonic();
    MonotonicTime next = now + kNothingToWatch;
    for (Request& request : requests_) {
      request.cut = request.cut || request.end <= now || (stopping_ && request.may_be_cut);
      if (request.cut) {
        request.socket.Cut();
      }
      next = std::min(next, request.cut ? now + kCutAgain : request.end);
    }
    changed_.wait_for(lock, end, next - now, [this] { return news_; });
    news_ = false;
  }
}

}  // namespace milink::azure
