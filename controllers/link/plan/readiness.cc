#include <algorithm>
#include <array>
#include <set>

#include <fmt/format.h>

#include "controllers/link/plan/concerns.h"
#include "controllers/link/reasons.h"
#include "core/api/codec.h"
#include "core/api/error_reasons.h"
#include "core/azure/errors.h"
#include "core/azure/permissions.h"
#include "core/base/text.h"
#include "core/sql/version.h"

namespace milink::link {
namespace {

void ExplainMissingReplica(Draft& draft) {
  if (draft.seen.ReplicaIsUndecodable()) {
    draft.replica.Add(Severity::kWaiting, reason::kUndecodable,
                      fmt::format("this version of the operator cannot read SqlServerReplica {}",
                                  draft.spec.replica));
    return;
  }
  // What becomes of it may happen out of our sight: it, or its label, may be another shard's.
  draft.WakeAfter(std::chrono::seconds(60));
  if (draft.seen.replica_error.has_value()) {
    draft.replica.Add(Severity::kUnknown, draft.seen.replica_error->reason,
                      fmt::format("it cannot be told whether SqlServerReplica {} exists: {}",
                                  draft.spec.replica, draft.seen.replica_error->message));
    return;
  }
  if (!draft.seen.replica_shard.has_value()) {
    draft.replica.Add(Severity::kWaiting, reason::kReplicaNotFound,
                      fmt::format("there is no SqlServerReplica {} in namespace {}; create it",
                                  draft.spec.replica, draft.seen.link->meta.key.namespace_name));
    return;
  }
  const std::string& shard = *draft.seen.replica_shard;
  draft.replica.Add(
      Severity::kBlocked, reason::kReplicaNotInShard,
      fmt::format("SqlServerReplica {} is in {}; a link must be in the shard of its replica: give "
                  "both the same label {}, or none",
                  draft.spec.replica, shard.empty() ? "no shard" : "shard " + shard,
                  api::kShardLabel));
}

void CheckReplica(Draft& draft) {
  const auto& replica = draft.seen.replica;
  if (replica == nullptr) {
    ExplainMissingReplica(draft);
    return;
  }
  if (replica->meta.deletion_time.has_value()) {
    draft.replica.Add(Severity::kWaiting, reason::kReplicaDeleting,
                      fmt::format("SqlServerReplica {} is being deleted: existing links go on, "
                                  "nothing new is made",
                                  draft.spec.replica));
  }
  const api::Condition* ready = api::FindCondition(replica->status.conditions, "Ready");
  const std::string why = ready == nullptr ? "it has not reported yet" : ready->message;
  if (draft.seen.sql_error.has_value()) {
    draft.replica.Add(Severity::kWaiting, draft.seen.sql_error->reason,
                      fmt::format("SQL Server of replica {} is not looked at: {}",
                                  draft.spec.replica, draft.seen.sql_error->message));
    return;
  }
  if (draft.seen.sql == nullptr) {
    draft.replica.Add(
        Severity::kUnknown, reason::kReplicaUnreachable,
        fmt::format("SQL Server of replica {} cannot be read: {}", draft.spec.replica, why));
    return;
  }
  if (ready == nullptr || ready->status != api::ConditionStatus::kTrue) {
    draft.replica.Add(Severity::kWaiting, reason::kReplicaNotReady,
                      fmt::format("replica {} is not ready: {}", draft.spec.replica, why));
  } else if (replica->status.observed_generation != replica->meta.generation) {
    draft.replica.Add(
        Severity::kWaiting, reason::kReplicaNotReady,
        fmt::format("replica {} has not looked at its newest spec yet", draft.spec.replica));
  }
}

// Major version that the instance's format corresponds to; 0 when it accepts every version or says
// nothing. Source: VERSIONS 5.
int MajorOfFormat(const std::string& format) {
  if (format == "SQLServer2022") return 16;
  if (format == "SQLServer2025") return 17;
  return 0;
}

void CheckFormat(Draft& draft, const azure::ManagedInstance& instance) {
  if (draft.seen.sql == nullptr) return;
  const auto version = sql::ParseProductVersion(draft.seen.sql->properties.product_version);
  const int format = MajorOfFormat(instance.database_format);
  if (!version.has_value() || format == 0 || version->major <= format) return;
  draft.instance.Add(
      Severity::kBlocked, reason::kInstanceFormatTooOld,
      fmt::format("managed instance {} keeps databases in the format {}, older than SQL Server {}; "
                  "change its update policy",
                  instance.name, instance.database_format,
                  draft.seen.sql->properties.product_version));
}

// Who could not show who it is cannot look; what may pass by itself is no verdict.
bool IsAboutIdentity(const Error& error) {
  static constexpr std::array kReasons{
      reason::kCredentialMissing,  reason::kCredentialPending,   reason::kCredentialUnusable,
      reason::kTokenServiceFailed, reason::kTokenServiceBusy,    reason::kSecretNotFound,
      reason::kSecretKeyMissing,   reason::kReferenceUnreadable, reason::kCloudUnknown};
  return error.kind == ErrorKind::kUnauthorized ||
         std::any_of(kReasons.begin(), kReasons.end(),
                     [&](const char* reason) { return error.reason == reason; });
}

Severity SeverityOf(const Error& error) {
  if (error.reason == reason::kCredentialPending) return Severity::kRetrying;
  return error.kind == ErrorKind::kUnauthorized || error.kind == ErrorKind::kInvalid
             ? Severity::kBlocked
             : Severity::kUnknown;
}

void ExplainMissingInstance(Draft& draft) {
  const std::string& name = draft.spec.managed_instance.name;
  if (!draft.seen.instance_error.has_value()) {
    draft.instance.Add(Severity::kUnknown, reason::kManagedInstanceNotRead,
                       fmt::format("managed instance {} has not been read yet", name));
    draft.authorized.Add(Severity::kUnknown, reason::kManagedInstanceNotRead,
                         "the rights have not been read yet");
    return;
  }
  const Error& error = *draft.seen.instance_error;
  if (IsAboutIdentity(error)) {
    draft.authorized.Add(SeverityOf(error), error.reason, error.message);
    draft.instance.Add(Severity::kUnknown, error.reason,
                       fmt::format("managed instance {} may not be read", name));
    return;
  }
  draft.authorized.Add(Severity::kUnknown, reason::kManagedInstanceNotRead,
                       "the rights cannot be read now");
  if (azure::SaysInstanceIsGone(error)) {
    draft.instance.Add(
        Severity::kBlocked, reason::kManagedInstanceNotFound,
        fmt::format("there is no managed instance {} in resource group {} of subscription {}; "
                    "correct spec.managedInstance or create it",
                    name, draft.spec.managed_instance.resource_group,
                    draft.spec.managed_instance.subscription_id));
  } else {
    draft.instance.Add(Severity::kUnknown, reason::kManagedInstanceUnreachable, draft.WhyUnread());
  }
}

// What this link does on its instance. Nothing but reading while it is suspended.
std::set<azure::Feature> FeaturesOf(const api::ManagedInstanceLinkSpec& spec) {
  std::set<azure::Feature> features{azure::Feature::kObserve};
  if (spec.suspend) return features;
  features.insert(azure::Feature::kLink);
  if (spec.preparation.migrate_tde_certificates) features.insert(azure::Feature::kTdeCertificates);
  if (spec.deletion_policy == api::DeletionPolicy::kUnlink) {
    features.insert(azure::Feature::kUnlink);
  }
  return features;
}

// Who may not list its rights may have them all the same: the refusals of requests tell then.
void CheckRights(Draft& draft) {
  draft.authorized_text = "the identity has the rights that it needs";
  if (!draft.seen.Shows(azure::InstancePart::kPermissions)) {
    draft.authorized_text = fmt::format(
        "no right to read is missing; the identity may not list its rights ({}), so "
        "that another missing one shows when a request is refused",
        azure::ActionToRead(azure::InstancePart::kPermissions));
    return;
  }
  const azure::MissingRights missing =
      azure::FindMissingRights(draft.seen.instance->permissions, FeaturesOf(draft.spec));
  if (!missing.needed.empty()) {
    draft.authorized.Add(
        Severity::kBlocked, reason::kActionsMissing,
        fmt::format("the identity lacks these rights on managed instance {}: {}; grant them, for "
                    "example with the role SQL Managed Instance Contributor",
                    draft.spec.managed_instance.name, Join(missing.needed, ", ")));
  }
  if (!missing.advised.empty()) {
    draft.authorized_text += fmt::format(
        "; Azure's documentation asks for more, which is granted with the role SQL Managed "
        "Instance Contributor and needed only if a request is refused: {}",
        Join(missing.advised, ", "));
  }
}

// Refused although the rights, where they are known, allow it: by a deny assignment, for example,
// or on account of another right that the service asks for.
void CheckRefusals(Draft& draft) {
  using azure::InstancePart;
  const azure::ManagedInstanceSnapshot& instance = *draft.seen.instance;
  for (const auto& [part, error] : instance.refused) {
    const std::string action(azure::ActionToRead(part));
    const bool told =
        instance.Shows(InstancePart::kPermissions) && !azure::Allows(instance.permissions, action);
    if (part == InstancePart::kPermissions || told) continue;
    draft.authorized.Add(Severity::kBlocked, reason::kActionsMissing, draft.WhyHidden(part));
  }
}

void CheckInstance(Draft& draft) {
  if (draft.seen.instance == nullptr) {
    ExplainMissingInstance(draft);
    return;
  }
  const azure::ManagedInstanceSnapshot& snapshot = *draft.seen.instance;
  CheckRights(draft);
  CheckRefusals(draft);
  if (snapshot.instance.state != "Ready") {
    draft.instance.Add(
        Severity::kWaiting, reason::kManagedInstanceNotReady,
        fmt::format("managed instance {} is in the state {}", draft.spec.managed_instance.name,
                    snapshot.instance.state.empty() ? "unknown" : snapshot.instance.state));
    draft.WakeAfter(std::chrono::seconds(60));
  }
  CheckFormat(draft, snapshot.instance);
}

}  // namespace

void CheckReadiness(Draft& draft) {
  CheckReplica(draft);
  CheckInstance(draft);
}

}  // namespace milink::link
