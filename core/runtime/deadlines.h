// Asks runs to give up once their time is over: one thread watches all of them.
//
// Cooperative: what a run does with the request is its own business. Thread-safe.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <map>
#include <mutex>
#include <stop_token>
#include <thread>
#include <utility>

#include "core/base/clock.h"

namespace milink::runtime {

class Deadlines {
 public:
  // Stops watching its run when it goes.
  class Watched {
   public:
    Watched(Deadlines& deadlines, std::multimap<MonotonicTime, std::stop_source>::iterator entry)
        : deadlines_(deadlines), entry_(entry) {}
    ~Watched() { deadlines_.Remove(entry_); }
    Watched(const Watched&) = delete;
    Watched& operator=(const Watched&) = delete;

   private:
    Deadlines& deadlines_;
    std::multimap<MonotonicTime, std::stop_source>::iterator entry_;
  };

  // `clock` outlives this.
  explicit Deadlines(const Clock& clock);
  // REQUIRES: nothing is watched any more.
  ~Deadlines();
  Deadlines(const Deadlines&) = delete;
  Deadlines& operator=(const Deadlines&) = delete;

  // Requests a stop of `run` after `limit`. Its stop callbacks run on the watching thread.
  Watched Watch(std::stop_source run, Duration limit);
  // What is due now is asked to stop. The thread does this by itself; after a jump of an injected
  // clock it has to be told.
  void Check();

 private:
  using Runs = std::multimap<MonotonicTime, std::stop_source>;

  void Run(const std::stop_token& end);
  void Remove(Runs::iterator entry);
  void StopDue(MonotonicTime now);

  const Clock& clock_;
  std::mutex mutex_;
  std::condition_variable_any changed_;
  Runs runs_;
  std::uint64_t first_changed_ = 0;  // how often a run became the next to end
  std::jthread thread_;
};

}  // namespace milink::runtime
