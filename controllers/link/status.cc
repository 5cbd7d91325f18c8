#include "controllers/link/status.h"

#include <algorithm>
#include <utility>

#include <nlohmann/json.hpp>

#include "controllers/link/act.h"
#include "controllers/link/observe.h"
#include "controllers/link/reasons.h"
#include "core/api/codec.h"
#include "core/api/link_report.h"
#include "core/api/reasons.h"

namespace milink::link {
namespace {

using api::Condition;
using api::ConditionStatus;

Result<std::string> VersionOf(const Result<nlohmann::json>& object) {
  if (!object.ok()) return object.error();
  const auto meta = ParseObjectMeta(*object);
  if (!meta.ok()) return meta.error();
  return meta->resource_version;
}

class Teller {
 public:
  Teller(const LinkSystems& systems, const api::ManagedInstanceLink& link,
         const api::ManagedInstanceLinkStatus& now)
      : systems_(systems), link_(link), before_(link.status), now_(now) {}

  void Tell() const {
    TellReady();
    TellReplica();
    TellProblem(api::condition_type::kStalled);
    TellProblem(api::condition_type::kSplitBrain);
    for (const auto& database : now_.databases) TellDatabase(database);
  }

 private:
  void Say(kube::EventType type, const std::string& reason, const std::string& note) const {
    systems_.events.Record(ReferenceTo(link_), type, reason, "Reconcile", note);
  }

  void TellReady() const {
    const Condition* before = api::FindCondition(before_.conditions, api::condition_type::kReady);
    const Condition* now = api::FindCondition(now_.conditions, api::condition_type::kReady);
    if (now == nullptr) return;
    const bool was = before != nullptr && before->status == ConditionStatus::kTrue;
    const bool is = now->status == ConditionStatus::kTrue;
    if (was == is) return;
    Say(is ? kube::EventType::kNormal : kube::EventType::kWarning, now->reason, now->message);
  }

  // Nothing else tells a link that never came up what it waits for.
  void TellReplica() const {
    const char* type = api::condition_type::kReplicaReady;
    const Condition* before = api::FindCondition(before_.conditions, type);
    const Condition* now = api::FindCondition(now_.conditions, type);
    if (now == nullptr || now->status == ConditionStatus::kTrue) return;
    const Condition* ready = api::FindCondition(before_.conditions, api::condition_type::kReady);
    const bool told_by_ready = ready != nullptr && ready->status == ConditionStatus::kTrue;
    if (told_by_ready || (before != nullptr && before->reason == now->reason)) return;
    Say(kube::EventType::kNormal, now->reason, now->message);
  }

  // Conditions that are bad while True.
  void TellProblem(const char* type) const {
    const Condition* before = api::FindCondition(before_.conditions, type);
    const Condition* now = api::FindCondition(now_.conditions, type);
    if (now == nullptr || now->status != ConditionStatus::kTrue) return;
    const bool known = before != nullptr && before->status == now->status &&
                       before->reason == now->reason && before->message == now->message;
    if (!known) Say(kube::EventType::kWarning, now->reason, now->message);
  }

  void TellDatabase(const api::ManagedInstanceLinkStatus::Database& now) const {
    static constexpr const char* kTold[] = {reason::kSeeding, reason::kReplicating,
                                            reason::kDegraded};
    const auto before =
        std::find_if(before_.databases.begin(), before_.databases.end(),
                     [&](const auto& database) { return database.name == now.name; });
    if (before != before_.databases.end() && before->phase == now.phase) return;
    if (std::find(std::begin(kTold), std::end(kTold), now.phase) == std::end(kTold)) return;
    Say(now.phase == reason::kDegraded ? kube::EventType::kWarning : kube::EventType::kNormal,
        now.phase,
        now.message.empty() ? "database " + now.name.str()
                            : "database " + now.name.str() + ": " + now.message);
  }

  const LinkSystems& systems_;
  const api::ManagedInstanceLink& link_;
  const api::ManagedInstanceLinkStatus& before_;
  const api::ManagedInstanceLinkStatus& now_;
};

// What is to be written is compared with all that was reported, and told by what differs from it.
Result<LinkPointer> ReadWhole(const LinkSystems& systems, const api::ManagedInstanceLink& link) {
  auto whole = ReadLive(systems, link.meta.key);
  if (whole.ok() && (*whole == nullptr || (*whole)->meta.uid != link.meta.uid)) {
    return Error{ErrorKind::kConflict, reason::kObjectChanged, "the link is another one now", ""};
  }
  return whole;
}

}  // namespace

Result<std::string> WriteStatus(const LinkSystems& systems, const api::ManagedInstanceLink& link,
                                api::ManagedInstanceLinkStatus wanted) {
  if (link.report_digest.has_value()) {
    if (*link.report_digest == api::DigestOfReport(wanted)) return std::string();
    const auto whole = ReadWhole(systems, link);
    return whole.ok() ? WriteStatus(systems, **whole, std::move(wanted)) : whole.error();
  }
  wanted.conditions = api::MergeConditions(link.status.conditions, std::move(wanted.conditions),
                                           systems.clock.Now());
  const nlohmann::json json = api::EncodeStatus(wanted);
  if (json == api::EncodeStatus(link.status)) return std::string();
  const auto version =
      VersionOf(systems.objects.ApplyStatus(LinkType(), link.meta, api::kStatusManager, json));
  if (version.ok()) Teller(systems, link, wanted).Tell();
  return version;
}

Result<std::string> WriteJournal(const LinkSystems& systems, const api::ManagedInstanceLink& link,
                                 const api::ManagedInstanceLinkStatus& wanted) {
  return VersionOf(systems.objects.MergeStatus(LinkType(), link.meta.key, api::kJournalManager,
                                               link.meta.resource_version,
                                               api::EncodeJournal(wanted)));
}

Result<std::string> WriteFinalizer(const LinkSystems& systems, const api::ManagedInstanceLink& link,
                                   bool present) {
  std::vector<std::string> finalizers = link.meta.finalizers;
  const auto removed = std::erase(finalizers, api::kLinkFinalizer);
  if (present == (removed > 0)) return std::string();
  if (present) finalizers.emplace_back(api::kLinkFinalizer);
  return VersionOf(systems.objects.SetFinalizers(LinkType(), link.meta, finalizers));
}

}  // namespace milink::link
