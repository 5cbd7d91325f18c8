#include "controllers/replica/plan/plan.h"

#include <algorithm>
#include <initializer_list>
#include <utility>

#include "controllers/replica/plan/checks.h"
#include "controllers/replica/plan/journal.h"
#include "controllers/replica/plan/removal.h"
#include "controllers/replica/plan/renewal.h"
#include "controllers/replica/reasons.h"
#include "core/api/error_reasons.h"
#include "core/base/text.h"
#include "core/sql/version.h"

namespace milink::replica {
namespace {

using api::Condition;
using api::ConditionStatus;

struct Named {
  const char* type;
  Finding finding;
};

Finding Waits(const std::string& message) {
  return {ConditionStatus::kUnknown, reason::kDependencyNotReady, message};
}

// All questions, answered. What cannot be known is Unknown, never False.
std::vector<Named> Findings(const Observation& observed) {
  std::vector<Named> out{{kReachable, CheckReachable(observed)}};
  if (observed.sql == nullptr) {
    const bool reached = out.front().finding.status == ConditionStatus::kTrue;
    const std::string why = reached ? "The instance cannot be read; see PermissionsGranted"
                                    : "The instance has not been reached; see Reachable";
    out.push_back({kVersionSupported, Waits(why)});
    out.push_back({kPermissionsGranted, CheckPermissions(observed)});
    for (const char* type :
         {kAlwaysOnEnabled, kTraceFlagsSet, kMasterKeyReady, kCertificateReady, kEndpointReady}) {
      out.push_back({type, Waits(why)});
    }
    return out;
  }
  out.push_back({kVersionSupported, CheckVersion(observed)});
  out.push_back({kPermissionsGranted, CheckPermissions(observed)});
  out.push_back({kAlwaysOnEnabled, CheckAlwaysOn(observed)});
  out.push_back({kTraceFlagsSet, CheckTraceFlags(observed)});
  out.push_back({kMasterKeyReady, CheckMasterKey(observed)});
  out.push_back({kCertificateReady, CheckCertificate(observed)});
  out.push_back({kEndpointReady, CheckEndpoint(observed)});
  return out;
}

bool Ok(const Finding& finding) { return finding.status == ConditionStatus::kTrue; }

bool IsTraceFlags(const Named& named) { return std::string_view(named.type) == kTraceFlagsSet; }

// Trace flags only make a link faster: they count when the spec says so.
bool Required(const Named& named, const Observation& observed) {
  const auto& mode = observed.replica->spec.trace_flags;
  return !IsTraceFlags(named) || mode == "Require" || mode == "Enable";
}

// Links first; then what was made for them.
Finding PlanDeletion(const Observation& observed, const Finding& identity, Plan& plan) {
  if (observed.links > 0) {
    return {ConditionStatus::kFalse, reason::kStillInUse,
            "Being deleted; " + std::to_string(observed.links) +
                " ManagedInstanceLink(s) still use it and are served until they are gone"};
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

// Key before certificate before endpoint, then what only makes a link faster, and last what keeps a
// prepared instance so: only the first.
std::vector<Step> NextSteps(const std::vector<Named>& findings) {
  const Named* trace_flags = nullptr;
  for (const auto& named : findings) {
    if (IsTraceFlags(named)) {
      trace_flags = &named;
    } else if (!Ok(named.finding)) {
      return named.finding.step ? std::vector<Step>{*named.finding.step} : std::vector<Step>{};
    }
  }
  if (trace_flags != nullptr && trace_flags->finding.step) {
    return {*trace_flags->finding.step};
  }
  for (const auto& [type, finding] : findings) {
    if (finding.step) {
      return {*finding.step};
    }
  }
  return {};
}

// A change that is not made now must not be announced as being made.
void HoldBack(std::vector<Named>& findings, const std::vector<Step>& steps) {
  for (auto& [type, finding] : findings) {
    if (!Ok(finding) && finding.step && (steps.empty() || *finding.step != steps.front())) {
      finding = {ConditionStatus::kFalse, reason::kDependencyNotReady,
                 (finding.lacking.empty() ? "Missing, and not created yet" : finding.lacking) +
                     ": what comes before it is not ready, or nothing may be changed; see Ready"};
    }
  }
}

// What would be done is left to a person, who is told all of it at once.
void LeaveToPerson(std::vector<Named>& findings) {
  for (auto& [type, finding] : findings) {
    if (!finding.step) {
      continue;
    }
    const std::string advice =
        "; spec.mode is Observe, which leaves it to you: " + Describe(*finding.step);
    if (Ok(finding)) {
      finding.message += advice;
      finding.step.reset();
    } else {
      finding = {ConditionStatus::kFalse, reason::kObserveOnly,
                 (finding.lacking.empty() ? "Missing" : finding.lacking) + advice, std::nullopt,
                 true};
    }
  }
}

// What to do about a refusal whose own words do not say it.
std::string RemedyOf(const Error& error, const Observation& observed) {
  const auto& password = observed.replica->spec.master_key_password;
  const std::string secret = password ? "Secret " + password->name : "its Secret";
  if (error.reason == reason::kMasterKeyPasswordWrong) {
    return "; the key was made with another password than that in " + secret + ", correct it there";
  }
  if (error.reason == reason::kPasswordTooWeak) {
    return "; put a longer password of more kinds of characters into " + secret;
  }
  return "";
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
  for (auto& [type, finding] : findings) {
    if (!finding.step || *finding.step != steps.front()) {
      continue;
    }
    if (Ok(finding)) {  // and stays so for now; it is tried again
      finding.message += "; could not " + Describe(steps.front()) + ": " + error.message;
    } else {
      finding.reason = error.reason;
      finding.message = error.message + RemedyOf(error, observed);
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
           {report.capabilities.multi_database_link, "MultiDatabaseLink"}}) {
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
  if (OnlyObserves(*observed.replica)) {
    LeaveToPerson(findings);
  } else {
    HoldBack(findings, plan.steps);
  }
  const bool refused = ExplainFailure(findings, plan.steps, observed);
  plan.status = observed.replica->status;
  plan.status.observed_generation = observed.replica->meta.generation;
  plan.status.links = observed.links;
  if (observed.sql != nullptr) {
    plan.status.owned_objects = WantedJournal(observed, plan.steps);
    if (Ok(identity)) {
      Pin(observed.sql->properties, plan.status);
    }
  }
  if (identity.reason != reason::kDifferentInstance) {
    FillFacts(observed, plan.status);
  }

  std::vector<Condition> conditions;
  for (const auto& named : findings) {
    conditions.push_back(ToCondition(named.type, named.finding, observed));
  }
  Finding summary = Summary(findings, identity, observed);
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
