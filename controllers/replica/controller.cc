#include "controllers/replica/controller.h"

#include <algorithm>
#include <utility>

#include <nlohmann/json.hpp>

#include "controllers/replica/act.h"
#include "controllers/replica/reasons.h"
#include "core/api/codec.h"
#include "core/base/backoff.h"
#include "core/base/json.h"
#include "core/base/text.h"
#include "core/sql/errors.h"

namespace milink::replica {
namespace {

using runtime::Outcome;

constexpr auto kSlowPartsAfter = std::chrono::minutes(10);
// A corrected Secret is noticed in this time; the login itself is held back by the hub.
constexpr Duration kLookAtSecretAfter = std::chrono::seconds(60);
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

bool IsOlder(const api::SqlServerReplica& a, const api::SqlServerReplica& b) {
  return std::pair(a.meta.creation_time, a.meta.key) < std::pair(b.meta.creation_time, b.meta.key);
}

// Does `other` have the instance that `replica` has reached as `server_name`? Who has pinned it
// keeps it. Before that the address tells, so that of two resources which come at once only one
// begins; a resource that cannot even connect is in nobody's way.
bool HasInstance(const api::SqlServerReplica& other, const api::SqlServerReplica& replica,
                 const std::string& server_name) {
  if (other.status.identity) {
    return other.status.identity->server_name == server_name &&
           (!replica.status.identity || IsOlder(other, replica));
  }
  const auto is_false = [&](const char* type) {
    const auto* condition = api::FindCondition(other.status.conditions, type);
    return condition != nullptr && condition->status == api::ConditionStatus::kFalse;
  };
  const bool hopeful = !is_false(kReachable) && !is_false(kPermissionsGranted);
  return !replica.status.identity && hopeful && IsOlder(other, replica) &&
         other.spec.port == replica.spec.port &&
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
  Pass pass{cache_.find(key), {}};
  if (pass.replica == nullptr) {
    hub_.Remove(key);
    targets_.Forget(key);
    memory_.Forget(key);
    return Outcome::Success();
  }
  pass.facts = memory_.Get(pass.replica->meta);
  const bool waited = clock_.Monotonic() - pass.facts.written_at >= kCacheGiveUp;
  if (!pass.facts.last_write.empty() && !waited &&
      !cache_.has_reached(key, pass.facts.last_write)) {
    return Outcome::RequeueAfter(kCacheWait);
  }
  const bool deleting = pass.replica->meta.deletion_time.has_value();
  if (!deleting && !HasFinalizer(pass.replica->meta)) {
    const Status status = SetFinalizer(pass, true);
    return status ? Outcome::RequeueAfter(Duration::zero()) : Outcome::Failure(status.error());
  }
  if (deleting && !HasFinalizer(pass.replica->meta)) {
    return Outcome::Success();  // somebody else's finalizer holds it
  }
  const Observation observed = Observe(pass);
  const Plan plan = PlanReplica(observed);
  Outcome outcome = plan.remove_finalizer ? Finish(pass) : Carry(pass, observed, plan, context.log);
  memory_.Put(pass.replica->meta, std::move(pass.facts));
  return outcome;
}

Observation ReplicaController::Observe(Pass& pass) {
  Observation observed;
  observed.replica = pass.replica;
  observed.links = cache_.count_links(pass.replica->meta.key);
  // A deletion that nothing waits for needs neither Secret nor instance.
  if (!pass.replica->meta.deletion_time || observed.links > 0) {
    auto snapshot = ReadInstance(pass);
    if (snapshot) {
      observed.sql = std::move(*snapshot);
      observed.same_instance = SameInstance(*pass.replica, observed.sql->properties.server_name);
    } else {
      observed.sql_error = std::move(snapshot).error();
    }
    const bool needs_password = observed.sql != nullptr && !observed.sql->master_key.exists &&
                                pass.replica->spec.master_key_password;
    if (needs_password) {
      if (auto password = targets_.MasterKeyPassword(*pass.replica); !password) {
        observed.master_key_error = std::move(password).error();
      }
    }
  }
  if (pass.facts.step_error && pass.facts.error_generation == pass.replica->meta.generation) {
    observed.step_error = pass.facts.step_error;
  }
  observed.confirmed = pass.facts.confirmed;
  observed.now = clock_.Now();
  return observed;
}

Result<std::shared_ptr<const sql::InstanceSnapshot>> ReplicaController::ReadInstance(
    const Pass& pass) {
  const auto& replica = *pass.replica;
  auto target = targets_.Read(replica);
  if (!target) {
    hub_.Remove(replica.meta.key);  // without it the instance is unknown to its links, too
    return std::move(target).error();
  }
  hub_.SetTarget(replica.meta.key, std::move(*target));
  auto snapshot = hub_.Snapshot(replica.meta.key);
  const TimePoint now = clock_.Now();
  if (!Due(snapshot.get(), replica.spec.observe_interval, now)) {
    return snapshot;
  }
  const bool slow = snapshot == nullptr || now - snapshot->slow_read_at >= kSlowPartsAfter;
  auto fresh =
      hub_.Refresh(replica.meta.key, slow ? sql::RefreshScope::kAll : sql::RefreshScope::kFast);
  if (!fresh && fresh.error().kind == ErrorKind::kUnauthorized) {
    targets_.Forget(replica.meta.key);  // the next pass looks for a new password
  }
  return fresh;
}

std::vector<std::string> ReplicaController::SameInstance(const api::SqlServerReplica& replica,
                                                         const std::string& server_name) const {
  std::vector<std::string> out;
  for (const auto& other : cache_.list()) {
    if (other->meta.uid != replica.meta.uid && HasInstance(*other, replica, server_name)) {
      out.push_back(ToString(other->meta.key));
    }
  }
  return out;
}

Outcome ReplicaController::Carry(Pass& pass, const Observation& observed, const Plan& plan,
                                 const Logger& log) {
  if (api::EncodeJournal(plan.status) != api::EncodeJournal(pass.replica->status)) {
    const Status written = WriteJournal(pass, plan);
    return written ? Outcome::RequeueAfter(Duration::zero()) : Outcome::Failure(written.error());
  }
  if (const Status written = WriteStatus(pass, plan); !written) {
    return Outcome::Failure(written.error());
  }
  const bool held_back = observed.step_error && clock_.Monotonic() < pass.facts.retry_at;
  if (!plan.steps.empty() && !held_back) {
    return RunStep(pass, plan.steps.front(), log);
  }
  Duration next = pass.replica->spec.observe_interval;
  if (held_back) {
    next = std::min(next,
                    std::chrono::duration_cast<Duration>(pass.facts.retry_at - clock_.Monotonic()));
  }
  if (observed.sql_error && observed.sql_error->retry_after) {
    next = std::max(next, std::min(*observed.sql_error->retry_after, kLookAtSecretAfter));
  }
  return Outcome::RequeueAfter(next);
}

Status ReplicaController::WriteJournal(Pass& pass, const Plan& plan) {
  auto written =
      objects_.MergeStatus(kReplicaType, pass.replica->meta.key, api::kJournalManager,
                           pass.replica->meta.resource_version, api::EncodeJournal(plan.status));
  if (!written) {
    return std::move(written).error();
  }
  NoteWrite(pass, *written);
  return OkStatus();
}

Status ReplicaController::WriteStatus(Pass& pass, const Plan& plan) {
  auto wanted = api::EncodeStatus(plan.status);
  if (wanted == api::EncodeStatus(pass.replica->status)) {
    return OkStatus();
  }
  auto written =
      objects_.ApplyStatus(kReplicaType, pass.replica->meta.key, api::kStatusManager, wanted);
  if (!written) {
    return std::move(written).error();
  }
  NoteWrite(pass, *written);
  TellTransitions(pass, plan);
  return OkStatus();
}

Outcome ReplicaController::RunStep(Pass& pass, const Step& step, const Logger& log) {
  const auto& replica = *pass.replica;
  std::optional<Secret> password;
  if (std::holds_alternative<CreateMasterKey>(step)) {
    auto read = targets_.MasterKeyPassword(replica);
    if (!read) {
      return Outcome::Failure(std::move(read).error());
    }
    password = std::move(*read);
  }
  // The object may have been deleted, suspended or changed since the decision.
  const auto guard = [&]() -> Status {
    const auto now = cache_.find(replica.meta.key);
    if (now == nullptr || now->meta.uid != replica.meta.uid ||
        now->meta.generation != replica.meta.generation || now->meta.deletion_time) {
      return Error{ErrorKind::kConflict, reason::kObjectChanged, "the resource changed meanwhile",
                   ""};
    }
    return OkStatus();
  };
  const auto result = Act(hub_, replica.meta.key, step, password, guard);
  const auto entry = EntryOf(step);
  if (result.error) {
    pass.facts.step_error = result.error;
    pass.facts.error_generation = replica.meta.generation;
    pass.facts.retry_at =
        clock_.Monotonic() + BackoffDelay(kStepBackoff, ++pass.facts.attempts, random_);
    log.Warning("Step failed", {{"step", Describe(step)}, {"error", ToString(*result.error)}});
    events_.Record(Reference(replica), kube::EventType::kWarning, result.error->reason, "Prepare",
                   "Could not " + Describe(step) + ": " + result.error->message);
  } else {
    pass.facts.step_error.reset();
    pass.facts.attempts = 0;
  }
  if (result.created) {
    pass.facts.confirmed.insert(entry.kind + "/" + entry.name);
    log.Info("Step done", {{"step", Describe(step)}});
    events_.Record(Reference(replica), kube::EventType::kNormal, CreatedReason(step), "Prepare",
                   "Done: " + Describe(step));
  }
  // The world may have changed, whatever the answer was.
  auto fresh = hub_.Refresh(replica.meta.key, sql::RefreshScope::kFast);
  return fresh ? Outcome::RequeueAfter(Duration::zero()) : Outcome::RequeueAfter(kStepBackoff.base);
}

Outcome ReplicaController::Finish(const Pass& pass) {
  const auto& replica = *pass.replica;
  std::vector<std::string> left;
  for (const auto& entry : replica.status.owned_objects) {
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

void ReplicaController::TellTransitions(const Pass& pass, const Plan& plan) {
  for (const auto& condition : plan.status.conditions) {
    const auto* before = api::FindCondition(pass.replica->status.conditions, condition.type);
    const bool same = before != nullptr && before->status == condition.status &&
                      before->reason == condition.reason;
    const bool bad = condition.status == api::ConditionStatus::kFalse &&
                     condition.reason != reason::kCreating &&
                     condition.reason != reason::kDependencyNotReady && condition.type != kReady;
    const bool ready = condition.type == kReady && condition.status == api::ConditionStatus::kTrue;
    if (!same && (bad || ready)) {
      events_.Record(
          Reference(*pass.replica), bad ? kube::EventType::kWarning : kube::EventType::kNormal,
          bad ? condition.reason : std::string(reason::kReady), "Check", condition.message);
    }
  }
  const auto* ready = api::FindCondition(plan.status.conditions, kReady);
  const auto* before = api::FindCondition(pass.replica->status.conditions, kReady);
  // What only the summary knows: another instance, a second resource for one instance.
  const bool identity = ready->reason == reason::kDifferentInstance ||
                        ready->reason == reason::kDuplicateInstance ||
                        ready->reason == reason::kServerNameMissing;
  if (identity && (before == nullptr || before->reason != ready->reason)) {
    events_.Record(Reference(*pass.replica), kube::EventType::kWarning, ready->reason, "Check",
                   ready->message);
  }
}

kube::ObjectReference ReplicaController::Reference(const api::SqlServerReplica& replica) const {
  return {api::kApiVersion, api::kReplicaKind, replica.meta.key, replica.meta.uid};
}

}  // namespace milink::replica
