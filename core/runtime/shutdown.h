// SIGTERM and SIGINT as a stop token, and SIGUSR1 as a call. The first signal asks to stop, a
// second one ends the process at once.
//
// Make one, at the start of main and before any thread: it blocks these signals in the calling
// thread, and threads inherit that. SIGPIPE is ignored: a closed connection is an error of write().
#pragma once

#include <functional>
#include <memory>
#include <stop_token>
#include <thread>

#include "core/base/log.h"

namespace milink::runtime {

class ShutdownSignals {
 public:
  // `exit_now` is called with the number of the second signal; by default it leaves with
  // 128 + signal and runs no destructor. `on_user_signal` is called for every SIGUSR1, on this
  // object's thread; without it SIGUSR1 does nothing.
  explicit ShutdownSignals(Logger log, std::function<void(int)> exit_now = {},
                           std::function<void()> on_user_signal = {});
  // The signals do what they did before.
  ~ShutdownSignals();
  ShutdownSignals(const ShutdownSignals&) = delete;
  ShutdownSignals& operator=(const ShutdownSignals&) = delete;

  std::stop_token Token() const { return stop_.get_token(); }
  // Blocks until a stop is requested.
  void Wait() const;
  // As if a first signal had come, for a process that ends for another reason.
  void RequestStop() { stop_.request_stop(); }

 private:
  struct Signals;
  void Watch(const std::stop_token& end);

  Logger log_;
  std::function<void(int)> exit_now_;
  std::function<void()> on_user_signal_;
  std::stop_source stop_;
  std::unique_ptr<Signals> signals_;
  std::jthread thread_;
};

}  // namespace milink::runtime
