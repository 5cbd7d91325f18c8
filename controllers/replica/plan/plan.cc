#include "controllers/replica/plan/plan.h"

#include <algorithm>
#include <initializer_list>
#include <utility>

#include "controllers/replica/plan/approval.h"
#include "controllers/replica/plan/checks.h"
#include "controllers/replica/plan/findings.h"
#include "controllers/replica/plan/journal.h"
#include "controllers/replica/plan/remedies.h"
#include "controllers/replica/plan/removal.h"
#include "controllers/replica/plan/renewal.h"
#include "controllers/replica/reasons.h"
#include "core/api/codec.h"
#include "core/base/text.h"
#include "core/sql/version.h"

namespace milink::replica {
namespace {

using api::Condition;
using api::ConditionStatus;

// Links first; then what was made for them.
Finding PlanDeletion(const Observation& observed, const Finding& identity, Plan& plan) {
  if (observed.links > 0) {
    return {ConditionStatus::kFalse, reason::kStillInUse,
            "Being deleted; " + std::to_string(observed.links) +
                " ManagedInstanceLink(s) still use it and are served until they are gone"};
  }
  if (!observed.undecodable_links.empty() && !IsAbandoned(*observed.replica)) {
    return {ConditionStatus::kFalse, reason::kUndecodable,
            "Being deleted, but it may be in use: this version of the operator cannot read "
            "ManagedInstanceLink " +
                Join(observed.undecodable_links, ", ") +
                ". Run the version that wrote it, correct or delete it, or annotate " +
                api::kAbandonAnnotation + "=true to leave everything in place",
            std::nullopt, true};
  }
  Removal removal = PlanRemoval(observed, identity);
  // What the journal learns now may be ours to remove, and is what will be told as left.
  plan.remove_finalizer =
      removal.done && plan.status.owned_objects == observed.replica->status.owned_objects;
  if (removal.step) {
    plan.steps = {*std::move(removal.step)};
  }
  return std::move(removal.ready);
}

// Nothing is changed on an instance that cannot carry a link or is not the right one.
bool MayChange(const std::vector<Named>& findings, const Finding& identity,
               const Observation& observed) {
  if (observed.sql == nullptr || !Ok(identity) || observed.replica->spec.suspend ||
      OnlyObserves(*observed.replica) || observed.replica->meta.deletion_time) {
    return false;
  }
  return std::ranges::all_of(findings, [](const Named& named) {
    const std::string_view type = named.type;
    const bool basis = type == kReachable || type == kVersionSupported ||
                       type == kPermissionsGranted || type == kAlwaysOnEnabled;
    return !basis || Ok(named.finding);
  });
}

// Mode Plan: nothing is done without consent, and then as in mode Manage.
Consent PlanWithConsent(const Observation& observed, const Finding& identity,
                        std::vector<Named>& findings, Plan& plan) {
  const auto& stored = observed.replica->status;
  if (observed.replica->meta.deletion_time) {
    HoldBack(findings, plan.steps);
    return {false, std::nullopt, stored.approval};
  }
  if (observed.sql == nullptr) {
    return {false, stored.plan, stored.approval};
  }
  std::vector<Step> open = OpenSteps(findings);
  Consent consent = AskForConsent(observed, open, Blockers(findings, identity, observed));
  if (consent.given) {
    HoldBack(findings, plan.steps);
    return consent;
  }
  plan.steps.clear();
  plan.awaited = std::move(open);
  const bool blocked = consent.plan && consent.plan->hash.empty();
  LeaveToPerson(findings, reason::kApprovalRequired,
                blocked ? "spec.mode is Plan, and what stands in the way comes first, see Ready"
                        : "spec.mode is Plan, and approval is awaited, see Ready");
  return consent;
}

// All of what a person has to decide, once.
void TellHowToApprove(const Observation& observed, const Consent& consent, Finding& summary) {
  if (consent.given || !consent.plan || consent.plan->hash.empty() || Ok(summary)) {
    return;
  }
  std::vector<std::string> steps;
  for (const auto& step : consent.plan->steps) {
    steps.push_back(step.description);
  }
  summary.reason = reason::kApprovalRequired;
  summary.message = "spec.mode is Plan, and plan " + consent.plan->hash +
                    " awaits approval: " + Join(steps, "; ") + ". The script is in ConfigMap " +
                    PlanConfigMap(*observed.replica) +
                    "; to have it done: " + HowToApprove(*observed.replica, consent.plan->hash);
}

// The step that is next was tried and refused: its question says why. Is a person needed?
bool ExplainFailure(std::vector<Named>& findings, const std::vector<Step>& steps,
                    const Observation& observed) {
  if (!observed.failed || steps.empty() || steps.front() != observed.failed->step) {
    return false;
  }
  const Error& error = observed.failed->error;
  const bool person = error.kind == ErrorKind::kInvalid || error.kind == ErrorKind::kUnauthorized ||
                      error.kind == ErrorKind::kUnsupported;
  const std::string told = error.message + RemedyOf(*observed.failed, *observed.replica);
  for (auto& [type, finding] : findings) {
    if (!finding.step || *finding.step != steps.front()) {
      continue;
    }
    if (Ok(finding)) {  // and stays so for now; it is tried again
      finding.message += "; could not " + Describe(steps.front()) + ": " + told;
    } else {
      finding.reason = error.reason;
      finding.message = told;
      finding.stalled = person;
    }
  }
  return person;
}

Condition ToCondition(const char* type, const Finding& finding, const Observation& observed) {
  Condition condition;
  condition.type = type;
  condition.status = finding.status;
  condition.reason = finding.reason;
  condition.message = finding.message;
  condition.observed_generation = observed.replica->meta.generation;
  return condition;
}

// Every cause at once, in the order in which they should be repaired.
Finding Summary(const std::vector<Named>& findings, const Finding& identity,
                const Observation& observed) {
  std::vector<std::string> causes;
  Finding out{ConditionStatus::kTrue, reason::kSucceeded, "The instance is prepared for links"};
  const auto add = [&](const Finding& finding) {
    if (Ok(finding)) {
      return;
    }
    if (causes.empty()) {
      out = finding;
    }
    out.stalled = out.stalled || finding.stalled;
    if (finding.status == ConditionStatus::kFalse &&
        finding.reason != reason::kDependencyNotReady) {
      causes.push_back(finding.message);
    }
  };
  add(findings.front().finding);
  if (observed.sql != nullptr) {
    add(identity);
  }
  for (std::size_t i = 1; i < findings.size(); ++i) {
    if (Required(findings[i], observed)) {
      add(findings[i].finding);
    }
  }
  if (!causes.empty()) {
    out.message = Join(causes, ". ");
  }
  return out;
}

api::SqlServerReplicaStatus::CertificateFacts FactsOf(const sql::Certificate& certificate) {
  return {certificate.name.str(), certificate.thumbprint, certificate.not_before,
          certificate.not_after};
}

void FillFacts(const Observation& observed, api::SqlServerReplicaStatus& status) {
  if (observed.sql == nullptr) {
    return;  // what was seen last stays on show; Reachable says that it is old
  }
  const auto& properties = observed.sql->properties;
  status.product_version = properties.product_version;
  status.update_level = properties.update_level;
  status.edition = properties.edition;
  status.host_platform = properties.host_platform;
  status.collation = properties.collation;
  status.trace_flags = properties.trace_flags;
  const auto report = sql::CheckVersion(BuildOf(properties));
  status.capabilities.clear();
  for (const auto& [has, name] : std::initializer_list<std::pair<bool, const char*>>{
           {report.capabilities.one_way_link, "OneWayLink"},
           {report.capabilities.managed_instance_primary, "ManagedInstancePrimary"},
           {report.capabilities.tsql_failover, "TSqlFailover"},
           {report.capabilities.multi_database_link, "MultiDatabaseLink"},
           {report.capabilities.chain_validation, "ChainValidation"}}) {
    if (has) {
      status.capabilities.emplace_back(name);
    }
  }
  status.certificate.reset();
  if (const auto* certificate = EndpointCertificate(observed)) {
    const Renewal renewal = PlanRenewal(observed);
    status.certificate = {
        .current = FactsOf(*certificate),
        .next = renewal.next == nullptr ? std::nullopt : std::optional(FactsOf(*renewal.next)),
        .renewal_time = renewal.time,
        .owned = renewal.time.has_value()};
  }
  status.endpoint.reset();
  if (const auto* endpoint = Endpoint(observed)) {
    status.endpoint = {endpoint->name.str(),
                       endpoint->port,
                       endpoint->state,
                       endpoint->authentication,
                       endpoint->encryption,
                       Owns(status.owned_objects, kEndpointKind, endpoint->name.str(),
                            std::to_string(endpoint->endpoint_id))};
  }
}

// A server whose service master key was made anew shows another one.
void Pin(const sql::InstanceProperties& properties, api::SqlServerReplicaStatus& status) {
  const auto& key = properties.service_master_key_guid;
  if (!status.identity) {
    status.identity = {properties.server_name, key};
  } else if (!key.empty()) {
    status.identity->service_master_key_guid = key;
  }
}

// kstatus: Reconciling and Stalled are present only while true, and never both.
void AddProgress(const Finding& summary, bool changing, const Observation& observed,
                 std::vector<Condition>& conditions) {
  if (Ok(summary) && !changing) {
    return;
  }
  const bool stalled = summary.stalled && !changing;
  const Finding progress{ConditionStatus::kTrue, summary.reason, summary.message};
  conditions.push_back(ToCondition(stalled ? kStalled : kReconciling, progress, observed));
}

}  // namespace

Plan PlanReplica(const Observation& observed) {
  Plan plan;
  auto findings = Findings(observed);
  const Finding identity = observed.sql == nullptr ? Finding{} : CheckIdentity(observed);
  if (MayChange(findings, identity, observed)) {
    plan.steps = NextSteps(findings);
  }
  Consent consent{.approval = observed.replica->status.approval};
  if (OnlyObserves(*observed.replica)) {
    LeaveToPerson(findings, reason::kObserveOnly, "spec.mode is Observe, which leaves it to you");
  } else if (AsksFirst(*observed.replica)) {
    consent = PlanWithConsent(observed, identity, findings, plan);
  } else {
    HoldBack(findings, plan.steps);
  }
  const bool refused = ExplainFailure(findings, plan.steps, observed);
  plan.status = observed.replica->status;
  plan.status.observed_generation = observed.replica->meta.generation;
  plan.status.links = observed.links;
  plan.status.plan = consent.plan;
  plan.status.approval = consent.approval;
  // What another instance lacks is not gone.
  if (observed.sql != nullptr && Ok(identity)) {
    plan.status.owned_objects = WantedJournal(observed, plan.steps);
    Pin(observed.sql->properties, plan.status);
  }
  if (identity.reason != reason::kDifferentInstance) {
    FillFacts(observed, plan.status);
  }

  std::vector<Condition> conditions;
  for (const auto& named : findings) {
    conditions.push_back(ToCondition(named.type, named.finding, observed));
  }
  Finding summary = Summary(findings, identity, observed);
  TellHowToApprove(observed, consent, summary);
  if (observed.replica->spec.suspend && !Ok(summary)) {
    summary.reason = reason::kSuspended;
    summary.message = "spec.suspend is true, nothing is changed. " + summary.message;
  }
  if (observed.replica->meta.deletion_time) {
    summary = PlanDeletion(observed, identity, plan);
  }
  conditions.push_back(ToCondition(kReady, summary, observed));
  // What keeps a prepared instance so is no progress towards anything.
  const bool given_up = observed.replica->meta.deletion_time && summary.stalled;
  const bool changing = !plan.steps.empty() && !refused && !given_up && !Ok(summary);
  AddProgress(summary, changing, observed, conditions);
  plan.status.conditions = api::MergeConditions(observed.replica->status.conditions,
                                                std::move(conditions), observed.now);
  return plan;
}

}  // namespace milink::replica
