#include "controllers/link/controller.h"

#include <algorithm>
#include <utility>

#include <nlohmann/json.hpp>

#include "controllers/link/act.h"
#include "controllers/link/age.h"
#include "controllers/link/network_runs.h"
#include "controllers/link/observe.h"
#include "controllers/link/reasons.h"
#include "controllers/link/status.h"
#include "core/api/codec.h"

namespace milink::link {
namespace {

using runtime::Outcome;

constexpr Duration kSoon = std::chrono::milliseconds(20);
// A write comes back through the watch and wakes us; this is for when it does not.
constexpr Duration kCacheDelay = std::chrono::milliseconds(200);
constexpr auto kCachePatience = std::chrono::seconds(5);
// A snapshot that is too old to act on is being read by another reconcile.
constexpr Duration kStaleDelay = std::chrono::milliseconds(100);
// The cache does not show yet what the API server has; each look costs a request.
constexpr Duration kStandBackDelay = std::chrono::seconds(2);
// How long a new process may take to read both sides before it reports that it could not.
constexpr Duration kFirstReadPatience = std::chrono::seconds(30);
constexpr Duration kFirstReadDelay = std::chrono::seconds(1);

// A conflict is a failure like others: tried again at once, and more slowly while it lasts.
Outcome FromError(const Error& error) {
  if (error.kind == ErrorKind::kNotFound) return Outcome::Success();
  return Outcome::Failure(error);
}

// Which snapshots must be new enough for these steps: those of the systems that they change, for
// destructive ones both; and none from before our own last change, which would be made once more.
Freshness FreshnessFor(const std::vector<Step>& steps, const Observation& seen,
                       const PassMemory& memory) {
  const Duration limit = MaxAgeFor(steps);
  Freshness wanted;
  for (const Step& step : steps) {
    const bool both = ClassOf(step) == StepClass::kDrop;
    if (both || IsAzureStep(step)) wanted.instance = limit;
    // It is compared with what the instance presents.
    const auto* drop = std::get_if<DropCertificate>(&step);
    if (drop != nullptr && drop->replace) wanted.instance_parts = limit;
    if (both || !IsAzureStep(step)) wanted.sql = limit;
  }
  const bool outdated = seen.sql != nullptr && seen.sql->read_at < memory.sql_changed_at;
  if (outdated && !steps.empty()) wanted.sql = Duration::zero();
  return wanted;
}

// `began`: this pass. What is read during it is new enough however long the reading takes: no other
// read would be newer. How long the list of links took does not count: what is deleted by it is
// looked at once more.
bool FreshEnough(const Observation& seen, const Freshness& wanted, TimePoint began) {
  const auto is_fresh = [&](TimePoint read_at, const std::optional<Duration>& limit) {
    return !limit.has_value() || AgeAt(seen.now, read_at) <= *limit ||
           (began <= read_at && read_at <= seen.now);
  };
  return (seen.sql == nullptr || is_fresh(seen.sql->read_at, wanted.sql)) &&
         (seen.instance == nullptr ||
          ((is_fresh(seen.instance->read_at, wanted.instance) ||
            is_fresh(seen.instance->read_at + seen.instance->read_took, wanted.instance)) &&
           is_fresh(seen.instance->slow_read_at, wanted.instance_parts)));
}

// A new process has not read both sides yet. What its predecessor reported holds until then: a
// restart is no news of a link. Both systems wake us when they have been read. A deletion waits as
// long for what was interrupted on them, and for nothing else.
bool NotReadYet(const Observation& seen, TimePoint first_seen) {
  const api::ManagedInstanceLink& link = *seen.link;
  const bool reported = link.status.observed_generation == link.meta.generation;
  const bool interrupted = link.status.network_test && link.status.network_test->state == "Running";
  if (link.meta.deletion_time ? !interrupted : !reported) return false;
  if (AgeAt(seen.now, first_seen) >= kFirstReadPatience) return false;
  const auto* replica_ready = seen.replica == nullptr
                                  ? nullptr
                                  : api::FindCondition(seen.replica->status.conditions, "Ready");
  const bool sql_is_awaited = seen.sql == nullptr && replica_ready != nullptr &&
                              replica_ready->status == api::ConditionStatus::kTrue;
  const bool instance_is_awaited = seen.instance == nullptr && !seen.instance_error.has_value();
  return sql_is_awaited || instance_is_awaited;
}

}  // namespace

Outcome LinkController::Reconcile(const ObjectKey& key, const runtime::ReconcileContext& context) {
  const Result<LinkPointer> link = CurrentLink(key);
  if (!link.ok() && link.error().reason == reason::kObjectChanged) {
    return Outcome::RequeueAfter(kCacheDelay);  // asks nobody
  }
  if (!link.ok()) return FromError(link.error());
  if (*link == nullptr) {
    facts_.Forget(key);
    return AbandonNetworkTests(systems_, key) ? Outcome::Success()
                                              : Outcome::RequeueAfter(kFirstReadDelay);
  }
  const TimePoint began = systems_.clock.Now();
  Observation seen = Observe(systems_, facts_, *link, facts_.Memory(key).freshness, context.stop);
  Plan plan = PlanLink(seen);
  PassMemory memory = facts_.Memory(key);
  // Where the clock was set back, the change was made at some time before now.
  memory.sql_changed_at = std::min(memory.sql_changed_at, seen.now);
  if (const Freshness needed = FreshnessFor(plan.steps, seen, memory);
      !FreshEnough(seen, needed, began)) {
    seen = Observe(systems_, facts_, *link, needed, context.stop);
    plan = PlanLink(seen);
  }
  if (!FreshEnough(seen, FreshnessFor(plan.steps, seen, memory), began)) {
    return Outcome::RequeueAfter(kStaleDelay);  // somebody else is reading
  }
  memory.freshness = plan.freshness;
  if (!memory.first_seen.has_value()) memory.first_seen = seen.now;
  facts_.Remember(key, memory);
  if (NotReadYet(seen, *memory.first_seen)) return Outcome::RequeueAfter(kFirstReadDelay);
  return CarryOut(seen, plan, context);
}

Outcome LinkController::CarryOut(const Observation& seen, const Plan& plan,
                                 const runtime::ReconcileContext& context) {
  const api::ManagedInstanceLink& link = *seen.link;
  if (plan.remove_finalizer) return Finalize(seen, plan);
  if (plan.add_finalizer) return Begin(seen, plan);
  if (plan.write_journal) {
    const auto version = WriteJournal(systems_, link, plan.status);
    if (version.ok()) {
      facts_.Update(link.meta, ReplicaOf(link),
                    [&](ProcessFacts& facts) { NoteJournal(facts, link.status, plan.status); });
      TellNotes(seen, plan);
    }
    return Written(seen.link, version);
  }
  const auto version = WriteStatus(systems_, link, plan.status);
  if (!version.ok()) return FromError(version.error());
  if (!version->empty()) static_cast<void>(Written(seen.link, version));
  if (plan.steps.empty()) {
    return plan.requeue_after.has_value() ? Outcome::RequeueAfter(*plan.requeue_after)
                                          : Outcome::Success();
  }
  const Status acted = Act(systems_, facts_, seen, plan.steps, context);
  if (acted.ok()) return Outcome::RequeueAfter(kSoon);
  return acted.error().kind == ErrorKind::kConflict ? Outcome::RequeueAfter(kStandBackDelay)
                                                    : Outcome::Failure(acted.error());
}

// The first visit: the finalizer before any effect, and a first answer, without which the object
// would look as if it were done.
Outcome LinkController::Begin(const Observation& seen, const Plan& plan) {
  const auto version = WriteFinalizer(systems_, *seen.link, true);
  if (!version.ok()) return FromError(version.error());
  const auto reported = WriteStatus(systems_, *seen.link, plan.status);
  return Written(seen.link, reported.ok() && !reported->empty() ? reported : version);
}

Outcome LinkController::Finalize(const Observation& seen, const Plan& plan) {
  const auto version = WriteFinalizer(systems_, *seen.link, false);
  if (!version.ok()) return FromError(version.error());
  TellNotes(seen, plan);
  facts_.Forget(seen.link->meta.key);
  return AbandonNetworkTests(systems_, seen.link->meta.key)
             ? Outcome::Success()
             : Outcome::RequeueAfter(kFirstReadDelay);
}

Outcome LinkController::Written(const LinkPointer& link, const Result<std::string>& version) {
  if (!version.ok()) return FromError(version.error());
  PassMemory memory = facts_.Memory(link->meta.key);
  if (!version->empty()) memory.awaited = AwaitedWrite{*version, systems_.clock.Now()};
  facts_.Remember(link->meta.key, memory);
  return Outcome::RequeueAfter(kCacheDelay);
}

Result<LinkPointer> LinkController::CurrentLink(const ObjectKey& key) {
  PassMemory memory = facts_.Memory(key);
  if (memory.awaited && systems_.directory.HasReached(key, memory.awaited->version)) {
    memory.awaited.reset();
    facts_.Remember(key, memory);
  }
  if (!memory.awaited) return systems_.directory.FindLink(key);
  if (AgeAt(systems_.clock.Now(), memory.awaited->since) < kCachePatience) {
    return Error{ErrorKind::kConflict, reason::kObjectChanged,
                 "the last write has not come back yet", ""};
  }
  return ReadLive(systems_, key);
}

void LinkController::TellNotes(const Observation& seen, const Plan& plan) const {
  for (const Note& note : plan.notes) {
    systems_.events.Record(ReferenceTo(*seen.link),
                           note.warning ? kube::EventType::kWarning : kube::EventType::kNormal,
                           note.reason, note.action, note.message);
  }
}

}  // namespace milink::link
