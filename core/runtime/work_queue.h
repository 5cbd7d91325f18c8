// Keys waiting to be reconciled: client-go's work queue with priorities.
//
// Promises: a key is handed to one worker at a time; adding a queued key changes nothing but its
// priority and time; a key added while it runs is handed out once more after Done; a failing key
// waits longer each time and never delays others.
// Order: higher priority first, then first in, first out by the time a key became ready. So that a
// stream of changes starves nobody, the key that waits longest is taken, whatever its priority,
// after kPassedOver hand-outs went past it.
// Thread-safe. Delays are measured by the monotonic side of the clock.
// Semantics after client-go util/workqueue and controller-runtime pkg/controller/priorityqueue.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <tuple>
#include <unordered_map>

#include "core/base/backoff.h"
#include "core/base/clock.h"
#include "core/base/object.h"
#include "core/base/random.h"

namespace milink::runtime {

// Any integer is a priority; these are the ones in use.
inline constexpr int kUrgentPriority = 100;     // failover, deletion
inline constexpr int kChangePriority = 0;       // somebody changed the object
inline constexpr int kPeriodicPriority = -100;  // first list, resync, the next look

// Told what happens, with the queue's lock held: must be quick and must not call the queue.
class WorkQueueObserver {
 public:
  virtual ~WorkQueueObserver() = default;
  virtual void OnAdded() = 0;  // a key became ready
  virtual void OnRetry() = 0;
  virtual void OnStarted(std::chrono::duration<double> waited) = 0;
  virtual void OnDone(std::chrono::duration<double> worked) = 0;
};

struct WorkQueueStats {
  std::map<int, std::size_t> ready_by_priority;
  std::size_t delayed = 0;
  std::size_t running = 0;
  std::chrono::duration<double> unfinished_work{0};  // sum over running keys
  std::chrono::duration<double> longest_running{0};
};

class WorkQueue {
 public:
  struct Item {
    ObjectKey key;
    int priority = kChangePriority;

    bool operator==(const Item&) const = default;
  };

  // 5 ms, 10 ms, .. 1000 s, each up to a fifth longer: what failed together comes back apart.
  static constexpr BackoffPolicy kRetryPolicy{Duration(5), std::chrono::seconds(1000), 2.0, 0.2};
  // So many hand-outs in a row may go past the key that waits longest.
  static constexpr int kPassedOver = 8;

  // `clock`, `random` and `observer` (may be null) outlive the queue.
  WorkQueue(const Clock& clock, Random& random, WorkQueueObserver* observer = nullptr,
            BackoffPolicy retry = kRetryPolicy);

  // Ready now. A delay that the key waits for is cancelled; the higher priority wins.
  void Add(const ObjectKey& key, int priority = kChangePriority);
  // Ready after `delay`, or earlier when an earlier time was asked for before.
  void AddAfter(const ObjectKey& key, Duration delay, int priority = kChangePriority);
  // Counts a failure; ready after the delay that the number of failures calls for, but not before
  // `at_least`. Returns the delay.
  Duration AddRateLimited(const ObjectKey& key, int priority = kChangePriority,
                          Duration at_least = Duration::zero());
  // The next failure is the first one again.
  void Forget(const ObjectKey& key);
  int Failures(const ObjectKey& key) const;

  // The next key; blocks until there is one. Nothing: the queue was shut down, the worker ends.
  // Every key handed out must be given back with Done.
  std::optional<Item> Get();
  // The same without waiting: nothing when no key is ready.
  std::optional<Item> TryGet();
  void Done(const ObjectKey& key);

  // Delayed keys whose time has come become ready. Get does this by itself; after a jump of an
  // injected clock it has to be told.
  void PromoteDue();
  // When the first delayed key becomes ready.
  std::optional<MonotonicTime> NextReady() const;
  WorkQueueStats Stats() const;

  // From now on keys are not added. Those that are ready are still handed out, delayed ones are
  // dropped, and Get returns nothing once none is left.
  void ShutDown();
  // Drops everything that waits as well; Get returns nothing at once.
  void Abort();
  // Waits until no key is ready or running. False: that did not happen within `limit` (real time).
  bool WaitIdle(Duration limit);

 private:
  struct Pending {
    int priority = kChangePriority;
    bool delayed = false;
    MonotonicTime ready_at;      // when it becomes or became ready
    std::uint64_t sequence = 0;  // order of becoming ready; not while delayed
  };
  // Ordered by priority descending (its negative is stored), then by sequence.
  using ReadyRef = std::tuple<int, std::uint64_t, ObjectKey>;
  using DelayedRef = std::pair<MonotonicTime, ObjectKey>;

  void AddLocked(const ObjectKey& key, Duration delay, int priority);
  void MakeReady(const ObjectKey& key, Pending& pending);
  void RemoveReady(std::set<ReadyRef>::iterator ref);
  std::set<ReadyRef>::iterator LongestWaiting() const;
  std::set<ReadyRef>::iterator NextReadyRef();
  void PromoteDueLocked(MonotonicTime now);
  std::optional<Item> TakeLocked(MonotonicTime now);
  void DropDelayed();

  const Clock& clock_;
  Random& random_;
  WorkQueueObserver* const observer_;
  const BackoffPolicy retry_;

  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::condition_variable idle_;
  // Every key that waits is in pending_, and in exactly one of: delayed_ (its time has not come),
  // ready_, or neither (its time has come but it is running).
  std::unordered_map<ObjectKey, Pending> pending_;
  std::set<ReadyRef> ready_;
  std::map<int, std::size_t> ready_by_priority_;  // how many of ready_, levels ever used
  int passed_over_ = 0;  // hand-outs in a row that did not go to the longest waiting key
  std::set<DelayedRef> delayed_;
  std::unordered_map<ObjectKey, MonotonicTime> running_;  // since when
  std::unordered_map<ObjectKey, int> failures_;
  std::uint64_t next_sequence_ = 0;
  bool shutting_down_ = false;
};

}  // namespace milink::runtime
