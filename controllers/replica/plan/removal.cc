#include "controllers/replica/plan/removal.h"

#include <algorithm>
#include <string>
#include <utility>

#include "controllers/replica/plan/journal.h"
#include "controllers/replica/plan/remedies.h"
#include "controllers/replica/reasons.h"
#include "core/api/codec.h"

namespace milink::replica {
namespace {

using api::ConditionStatus;

Removal Going(bool done) {
  return {.done = done,
          .ready = {ConditionStatus::kFalse, reason::kRemoving,
                    "Being deleted; what the operator made is being removed"}};
}

Removal Blocked(const std::string& why) {
  return {.ready = {ConditionStatus::kFalse, reason::kDeletionBlocked,
                    "Being deleted, and what the operator made is to be removed "
                    "(spec.deletionPolicy), but " +
                        why + ". Repair that, set spec.deletionPolicy to Retain, or annotate " +
                        api::kAbandonAnnotation + "=true to leave everything in place",
                    std::nullopt, true}};
}

// Every availability group of an instance goes through its one endpoint.
std::optional<Step> EndpointStep(const Observation& observed) {
  const auto* endpoint = Endpoint(observed);
  const bool ours =
      endpoint != nullptr && Owns(observed.replica->status.owned_objects, kEndpointKind,
                                  endpoint->name.str(), std::to_string(endpoint->endpoint_id));
  if (!ours || !observed.sql->groups.empty()) {
    return std::nullopt;
  }
  return DropEndpoint{endpoint->name, endpoint->endpoint_id};
}

std::optional<Step> CertificateStep(const Observation& observed) {
  const auto* endpoint = Endpoint(observed);
  for (const auto& certificate : observed.sql->certificates) {
    const bool used = endpoint != nullptr && endpoint->certificate == certificate.name;
    if (!used && Owns(observed.replica->status.owned_objects, kCertificateKind,
                      certificate.name.str(), certificate.thumbprint)) {
      return DropCertificate{certificate.name, certificate.thumbprint};
    }
  }
  return std::nullopt;
}

}  // namespace

bool IsAbandoned(const api::SqlServerReplica& replica) {
  const auto abandon = replica.meta.annotations.find(api::kAbandonAnnotation);
  return abandon != replica.meta.annotations.end() && abandon->second == "true";
}

bool RemovesOwned(const api::SqlServerReplica& replica) {
  return replica.spec.deletion_policy == "RemoveOwned" && !replica.spec.suspend &&
         replica.spec.mode == "Manage" && !IsAbandoned(replica) &&
         std::ranges::any_of(replica.status.owned_objects, [](const api::OwnedObject& entry) {
           return entry.kind != kMasterKeyKind && entry.state == api::OwnedState::kCreated;
         });
}

Removal PlanRemoval(const Observation& observed, const Finding& identity) {
  if (!RemovesOwned(*observed.replica)) {
    return Going(true);
  }
  if (observed.sql == nullptr) {
    return Blocked("the instance cannot be read: " +
                   (observed.sql_error ? observed.sql_error->message : "it is being tried"));
  }
  if (identity.status != ConditionStatus::kTrue) {
    return Blocked(identity.message);
  }
  if (!observed.sql->properties.sysadmin) {
    return Blocked("the login is no member of sysadmin");
  }
  std::optional<Step> step = EndpointStep(observed);
  if (!step) {
    step = CertificateStep(observed);
  }
  if (!step) {
    return Going(true);
  }
  const bool refused = observed.failed && observed.failed->step == *step;
  Removal removal = refused ? Blocked("it was refused to " + Describe(*step) + ": " +
                                      observed.failed->error.message +
                                      RemedyOf(*observed.failed, *observed.replica))
                            : Going(false);
  removal.step = std::move(step);
  return removal;
}

}  // namespace milink::replica
