#include <algorithm>

#include <fmt/format.h>

#include "controllers/link/facts.h"
#include "controllers/link/plan/concerns.h"
#include "controllers/link/reasons.h"

namespace milink::link {
namespace {

// What tells this object from another one of its name; empty: it is not there.
std::string IdentityOf(const Observation& seen, const api::OwnedObject& entry) {
  if (entry.side == "SqlServer") {
    if (seen.sql == nullptr) return {};
    if (entry.kind == "Certificate") {
      const auto* certificate = seen.sql->FindCertificate(CertificateName(entry.name));
      return certificate == nullptr ? std::string() : certificate->thumbprint;
    }
    const auto* group = seen.sql->FindGroup(GroupName(entry.name));
    return group == nullptr ? std::string() : group->group_id;
  }
  if (entry.kind == kTdeCertificateKind) return entry.name;  // which nothing shows
  if (seen.instance == nullptr) return {};
  if (entry.kind == "TrustCertificate") {
    for (const azure::PublicCertificate& certificate : seen.instance->trust_certificates) {
      if (SameName(certificate.name, entry.name)) return certificate.thumbprint;
    }
    return {};
  }
  // The service gives a link no identity that can be relied on: its groups' names stand for it.
  const azure::Link* link = seen.instance->FindLink(GroupName(entry.name));
  return link == nullptr ? std::string()
                         : link->partner_group.str() + "/" + link->instance_group.str();
}

void SettleEntries(Draft& draft) {
  for (api::OwnedObject& entry : draft.entries) {
    if (entry.state != api::OwnedState::kPending) continue;
    std::string identity = IdentityOf(draft.seen, entry);
    if (identity.empty()) continue;
    const ObjectRef ref{entry.side, entry.kind, entry.name};
    const bool confirmed = draft.seen.facts.confirmed.contains(ref);
    if (!confirmed && draft.seen.facts.refused.contains(ref)) {
      entry.identity.clear();  // somebody else made the same
      continue;
    }
    // Written down before the act, it tells even after a crash that this is what was to be made.
    if (!confirmed && identity != entry.identity) continue;
    entry.identity = std::move(identity);
    entry.state = api::OwnedState::kCreated;
  }
}

bool ShowsLinks(const Draft& draft) { return draft.seen.Shows(azure::InstancePart::kLinks); }

// Agreement on the primary: at once for what is not linked yet, by observation for what is.
void SettleRecord(Draft& draft, const DatabaseSpec& names) {
  if (draft.StoredRecord(names.name) != nullptr &&
      !draft.StoredRecord(names.name)->accepted_primary.empty()) {
    return;
  }
  if (draft.seen.sql == nullptr || !ShowsLinks(draft)) return;
  const Primary primary = PrimaryOf(LookAt(draft.seen, names));
  DatabaseRecord& record = draft.Record(names.name);
  if (primary == Primary::kNotLinked || ToString(primary) == draft.spec.primary) {
    record.accepted_primary = draft.spec.primary;
  }
}

// REQUIRES: the links were read.
bool LinkIsThere(const Draft& draft, const std::string& name) {
  return draft.seen.instance->FindLink(GroupName(name)) != nullptr;
}

// How long an accepted creation may stay invisible after it ended well.
constexpr auto kVisibleWithin = std::chrono::minutes(2);

bool HasEnded(const Draft& draft, const Operation& operation, const OperationFact& fact) {
  switch (fact.state) {
    case azure::OperationState::kInProgress:
      // Of a deletion that cannot be asked for, the link tells: it is gone.
      return fact.unread.has_value() && operation.kind == "DeleteLink" && ShowsLinks(draft) &&
             !LinkIsThere(draft, operation.id);
    case azure::OperationState::kSucceeded:
      break;
    case azure::OperationState::kFailed:
    case azure::OperationState::kCanceled:
    case azure::OperationState::kUnknown:
      return true;
  }
  if (!ShowsLinks(draft)) return false;
  const bool as_wanted = LinkIsThere(draft, operation.id) == (operation.kind == "CreateLink");
  const bool late = fact.finished.has_value() && draft.seen.now - *fact.finished > kVisibleWithin;
  return as_wanted || late;
}

// Follows the operation of a record: its address once the request was accepted, its end.
void SettleOperation(Draft& draft, DatabaseRecord& record) {
  if (!record.operation.has_value()) return;
  Operation& operation = *record.operation;
  const OperationFact* fact = draft.OperationOf(operation.kind + "/" + operation.id);
  if (fact == nullptr) {
    const StepFailure* failure = draft.Holding(operation.kind + "/" + operation.id);
    if (failure != nullptr && IsRefusal(failure->error.kind)) {
      record.operation.reset();
      return;
    }
    // Sent by an earlier process, perhaps: the resource itself tells how it ended.
    if (operation.poll_url.empty() && ShowsLinks(draft) &&
        LinkIsThere(draft, operation.id) == (operation.kind == "CreateLink")) {
      record.operation.reset();
    }
    return;
  }
  if (HasEnded(draft, operation, *fact)) {
    record.operation.reset();
    return;
  }
  operation.poll_url = fact->poll_url;
  if (fact->state == azure::OperationState::kInProgress) {
    draft.WakeAfter(std::chrono::duration_cast<Duration>(fact->poll_at - draft.seen.now));
  } else if (draft.seen.instance == nullptr || ShowsLinks(draft)) {
    draft.WantInstance(std::chrono::seconds(5));
  }
}

}  // namespace

void SettleJournal(Draft& draft) {
  SettleEntries(draft);
  if (!draft.seen.link->meta.deletion_time.has_value()) {
    for (const DatabaseSpec& names : draft.spec.databases) SettleRecord(draft, names);
  }
  for (DatabaseRecord& record : draft.records) SettleOperation(draft, record);
}

}  // namespace milink::link
