#include "core/runtime/lease_election.h"

#include <algorithm>
#include <utility>

namespace milink::runtime {
namespace {

// Leaders renew at about the retry period; candidates look twice as often, so that a Lease that was
// given back is taken within a second.
constexpr double kRenewFactor = 0.9;
constexpr double kRenewJitter = 0.2;
constexpr double kLookFactor = 0.4;
constexpr double kLookJitter = 0.2;
// Of a Lease that is given back: whoever looks takes it, whatever its age.
constexpr Duration kReleasedDuration = std::chrono::seconds(1);

Duration Scale(Duration duration, double factor) {
  return Duration(static_cast<Duration::rep>(static_cast<double>(duration.count()) * factor));
}

Error Late() {
  return {ErrorKind::kTransient, "LeaseNotRenewed",
          "the Lease was not renewed in time; another process may lead now", ""};
}

Error Taken(const std::string& holder) {
  return {ErrorKind::kConflict, "LeaseTaken",
          holder.empty() ? "the Lease was taken away" : "the Lease is held by " + holder, ""};
}

}  // namespace

LeaseAction LeaseElection::Next(MonotonicTime now, TimePoint wall) {
  if (role_ == LeaseRole::kLeader && now >= valid_until_) {
    Lose(error_.value_or(Late()));
  }
  if (role_ != LeaseRole::kCandidate && role_ != LeaseRole::kLeader) {
    return EndElection{};
  }
  if (step_ == Step::kWait) {
    if (now < next_round_) {
      return WaitForLease{std::chrono::ceil<Duration>(next_round_ - now)};
    }
    BeginRound();
  }
  return step_ == Step::kRead ? ReadLease{RequestDeadline(now)} : Write(now, wall);
}

void LeaseElection::BeginRound() {
  may_read_again_ = true;
  // A leader knows what it wrote last: no need to read that.
  step_ = role_ == LeaseRole::kLeader && seen_ ? Step::kWrite : Step::kRead;
}

LeaseAction LeaseElection::Write(MonotonicTime now, TimePoint wall) {
  const Duration deadline = RequestDeadline(now);
  if (!seen_) {
    return CreateLease{Wanted(wall), deadline};
  }
  return UpdateLease{*seen_, Wanted(wall), deadline};
}

kube::LeaseSpec LeaseElection::Wanted(TimePoint wall) const {
  kube::LeaseSpec spec{.holder = identity_,
                       .duration = times_.lease,
                       .acquire_time = wall,
                       .renew_time = wall,
                       .transitions = 0};
  if (seen_) {
    const bool ours = seen_->spec.holder == identity_;
    spec.transitions = seen_->spec.transitions + (ours ? 0 : 1);
    if (ours && seen_->spec.acquire_time) {
      spec.acquire_time = seen_->spec.acquire_time;
    }
  }
  if (resigning_) {
    spec.holder.clear();
    spec.duration = kReleasedDuration;
  }
  return spec;
}

void LeaseElection::OnRead(Result<kube::StoredLease> lease, MonotonicTime now) {
  if (!lease.ok()) {
    error_ = lease.error();
    if (lease.error().kind == ErrorKind::kNotFound) {
      OnAbsent(now);
    } else {
      EndRound(now);
    }
    return;
  }
  Observe(*std::move(lease), now);
  if (role_ == LeaseRole::kLeader && holder() != identity_) {
    Lose(Taken(holder()));  // expired or given back since: somebody may have led in between
  } else if (HeldByOther(now)) {
    EndRound(now);
  } else {
    step_ = Step::kWrite;
    may_read_again_ = false;
  }
}

void LeaseElection::Observe(kube::StoredLease lease, MonotonicTime now) {
  const bool changed = !seen_ || seen_->spec != lease.spec;
  seen_ = std::move(lease);
  if (!changed) {
    return;
  }
  const bool others = !holder().empty() && holder() != identity_;
  const Duration duration =
      seen_->spec.duration > Duration::zero() ? seen_->spec.duration : times_.lease;
  others_until_ = others ? now + duration : MonotonicTime();
}

bool LeaseElection::HeldByOther(MonotonicTime now) const {
  return !holder().empty() && holder() != identity_ && now < others_until_;
}

void LeaseElection::OnAbsent(MonotonicTime now) {
  seen_.reset();
  if (resigning_) {
    role_ = LeaseRole::kReleased;
    return;
  }
  if (role_ == LeaseRole::kCandidate && now < others_until_) {
    EndRound(now);  // its leader may not have noticed yet, and will make it anew
    return;
  }
  step_ = Step::kWrite;
  may_read_again_ = false;
}

void LeaseElection::OnWritten(Result<kube::StoredLease> lease, MonotonicTime sent,
                              MonotonicTime now) {
  if (!lease.ok()) {
    OnWriteFailed(lease.error(), now);
    return;
  }
  Observe(*std::move(lease), now);
  error_.reset();
  if (resigning_) {
    role_ = LeaseRole::kReleased;
    return;
  }
  const MonotonicTime until = sent + times_.renew_deadline;
  if (role_ == LeaseRole::kLeader && now >= valid_until_) {
    Lose(Late());
  } else if (now < until) {
    role_ = LeaseRole::kLeader;
    valid_until_ = until;
  }
  EndRound(now);
}

void LeaseElection::OnWriteFailed(const Error& error, MonotonicTime now) {
  error_ = error;
  if (role_ == LeaseRole::kLeader && may_read_again_) {
    may_read_again_ = false;
    step_ = Step::kRead;
    return;
  }
  EndRound(now);
}

void LeaseElection::EndRound(MonotonicTime now) {
  step_ = Step::kWait;
  if (role_ == LeaseRole::kLeader) {
    next_round_ = now + Scale(times_.retry_period, kRenewFactor + kRenewJitter * random_.Uniform());
    return;
  }
  next_round_ = now + Scale(times_.retry_period, kLookFactor + kLookJitter * random_.Uniform());
  if (now < others_until_) {
    next_round_ = std::min(next_round_, others_until_);
  }
}

void LeaseElection::Resign(MonotonicTime now) {
  if (role_ == LeaseRole::kCandidate) {
    role_ = LeaseRole::kWithdrawn;
  }
  resigning_ = true;
  step_ = Step::kWait;
  next_round_ = now;
}

void LeaseElection::Lose(Error why) {
  role_ = LeaseRole::kLost;
  error_ = std::move(why);
}

Duration LeaseElection::RequestDeadline(MonotonicTime now) const {
  const Duration half = times_.renew_deadline / 2;
  if (role_ != LeaseRole::kLeader) {
    return half;
  }
  const auto left = std::chrono::ceil<Duration>(valid_until_ - now);
  return std::clamp(left, Duration(1), half);
}

}  // namespace milink::runtime
