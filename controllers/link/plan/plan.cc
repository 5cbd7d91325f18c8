#include "controllers/link/plan/plan.h"

#include <algorithm>
#include <utility>

#include "controllers/link/plan/concerns.h"
#include "core/api/codec.h"

namespace milink::link {
namespace {

bool HasFinalizer(const api::ManagedInstanceLink& link) {
  return std::find(link.meta.finalizers.begin(), link.meta.finalizers.end(), api::kLinkFinalizer) !=
         link.meta.finalizers.end();
}

void PlanDatabase(Draft& draft, const DatabaseSpec& names) {
  const DatabaseView view = LookAt(draft.seen, names);
  if (CheckRoles(draft, view)) {
    PlanPreparation(draft, view);
    PlanGroups(draft, view);
    PlanAzureLink(draft, view);
  }
  FollowProgress(draft, view);
}

void PlanAll(Draft& draft) {
  CheckReadiness(draft);
  SettleJournal(draft);
  PlanNetwork(draft);
  PlanTrust(draft);
  for (const DatabaseSpec& names : draft.spec.databases) PlanDatabase(draft, names);
  PlanRemovedDatabases(draft);
  PlanChainCheck(draft);
}

void Complete(Draft& draft, Plan& plan) {
  plan.status.owned_objects = std::move(draft.entries);
  plan.status.records = std::move(draft.records);
  plan.status.network_test = std::move(draft.network_test);
  plan.write_journal = plan.status.network_test != draft.stored.network_test ||
                       plan.status.owned_objects != draft.stored.owned_objects ||
                       plan.status.records != draft.stored.records;
  // Journal first: what is not written down is not done.
  if (!plan.write_journal) plan.steps = std::move(draft.steps);
  plan.notes = std::move(draft.notes);
  plan.freshness = draft.freshness;
  plan.requeue_after = draft.requeue_after;
}

Plan PlanDeleting(Draft& draft) {
  Plan plan;
  Topic deletion{"Ready", {}};
  SettleJournal(draft);
  plan.remove_finalizer = PlanDeletion(draft, deletion);
  if (plan.remove_finalizer) {
    // The journal goes with the object.
    draft.entries = draft.stored.owned_objects;
    draft.records = draft.stored.records;
  }
  SummarizeDeletion(draft, deletion, plan);
  Complete(draft, plan);
  return plan;
}

Plan FinishPlan(Draft& draft) {
  Plan plan;
  plan.add_finalizer = !HasFinalizer(*draft.seen.link);
  Summarize(draft, plan);
  Complete(draft, plan);
  if (plan.add_finalizer) {
    plan.write_journal = false;
    plan.steps.clear();
    plan.notes.clear();
  }
  return plan;
}

}  // namespace

Plan PlanLink(const Observation& seen) {
  const bool deleting = seen.link->meta.deletion_time.has_value();
  if (deleting) {
    if (!HasFinalizer(*seen.link)) {
      Plan nothing;
      nothing.status = seen.link->status;
      return nothing;
    }
    Draft draft(seen);
    return PlanDeleting(draft);
  }
  Draft first(seen);
  PlanAll(first);
  const Obstacles obstacles = first.FindObstacles();
  if (!obstacles.Any()) return FinishPlan(first);
  // What comes first (trust) must not be made for what will be refused later (a group).
  Draft second(seen, obstacles);
  PlanAll(second);
  return FinishPlan(second);
}

}  // namespace milink::link
