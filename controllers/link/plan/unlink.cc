#include <algorithm>

#include <fmt/format.h>

#include "controllers/link/plan/certificates.h"
#include "controllers/link/plan/concerns.h"
#include "controllers/link/reasons.h"

namespace milink::link {
namespace {

// How long a creation whose answer was lost may still bring a link to light.
constexpr auto kMayAppearWithin = std::chrono::minutes(2);

void Leave(Draft& draft, std::string message) {
  draft.notes.push_back({true, reason::kLeftInPlace, std::move(message)});
}

bool IsThisLink(const azure::Link& link, const DatabaseSpec& names) {
  const bool holds =
      link.databases.empty() ||
      std::any_of(link.databases.begin(), link.databases.end(),
                  [&](const auto& other) { return SameName(other.name, names.name.str()); });
  return holds && SameName(link.partner_group.str(), names.availability_group.str()) &&
         SameName(link.instance_group.str(), names.instance_availability_group.str());
}

bool IsThisDistributedGroup(const sql::AvailabilityGroup& group, const DatabaseSpec& names) {
  const auto has = [&](const GroupName& member) {
    return std::any_of(group.replicas.begin(), group.replicas.end(), [&](const auto& replica) {
      return SameName(replica.server_name, member.str());
    });
  };
  return group.distributed && has(names.availability_group) &&
         has(names.instance_availability_group);
}

// A creation that was started may show its link yet; a delete now would find nothing.
bool CreationMayRun(const Draft& draft, const DatabaseRecord& record) {
  if (!record.operation.has_value() || record.operation->kind != "CreateLink") return false;
  if (!record.operation->poll_url.empty()) return true;  // settled once its end is known
  const auto start = record.operation->start_time;
  return start.has_value() && draft.seen.now - *start < kMayAppearWithin;
}

std::string WhyUnread(const Draft& draft, const DatabaseRecord& record) {
  return record.operation.has_value() ? Draft::WhyUnread(draft.OperationOf(
                                            record.operation->kind + "/" + record.operation->id))
                                      : std::string();
}

void AskToDelete(Draft& draft, const DatabaseView& view, DatabaseRecord& record, Topic& topic) {
  const DeleteLink step{view.names.name, view.link->name, view.link->partner_group,
                        view.link->instance_group, view.link->instance_role};
  const bool stored = view.record != nullptr && view.record->operation.has_value() &&
                      view.record->operation->kind == "DeleteLink";
  if (stored &&
      (draft.OperationOf(KeyOf(step)) != nullptr || !view.record->operation->poll_url.empty())) {
    topic.Add(Severity::kProgressing, reason::kUnlinking,
              fmt::format("the managed instance is deleting link {}{}", view.link->name.str(),
                          Draft::WhyUnread(draft.OperationOf(KeyOf(step)))),
              view.names.name);
    draft.WakeAfter(std::chrono::seconds(15));
    return;
  }
  if (!stored && !draft.spec.suspend && draft.Holding(KeyOf(step)) == nullptr) {
    record.operation = Operation{"Azure", "DeleteLink", view.link->name.str(), "", draft.seen.now};
    draft.waiting_for_journal = true;
    topic.Add(Severity::kProgressing, reason::kUnlinking, "going to " + Describe(step),
              view.names.name);
    return;
  }
  draft.Propose(topic, reason::kUnlinking, step);
}

bool RemoveLink(Draft& draft, const DatabaseView& view, Topic& topic) {
  DatabaseRecord& record = draft.Record(view.names.name);
  if (view.link == nullptr) {
    const bool waiting = CreationMayRun(draft, record) ||
                         (record.operation.has_value() && record.operation->kind == "DeleteLink");
    if (!waiting) return true;
    topic.Add(
        Severity::kProgressing, reason::kUnlinking,
        "waiting for the end of an operation on the managed instance" + WhyUnread(draft, record),
        view.names.name);
    draft.WantInstance(std::chrono::seconds(15));
    return false;
  }
  if (!IsThisLink(*view.link, view.names)) {
    Leave(draft, fmt::format("left link {} on the managed instance: it joins other groups",
                             view.link->name.str()));
    return true;
  }
  if (PrimaryOf(view) != Primary::kSqlServer) {
    topic.Add(Severity::kBlocked, reason::kDeletionBlocked,
              fmt::format("link {} is deleted only while SQL Server is verified as primary, and it "
                          "is {}",
                          view.link->name.str(), ToString(PrimaryOf(view))),
              view.names.name);
    draft.WantSql(std::chrono::seconds(30));
    draft.WantInstance(std::chrono::seconds(30));
    return false;
  }
  AskToDelete(draft, view, record, topic);
  return false;
}

// A group whose other half is gone may be resolving for ever; the local group then tells. Dropped
// on a secondary, it would leave the database restoring.
bool SqlServerIsWritable(const DatabaseView& view) {
  if (view.local != nullptr && view.local->role == "PRIMARY") return true;
  if (view.local != nullptr && view.local->role == "SECONDARY") return false;
  return view.group != nullptr && std::any_of(view.group->replicas.begin(),
                                              view.group->replicas.end(), [](const auto& replica) {
                                                return replica.local && replica.role == "PRIMARY";
                                              });
}

bool RemoveDistributedGroup(Draft& draft, const DatabaseView& view, Topic& topic) {
  if (view.distributed == nullptr) return true;
  if (!IsThisDistributedGroup(*view.distributed, view.names)) {
    Leave(draft, fmt::format("left availability group {}: it is not this link",
                             view.distributed->name.str()));
    return true;
  }
  if (!SqlServerIsWritable(view)) {
    topic.Add(Severity::kBlocked, reason::kDeletionBlocked,
              fmt::format("distributed availability group {} is dropped only while SQL Server is "
                          "its primary",
                          view.distributed->name.str()),
              view.names.name);
    draft.WantSql(std::chrono::seconds(30));
    return false;
  }
  draft.Propose(
      topic, reason::kUnlinking,
      DropDistributedGroup{view.names.name, view.distributed->name, view.distributed->group_id});
  return false;
}

// Why the group must stay; empty: it may go.
std::string WhyKeepGroup(const Draft& draft, const DatabaseView& view) {
  const std::string& name = view.group->name.str();
  const ObjectRef ref{"SqlServer", "AvailabilityGroup", view.names.availability_group.str()};
  const api::OwnedObject* entry = draft.StoredEntry(ref);
  if (entry == nullptr) return "it was there before";
  if (entry->state == api::OwnedState::kPending) {
    return "it is not certain that the operator made it";
  }
  if (!draft.Owns(ref, view.group->group_id)) return "it is not the one that the operator made";
  for (const sql::AvailabilityGroup& group : draft.seen.sql->groups) {
    const bool uses = group.distributed && std::any_of(group.replicas.begin(), group.replicas.end(),
                                                       [&](const auto& member) {
                                                         return SameName(member.server_name, name);
                                                       });
    if (uses) return fmt::format("distributed availability group {} uses it", group.name.str());
  }
  for (const auto& other : draft.seen.others) {
    if (other->spec.replica != draft.spec.replica ||
        other->meta.key.namespace_name != draft.seen.link->meta.key.namespace_name) {
      continue;
    }
    for (const DatabaseSpec& theirs : other->spec.databases) {
      if (SameName(theirs.availability_group.str(), name)) {
        return fmt::format("ManagedInstanceLink {} uses it", other->meta.key.name);
      }
    }
  }
  return UnknownUser(draft);
}

bool RemoveGroup(Draft& draft, const DatabaseView& view, Topic& topic) {
  if (view.group == nullptr || view.group->distributed) return true;
  const std::string why = WhyKeepGroup(draft, view);
  if (!why.empty()) {
    Leave(draft, fmt::format("left availability group {}: {}", view.group->name.str(), why));
    return true;
  }
  draft.Propose(topic, reason::kUnlinking,
                DropGroup{view.names.name, view.group->name, view.group->group_id});
  return false;
}

}  // namespace

bool PlanUnlink(Draft& draft, const DatabaseView& view, Topic& topic) {
  return RemoveLink(draft, view, topic) && RemoveDistributedGroup(draft, view, topic) &&
         RemoveGroup(draft, view, topic);
}

}  // namespace milink::link
