#include "core/runtime/work_queue.h"

#include <algorithm>
#include <utility>

namespace milink::runtime {

WorkQueue::WorkQueue(const Clock& clock, Random& random, WorkQueueObserver* observer,
                     BackoffPolicy retry)
    : clock_(clock), random_(random), observer_(observer), retry_(retry) {}

void WorkQueue::Add(const ObjectKey& key, int priority) {
  const std::lock_guard lock(mutex_);
  AddLocked(key, Duration::zero(), priority);
}

void WorkQueue::AddAfter(const ObjectKey& key, Duration delay, int priority) {
  const std::lock_guard lock(mutex_);
  AddLocked(key, delay, priority);
}

Duration WorkQueue::AddRateLimited(const ObjectKey& key, int priority, Duration at_least) {
  const std::lock_guard lock(mutex_);
  const Duration delay = std::max(BackoffDelay(retry_, ++failures_[key], random_), at_least);
  if (observer_ != nullptr) {
    observer_->OnRetry();
  }
  AddLocked(key, delay, priority);
  return delay;
}

void WorkQueue::Forget(const ObjectKey& key) {
  const std::lock_guard lock(mutex_);
  failures_.erase(key);
}

int WorkQueue::Failures(const ObjectKey& key) const {
  const std::lock_guard lock(mutex_);
  const auto it = failures_.find(key);
  return it == failures_.end() ? 0 : it->second;
}

void WorkQueue::AddLocked(const ObjectKey& key, Duration delay, int priority) {
  if (shutting_down_) {
    return;
  }
  const MonotonicTime now = clock_.Monotonic();
  // First those whose time came before this one's, so that they stay ahead of it.
  PromoteDueLocked(now);
  const bool delayed = delay > Duration::zero();
  const MonotonicTime ready_at = delayed ? now + delay : now;

  const auto [it, is_new] = pending_.try_emplace(key, Pending{priority, true, ready_at});
  Pending& pending = it->second;
  if (!is_new && !pending.delayed) {
    if (priority > pending.priority) {
      if (const auto ref = ready_.find({-pending.priority, pending.sequence, key});
          ref != ready_.end()) {
        RemoveReady(ref);
      }
      pending.priority = priority;
      MakeReady(key, pending);
    }
    return;
  }
  if (!is_new) {
    delayed_.erase({pending.ready_at, key});
    pending.priority = std::max(pending.priority, priority);
    pending.ready_at = std::min(pending.ready_at, ready_at);
  }
  if (delayed) {
    delayed_.emplace(pending.ready_at, key);
    // Somebody has to wake up for it, if it is the first.
    changed_.notify_one();
    return;
  }
  pending.delayed = false;
  if (observer_ != nullptr) {
    observer_->OnAdded();
  }
  MakeReady(key, pending);
}

void WorkQueue::MakeReady(const ObjectKey& key, Pending& pending) {
  if (running_.contains(key)) {
    return;  // Done makes it ready
  }
  pending.sequence = next_sequence_++;
  ready_.emplace(-pending.priority, pending.sequence, key);
  ++ready_by_priority_[pending.priority];
  changed_.notify_one();
}

void WorkQueue::RemoveReady(std::set<ReadyRef>::iterator ref) {
  --ready_by_priority_[-std::get<int>(*ref)];
  ready_.erase(ref);
}

// Within a level the first one waits longest, so only the firsts are compared.
std::set<WorkQueue::ReadyRef>::iterator WorkQueue::LongestWaiting() const {
  auto longest = ready_.begin();
  for (const auto& [priority, count] : ready_by_priority_) {
    if (count == 0) {
      continue;
    }
    const auto first = ready_.lower_bound({-priority, 0, ObjectKey()});
    if (std::get<std::uint64_t>(*first) < std::get<std::uint64_t>(*longest)) {
      longest = first;
    }
  }
  return longest;
}

// REQUIRES: ready_ is not empty.
std::set<WorkQueue::ReadyRef>::iterator WorkQueue::NextReadyRef() {
  const auto longest = LongestWaiting();
  if (longest == ready_.begin() || passed_over_ == kPassedOver) {
    passed_over_ = 0;
    return longest;
  }
  ++passed_over_;
  return ready_.begin();
}

void WorkQueue::PromoteDueLocked(MonotonicTime now) {
  while (!delayed_.empty() && delayed_.begin()->first <= now) {
    const ObjectKey key = delayed_.begin()->second;
    delayed_.erase(delayed_.begin());
    Pending& pending = pending_.at(key);
    pending.delayed = false;
    if (observer_ != nullptr) {
      observer_->OnAdded();
    }
    MakeReady(key, pending);
  }
}

void WorkQueue::PromoteDue() {
  const std::lock_guard lock(mutex_);
  PromoteDueLocked(clock_.Monotonic());
}

std::optional<WorkQueue::Item> WorkQueue::TakeLocked(MonotonicTime now) {
  PromoteDueLocked(now);
  if (ready_.empty()) {
    return std::nullopt;
  }
  const auto next = NextReadyRef();
  const ObjectKey key = std::get<ObjectKey>(*next);
  RemoveReady(next);
  const auto pending = pending_.find(key);
  Item item{key, pending->second.priority};
  if (observer_ != nullptr) {
    observer_->OnStarted(now - pending->second.ready_at);
  }
  pending_.erase(pending);
  running_.emplace(key, now);
  // The worker that goes off may be the one which watched the clock: another takes the watch.
  if (!ready_.empty() || !delayed_.empty()) {
    changed_.notify_one();
  }
  return item;
}

std::optional<WorkQueue::Item> WorkQueue::Get() {
  std::unique_lock lock(mutex_);
  for (;;) {
    const MonotonicTime now = clock_.Monotonic();
    if (auto item = TakeLocked(now)) {
      return item;
    }
    if (shutting_down_) {
      return std::nullopt;
    }
    if (delayed_.empty()) {
      changed_.wait(lock);
    } else {
      changed_.wait_for(lock, delayed_.begin()->first - now);
    }
  }
}

std::optional<WorkQueue::Item> WorkQueue::TryGet() {
  const std::lock_guard lock(mutex_);
  return TakeLocked(clock_.Monotonic());
}

void WorkQueue::Done(const ObjectKey& key) {
  const std::lock_guard lock(mutex_);
  const auto it = running_.find(key);
  if (it == running_.end()) {
    return;
  }
  if (observer_ != nullptr) {
    observer_->OnDone(clock_.Monotonic() - it->second);
  }
  running_.erase(it);
  const auto pending = pending_.find(key);
  if (pending != pending_.end() && !pending->second.delayed) {
    MakeReady(key, pending->second);
  }
  if (ready_.empty() && running_.empty()) {
    idle_.notify_all();
  }
}

std::optional<MonotonicTime> WorkQueue::NextReady() const {
  const std::lock_guard lock(mutex_);
  return delayed_.empty() ? std::nullopt : std::optional(delayed_.begin()->first);
}

WorkQueueStats WorkQueue::Stats() const {
  const std::lock_guard lock(mutex_);
  WorkQueueStats stats;
  for (const auto& [priority, count] : ready_by_priority_) {
    if (count > 0) {
      stats.ready_by_priority.emplace(priority, count);
    }
  }
  stats.delayed = delayed_.size();
  stats.running = running_.size();
  const MonotonicTime now = clock_.Monotonic();
  for (const auto& [key, since] : running_) {
    const std::chrono::duration<double> age = now - since;
    stats.unfinished_work += age;
    stats.longest_running = std::max(stats.longest_running, age);
  }
  return stats;
}

void WorkQueue::DropDelayed() {
  for (const auto& [at, key] : delayed_) {
    pending_.erase(key);
  }
  delayed_.clear();
}

void WorkQueue::ShutDown() {
  const std::lock_guard lock(mutex_);
  shutting_down_ = true;
  DropDelayed();
  changed_.notify_all();
}

void WorkQueue::Abort() {
  const std::lock_guard lock(mutex_);
  shutting_down_ = true;
  pending_.clear();
  ready_.clear();
  ready_by_priority_.clear();
  delayed_.clear();
  changed_.notify_all();
  if (running_.empty()) {
    idle_.notify_all();
  }
}

bool WorkQueue::WaitIdle(Duration limit) {
  std::unique_lock lock(mutex_);
  return idle_.wait_for(lock, limit, [this] { return ready_.empty() && running_.empty(); });
}

}  // namespace milink::runtime
