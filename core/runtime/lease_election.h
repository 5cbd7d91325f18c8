// Leader election by a Lease, as a pure state machine: who asks what of the API server when, and
// whether this process leads. leader_elector.h is its driver.
//
// The rules are client-go's (tools/leaderelection), with three that are stricter:
// - Leadership counts from the moment a successful renewal was *sent*, so that a slow answer or a
//   stopped process shortens it.
// - A leader that reads another holder has lost at once, not when its time is up.
// - A Lease that vanishes while another was seen to hold it is waited for as if it were there.
// Times inside the Lease are for people; decisions use the local monotonic clock alone, so that no
// clock of another machine matters.
//
// Not thread-safe.
#pragma once

#include <optional>
#include <string>
#include <variant>

#include "core/base/clock.h"
#include "core/base/random.h"
#include "core/base/result.h"
#include "core/kube/lease.h"

namespace milink::runtime {

struct LeaseTimes {
  Duration lease = std::chrono::seconds(15);           // others wait this long for a silent leader
  Duration renew_deadline = std::chrono::seconds(10);  // a leader goes on this long unrenewed
  Duration retry_period = std::chrono::seconds(2);     // between renewals
};

// What the driver has to do next. Requests end within `deadline`.
struct ReadLease {
  Duration deadline;
};
struct CreateLease {
  kube::LeaseSpec spec;
  Duration deadline;
};
struct UpdateLease {
  kube::StoredLease seen;
  kube::LeaseSpec spec;
  Duration deadline;
};
struct WaitForLease {
  Duration delay;
};
struct EndElection {};  // nothing any more: lost, released or withdrawn
using LeaseAction = std::variant<ReadLease, CreateLease, UpdateLease, WaitForLease, EndElection>;

enum class LeaseRole {
  kCandidate,
  kLeader,
  kLost,      // led, and does not any more
  kReleased,  // led, and gave it back
  kWithdrawn  // never led, and wants to no more
};

class LeaseElection {
 public:
  // `identity` is unique to this process. `random` must outlive this.
  LeaseElection(std::string identity, LeaseTimes times, Random& random)
      : identity_(std::move(identity)), times_(times), random_(random) {}

  // `wall` goes into the Lease, for people.
  LeaseAction Next(MonotonicTime now, TimePoint wall);
  // What came of the action, in the order in which they were asked for.
  void OnRead(Result<kube::StoredLease> lease, MonotonicTime now);
  // Of CreateLease and UpdateLease, which was sent at `sent`.
  void OnWritten(Result<kube::StoredLease> lease, MonotonicTime sent, MonotonicTime now);

  // Gives leadership back. From here on it is not renewed.
  void Resign(MonotonicTime now);

  LeaseRole role() const { return role_; }
  // Leader: no longer than this without another renewal.
  MonotonicTime valid_until() const { return valid_until_; }
  // Who holds it, as last seen; empty: nobody.
  const std::string& holder() const { return seen_ ? seen_->spec.holder : nobody_; }
  const std::string& identity() const { return identity_; }
  // Why leadership was lost, or the last failure of a request.
  const std::optional<Error>& error() const { return error_; }

 private:
  // Where in a round (at most: write, read, write) the machine is.
  enum class Step { kWait, kRead, kWrite };

  void BeginRound();
  LeaseAction Write(MonotonicTime now, TimePoint wall);
  kube::LeaseSpec Wanted(TimePoint wall) const;
  void Observe(kube::StoredLease lease, MonotonicTime now);
  bool HeldByOther(MonotonicTime now) const;
  void OnAbsent(MonotonicTime now);
  void OnWriteFailed(const Error& error, MonotonicTime now);
  void EndRound(MonotonicTime now);
  void Lose(Error why);
  Duration RequestDeadline(MonotonicTime now) const;

  const std::string identity_;
  const LeaseTimes times_;
  Random& random_;
  const std::string nobody_;

  LeaseRole role_ = LeaseRole::kCandidate;
  bool resigning_ = false;
  Step step_ = Step::kWait;
  bool may_read_again_ = true;  // a failed write may be followed by a read in this round
  MonotonicTime next_round_;    // the first one at once
  MonotonicTime valid_until_;

  std::optional<kube::StoredLease> seen_;  // nothing: there is none, or it was never read
  MonotonicTime others_until_;             // another's claim, from when it last changed
  std::optional<Error> error_;
};

}  // namespace milink::runtime
