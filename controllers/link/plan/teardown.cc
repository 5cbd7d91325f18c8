#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "controllers/link/plan/concerns.h"
#include "controllers/link/reasons.h"
#include "core/api/codec.h"
#include "core/azure/errors.h"
#include "core/base/text.h"

namespace milink::link {
namespace {

bool InSpec(const Draft& draft, const DatabaseName& name) {
  return std::any_of(draft.spec.databases.begin(), draft.spec.databases.end(),
                     [&](const DatabaseSpec& names) { return names.name == name; });
}

// The instance itself is gone, and every link with it.
bool InstanceIsGone(const Observation& seen) {
  return seen.instance == nullptr && seen.instance_error.has_value() &&
         azure::SaysInstanceIsGone(*seen.instance_error);
}

// Why no link can be taken apart now; empty: it can.
std::string WhyBlocked(const Draft& draft) {
  const Observation& seen = draft.seen;
  if (seen.replica == nullptr && seen.ReplicaIsUndecodable()) {
    return fmt::format("this version of the operator cannot read SqlServerReplica {}",
                       draft.spec.replica);
  }
  if (seen.replica == nullptr && seen.replica_error.has_value()) {
    return fmt::format("it cannot be told whether SqlServerReplica {} exists: {}",
                       draft.spec.replica, seen.replica_error->message);
  }
  if (seen.replica == nullptr) {
    return fmt::format("SqlServerReplica {} {}", draft.spec.replica,
                       seen.replica_shard.has_value() ? "is in another shard" : "does not exist");
  }
  std::vector<std::string> causes;
  if (seen.sql == nullptr) {
    causes.push_back(fmt::format("SQL Server of replica {} cannot be read{}", draft.spec.replica,
                                 seen.sql_error ? ": " + seen.sql_error->message : ""));
  }
  if (seen.instance == nullptr && !InstanceIsGone(seen)) {
    causes.push_back(draft.WhyUnread());
  }
  if (seen.instance != nullptr && !seen.Shows(azure::InstancePart::kLinks)) {
    causes.push_back(draft.WhyHidden(azure::InstancePart::kLinks));
  }
  return Join(causes, "; ");
}

// The same of the whole object, which has certificates too.
std::string WhyDeletionBlocked(const Draft& draft) {
  constexpr auto kPart = azure::InstancePart::kTrustCertificates;
  std::vector<std::string> causes;
  if (std::string links = WhyBlocked(draft); !links.empty()) causes.push_back(std::move(links));
  const auto& journal = draft.stored.owned_objects;
  const bool uploaded = std::any_of(journal.begin(), journal.end(), [](const auto& entry) {
    return entry.kind == "TrustCertificate";
  });
  if (uploaded && draft.seen.instance != nullptr && !draft.seen.Shows(kPart)) {
    causes.push_back(draft.WhyHidden(kPart));
  }
  return Join(causes, "; ");
}

bool IsGroupOrLink(const api::OwnedObject& entry) {
  return entry.kind == "AvailabilityGroup" || entry.kind == "DistributedAvailabilityGroup" ||
         entry.kind == "Link";
}

bool Names(const DatabaseSpec& names, const std::string& name) {
  return SameName(names.availability_group.str(), name) ||
         SameName(names.distributed_availability_group.str(), name);
}

// Forgets groups and links that belong to no database any more.
void PruneEntries(Draft& draft, const std::vector<DatabaseSpec>& still_leaving) {
  std::erase_if(draft.entries, [&](const api::OwnedObject& entry) {
    const auto named = [&](const DatabaseSpec& names) { return Names(names, entry.name); };
    return IsGroupOrLink(entry) &&
           std::none_of(draft.spec.databases.begin(), draft.spec.databases.end(), named) &&
           std::none_of(still_leaving.begin(), still_leaving.end(), named);
  });
}

// True: nothing of this database is left to do.
bool RemoveOne(Draft& draft, const DatabaseSpec& names) {
  if (draft.spec.deletion_policy != api::DeletionPolicy::kUnlink) {
    draft.notes.push_back({false, reason::kLeftInPlace,
                           fmt::format("database {} left the spec; its link and groups stay as "
                                       "they are (deletionPolicy: Retain)",
                                       names.name.str())});
    return true;
  }
  if (!WhyBlocked(draft).empty()) {
    draft.link.Add(Severity::kUnknown, reason::kUnlinking,
                   "cannot be unlinked now: " + WhyBlocked(draft), names.name);
    return false;
  }
  const std::size_t notes = draft.notes.size();
  if (!PlanUnlink(draft, LookAt(draft.seen, names), draft.link)) {
    draft.notes.resize(notes);
    return false;
  }
  draft.notes.push_back({false, reason::kUnlinked,
                         fmt::format("database {} left the spec and was unlinked; both copies "
                                     "stay",
                                     names.name.str())});
  return true;
}

std::string WhatIsLeft(const Draft& draft) {
  std::vector<std::string> left;
  for (const DatabaseSpec& names : draft.spec.databases) {
    left.push_back(fmt::format("database {} (groups {} and {})", names.name.str(),
                               names.availability_group.str(),
                               names.distributed_availability_group.str()));
  }
  for (const api::OwnedObject& entry : draft.stored.owned_objects) {
    if (!IsGroupOrLink(entry)) left.push_back(entry.kind + " " + entry.name);
  }
  return Shorten(Join(left, ", "), 900);
}

bool Retains(const Draft& draft) {
  const auto& annotations = draft.seen.link->meta.annotations;
  const auto abandon = annotations.find(api::kAbandonAnnotation);
  return draft.spec.deletion_policy != api::DeletionPolicy::kUnlink || draft.spec.suspend ||
         (abandon != annotations.end() && abandon->second == "true");
}

bool UnlinkAll(Draft& draft, Topic& topic) {
  bool done = true;
  for (const DatabaseSpec& names : draft.spec.databases) {
    done = PlanUnlink(draft, LookAt(draft.seen, names), topic) && done;
  }
  for (const DatabaseRecord& record : draft.stored.records) {
    if (InSpec(draft, record.name)) continue;
    const DatabaseSpec names = FindNames(draft, record.name);
    done = PlanUnlink(draft, LookAt(draft.seen, names), topic) && done;
  }
  return done;
}

}  // namespace

void PlanRemovedDatabases(Draft& draft) {
  std::vector<DatabaseSpec> leaving;
  bool any_done = false;
  for (const DatabaseRecord& record : draft.stored.records) {
    if (InSpec(draft, record.name)) continue;
    const DatabaseSpec names = FindNames(draft, record.name);
    if (!RemoveOne(draft, names)) {
      leaving.push_back(names);
      continue;
    }
    any_done = true;
    std::erase_if(draft.records, [&](const auto& other) { return other.name == record.name; });
  }
  if (any_done) PruneEntries(draft, leaving);
}

bool PlanDeletion(Draft& draft, Topic& topic) {
  if (!PlanNetworkRemoval(draft, topic)) return false;
  if (Retains(draft)) {
    draft.notes.push_back({false, reason::kLeftInPlace,
                           "left everything in both systems as it is: " + WhatIsLeft(draft)});
    return true;
  }
  // Nothing was looked at, so nothing was made.
  if (draft.stored.records.empty() && draft.stored.owned_objects.empty()) return true;
  const std::string blocked = WhyDeletionBlocked(draft);
  if (!blocked.empty()) {
    topic.Add(Severity::kBlocked, reason::kDeletionBlocked,
              fmt::format("cannot unlink: {}; correct that, or set the annotation {}: \"true\" to "
                          "leave everything in place",
                          blocked, api::kAbandonAnnotation));
    draft.WakeAfter(std::chrono::seconds(60));
    return false;
  }
  if (UnlinkAll(draft, topic) && PlanTrustRemoval(draft, topic)) {
    TellTdeCertificatesLeft(draft);
    draft.notes.push_back({false, reason::kUnlinked, "unlinked; the databases on both sides stay"});
    return true;
  }
  draft.notes.clear();
  return false;
}

}  // namespace milink::link
