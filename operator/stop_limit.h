// Ends the process when stopping takes too long: whoever asked for the stop kills it otherwise, and
// the next one waits meanwhile.
#pragma once

#include <condition_variable>
#include <functional>
#include <mutex>
#include <thread>

#include "core/base/clock.h"

namespace milink::app {

class StopLimit {
 public:
  // `leave` is called on another thread after `limit` of real time, unless this is gone by then.
  StopLimit(Duration limit, std::function<void()> leave);
  ~StopLimit();
  StopLimit(const StopLimit&) = delete;
  StopLimit& operator=(const StopLimit&) = delete;

 private:
  std::mutex mutex_;
  std::condition_variable_any changed_;
  std::jthread thread_;
};

}  // namespace milink::app
