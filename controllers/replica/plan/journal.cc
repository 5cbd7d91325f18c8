#include "controllers/replica/plan/journal.h"

#include <algorithm>
#include <optional>

#include "controllers/replica/plan/checks.h"
#include "controllers/replica/plan/removal.h"
#include "controllers/replica/plan/renewal.h"

namespace milink::replica {
namespace {

// The identity of the object that an entry names, as it is now; empty: it has none of its own.
// Nothing: it is not there.
std::optional<std::string> IdentityNow(const Observation& observed, const api::OwnedObject& entry) {
  if (entry.kind == kMasterKeyKind) {
    return observed.sql->master_key.exists ? std::optional<std::string>("") : std::nullopt;
  }
  if (entry.kind == kCertificateKind) {
    const auto* certificate = observed.sql->FindCertificate(CertificateName(entry.name));
    return certificate == nullptr ? std::nullopt : std::optional(certificate->thumbprint);
  }
  const auto* endpoint = Endpoint(observed);
  if (endpoint == nullptr || endpoint->name.str() != entry.name) {
    return std::nullopt;
  }
  return std::to_string(endpoint->endpoint_id);
}

// This process saw it made, or the object itself tells that it is ours.
bool IsConfirmed(const Observation& observed, const api::OwnedObject& entry) {
  const auto* certificate = entry.kind == kCertificateKind
                                ? observed.sql->FindCertificate(CertificateName(entry.name))
                                : nullptr;
  return observed.confirmed.contains(entry.kind + "/" + entry.name) ||
         (certificate != nullptr && IsOurs(observed, *certificate));
}

bool SameObject(const api::OwnedObject& a, const api::OwnedObject& b) {
  return a.side == b.side && a.kind == b.kind && a.name == b.name;
}

}  // namespace

std::vector<api::OwnedObject> WantedJournal(const Observation& observed,
                                            const std::vector<Step>& steps) {
  auto journal = observed.replica->status.owned_objects;
  for (auto& entry : journal) {
    if (entry.state != api::OwnedState::kPending || !IsConfirmed(observed, entry)) {
      continue;
    }
    if (const auto identity = IdentityNow(observed, entry)) {
      entry.identity = *identity;
      entry.state = api::OwnedState::kCreated;
    }
  }
  // Of a certificate that was replaced nothing is left to be told, nor of what a deletion removed.
  const bool removing =
      observed.replica->meta.deletion_time.has_value() && RemovesOwned(*observed.replica);
  std::erase_if(journal, [&](const auto& entry) {
    return (entry.kind == kCertificateKind || removing) &&
           entry.state == api::OwnedState::kCreated && observed.sql->properties.sysadmin &&
           !IdentityNow(observed, entry);
  });
  for (const auto& step : steps) {
    const auto entry = EntryOf(step);
    if (!entry) {
      continue;
    }
    const auto it = std::ranges::find_if(
        journal, [&](const auto& existing) { return SameObject(existing, *entry); });
    if (it == journal.end()) {
      journal.push_back(*entry);
    } else {
      *it = *entry;  // an earlier one is gone; this is another object
    }
  }
  return journal;
}

bool Owns(const std::vector<api::OwnedObject>& journal, const char* kind, const std::string& name,
          const std::string& identity) {
  return std::ranges::any_of(journal, [&](const api::OwnedObject& entry) {
    return entry.kind == kind && entry.name == name && entry.identity == identity &&
           entry.state == api::OwnedState::kCreated;
  });
}

}  // namespace milink::replica
