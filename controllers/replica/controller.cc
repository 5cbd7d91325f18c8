#include "controllers/replica/controller.h"

#include <algorithm>
#include <utility>

#include <nlohmann/json.hpp>

#include "controllers/replica/live_look.h"
#include "controllers/replica/plan/remedies.h"
#include "controllers/replica/reasons.h"
#include "controllers/replica/script.h"
#include "controllers/replica/status.h"
#include "controllers/replica/tell.h"
#include "core/api/codec.h"
#include "core/base/backoff.h"
#include "core/base/text.h"

namespace milink::replica {
namespace {

using runtime::Outcome;

// A changed Secret or authority is noticed within a minute, however rarely the instance is read and
// although requeues are spread by a tenth. The login itself is held back by the hub.
constexpr Duration kLookAtSecretAfter = std::chrono::seconds(54);
constexpr Duration kShortestPause = std::chrono::seconds(1);
constexpr auto kCacheWait = std::chrono::milliseconds(50);
constexpr auto kCacheGiveUp = std::chrono::seconds(5);
constexpr BackoffPolicy kStepBackoff{std::chrono::seconds(2), std::chrono::minutes(5), 2.0, 0.2};

// When the next look is due: at the instance, or only at its Secret.
Duration UntilDue(const api::SqlServerReplica& replica, const Observation& observed) {
  Duration next = replica.spec.observe_interval;
  if (observed.sql != nullptr) {
    const auto age = std::chrono::floor<Duration>(observed.now - observed.sql->read_at);
    next = std::clamp(next - age, std::min<Duration>(next, kShortestPause), next);
  } else if (observed.sql_error && observed.sql_error->retry_after) {
    next = std::max(next, *observed.sql_error->retry_after);
  }
  return std::min(next, kLookAtSecretAfter);
}

}  // namespace

ReplicaController::ReplicaController(ReplicaCache cache, kube::ObjectClient& objects,
                                     kube::EventRecorder& events, sql::InstanceHub& hub,
                                     const Clock& clock, Random& random)
    : cache_(std::move(cache)),
      objects_(objects),
      events_(events),
      hub_(hub),
      clock_(clock),
      random_(random),
      targets_(objects, clock) {}

Outcome ReplicaController::Reconcile(const ObjectKey& key,
                                     const runtime::ReconcileContext& context) {
  auto current = Current(key);
  if (!current) {
    return current.error().reason == reason::kObjectChanged
               ? Outcome::RequeueAfter(kCacheWait)
               : Outcome::Failure(std::move(current).error());
  }
  if (*current == nullptr) {
    hub_.Remove(key);
    targets_.Forget(key);
    memory_.Forget(key);
    return Outcome::Success();
  }
  Pass pass{*current, memory_.Get((*current)->meta)};
  const bool deleting = pass.replica->meta.deletion_time.has_value();
  if (!deleting && !HasFinalizer(pass.replica->meta)) {
    const Status status = SetFinalizer(pass, true);
    return status ? Outcome::RequeueAfter(Duration::zero()) : Outcome::Failure(status.error());
  }
  if (deleting && !HasFinalizer(pass.replica->meta)) {
    return Outcome::Success();  // somebody else's finalizer holds it
  }
  const Look look = Observe({cache_, targets_, hub_, clock_}, pass.replica, pass.facts);
  if (look.postponed && look.observed.sql == nullptr) {
    memory_.Put(pass.replica->meta, std::move(pass.facts));
    return Outcome::RequeueAfter(kShortestPause);
  }
  const Plan plan = PlanReplica(look.observed);
  Outcome outcome =
      plan.remove_finalizer ? Finish(pass, plan) : CarryOut(pass, look, plan, context);
  memory_.Put(pass.replica->meta, std::move(pass.facts));
  return outcome;
}

// A reconcile never decides on the state before its own last write: it waits for the cache, and
// when that stays behind it asks the API server.
Result<ReplicaPointer> ReplicaController::Current(const ObjectKey& key) {
  ReplicaPointer cached = cache_.find(key);
  if (cached == nullptr) {
    return cached;
  }
  const Facts facts = memory_.Get(cached->meta);
  if (facts.last_write.empty() || cache_.has_reached(key, facts.last_write)) {
    return cached;
  }
  if (clock_.Monotonic() - facts.written_at < kCacheGiveUp) {
    return Error{ErrorKind::kConflict, reason::kObjectChanged,
                 "the last write has not come back yet", ""};
  }
  auto live = ReadLive(objects_, key);
  if (live) {
    return std::make_shared<const api::SqlServerReplica>(*std::move(live));
  }
  const bool gone = live.error().kind == ErrorKind::kNotFound;
  return gone ? Result<ReplicaPointer>(nullptr) : std::move(live).error();
}

Outcome ReplicaController::CarryOut(Pass& pass, const Look& look, const Plan& plan,
                                    const runtime::ReconcileContext& context) {
  const auto& replica = *pass.replica;
  if (api::EncodeJournal(plan.status) != api::EncodeJournal(replica.status)) {
    auto version = WriteJournal(objects_, events_, replica, plan.status);
    if (!version) {
      return Outcome::Failure(std::move(version).error());
    }
    NoteWrite(pass.facts, *std::move(version));
    return Outcome::RequeueAfter(Duration::zero());
  }
  if (const Status reported = Report(pass, plan); !reported) {
    return Outcome::Failure(reported.error());
  }
  const bool held_back = look.observed.failed && clock_.Monotonic() < pass.facts.retry_at;
  if (!plan.steps.empty() && !held_back && !look.postponed) {
    return RunStep(pass, plan.steps.front(), context);
  }
  Duration next = UntilDue(replica, look.observed);
  if (look.postponed) {
    next = std::min(next, kShortestPause);
  }
  if (held_back) {
    next = std::min(next,
                    std::chrono::duration_cast<Duration>(pass.facts.retry_at - clock_.Monotonic()));
  }
  return Outcome::RequeueAfter(next);
}

Status ReplicaController::Report(Pass& pass, const Plan& plan) {
  if (const Status published = Publish(pass, plan); !published) {
    return published;
  }
  auto version = WriteStatus(objects_, events_, *pass.replica, plan.status, pass.facts.failed);
  if (!version) {
    return std::move(version).error();
  }
  if (!version->empty()) {
    NoteWrite(pass.facts, *std::move(version));
  }
  return OkStatus();
}

// Before the status tells of it, so that whoever reads the hash finds the script.
Status ReplicaController::Publish(const Pass& pass, const Plan& plan) {
  if (plan.awaited.empty() || plan.status.plan == pass.replica->status.plan) {
    return OkStatus();
  }
  Status published = PublishScript(objects_, *pass.replica,
                                   ScriptOf(*pass.replica, *plan.status.plan, plan.awaited));
  if (!published && published.error().reason == reason::kPlanNotPublished) {
    events_.Record(Reference(*pass.replica), kube::EventType::kWarning, reason::kPlanNotPublished,
                   "Plan", published.error().message);
    return OkStatus();
  }
  return published;
}

Outcome ReplicaController::RunStep(Pass& pass, const Step& step,
                                   const runtime::ReconcileContext& context) {
  const Logger& log = context.log;
  const auto& replica = *pass.replica;
  if (IsDisruptive(step)) {
    if (const Status live = LookLive(objects_, replica); !live) {
      log.Info("Stood back from a change",
               {{"step", Describe(step)}, {"reason", live.error().message}});
      return live.error().kind == ErrorKind::kConflict ? Outcome::RequeueAfter(kStepBackoff.base)
                                                       : Outcome::Failure(live.error());
    }
  }
  std::optional<Secret> password;
  if (NeedsPassword(step)) {
    auto read = targets_.MasterKeyPassword(replica);
    if (!read) {
      return Outcome::Failure(std::move(read).error());
    }
    password = std::move(*read);
  }
  const auto result = Act(hub_, replica.meta.key, step, password,
                          [&] { return CheckUnchanged(replica, context.stop); });
  pass.facts.acted_at = clock_.Now();
  NoteResult(pass, step, result, log);
  // The world may have changed, whatever the answer was.
  auto fresh = hub_.Refresh(replica.meta.key, sql::RefreshScope::kFast);
  return fresh ? Outcome::RequeueAfter(Duration::zero()) : Outcome::RequeueAfter(kStepBackoff.base);
}

// The object may have been deleted, suspended or changed since the decision.
Status ReplicaController::CheckUnchanged(const api::SqlServerReplica& replica,
                                         const std::stop_token& stop) const {
  if (stop.stop_requested()) {
    return Error{ErrorKind::kConflict, reason::kObjectChanged, "the pass is over its time", ""};
  }
  const auto now = cache_.find(replica.meta.key);
  return now != nullptr ? SameObject(replica, *now)
                        : Status(Error{ErrorKind::kConflict, reason::kObjectChanged,
                                       "the resource is gone", ""});
}

void ReplicaController::NoteResult(Pass& pass, const Step& step, const ActResult& result,
                                   const Logger& log) {
  const auto& replica = *pass.replica;
  Facts& facts = pass.facts;
  if (result.error) {
    facts.failed = FailedStep{step, *result.error};
    facts.error_generation = replica.meta.generation;
    facts.retry_at = clock_.Monotonic() + BackoffDelay(kStepBackoff, ++facts.attempts, random_);
    log.Warning("Step failed", {{"step", Describe(step)}, {"error", ToString(*result.error)}});
    events_.Record(Reference(replica), kube::EventType::kWarning, result.error->reason, "Prepare",
                   "Could not " + Describe(step) + ": " + result.error->message +
                       RemedyOf(*facts.failed, replica));
  } else {
    facts.failed.reset();
    facts.attempts = 0;
  }
  if (result.done) {
    if (const auto entry = EntryOf(step)) {
      facts.confirmed.insert(entry->kind + "/" + entry->name);
    }
    log.Info("Step done", {{"step", Describe(step)}});
    events_.Record(Reference(replica), kube::EventType::kNormal, DoneReason(step), "Prepare",
                   "Done: " + Describe(step));
  }
}

Outcome ReplicaController::Finish(const Pass& pass, const Plan& plan) {
  const auto& replica = *pass.replica;
  std::vector<std::string> left;
  for (const auto& entry : plan.status.owned_objects) {
    left.push_back(entry.kind + " " + entry.name);
  }
  const std::string note = left.empty() ? "Nothing was made on the instance, nothing is left there"
                                        : "Left on " + replica.spec.host + ": " + Join(left, ", ");
  events_.Record(Reference(replica), kube::EventType::kNormal, reason::kReleased, "Delete", note);
  Pass last = pass;
  const Status status = SetFinalizer(last, false);
  if (!status && status.error().kind != ErrorKind::kNotFound) {
    return Outcome::Failure(status.error());
  }
  hub_.Remove(replica.meta.key);
  return Outcome::Success();
}

Status ReplicaController::SetFinalizer(Pass& pass, bool present) {
  auto version = WriteFinalizer(objects_, *pass.replica, present);
  if (!version) {
    return std::move(version).error();
  }
  NoteWrite(pass.facts, *std::move(version));
  memory_.Put(pass.replica->meta, pass.facts);
  return OkStatus();
}

void ReplicaController::NoteWrite(Facts& facts, std::string version) const {
  facts.last_write = std::move(version);
  facts.written_at = clock_.Monotonic();
}

}  // namespace milink::replica
