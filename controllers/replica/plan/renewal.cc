#include "controllers/replica/plan/renewal.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "controllers/replica/plan/checks.h"
#include "controllers/replica/plan/endpoint_fit.h"
#include "controllers/replica/reasons.h"
#include "core/base/text.h"
#include "core/base/time_format.h"

namespace milink::replica {
namespace {

// A clock of the server that runs behind ours would call a certificate of today not yet valid.
constexpr auto kBackdate = std::chrono::hours(24);
// SQL Server on Linux accepts 64 characters.
constexpr std::size_t kSubjectLimit = 64;
// Then a link whose managed instance still does not trust the new certificate is not waited for.
constexpr auto kSwitchBefore = std::chrono::hours(24 * 7);
constexpr std::size_t kNamesTold = 10;

const api::OwnedObject* EntryFor(const Observation& observed, const char* kind,
                                 const std::string& name) {
  const auto& journal = observed.replica->status.owned_objects;
  const auto it = std::ranges::find_if(
      journal, [&](const auto& entry) { return entry.kind == kind && entry.name == name; });
  return it == journal.end() ? nullptr : &*it;
}

bool ValidNow(const sql::Certificate& certificate, TimePoint now) {
  return (!certificate.not_before || *certificate.not_before <= now) && certificate.not_after &&
         *certificate.not_after > now;
}

bool UsableAsOurs(const Observation& observed, const sql::Certificate& certificate) {
  return certificate.private_key == "MK" && !certificate.der.empty() &&
         ValidNow(certificate, observed.now) && IsOurs(observed, certificate);
}

// "Cert_SQL1_endpoint_2": the first that no certificate has.
CertificateName FreeName(const Observation& observed) {
  const std::string base = DefaultCertificateName(observed.sql->properties.server_name).str();
  for (int i = 2;; ++i) {
    CertificateName name(base + "_" + std::to_string(i));
    if (observed.sql->FindCertificate(name) == nullptr) {
      return name;
    }
  }
}

// Active links whose managed instance does not hold the certificate yet.
std::vector<std::string> LinksWithout(const std::vector<LinkTrust>& links,
                                      const std::string& thumbprint) {
  std::vector<std::string> names;
  for (const auto& link : links) {
    if (std::ranges::find(link.thumbprints, thumbprint) == link.thumbprints.end()) {
      names.push_back(link.link + " (" + link.instance + ")");
    }
  }
  return names;
}

bool HasLink(const std::vector<LinkTrust>& links, const GroupName& group) {
  return std::ranges::any_of(links, [&](const LinkTrust& link) {
    return std::ranges::any_of(link.groups, [&](const GroupName& name) {
      return EqualsIgnoreCaseAscii(name.str(), group.str());
    });
  });
}

// Groups whose partners know the endpoint by its certificate, and of which no active link can say
// whether they trust another one: of a link that is suspended or gone, or of somebody else.
std::vector<std::string> GroupsWithoutLink(const Observation& observed,
                                           const sql::MirroringEndpoint& endpoint) {
  const bool certificate_only = endpoint.authentication == "CERTIFICATE";
  std::vector<std::string> names;
  for (const auto& group : observed.sql->groups) {
    const bool remote =
        std::ranges::any_of(group.replicas, [](const auto& member) { return !member.local; });
    if (group.distributed ? !HasLink(*observed.trust, group.name) : remote && certificate_only) {
      names.push_back(
          (group.distributed ? "distributed availability group " : "availability group ") +
          group.name.str());
    }
  }
  return names;
}

// Who would be disconnected if the endpoint took `next` now.
std::vector<std::string> Untold(const Observation& observed, const sql::MirroringEndpoint& endpoint,
                                const sql::Certificate& next) {
  if (!observed.trust) {
    return {};
  }
  auto names = LinksWithout(*observed.trust, next.thumbprint);
  for (const auto& link : observed.undecodable_links) {
    names.push_back(link + " (cannot be read by this version of the operator)");
  }
  const auto groups = GroupsWithoutLink(observed, endpoint);
  names.insert(names.end(), groups.begin(), groups.end());
  if (names.size() > kNamesTold) {
    const std::string more = std::to_string(names.size() - kNamesTold) + " more";
    names.resize(kNamesTold);
    names.push_back(more);
  }
  return names;
}

// One that somebody else made is changed only where the spec says so. Of one of ours the journal
// tells; where its creation was interrupted, the certificate in it is proof enough.
bool MaySwitch(const Observation& observed, const sql::MirroringEndpoint& endpoint) {
  const auto* entry = EntryFor(observed, kEndpointKind, endpoint.name.str());
  const bool ours = entry != nullptr && (entry->state == api::OwnedState::kPending ||
                                         entry->identity == std::to_string(endpoint.endpoint_id));
  return ours || observed.replica->spec.endpoint.adoption == "Alter";
}

bool IsPublished(const Observation& observed, const sql::Certificate& next) {
  const auto& shown = observed.replica->status.certificate;
  return shown && shown->next && shown->next->thumbprint == next.thumbprint;
}

// An endpoint that fits no link is put in order first, but with an expired certificate it cannot
// be: then one statement does both.
bool MendsEndpoint(const Observation& observed, const sql::Certificate& current,
                   const EndpointFit& fit) {
  return *current.not_after <= observed.now && fit.alterable &&
         observed.replica->spec.endpoint.adoption == "Alter";
}

std::string WaitsForEndpoint(const Observation& observed, const sql::Certificate& current,
                             const EndpointFit& fit) {
  std::string note = " once the endpoint is in order, see EndpointReady";
  if (*current.not_after <= observed.now) {
    note += ": " + Join(fit.differences, "; ") +
            (fit.alterable ? "; set spec.endpoint.adoption to Alter to have both done" : "");
  }
  return note;
}

// The endpoint takes `next` when all links are ready for that, or when it cannot wait any longer.
void PlanSwitch(const Observation& observed, const sql::Certificate& current,
                const sql::Certificate& next, Renewal& renewal) {
  const auto* endpoint = Endpoint(observed);
  if (endpoint == nullptr) {
    return;  // it will be made with the newest one
  }
  const TimePoint latest = *current.not_after - kSwitchBefore;
  renewal.reason = reason::kRenewing;
  renewal.note = "; " + next.name.str() + " takes its place";
  EndpointFit fit = FitOf(*endpoint);
  if (!fit.fits() && !MendsEndpoint(observed, current, fit)) {
    renewal.note += WaitsForEndpoint(observed, current, fit);
    return;
  }
  if (!MaySwitch(observed, *endpoint)) {
    renewal.reason = reason::kCertificateExpiring;
    renewal.note += " once that is permitted: endpoint " + endpoint->name.str() +
                    " is not the operator's; set spec.endpoint.adoption to Alter, or set the "
                    "certificate on it with ALTER ENDPOINT";
    return;
  }
  std::vector<std::string> waiting = Untold(observed, *endpoint, next);
  const bool all_told = IsPublished(observed, next) && observed.trust && waiting.empty();
  if (!all_told && observed.now < latest) {
    renewal.note += waiting.empty()
                        ? std::string(" soon")
                        : " once the partners of these trust it: " + Join(waiting, ", ") + "; on " +
                              FormatRfc3339(latest) + " at the latest";
    return;
  }
  SwitchCertificate step{ChangeOf(*endpoint, next.name), std::move(waiting),
                         std::move(fit.differences)};
  step.change.certificate = next.name;
  renewal.step = std::move(step);
}

bool AllConnected(const sql::InstanceSnapshot& sql) {
  return std::ranges::all_of(sql.groups, [](const auto& group) {
    return !group.distributed || std::ranges::all_of(group.replicas, [](const auto& member) {
      return member.connected_state != "DISCONNECTED";
    });
  });
}

// Once all links run with the new one and no managed instance holds this one any more. After its
// end nobody can use it.
bool MayDrop(const Observation& observed, const sql::Certificate& old) {
  if (!observed.trust) {
    return false;
  }
  const bool held = std::ranges::any_of(*observed.trust, [&](const LinkTrust& link) {
    return std::ranges::find(link.thumbprints, old.thumbprint) != link.thumbprints.end();
  });
  const bool ended = old.not_after && *old.not_after <= observed.now;
  const bool unknown = !observed.undecodable_links.empty();
  return ended || (!held && !unknown && AllConnected(*observed.sql));
}

// It serves something else, too, as SQL Server said; it stays.
bool WasRefused(const Observation& observed, const DropCertificate& step) {
  return observed.failed && observed.failed->step == Step(step) &&
         observed.failed->error.kind != ErrorKind::kTransient &&
         observed.failed->error.kind != ErrorKind::kConflict;
}

// What the endpoint used before.
std::optional<Step> PlanDrop(const Observation& observed, const sql::Certificate& current) {
  for (const auto& old : observed.sql->certificates) {
    const bool before = old.name != current.name && old.not_after &&
                        *old.not_after <= *current.not_after && IsOurs(observed, old);
    if (!before || !MayDrop(observed, old)) {
      continue;
    }
    DropCertificate step{old.name, old.thumbprint};
    if (!WasRefused(observed, step)) {
      return step;
    }
  }
  return std::nullopt;
}

}  // namespace

std::string CertificateSubject(const api::SqlServerReplica& replica) {
  return Shorten("milink SqlServerReplica " + replica.meta.uid, kSubjectLimit);
}

bool IsOurs(const Observation& observed, const sql::Certificate& certificate) {
  const std::string& name = certificate.name.str();
  const auto* entry = EntryFor(observed, kCertificateKind, name);
  if (entry == nullptr) {
    return false;
  }
  if (entry->state == api::OwnedState::kCreated) {
    return entry->identity == certificate.thumbprint;
  }
  return observed.confirmed.contains(std::string(kCertificateKind) + "/" + name) ||
         certificate.subject == CertificateSubject(*observed.replica);
}

const sql::Certificate* NewestOfOurs(const Observation& observed) {
  const sql::Certificate* newest = nullptr;
  for (const auto& certificate : observed.sql->certificates) {
    if (UsableAsOurs(observed, certificate) &&
        (newest == nullptr || *certificate.not_after > *newest->not_after)) {
      newest = &certificate;
    }
  }
  return newest;
}

CreateCertificate NewCertificate(const Observation& observed, const CertificateName& name) {
  // Whole days: the statement takes dates, and a plan must not change with every second.
  return {name, CertificateSubject(*observed.replica),
          std::chrono::floor<std::chrono::days>(observed.now - kBackdate),
          std::chrono::floor<std::chrono::days>(observed.now +
                                                observed.replica->spec.certificate_validity)};
}

Renewal PlanRenewal(const Observation& observed) {
  Renewal renewal;
  const auto* current = EndpointCertificate(observed);
  if (current == nullptr || !current->not_after || current->private_key != "MK") {
    return renewal;
  }
  const TimePoint time = *current->not_after - observed.replica->spec.certificate_renew_before;
  const bool due = observed.now >= time;
  if (!IsOurs(observed, *current)) {
    if (due) {
      renewal.reason = reason::kCertificateExpiring;
      renewal.note =
          "; the operator did not make it and does not renew it: create a new one and set it on "
          "the endpoint with ALTER ENDPOINT";
    }
    return renewal;
  }
  renewal.time = time;
  const auto* newest = NewestOfOurs(observed);
  if (newest != nullptr && newest != current && *newest->not_after > *current->not_after) {
    renewal.next = newest;
    PlanSwitch(observed, *current, *newest, renewal);
  } else if (due) {
    const bool left = observed.replica->spec.mode != "Manage";
    renewal.reason = left ? reason::kCertificateExpiring : reason::kRenewing;
    renewal.note =
        left ? "; it has to be replaced before" : "; the one that takes its place is being created";
    renewal.step = NewCertificate(observed, FreeName(observed));
  } else {
    renewal.step = PlanDrop(observed, *current);
  }
  return renewal;
}

bool AwaitsLinks(const api::SqlServerReplicaStatus& status) {
  return std::ranges::count(status.owned_objects, kCertificateKind, &api::OwnedObject::kind) > 1;
}

}  // namespace milink::replica
