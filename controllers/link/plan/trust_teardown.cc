#include <algorithm>

#include <fmt/format.h>

#include "controllers/link/plan/certificates.h"
#include "controllers/link/plan/concerns.h"
#include "controllers/link/reasons.h"
#include "core/sql/urls.h"

namespace milink::link {
namespace {

void Leave(Draft& draft, const api::OwnedObject& entry, const std::string& why) {
  draft.notes.push_back(
      {true, reason::kLeftInPlace, fmt::format("left certificate {}: {}", entry.name, why)});
}

// Another resource of ours that needs the same certificate; empty: none.
std::string OtherUser(const Draft& draft, bool same_instance_only) {
  for (const auto& other : draft.seen.others) {
    if (!SameReplica(draft, *other)) continue;
    if (same_instance_only && !SameInstance(draft.spec, other->spec)) continue;
    return fmt::format("ManagedInstanceLink {} uses it", other->meta.key.name);
  }
  return UnknownUser(draft);
}

// Links with this SQL Server, ours or anybody's. One that does not tell its partner may be one.
std::string WhyKeepOnInstance(const Draft& draft) {
  for (const azure::Link& link : draft.seen.instance->links) {
    if (link.partner_endpoint.empty() || sql::SameUrl(link.partner_endpoint, draft.partner_url)) {
      return fmt::format("link {} may use it", link.name.str());
    }
  }
  return OtherUser(draft, true);
}

// "sqlmi1.<zone>.database.windows.net". Any other may be an authority behind the certificates of
// others, whether it is still listed as one or not.
bool BearsNameOfInstance(const Draft& draft, const std::string& certificate) {
  const std::string start = draft.spec.managed_instance.name + ".";
  return SameName(certificate.substr(0, start.size()), start);
}

std::string WhyKeepOnSqlServer(const Draft& draft, bool root) {
  for (const sql::AvailabilityGroup& group : draft.seen.sql->groups) {
    for (const sql::AvailabilityReplica& member : group.replicas) {
      const bool uses = root || draft.instance_url.empty()
                            ? sql::IsInstanceUrl(member.endpoint_url)
                            : sql::SameUrl(member.endpoint_url, draft.instance_url);
      if (group.distributed && uses) {
        return fmt::format("distributed availability group {} uses it", group.name.str());
      }
    }
  }
  return OtherUser(draft, !root);
}

bool RemoveFromInstance(Draft& draft, const api::OwnedObject& entry, Topic& topic) {
  if (draft.seen.instance == nullptr) return true;  // gone, with all it held
  const auto& held = draft.seen.instance->trust_certificates;
  const auto found = std::find_if(held.begin(), held.end(), [&](const auto& certificate) {
    return SameName(certificate.name, entry.name);
  });
  if (found == held.end()) return true;
  const std::string used = WhyKeepOnInstance(draft);
  if (entry.state == api::OwnedState::kPending || entry.identity != found->thumbprint ||
      !used.empty()) {
    Leave(draft, entry, used.empty() ? "it is not certain that the operator made it" : used);
    return true;
  }
  const DeleteTrustCertificate step{found->name, found->thumbprint};
  const OperationFact* running = draft.OperationOf(KeyOf(step));
  if (running != nullptr && (running->state == azure::OperationState::kInProgress ||
                             running->state == azure::OperationState::kSucceeded)) {
    topic.Add(Severity::kProgressing, reason::kUnlinking,
              fmt::format("the managed instance is deleting certificate {}{}", found->name,
                          Draft::WhyUnread(running)));
    draft.WakeAfter(std::chrono::seconds(5));
    return false;
  }
  draft.Propose(topic, reason::kUnlinking, step);
  return false;
}

bool RemoveFromSqlServer(Draft& draft, const api::OwnedObject& entry, Topic& topic) {
  const sql::Certificate* found = draft.seen.sql->FindCertificate(CertificateName(entry.name));
  if (found == nullptr) return true;
  const bool root = !BearsNameOfInstance(draft, entry.name);
  const std::string used = WhyKeepOnSqlServer(draft, root);
  if (entry.state == api::OwnedState::kPending || entry.identity != found->thumbprint ||
      !used.empty()) {
    Leave(draft, entry, used.empty() ? "it is not certain that the operator made it" : used);
    return true;
  }
  draft.Propose(topic, reason::kUnlinking, DropCertificate{found->name, found->thumbprint, false});
  return false;
}

}  // namespace

bool PlanTrustRemoval(Draft& draft, Topic& topic) {
  bool done = true;
  for (const api::OwnedObject& entry : draft.stored.owned_objects) {
    if (entry.kind == "TrustCertificate") {
      done = RemoveFromInstance(draft, entry, topic) && done;
    } else if (entry.kind == "Certificate") {
      done = RemoveFromSqlServer(draft, entry, topic) && done;
    }
  }
  return done;
}

}  // namespace milink::link
