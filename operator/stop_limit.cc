#include "operator/stop_limit.h"

#include <utility>

namespace milink::app {

StopLimit::StopLimit(Duration limit, std::function<void()> leave)
    : thread_([this, limit, leave = std::move(leave)](const std::stop_token& stop) {
        std::unique_lock lock(mutex_);
        changed_.wait_for(lock, stop, limit, [] { return false; });
        if (!stop.stop_requested()) {
          leave();
        }
      }) {}

StopLimit::~StopLimit() { thread_.request_stop(); }

}  // namespace milink::app
