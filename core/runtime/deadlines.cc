#include "core/runtime/deadlines.h"

#include <vector>

namespace milink::runtime {

Deadlines::Deadlines(const Clock& clock)
    : clock_(clock), thread_([this](const std::stop_token& end) { Run(end); }) {}

Deadlines::~Deadlines() {
  thread_.request_stop();
  thread_.join();
}

Deadlines::Watched Deadlines::Watch(std::stop_source run, Duration limit) {
  const std::lock_guard lock(mutex_);
  const MonotonicTime now = clock_.Monotonic();
  const auto entry = runs_.emplace(now + limit, std::move(run));
  // Runs over their time may still stand before it.
  if (entry == runs_.upper_bound(now)) {
    ++first_changed_;
    changed_.notify_one();
  }
  return {*this, entry};
}

void Deadlines::Remove(Runs::iterator entry) {
  const std::lock_guard lock(mutex_);
  runs_.erase(entry);
}

void Deadlines::Check() { StopDue(clock_.Monotonic()); }

void Deadlines::StopDue(MonotonicTime now) {
  std::vector<std::stop_source> due;
  {
    const std::lock_guard lock(mutex_);
    const auto end = runs_.upper_bound(now);
    for (auto it = runs_.begin(); it != end; ++it) {
      due.push_back(it->second);
    }
  }
  for (auto& run : due) {
    run.request_stop();
  }
}

void Deadlines::Run(const std::stop_token& end) {
  while (!end.stop_requested()) {
    const MonotonicTime now = clock_.Monotonic();
    StopDue(now);
    std::unique_lock lock(mutex_);
    const auto changed = [this, known = first_changed_] { return first_changed_ != known; };
    const auto next = runs_.upper_bound(now);
    if (next == runs_.end()) {
      changed_.wait(lock, end, changed);
    } else {
      changed_.wait_for(lock, end, next->first - now, changed);
    }
  }
}

}  // namespace milink::runtime
