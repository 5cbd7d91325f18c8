// An event loop, its timers and its pulse: Boost.Asio's io_context behind a face without Boost.
#pragma once

#include <functional>
#include <memory>
#include <mutex>

#include "core/base/clock.h"
#include "core/base/result.h"

namespace boost::asio {
class io_context;  // NOLINT(readability-identifier-naming): Asio's name
}

namespace milink::kube {

class IoLoop {
 public:
  IoLoop();
  ~IoLoop();
  IoLoop(const IoLoop&) = delete;
  IoLoop& operator=(const IoLoop&) = delete;

  // Runs what is posted and what is awaited on the calling thread, until Stop.
  void Run();
  // The same, until nothing is awaited any more. May be called again and again.
  void RunWhileBusy();

  // Thread-safe.
  void Post(std::function<void()> task);
  void Stop();

  boost::asio::io_context& context() { return *context_; }

 private:
  std::unique_ptr<boost::asio::io_context> context_;
};

// The way of other threads onto a loop that may go away before they come. Thread-safe.
class LoopDoor {
 public:
  explicit LoopDoor(IoLoop& loop) : loop_(&loop) {}

  // Nothing happens once the door is closed.
  void Post(std::function<void()> task);
  // Before the loop goes away.
  void Close();

 private:
  std::mutex mutex_;
  IoLoop* loop_;
};

// Does a loop still run what is posted? Each look leaves a beat for it to run, and complains of one
// that it did not run for too long. Thread-safe; the loop outlives it.
class LoopPulse {
 public:
  LoopPulse(IoLoop& loop, const Clock& clock);

  // kTransient LoopStuck.
  Status Check(Duration limit = std::chrono::seconds(30));

 private:
  struct Beat;

  IoLoop& loop_;
  const Clock& clock_;
  const std::shared_ptr<Beat> beat_;
};

// One timer. Used on the loop's thread only; not called any more once it is cancelled, set anew or
// destroyed.
class LoopTimer {
 public:
  explicit LoopTimer(IoLoop& loop);
  ~LoopTimer();
  LoopTimer(const LoopTimer&) = delete;
  LoopTimer& operator=(const LoopTimer&) = delete;

  void After(Duration delay, std::function<void()> task);
  void Cancel();
  // Until it fires; years when it is not set.
  Duration Left() const;

 private:
  struct Impl;
  std::shared_ptr<Impl> impl_;
};

}  // namespace milink::kube
