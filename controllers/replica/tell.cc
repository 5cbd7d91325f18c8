#include "controllers/replica/tell.h"

#include <string>

#include "controllers/replica/plan/approval.h"
#include "controllers/replica/reasons.h"
#include "core/api/codec.h"
#include "core/base/text.h"

namespace milink::replica {

kube::ObjectReference Reference(const api::SqlServerReplica& replica) {
  return {api::kApiVersion, api::kReplicaKind, replica.meta.key, replica.meta.uid};
}

void TellTransitions(kube::EventRecorder& events, const api::SqlServerReplica& replica,
                     const api::SqlServerReplicaStatus& now,
                     const std::optional<FailedStep>& failed) {
  // The event of a step that was refused says it already.
  const auto told = [&](const std::string& reason) {
    return failed && failed->error.reason == reason;
  };
  for (const auto& condition : now.conditions) {
    const auto* before = api::FindCondition(replica.status.conditions, condition.type);
    const bool same = before != nullptr && before->status == condition.status &&
                      before->reason == condition.reason;
    const bool bad =
        condition.status == api::ConditionStatus::kFalse && condition.reason != reason::kCreating &&
        condition.reason != reason::kChanging && condition.reason != reason::kDependencyNotReady &&
        condition.reason != reason::kApprovalRequired && condition.type != kReady &&
        !told(condition.reason);
    const bool ready = condition.type == kReady && condition.status == api::ConditionStatus::kTrue;
    const bool warning = bad || condition.reason == reason::kCertificateExpiring;
    if (!same && (warning || ready)) {
      events.Record(
          Reference(replica), warning ? kube::EventType::kWarning : kube::EventType::kNormal,
          warning ? condition.reason : std::string(reason::kReady), "Check", condition.message);
    }
  }
  const auto* ready = api::FindCondition(now.conditions, kReady);
  const auto* before = api::FindCondition(replica.status.conditions, kReady);
  // What only the summary knows: another instance, a second resource for one instance, a deletion
  // that cannot go on.
  const bool only_here =
      ready->reason == reason::kDifferentInstance || ready->reason == reason::kDuplicateInstance ||
      ready->reason == reason::kServerNameMissing || ready->reason == reason::kServerNameStale ||
      ready->reason == reason::kDeletionBlocked;
  if (only_here && (before == nullptr || before->reason != ready->reason)) {
    events.Record(Reference(replica), kube::EventType::kWarning, ready->reason, "Check",
                  ready->message);
  }
}

void TellPlan(kube::EventRecorder& events, const api::SqlServerReplica& replica,
              const api::SqlServerReplicaStatus& now) {
  const auto& before = replica.status.plan;
  const bool approved = now.approval && now.plan && now.approval->hash == now.plan->hash;
  if (!now.plan || now.plan->hash.empty() || approved ||
      (before && before->hash == now.plan->hash)) {
    return;
  }
  events.Record(Reference(replica), kube::EventType::kNormal, reason::kPlanPublished, "Plan",
                "Plan " + now.plan->hash + " of " + std::to_string(now.plan->steps.size()) +
                    " step(s) awaits approval, its script is in ConfigMap " +
                    PlanConfigMap(replica) + ": " + HowToApprove(replica, now.plan->hash));
}

void TellApproval(kube::EventRecorder& events, const api::SqlServerReplica& replica,
                  const api::SqlServerReplicaStatus& now) {
  const std::int64_t before = replica.status.approval ? replica.status.approval->sequence : 0;
  if (now.approval && now.approval->sequence > before) {
    events.Record(Reference(replica), kube::EventType::kNormal, reason::kPlanApproved, "Plan",
                  "Plan " + now.approval->hash +
                      " was approved and is being done: " + Join(now.approval->steps, "; "));
  }
}

}  // namespace milink::replica
