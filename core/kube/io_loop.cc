#include "core/kube/io_loop.h"

#include <cstdint>
#include <optional>
#include <string>
#include <utility>

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>

namespace milink::kube {

namespace asio = boost::asio;

IoLoop::IoLoop() : context_(std::make_unique<asio::io_context>(1)) {}
IoLoop::~IoLoop() = default;

void IoLoop::Run() {
  const auto guard = asio::make_work_guard(*context_);
  context_->run();
}

void IoLoop::RunWhileBusy() {
  context_->restart();
  context_->run();
}

void IoLoop::Post(std::function<void()> task) { asio::post(*context_, std::move(task)); }

void IoLoop::Stop() { context_->stop(); }

void LoopDoor::Post(std::function<void()> task) {
  const std::lock_guard lock(mutex_);
  if (loop_ != nullptr) {
    loop_->Post(std::move(task));
  }
}

void LoopDoor::Close() {
  const std::lock_guard lock(mutex_);
  loop_ = nullptr;
}

struct LoopPulse::Beat {
  std::mutex mutex;
  std::optional<MonotonicTime> asked_at;  // nothing: it was run
};

LoopPulse::LoopPulse(IoLoop& loop, const Clock& clock)
    : loop_(loop), clock_(clock), beat_(std::make_shared<Beat>()) {}

Status LoopPulse::Check(Duration limit) {
  const MonotonicTime now = clock_.Monotonic();
  const std::lock_guard lock(beat_->mutex);
  if (!beat_->asked_at) {
    beat_->asked_at = now;
    loop_.Post([beat = beat_] {
      const std::lock_guard inner(beat->mutex);
      beat->asked_at.reset();
    });
    return OkStatus();
  }
  if (now - *beat_->asked_at <= limit) {
    return OkStatus();
  }
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(now - *beat_->asked_at);
  return Error{
      ErrorKind::kTransient, "LoopStuck",
      "the thread of the watches has done nothing for " + std::to_string(seconds.count()) + " s",
      ""};
}

struct LoopTimer::Impl {
  explicit Impl(IoLoop& loop) : timer(loop.context(), MonotonicTime::max()) {}
  asio::steady_timer timer;
  // A handler that is queued already cannot be cancelled: it compares numbers instead.
  std::uint64_t setting = 0;
};

LoopTimer::LoopTimer(IoLoop& loop) : impl_(std::make_shared<Impl>(loop)) {}
LoopTimer::~LoopTimer() { Cancel(); }

void LoopTimer::After(Duration delay, std::function<void()> task) {
  const std::uint64_t setting = ++impl_->setting;
  impl_->timer.expires_after(delay);
  impl_->timer.async_wait(
      [impl = impl_, setting, task = std::move(task)](const boost::system::error_code& error) {
        if (!error && impl->setting == setting) {
          task();
        }
      });
}

void LoopTimer::Cancel() {
  ++impl_->setting;
  impl_->timer.expires_at(MonotonicTime::max());
}

Duration LoopTimer::Left() const {
  const auto now = asio::steady_timer::clock_type::now();
  return std::chrono::duration_cast<Duration>(impl_->timer.expiry() - now);
}

}  // namespace milink::kube
