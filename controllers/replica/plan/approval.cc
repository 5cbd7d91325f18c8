#include "controllers/replica/plan/approval.h"

#include <algorithm>

#include "core/api/codec.h"
#include "core/base/digest.h"

namespace milink::replica {
namespace {

using Approval = api::SqlServerReplicaStatus::Approval;
using PublishedPlan = api::SqlServerReplicaStatus::PublishedPlan;

constexpr std::size_t kHashDigits = 16;

PublishedPlan Publish(const std::vector<Step>& open) {
  PublishedPlan plan;
  for (const Step& step : open) {
    plan.steps.push_back({Describe(step), kSqlServerSide, ClassOf(step)});
  }
  return plan;
}

std::vector<std::string> TextsOf(const PublishedPlan& plan) {
  std::vector<std::string> texts;
  for (const auto& step : plan.steps) {
    texts.push_back(step.description);
  }
  return texts;
}

std::string HashOf(const ObjectMeta& meta, std::int64_t sequence,
                   const std::vector<std::string>& texts) {
  std::string all =
      meta.uid + "\n" + std::to_string(meta.generation) + "\n" + std::to_string(sequence);
  for (const auto& text : texts) {
    all += "\n" + text;
  }
  return Sha256Hex(all).substr(0, kHashDigits);
}

bool Covers(const Approval& approval, const std::vector<std::string>& texts) {
  return std::ranges::all_of(texts, [&](const std::string& text) {
    return std::ranges::find(approval.steps, text) != approval.steps.end();
  });
}

bool IsApproved(const api::SqlServerReplica& replica, const std::string& hash) {
  const auto found = replica.meta.annotations.find(api::kApprovePlanAnnotation);
  return found != replica.meta.annotations.end() && found->second == hash;
}

}  // namespace

bool AsksFirst(const api::SqlServerReplica& replica) { return replica.spec.mode == "Plan"; }

Consent AskForConsent(const Observation& observed, const std::vector<Step>& open,
                      std::vector<std::string> blockers) {
  const auto& replica = *observed.replica;
  Consent consent{.approval = replica.status.approval};
  if (open.empty()) {
    if (consent.approval) {
      consent.approval->steps.clear();
    }
    return consent;
  }
  consent.plan = Publish(open);
  consent.plan->blockers = std::move(blockers);
  if (!consent.plan->blockers.empty()) {
    return consent;
  }
  const auto texts = TextsOf(*consent.plan);
  auto& approval = consent.approval;
  if (approval && approval->generation == replica.meta.generation && Covers(*approval, texts)) {
    approval->steps = texts;
    consent.plan->hash = approval->hash;
    consent.given = true;
    return consent;
  }
  const std::int64_t sequence = approval ? approval->sequence : 0;
  consent.plan->hash = HashOf(replica.meta, sequence, texts);
  if (IsApproved(replica, consent.plan->hash)) {
    approval = Approval{sequence + 1, replica.meta.generation, consent.plan->hash, texts};
    consent.given = true;
  } else if (approval) {
    approval->steps.clear();
  }
  return consent;
}

std::string PlanConfigMap(const api::SqlServerReplica& replica) {
  return replica.meta.key.name + "-plan";
}

std::string HowToApprove(const api::SqlServerReplica& replica, const std::string& hash) {
  return "kubectl -n " + replica.meta.key.namespace_name + " annotate --overwrite sqlr " +
         replica.meta.key.name + " " + api::kApprovePlanAnnotation + "=" + hash;
}

}  // namespace milink::replica
