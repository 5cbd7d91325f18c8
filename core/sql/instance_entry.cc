#include "core/sql/instance_entry.h"

#include <algorithm>
#include <ranges>
#include <utility>

#include "core/sql/errors.h"

namespace milink::sql {
namespace {

Error Closed() {
  return Error{ErrorKind::kTransient, "InstanceClosed",
               "the instance was removed or the operator is stopping", ""};
}

Error NoTarget() {
  return Error{ErrorKind::kNotFound, "NoTarget",
               "how to reach the instance is not known at the moment", ""};
}

Error LaneBusy() {
  return Error{ErrorKind::kTransient, "LaneBusy",
               "another statement is running on this connection of the instance", ""};
}

Error TargetChanged() {
  return Error{ErrorKind::kConflict, "TargetChanged",
               "the address or login of the instance changed while it was read", ""};
}

}  // namespace

InstanceEntry::InstanceEntry(SqlConnector& connector, const Clock& clock,
                             const SqlInstanceHubOptions& options, SqlTarget target)
    : connector_(connector),
      clock_(clock),
      options_(options),
      target_(std::move(target)),
      login_pause_(options.login_pause),
      reader_(clock, options.observe_timeout) {}

bool InstanceEntry::SetTarget(SqlTarget target) {
  IdleSessions stale;  // disconnected after the lock is gone
  const std::lock_guard lock(mutex_);
  forgotten_ = false;
  if (SameTarget(target_, target)) {
    return false;
  }
  const bool other_address = target_.host != target.host || target_.port != target.port ||
                             target_.instance != target.instance;
  target_ = std::move(target);
  login_pause_.End();
  stale = NewGeneration();
  return other_address && newest_.Withdraw();
}

bool InstanceEntry::ForgetTarget() {
  IdleSessions stale;
  const std::lock_guard lock(mutex_);
  if (forgotten_) {
    return false;
  }
  forgotten_ = true;
  stale = NewGeneration();
  return newest_.Withdraw();
}

InstanceEntry::IdleSessions InstanceEntry::NewGeneration() {
  ++generation_;
  newest_.ForgetError();
  IdleSessions stale;
  for (std::size_t i = 0; i < lanes_.size(); ++i) {
    stale.at(i) = std::move(lanes_.at(i).idle);
  }
  return stale;
}

// -- Lanes

std::optional<Error> InstanceEntry::WhyRefused() const {
  if (closed_) {
    return Closed();
  }
  return forgotten_ ? std::optional(NoTarget()) : std::nullopt;
}

Result<InstanceEntry::Use> InstanceEntry::Acquire(Slot& slot) {
  Use use;
  std::unique_ptr<SqlSession> stale;
  const std::lock_guard lock(mutex_);
  if (auto refused = WhyRefused()) {
    return *std::move(refused);
  }
  if (slot.busy) {
    return LaneBusy();
  }
  slot.busy = true;
  use.generation = generation_;
  use.sequence = ++sequence_;
  const bool too_old = clock_.Monotonic() - slot.last_used > options_.idle_limit;
  if (slot.idle != nullptr && slot.generation == generation_ && !too_old) {
    use.session = std::move(slot.idle);
    use.fresh = false;
  } else {
    stale = std::move(slot.idle);
  }
  return use;
}

Result<InstanceEntry::Use> InstanceEntry::Connected(Use use) {
  if (use.session != nullptr) {
    return use;
  }
  const std::lock_guard one_login(connecting_);
  SqlTarget target;
  {
    const std::lock_guard lock(mutex_);
    target = target_;
    use.generation = generation_;
  }
  auto session = Connect(target, use.generation);
  if (!session.ok()) {
    return std::move(session).error();
  }
  use.session = *std::move(session);
  return use;
}

Result<std::unique_ptr<SqlSession>> InstanceEntry::Connect(const SqlTarget& target,
                                                           std::uint64_t generation) {
  if (auto refused = WhyNoLogin()) {
    return *std::move(refused);
  }
  auto session = connector_.Connect(target, options_.connect_timeout);
  if (session.ok() || !IsLoginRefusal(session.error())) {
    return session;
  }
  {
    const std::lock_guard lock(mutex_);
    if (generation == generation_) {
      login_pause_.Begin(session.error(), clock_.Monotonic());
    }
  }
  Error refused = std::move(session).error();
  refused.retry_after = options_.login_pause;
  return refused;
}

std::optional<Error> InstanceEntry::WhyNoLogin() {
  const std::lock_guard lock(mutex_);
  return closed_ ? Closed() : login_pause_.Check(clock_.Monotonic());
}

Status InstanceEntry::MarkRunning(Slot& slot, SqlSession& session) {
  const std::lock_guard lock(mutex_);
  if (closed_) {
    return Closed();
  }
  slot.running = &session;
  return OkStatus();
}

void InstanceEntry::Release(Slot& slot, Use use) {
  std::unique_ptr<SqlSession> useless;
  const std::lock_guard lock(mutex_);
  slot.running = nullptr;
  slot.busy = false;
  const bool keep =
      use.session != nullptr && !use.session->Dead() && !closed_ && use.generation == generation_;
  (keep ? slot.idle : useless) = std::move(use.session);
  slot.generation = use.generation;
  slot.last_used = clock_.Monotonic();
  idle_.notify_all();
}

template <typename Work>
auto InstanceEntry::OnSlot(Slot& slot, Report& report, const Work& work)
    -> decltype(work(std::declval<Use&>())) {
  auto acquired = Acquire(slot);
  if (!acquired.ok()) {
    return std::move(acquired).error();
  }
  // What changes while it is read may be missing in it.
  report = Report{acquired->sequence, acquired->generation, clock_.Now(), false};
  auto use = Connected(*std::move(acquired));
  if (!use.ok()) {
    Release(slot, Use{});
    return std::move(use).error();
  }
  if (auto marked = MarkRunning(slot, *use->session); !marked.ok()) {
    Release(slot, *std::move(use));
    return marked.error();
  }
  auto outcome = work(*use);
  report.died_unnoticed = !outcome.ok() && !use->fresh && use->session->Dead();
  Release(slot, *std::move(use));
  return outcome;
}

// The fence last: nothing else may take time between it and the sending.
Status InstanceEntry::MaySend(const Guard& guard) const {
  if (auto allowed = guard ? guard() : OkStatus(); !allowed.ok()) {
    return allowed;
  }
  return options_.fence == nullptr ? OkStatus() : options_.fence->Check();
}

Result<SqlReply> InstanceEntry::Run(Lane lane, const SqlBatch& batch, Duration timeout,
                                    const Guard& guard, const std::stop_token& stop) {
  Report ignored;
  return OnSlot(SlotOf(lane), ignored, [&](Use& use) -> Result<SqlReply> {
    // One that comes just before the statement starts is lost: `timeout` ends it then.
    const std::stop_callback cancel(stop, [&use] { use.session->Cancel(); });
    if (stop.stop_requested()) {
      return Error{ErrorKind::kTransient, "Stopped", "the run was asked to stop", ""};
    }
    if (auto allowed = MaySend(guard); !allowed.ok()) {
      return allowed.error();
    }
    return use.session->Run(batch, timeout);
  });
}

// -- Observation

Result<InstanceSnapshot> InstanceEntry::Read(RefreshScope scope, Report& report) {
  return OnSlot(SlotOf(Lane::kObserve), report,
                [&](Use& use) { return reader_.Read(*use.session, use.fresh, scope); });
}

Refreshed InstanceEntry::Refresh(RefreshScope scope,
                                 const std::function<std::uint64_t()>& next_version) {
  if (auto others = AwaitTurn(scope)) {
    return {*std::move(others), false};
  }
  const Turn turn(*this);
  auto refreshed = ReadAndPublish(scope, next_version);
  if (!refreshed.outcome.ok() && refreshed.outcome.error().reason == TargetChanged().reason) {
    refreshed = ReadAndPublish(scope, next_version);
  }
  return refreshed;
}

InstanceEntry::Turn::~Turn() {
  {
    const std::lock_guard lock(entry_.mutex_);
    entry_.reading_ = false;
  }
  entry_.idle_.notify_all();
}

// Another's read serves when it began after the caller came, who may have changed something
// before: of all who come during one read, the first reads once more for all of them.
std::optional<Result<SnapshotPtr>> InstanceEntry::AwaitTurn(RefreshScope scope) {
  std::unique_lock lock(mutex_);
  const std::uint64_t came = sequence_;
  const auto serves = [&] { return newest_.After(came, scope).has_value(); };
  if (reading_ && waiting_ >= options_.refresh_waiters) {
    return LaneBusy();
  }
  ++waiting_;
  const bool in_time =
      idle_.wait_for(lock, options_.refresh_wait, [&] { return closed_ || !reading_ || serves(); });
  --waiting_;
  if (closed_) {
    return Closed();
  }
  if (auto others = newest_.After(came, scope)) {
    return others;
  }
  if (!in_time) {
    return LaneBusy();
  }
  reading_ = true;
  return std::nullopt;
}

Refreshed InstanceEntry::ReadAndPublish(RefreshScope scope,
                                        const std::function<std::uint64_t()>& next_version) {
  Report report;
  auto read = Read(scope, report);
  if (report.died_unnoticed) {
    // The connection had been closed while nobody used it; reading again harms nothing.
    report = Report();
    read = Read(scope, report);
  }
  if (report.sequence == 0) {
    return {std::move(read).error(), false};
  }
  if (read.ok()) {
    read->read_at = report.began;
  }
  return Publish(std::move(read), scope, report, next_version);
}

Refreshed InstanceEntry::Publish(Result<InstanceSnapshot> read, RefreshScope scope,
                                 const Report& report,
                                 const std::function<std::uint64_t()>& next_version) {
  const std::lock_guard lock(mutex_);
  if (closed_) {
    return {Closed(), false};
  }
  if (report.generation != generation_) {
    return {TargetChanged(), false};
  }
  return newest_.Publish(std::move(read), scope, report.sequence, next_version);
}

SnapshotPtr InstanceEntry::Snapshot() const {
  const std::lock_guard lock(mutex_);
  return newest_.snapshot();
}

// -- Long statements

Status InstanceEntry::BeginLong(const std::string& id) {
  const std::lock_guard lock(mutex_);
  if (auto refused = WhyRefused()) {
    return *std::move(refused);
  }
  return long_statements_.Begin(id);
}

void InstanceEntry::RunLong(const std::string& id, const SqlBatch& batch, Duration timeout,
                            const Guard& guard) {
  Slot* slot = nullptr;
  {
    const std::lock_guard lock(mutex_);
    slot = &long_slots_[id];  // nodes of a map stay where they are
  }
  Report ignored;
  auto outcome = OnSlot(*slot, ignored, [&](Use& use) -> Result<SqlReply> {
    if (auto allowed = MaySend(guard); !allowed.ok()) {
      return allowed.error();
    }
    return use.session->Run(batch, timeout);
  });
  std::unique_ptr<SqlSession> done;
  const std::lock_guard lock(mutex_);
  done = std::move(slot->idle);
  long_slots_.erase(id);
  long_statements_.End(id, std::move(outcome));
}

Pending<Result<SqlReply>> InstanceEntry::TakeLong(const std::string& id) {
  const std::lock_guard lock(mutex_);
  return long_statements_.Take(id);
}

// -- End

void InstanceEntry::Close() {
  std::array<std::unique_ptr<SqlSession>, 2> idle;
  const std::lock_guard lock(mutex_);
  closed_ = true;
  newest_.Withdraw();
  for (std::size_t i = 0; i < lanes_.size(); ++i) {
    Slot& slot = lanes_.at(i);
    idle.at(i) = std::move(slot.idle);
    if (slot.running != nullptr) {
      slot.running->Cancel();
    }
  }
  idle_.notify_all();
  for (auto& [id, slot] : long_slots_) {
    if (slot.running != nullptr) {
      slot.running->Cancel();
    }
  }
}

void InstanceEntry::WaitUntilIdle() {
  // A cancel that comes just before its statement starts is lost, so it is repeated.
  constexpr auto kAgain = std::chrono::milliseconds(50);
  const auto busy = [this] {
    const auto slot_busy = [](const Slot& slot) { return slot.busy; };
    return std::ranges::any_of(lanes_, slot_busy) ||
           std::ranges::any_of(long_slots_ | std::views::values, slot_busy);
  };
  std::unique_lock lock(mutex_);
  while (busy()) {
    idle_.wait_for(lock, kAgain);
    lock.unlock();
    Close();
    lock.lock();
  }
}

}  // namespace milink::sql
