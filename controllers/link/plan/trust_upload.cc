// SQL Server's certificates on the managed instance: the one that the endpoint shows, the next one
// in time, and no longer the one before.
#include <algorithm>
#include <set>
#include <utility>

#include <fmt/format.h>

#include "controllers/link/plan/certificates.h"
#include "controllers/link/plan/concerns.h"
#include "controllers/link/reasons.h"
#include "core/sql/urls.h"

namespace milink::link {
namespace {

constexpr std::size_t kThumbprintInName = 8;

bool Trusts(const azure::ManagedInstanceSnapshot& instance, const std::string& thumbprint) {
  return std::any_of(
      instance.trust_certificates.begin(), instance.trust_certificates.end(),
      [&](const azure::PublicCertificate& held) { return held.thumbprint == thumbprint; });
}

void Send(Draft& draft, Topic& topic, UploadCertificate step) {
  const OperationFact* running = draft.OperationOf(KeyOf(step));
  if (running == nullptr || running->state == azure::OperationState::kFailed ||
      running->state == azure::OperationState::kCanceled ||
      running->state == azure::OperationState::kUnknown) {
    AskWhenReady(draft, topic, std::move(step));
    return;
  }
  topic.Add(Severity::kProgressing, reason::kBuildingTrust,
            fmt::format("the managed instance is taking certificate {}{}", step.name,
                        Draft::WhyUnread(running)));
  draft.WakeAfter(running->state == azure::OperationState::kInProgress
                      ? std::chrono::duration_cast<Duration>(running->poll_at - draft.seen.now)
                      : Duration(std::chrono::seconds(5)));
}

// Under its own name; other bytes of that name are never replaced.
void Upload(Draft& draft, Topic& topic, const sql::Certificate& own) {
  const azure::ManagedInstanceSnapshot& instance = *draft.seen.instance;
  if (Trusts(instance, own.thumbprint)) return;
  std::string name = own.name.str();
  if (FindTrust(instance, name) != nullptr) {
    name += "_" + own.thumbprint.substr(0, kThumbprintInName);
  }
  if (FindTrust(instance, name) != nullptr) {
    topic.Add(Severity::kBlocked, reason::kCertificateNameTaken,
              fmt::format("the managed instance holds other certificates as {} and as {}; remove "
                          "one of them there",
                          own.name.str(), name));
    return;
  }
  Send(draft, topic, {name, own.der, own.thumbprint});
}

// The one that the replica has made to take the endpoint's place; null: none.
const sql::Certificate* NextCertificate(const Draft& draft) {
  const auto& shown =
      draft.seen.replica == nullptr ? std::nullopt : draft.seen.replica->status.certificate;
  if (!shown.has_value() || !shown->next.has_value()) return nullptr;
  const sql::Certificate* next =
      draft.seen.sql->FindCertificateByThumbprint(shown->next->thumbprint);
  return next == nullptr || next->der.empty() ? nullptr : next;
}

// A link that does not tell its partner may be one of a server that shows this certificate. One of
// ours runs with the new certificate only once it is connected.
bool MayStillUse(const Draft& draft, const std::string& thumbprint) {
  const auto& links = draft.seen.instance->links;
  const auto& groups = draft.seen.sql->groups;
  return draft.seen.used_elsewhere.contains(thumbprint) || !draft.seen.undecodable.empty() ||
         !draft.seen.Shows(azure::InstancePart::kLinks) ||
         std::any_of(links.begin(), links.end(),
                     [](const azure::Link& link) { return link.partner_endpoint.empty(); }) ||
         std::any_of(groups.begin(), groups.end(), [&](const sql::AvailabilityGroup& group) {
           return group.distributed &&
                  std::any_of(group.replicas.begin(), group.replicas.end(),
                              [&](const auto& member) {
                                return sql::SameUrl(member.endpoint_url, draft.instance_url) &&
                                       member.connected_state != "CONNECTED";
                              });
         });
}

// Uploaded by this link, and the endpoint has shown a newer one since.
bool IsReplaced(const Draft& draft, const api::OwnedObject& entry,
                const azure::PublicCertificate& held, const sql::Certificate& own,
                const sql::Certificate* next) {
  if (entry.state != api::OwnedState::kCreated || entry.identity != held.thumbprint ||
      held.thumbprint == own.thumbprint ||
      (next != nullptr && held.thumbprint == next->thumbprint)) {
    return false;
  }
  const sql::Certificate* there = draft.seen.sql->FindCertificateByThumbprint(held.thumbprint);
  return there == nullptr || there->not_after <= own.not_after;
}

// Whatever the replica's status says of its certificate, it must have seen this one.
bool IsSettled(const Draft& draft, const sql::Certificate& own) {
  const auto& replica = draft.seen.replica;
  return replica != nullptr && replica->status.certificate.has_value() &&
         replica->status.certificate->current.thumbprint == own.thumbprint;
}

void RemoveReplaced(Draft& draft, const sql::Certificate& own, const sql::Certificate* next) {
  for (const api::OwnedObject& entry : draft.stored.owned_objects) {
    if (entry.kind != "TrustCertificate") continue;
    const azure::PublicCertificate* held = FindTrust(*draft.seen.instance, entry.name);
    if (held == nullptr) {
      // Gone. One that is about to be uploaded again is pending by now.
      std::erase_if(draft.entries, [&](const api::OwnedObject& wanted) {
        return wanted == entry && entry.state == api::OwnedState::kCreated;
      });
      continue;
    }
    if (!IsReplaced(draft, entry, *held, own, next) || !IsSettled(draft, own) ||
        MayStillUse(draft, held->thumbprint)) {
      continue;
    }
    const DeleteTrustCertificate step{held->name, held->thumbprint, true};
    const OperationFact* running = draft.OperationOf(KeyOf(step));
    const bool under_way =
        running != nullptr && (running->state == azure::OperationState::kInProgress ||
                               running->state == azure::OperationState::kSucceeded);
    if (const std::string unread = Draft::WhyUnread(running); under_way && !unread.empty()) {
      draft.renewal.Add(
          Severity::kProgressing, reason::kBuildingTrust,
          fmt::format("the managed instance is deleting certificate {}{}", held->name, unread));
    }
    if (under_way) {
      draft.WakeAfter(std::chrono::seconds(5));
    } else if (draft.MayCreate()) {
      draft.Propose(draft.renewal, reason::kBuildingTrust, step);
    }
  }
}

}  // namespace

void PlanUploads(Draft& draft) {
  constexpr auto kPart = azure::InstancePart::kTrustCertificates;
  if (!draft.seen.Shows(kPart)) {
    draft.trust.Add(Severity::kUnknown, reason::kActionsMissing, draft.WhyHidden(kPart));
    return;
  }
  const sql::Certificate* own = EndpointCertificate(draft);
  if (own == nullptr) {
    draft.trust.Add(Severity::kWaiting, reason::kEndpointMissing,
                    "SQL Server has no mirroring endpoint with a readable certificate");
    return;
  }
  // The instance trusts the certificate that SQL Server's endpoint shows, whoever made it.
  Upload(draft, draft.trust, *own);
  const sql::Certificate* next = NextCertificate(draft);
  if (next != nullptr && next != own) Upload(draft, draft.renewal, *next);
  RemoveReplaced(draft, *own, next);
}

}  // namespace milink::link
