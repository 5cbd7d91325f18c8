#include "controllers/link/plan/certificates.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "controllers/link/plan/database_view.h"
#include "controllers/link/reasons.h"

namespace milink::link {

bool SameReplica(const Draft& draft, const api::ManagedInstanceLink& other) {
  return other.spec.replica == draft.spec.replica &&
         other.meta.key.namespace_name == draft.seen.link->meta.key.namespace_name;
}

std::string UnknownUser(const Draft& draft) {
  return draft.seen.undecodable.empty()
             ? std::string()
             : fmt::format("{} may use it, and this version of the operator cannot read that",
                           draft.seen.undecodable.front());
}

const api::ManagedInstanceLink* OtherOwner(const Draft& draft, const ObjectRef& ref,
                                           const std::string& identity) {
  const api::OwnedObject made{ref.side, ref.kind, ref.name, identity, api::OwnedState::kCreated};
  for (const auto& other : draft.seen.others) {
    const auto& journal = other->status.owned_objects;
    if (SameReplica(draft, *other) &&
        std::find(journal.begin(), journal.end(), made) != journal.end()) {
      return other.get();
    }
  }
  return nullptr;
}

const azure::PublicCertificate* FindTrust(const azure::ManagedInstanceSnapshot& instance,
                                          const std::string& name) {
  const auto found = std::find_if(
      instance.trust_certificates.begin(), instance.trust_certificates.end(),
      [&](const azure::PublicCertificate& other) { return SameName(other.name, name); });
  return found == instance.trust_certificates.end() ? nullptr : &*found;
}

const sql::Certificate* EndpointCertificate(const Draft& draft) {
  const sql::InstanceSnapshot& sql = *draft.seen.sql;
  const sql::Certificate* own =
      sql.endpoints.empty() ? nullptr : sql.FindCertificate(sql.endpoints.front().certificate);
  return own == nullptr || own->der.empty() ? nullptr : own;
}

bool AuthoritiesMatter(const Draft& draft) {
  return std::any_of(draft.spec.databases.begin(), draft.spec.databases.end(),
                     [&](const DatabaseSpec& names) {
                       const DatabaseRecord* record = draft.StoredRecord(names.name);
                       return record == nullptr || !record->established ||
                              draft.seen.facts.disconnected_since.contains(names.name);
                     });
}

std::string ChainAdvice(const CertificateName& certificate) {
  return fmt::format(
      "SQL Server could not validate the chain of certificate {} (37449); if the link does not "
      "connect, the root authority behind it may be missing: put it into the file of "
      "--azure-root-authorities. It is harmless where SQL Server only cannot fetch the authority's "
      "revocation data over HTTP",
      certificate.str());
}

void AskWhenReady(Draft& draft, Topic& topic, Step step) {
  if (draft.MayCreate()) {
    draft.Propose(topic, reason::kBuildingTrust, std::move(step));
  } else {
    topic.Add(Severity::kWaiting, reason::kWaiting,
              fmt::format("waiting until both sides are ready; then: {}", Describe(step)));
  }
}

}  // namespace milink::link
