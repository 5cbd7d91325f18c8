#include "core/runtime/leader_elector.h"

#include <utility>
#include <variant>

namespace milink::runtime {
namespace {

// As in Kubernetes' own components (client-go tools/leaderelection/healthzadaptor.go).
constexpr Duration kWatchdogTolerance = std::chrono::seconds(20);

}  // namespace

Status LeadershipFence::Check() const {
  if (!closed_ && clock_.Monotonic() < until()) {
    return OkStatus();
  }
  return Error{ErrorKind::kConflict, "NotLeader",
               "this process does not lead; nothing was sent, the leader decides anew", ""};
}

LeaderElector::LeaderElector(kube::LeaseStore& store, std::string identity, LeaseTimes times,
                             const Clock& clock, Random& random, const Logger& log, Gauge leading,
                             OnLost on_lost)
    : store_(store),
      times_(times),
      clock_(clock),
      log_(log.With({{"identity", identity}})),
      leading_(leading),
      on_lost_(std::move(on_lost)),
      fence_(clock),
      election_(std::move(identity), times, random) {
  leading_.Set(0);
}

LeaderElector::~LeaderElector() {
  fence_.Close();
  thread_.request_stop();
  changed_.notify_all();
}

void LeaderElector::Start() {
  thread_ = std::jthread([this](const std::stop_token& stop) { Run(stop); });
}

bool LeaderElector::WaitUntilLeading(const std::stop_token& stop) {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, stop, [this] { return role_ != LeaseRole::kCandidate; });
  return role_ == LeaseRole::kLeader && !stop.stop_requested();
}

bool LeaderElector::Release(Duration timeout) {
  fence_.Close();
  std::unique_lock lock(mutex_);
  if (!thread_.joinable()) {
    return true;
  }
  resign_ = true;
  changed_.notify_all();
  changed_.wait_for(lock, timeout, [this] { return ended_; });
  return ended_ && role_ != LeaseRole::kLost;
}

bool LeaderElector::leading() const {
  const std::lock_guard lock(mutex_);
  return role_ == LeaseRole::kLeader;
}

Status LeaderElector::Watchdog() const {
  const MonotonicTime renewed = fence_.until() - times_.renew_deadline;
  if (!leading() || clock_.Monotonic() - renewed <= times_.lease + kWatchdogTolerance) {
    return OkStatus();
  }
  return Error{ErrorKind::kInternal, "LeaseNotRenewed",
               "the Lease was not renewed for a long time, and nobody noticed", ""};
}

void LeaderElector::Run(const std::stop_token& stop) {
  while (!stop.stop_requested()) {
    {
      const std::lock_guard lock(mutex_);
      if (resign_ && !std::exchange(resigned_, true)) {
        election_.Resign(clock_.Monotonic());
      }
    }
    const LeaseAction action = election_.Next(clock_.Monotonic(), clock_.Now());
    if (std::holds_alternative<EndElection>(action)) {
      break;
    }
    Perform(action, stop);
    Publish();
  }
  Publish();
  const std::lock_guard lock(mutex_);
  ended_ = true;
  changed_.notify_all();
}

void LeaderElector::Perform(const LeaseAction& action, const std::stop_token& stop) {
  const MonotonicTime sent = clock_.Monotonic();
  if (const auto* wait = std::get_if<WaitForLease>(&action)) {
    Wait(wait->delay, stop);
  } else if (const auto* read = std::get_if<ReadLease>(&action)) {
    auto lease = store_.Read(read->deadline);
    election_.OnRead(std::move(lease), clock_.Monotonic());
  } else if (const auto* create = std::get_if<CreateLease>(&action)) {
    auto lease = store_.Create(create->spec, create->deadline);
    election_.OnWritten(std::move(lease), sent, clock_.Monotonic());
  } else if (const auto* update = std::get_if<UpdateLease>(&action)) {
    auto lease = store_.Update(update->seen, update->spec, update->deadline);
    election_.OnWritten(std::move(lease), sent, clock_.Monotonic());
  }
}

void LeaderElector::Wait(Duration delay, const std::stop_token& stop) {
  std::unique_lock lock(mutex_);
  // Also one that was asked for between the look at it in Run and this.
  changed_.wait_for(lock, stop, delay, [this] { return resign_ != resigned_; });
}

void LeaderElector::Publish() {
  const LeaseRole now = election_.role();
  LeaseRole before = now;
  bool resigning = false;
  {
    const std::lock_guard lock(mutex_);
    before = std::exchange(role_, now);
    resigning = resign_;
    if (now == LeaseRole::kLeader) {
      fence_.OpenUntil(election_.valid_until());
    } else if (before == LeaseRole::kLeader) {
      fence_.Close();
    }
  }
  TellChange(before);
  changed_.notify_all();
  if (before == LeaseRole::kLeader && now == LeaseRole::kLost && !resigning && on_lost_) {
    on_lost_(*election_.error());
  }
}

void LeaderElector::TellChange(LeaseRole before) {
  const LeaseRole now = election_.role();
  if (before != now) {
    leading_.Set(now == LeaseRole::kLeader ? 1 : 0);
    if (now == LeaseRole::kLeader) {
      log_.Info("Became the leader");
    } else if (now == LeaseRole::kReleased) {
      log_.Info("Gave the Lease back");
    } else if (now == LeaseRole::kLost) {
      log_.Error("Lost the leadership", {{"error", ToString(*election_.error())}});
    }
  }
  if (now == LeaseRole::kCandidate &&
      std::exchange(last_holder_, election_.holder()) != election_.holder()) {
    log_.Info("Standing by", {{"leader", election_.holder()}});
  }
  const std::string error = election_.error() ? ToString(*election_.error()) : std::string();
  if (std::exchange(last_error_, error) != error && !error.empty() && now != LeaseRole::kLost) {
    log_.Warning("A request for the Lease failed", {{"error", error}});
  }
}

}  // namespace milink::runtime
