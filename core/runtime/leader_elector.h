// Runs a LeaseElection on a thread of its own.
//
//   LeaderElector elector(store, identity, times, boot_clock, random, log, gauge, leave_at_once);
//   elector.Start();
//   if (elector.WaitUntilLeading(stop)) { .. work, with elector.fence() at every edge .. }
//   .. wait until all work has ended ..
//   elector.Release(3 s);
//
// Thread-safe. `store` has a connection of its own, so that nothing else can hold up a renewal.
#pragma once

#include <atomic>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <stop_token>
#include <string>
#include <thread>

#include "core/base/clock.h"
#include "core/base/fence.h"
#include "core/base/log.h"
#include "core/base/random.h"
#include "core/kube/lease.h"
#include "core/runtime/lease_election.h"
#include "core/runtime/metrics.h"

namespace milink::runtime {

// Open while we lead. Judged by the clock, not by what the elector's thread has noticed: a process
// that was stopped and goes on finds it closed at once.
class LeadershipFence final : public Fence {
 public:
  explicit LeadershipFence(const Clock& clock) : clock_(clock) {}

  Status Check() const override;
  void OpenUntil(MonotonicTime until) { until_ = until.time_since_epoch().count(); }
  void Close() { closed_ = true; }  // for good
  MonotonicTime until() const { return MonotonicTime(MonotonicTime::duration(until_)); }

 private:
  const Clock& clock_;
  std::atomic<MonotonicTime::rep> until_{0};
  std::atomic<bool> closed_{false};
};

class LeaderElector {
 public:
  // Called once, on the elector's thread, when leadership is lost and was not given back. The time
  // until another process may lead is lease - renew_deadline; what cannot end within it must be
  // ended: leave the process.
  using OnLost = std::function<void(const Error& why)>;

  // `clock` should be a BootClock. All references outlive the elector.
  LeaderElector(kube::LeaseStore& store, std::string identity, LeaseTimes times, const Clock& clock,
                Random& random, const Logger& log, Gauge leading, OnLost on_lost);
  // Ends without giving the Lease back; waits for the request under way.
  ~LeaderElector();
  LeaderElector(const LeaderElector&) = delete;
  LeaderElector& operator=(const LeaderElector&) = delete;

  void Start();
  // False: a stop was requested, or leadership lost, before. Nothing may be started then.
  bool WaitUntilLeading(const std::stop_token& stop);
  // Closes the fence and gives the Lease back, so that the next process need not wait for its end;
  // a candidate just ends. REQUIRES: all work has ended. False: not given back within `timeout`.
  bool Release(Duration timeout);

  const Fence& fence() const { return fence_; }
  bool leading() const;
  // Fails when we lead by our own account although the last renewal is far too old: the elector
  // does not run any more.
  Status Watchdog() const;

 private:
  void Run(const std::stop_token& stop);
  void Perform(const LeaseAction& action, const std::stop_token& stop);
  void Wait(Duration delay, const std::stop_token& stop);
  // Lets everybody know what the machine says now.
  void Publish();
  void TellChange(LeaseRole before);

  kube::LeaseStore& store_;
  const LeaseTimes times_;
  const Clock& clock_;
  const Logger log_;
  const Gauge leading_;
  const OnLost on_lost_;
  LeadershipFence fence_;

  LeaseElection election_;  // the thread's own
  std::string last_holder_;
  std::string last_error_;

  mutable std::mutex mutex_;
  std::condition_variable_any changed_;
  LeaseRole role_ = LeaseRole::kCandidate;
  bool resign_ = false;    // asked for
  bool resigned_ = false;  // the machine knows
  bool ended_ = false;
  std::jthread thread_;
};

}  // namespace milink::runtime
