#include "controllers/replica/controller.h"

#include <algorithm>
#include <utility>

#include <nlohmann/json.hpp>

#include "controllers/replica/act.h"
#include "controllers/replica/live_look.h"
#include "controllers/replica/plan/checks.h"
#include "controllers/replica/plan/remedies.h"
#include "controllers/replica/plan/removal.h"
#include "controllers/replica/plan/renewal.h"
#include "controllers/replica/reasons.h"
#include "controllers/replica/script.h"
#include "controllers/replica/tell.h"
#include "core/api/codec.h"
#include "core/api/error_reasons.h"
#include "core/base/backoff.h"
#include "core/base/json.h"
#include "core/base/text.h"
#include "core/sql/errors.h"
#include "core/sql/identity.h"

namespace milink::replica {
namespace {

using runtime::Outcome;

constexpr auto kSlowPartsAfter = std::chrono::minutes(10);
// A changed Secret or authority is noticed within a minute, however rarely the instance is read and
// although requeues are spread by a tenth. The login itself is held back by the hub.
constexpr Duration kLookAtSecretAfter = std::chrono::seconds(54);
constexpr Duration kShortestPause = std::chrono::seconds(1);
constexpr auto kCacheWait = std::chrono::milliseconds(50);
constexpr auto kCacheGiveUp = std::chrono::seconds(5);
constexpr BackoffPolicy kStepBackoff{std::chrono::seconds(2), std::chrono::minutes(5), 2.0, 0.2};

const kube::ResourceType kReplicaType{api::kGroup, api::kVersion, api::kReplicaPlural,
                                      api::kReplicaKind};

bool HasFinalizer(const ObjectMeta& meta) {
  return std::ranges::find(meta.finalizers, api::kReplicaFinalizer) != meta.finalizers.end();
}

// Nine tenths, so that a reconcile that comes a little early does not read half an interval late.
bool Due(const sql::InstanceSnapshot* snapshot, Duration interval, TimePoint now) {
  return snapshot == nullptr || now - snapshot->read_at >= interval * 9 / 10 ||
         snapshot->read_at > now;
}

// Another reads it in this moment, or it was to be reached otherwise: no news of the instance.
bool SaysNothing(const Error& error) {
  return error.reason == reason::kLaneBusy || error.reason == reason::kTargetChanged;
}

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

bool IsOlder(const api::SqlServerReplica& a, const api::SqlServerReplica& b) {
  return std::pair(a.meta.creation_time, a.meta.key) < std::pair(b.meta.creation_time, b.meta.key);
}

// Does `other` have the instance that `replica` has reached and that looks like this? Who has
// pinned it keeps it. Before that the address tells, so that of two resources which come at once
// only one begins; a resource that cannot even connect is in nobody's way.
bool HasInstance(const api::SqlServerReplica& other, const api::SqlServerReplica& replica,
                 const sql::InstanceProperties& instance) {
  if (other.status.identity) {
    return other.status.identity->server_name == instance.server_name &&
           !sql::KeysDiffer(other.status.identity->service_master_key_guid,
                            instance.service_master_key_guid) &&
           (!replica.status.identity || IsOlder(other, replica));
  }
  const auto is_false = [&](const char* type) {
    const auto* condition = api::FindCondition(other.status.conditions, type);
    return condition != nullptr && condition->status == api::ConditionStatus::kFalse;
  };
  const bool hopeful = !is_false(kReachable) && !is_false(kPermissionsGranted);
  return !replica.status.identity && hopeful && IsOlder(other, replica) &&
         other.spec.port == replica.spec.port &&
         EqualsIgnoreCaseAscii(other.spec.instance_name, replica.spec.instance_name) &&
         EqualsIgnoreCaseAscii(other.spec.host, replica.spec.host);
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
  const Observation observed = Observe(pass);
  if (pass.postponed && observed.sql == nullptr) {
    memory_.Put(pass.replica->meta, std::move(pass.facts));
    return Outcome::RequeueAfter(kShortestPause);
  }
  const Plan plan = PlanReplica(observed);
  Outcome outcome =
      plan.remove_finalizer ? Finish(pass, plan) : Carry(pass, observed, plan, context);
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
  const auto object = objects_.Get(kReplicaType, key);
  if (!object) {
    const bool gone = object.error().kind == ErrorKind::kNotFound;
    return gone ? Result<ReplicaPointer>(nullptr) : object.error();
  }
  auto live = api::DecodeReplica(*object);
  if (!live) {
    return std::move(live).error();
  }
  return std::make_shared<const api::SqlServerReplica>(*std::move(live));
}

Observation ReplicaController::Observe(Pass& pass) {
  Observation observed;
  observed.replica = pass.replica;
  observed.links = cache_.count_links(pass.replica->meta.key);
  for (const auto& key : cache_.undecodable_links(pass.replica->meta.key.namespace_name)) {
    observed.undecodable_links.push_back(key.name);
  }
  if (AwaitsLinks(pass.replica->status)) {
    observed.trust = TrustOfLinks(pass.replica->meta.key);
  }
  // A deletion that nothing waits for needs neither Secret nor instance.
  if (!pass.replica->meta.deletion_time || observed.links > 0 || RemovesOwned(*pass.replica)) {
    auto snapshot = ReadInstance(pass);
    if (snapshot) {
      observed.sql = std::move(*snapshot);
      observed.same_instance = SameInstance(*pass.replica, observed.sql->properties);
    } else {
      observed.sql_error = std::move(snapshot).error();
    }
    const bool usable = observed.sql != nullptr && observed.sql->master_key.exists &&
                        observed.sql->master_key.encrypted_by_service_key;
    const bool needs_password =
        observed.sql != nullptr && !usable && pass.replica->spec.master_key_password;
    if (needs_password) {
      if (auto password = targets_.MasterKeyPassword(*pass.replica); !password) {
        observed.master_key_error = std::move(password).error();
      }
    }
  }
  observed.login_error = std::move(pass.login_error);
  if (pass.facts.failed && pass.facts.error_generation == pass.replica->meta.generation) {
    observed.failed = pass.facts.failed;
  }
  observed.confirmed = pass.facts.confirmed;
  observed.now = clock_.Now();
  return observed;
}

Result<std::shared_ptr<const sql::InstanceSnapshot>> ReplicaController::ReadInstance(Pass& pass) {
  const auto& replica = *pass.replica;
  auto reading = targets_.Read(replica);
  if (!reading) {
    // Without it the instance is unknown to its links, too; what runs on it, a backup for hours,
    // needs it no more.
    hub_.ForgetTarget(replica.meta.key);
    return std::move(reading).error();
  }
  pass.login_error = std::move(reading->refusal);
  hub_.SetTarget(replica.meta.key, std::move(reading->target));
  auto snapshot = hub_.Snapshot(replica.meta.key);
  const TimePoint now = clock_.Now();
  // What is removed is decided by what is there now.
  const bool removing = replica.meta.deletion_time && RemovesOwned(replica);
  const Duration interval = removing ? Duration::zero() : replica.spec.observe_interval;
  // Where the clock was set back, the step was made at some time before now.
  pass.facts.acted_at = std::min(pass.facts.acted_at, now);
  const bool outdated = snapshot != nullptr && snapshot->read_at < pass.facts.acted_at;
  if (!reading->changed && !outdated && !Due(snapshot.get(), interval, now)) {
    return snapshot;
  }
  const bool slow = snapshot == nullptr || now - snapshot->slow_read_at >= kSlowPartsAfter;
  auto fresh = Refresh(replica, slow ? sql::RefreshScope::kAll : sql::RefreshScope::kFast);
  if (fresh || !SaysNothing(fresh.error())) {
    return fresh;
  }
  pass.postponed = true;
  if (reading->changed) {
    pass.facts.acted_at = now;  // what was read with the login before is no news
  }
  return removing || outdated || snapshot == nullptr ? fresh : snapshot;
}

Result<std::shared_ptr<const sql::InstanceSnapshot>> ReplicaController::Refresh(
    const api::SqlServerReplica& replica, sql::RefreshScope scope) {
  auto fresh = hub_.Refresh(replica.meta.key, scope);
  if (fresh || !sql::IsLoginRefusal(fresh.error())) {
    return fresh;
  }
  // The password may have been changed a moment ago, in both places. Where the Secret has the same
  // one still, the hub holds the login back.
  auto newer = targets_.ReadNow(replica);
  if (!newer) {
    return fresh;
  }
  hub_.SetTarget(replica.meta.key, std::move(newer->target));
  return hub_.Refresh(replica.meta.key, scope);
}

std::vector<LinkTrust> ReplicaController::TrustOfLinks(const ObjectKey& replica) const {
  std::vector<LinkTrust> trust;
  for (const auto& link : cache_.links(replica)) {
    const bool active =
        !link->spec.suspend && !link->meta.deletion_time && !link->status.records.empty();
    if (active) {
      auto& told = trust.emplace_back();
      told.link = link->meta.key.name;
      told.instance = link->spec.managed_instance.name;
      if (link->status.trust) {
        told.thumbprints = link->status.trust->sql_thumbprints;
      }
      for (const auto& database : link->spec.databases) {
        told.groups.push_back(database.distributed_availability_group);
      }
    }
  }
  return trust;
}

std::vector<std::string> ReplicaController::SameInstance(
    const api::SqlServerReplica& replica, const sql::InstanceProperties& instance) const {
  std::vector<std::string> out;
  for (const auto& other : cache_.list()) {
    if (other->meta.uid != replica.meta.uid && HasInstance(*other, replica, instance)) {
      out.push_back(ToString(other->meta.key));
    }
  }
  return out;
}

Outcome ReplicaController::Carry(Pass& pass, const Observation& observed, const Plan& plan,
                                 const runtime::ReconcileContext& context) {
  if (api::EncodeJournal(plan.status) != api::EncodeJournal(pass.replica->status)) {
    const Status written = WriteJournal(pass, plan);
    return written ? Outcome::RequeueAfter(Duration::zero()) : Outcome::Failure(written.error());
  }
  if (const Status published = Publish(pass, plan); !published) {
    return Outcome::Failure(published.error());
  }
  if (const Status written = WriteStatus(pass, plan); !written) {
    return Outcome::Failure(written.error());
  }
  const bool held_back = observed.failed && clock_.Monotonic() < pass.facts.retry_at;
  if (!plan.steps.empty() && !held_back && !pass.postponed) {
    return RunStep(pass, plan.steps.front(), context);
  }
  Duration next = UntilDue(*pass.replica, observed);
  if (pass.postponed) {
    next = std::min(next, kShortestPause);
  }
  if (held_back) {
    next = std::min(next,
                    std::chrono::duration_cast<Duration>(pass.facts.retry_at - clock_.Monotonic()));
  }
  return Outcome::RequeueAfter(next);
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

Status ReplicaController::WriteJournal(Pass& pass, const Plan& plan) {
  auto written =
      objects_.MergeStatus(kReplicaType, pass.replica->meta.key, api::kJournalManager,
                           pass.replica->meta.resource_version, api::EncodeJournal(plan.status));
  if (!written) {
    return std::move(written).error();
  }
  NoteWrite(pass, *written);
  TellApproval(events_, *pass.replica, plan.status);
  return OkStatus();
}

Status ReplicaController::WriteStatus(Pass& pass, const Plan& plan) {
  auto wanted = api::EncodeStatus(plan.status);
  if (wanted == api::EncodeStatus(pass.replica->status)) {
    return OkStatus();
  }
  auto written =
      objects_.ApplyStatus(kReplicaType, pass.replica->meta, api::kStatusManager, wanted);
  if (!written) {
    return std::move(written).error();
  }
  NoteWrite(pass, *written);
  TellTransitions(events_, *pass.replica, plan.status, pass.facts.failed);
  TellPlan(events_, *pass.replica, plan.status);
  return OkStatus();
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
  // The object may have been deleted, suspended or changed since the decision.
  const auto guard = [&]() -> Status {
    if (context.stop.stop_requested()) {
      return Error{ErrorKind::kConflict, reason::kObjectChanged, "the pass is over its time", ""};
    }
    const auto now = cache_.find(replica.meta.key);
    return now != nullptr ? SameObject(replica, *now)
                          : Status(Error{ErrorKind::kConflict, reason::kObjectChanged,
                                         "the resource is gone", ""});
  };
  const auto result = Act(hub_, replica.meta.key, step, password, guard);
  pass.facts.acted_at = clock_.Now();
  const auto entry = EntryOf(step);
  if (result.error) {
    pass.facts.failed = FailedStep{step, *result.error};
    pass.facts.error_generation = replica.meta.generation;
    pass.facts.retry_at =
        clock_.Monotonic() + BackoffDelay(kStepBackoff, ++pass.facts.attempts, random_);
    log.Warning("Step failed", {{"step", Describe(step)}, {"error", ToString(*result.error)}});
    events_.Record(Reference(replica), kube::EventType::kWarning, result.error->reason, "Prepare",
                   "Could not " + Describe(step) + ": " + result.error->message +
                       RemedyOf(*pass.facts.failed, replica));
  } else {
    pass.facts.failed.reset();
    pass.facts.attempts = 0;
  }
  if (result.done) {
    if (entry) {
      pass.facts.confirmed.insert(entry->kind + "/" + entry->name);
    }
    log.Info("Step done", {{"step", Describe(step)}});
    events_.Record(Reference(replica), kube::EventType::kNormal, DoneReason(step), "Prepare",
                   "Done: " + Describe(step));
  }
  // The world may have changed, whatever the answer was.
  auto fresh = hub_.Refresh(replica.meta.key, sql::RefreshScope::kFast);
  return fresh ? Outcome::RequeueAfter(Duration::zero()) : Outcome::RequeueAfter(kStepBackoff.base);
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
  auto finalizers = pass.replica->meta.finalizers;
  std::erase(finalizers, api::kReplicaFinalizer);
  if (present) {
    finalizers.emplace_back(api::kReplicaFinalizer);
  }
  auto written = objects_.SetFinalizers(kReplicaType, pass.replica->meta, finalizers);
  if (!written) {
    return std::move(written).error();
  }
  NoteWrite(pass, *written);
  memory_.Put(pass.replica->meta, pass.facts);
  return OkStatus();
}

void ReplicaController::NoteWrite(Pass& pass, const nlohmann::json& written) const {
  pass.facts.last_write = JsonText(JsonChild(written, "metadata"), "resourceVersion");
  pass.facts.written_at = clock_.Monotonic();
}

}  // namespace milink::replica
