#include "controllers/replica/plan/findings.h"

#include <algorithm>
#include <string_view>

#include "controllers/replica/reasons.h"

namespace milink::replica {
namespace {

using api::ConditionStatus;

Finding Waits(const std::string& message) {
  return {ConditionStatus::kUnknown, reason::kDependencyNotReady, message};
}

bool IsTraceFlags(const Named& named) { return std::string_view(named.type) == kTraceFlagsSet; }

}  // namespace

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

bool Required(const Named& named, const Observation& observed) {
  const auto& mode = observed.replica->spec.trace_flags;
  return !IsTraceFlags(named) || mode == "Require" || mode == "Enable";
}

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

std::vector<Step> OpenSteps(const std::vector<Named>& findings) {
  std::vector<Step> missing;
  std::vector<Step> trace_flags;
  std::vector<Step> upkeep;
  for (const auto& named : findings) {
    if (!named.finding.step) {
      continue;
    }
    auto& open = Ok(named.finding) ? upkeep : missing;
    auto& steps = IsTraceFlags(named) ? trace_flags : open;
    if (std::ranges::find(steps, *named.finding.step) == steps.end()) {
      steps.push_back(*named.finding.step);  // one step may answer two questions
    }
  }
  missing.insert(missing.end(), trace_flags.begin(), trace_flags.end());
  missing.insert(missing.end(), upkeep.begin(), upkeep.end());
  return missing;
}

void HoldBack(std::vector<Named>& findings, const std::vector<Step>& steps) {
  for (auto& [type, finding] : findings) {
    if (!Ok(finding) && finding.step && (steps.empty() || *finding.step != steps.front())) {
      finding = {ConditionStatus::kFalse, reason::kDependencyNotReady,
                 (finding.lacking.empty() ? "Missing, and not created yet" : finding.lacking) +
                     ": what comes before it is not ready, or nothing may be changed; see Ready"};
    } else if (finding.reason == reason::kRenewing && finding.step && steps.empty()) {
      finding.reason = reason::kCertificateExpiring;
      finding.message += "; not now, because nothing may be changed; see Ready";
      finding.step.reset();
    }
  }
}

void LeaveToPerson(std::vector<Named>& findings, const char* reason, const std::string& why) {
  for (auto& [type, finding] : findings) {
    if (!finding.step) {
      continue;
    }
    const std::string advice = "; " + why + ": " + Describe(*finding.step);
    if (Ok(finding)) {
      finding.message += advice;
      finding.step.reset();
    } else {
      finding = {ConditionStatus::kFalse, reason,
                 (finding.lacking.empty() ? "Missing" : finding.lacking) + advice, std::nullopt,
                 true};
    }
  }
}

std::vector<std::string> Blockers(const std::vector<Named>& findings, const Finding& identity,
                                  const Observation& observed) {
  std::vector<std::string> blockers;
  if (observed.replica->spec.suspend) {
    blockers.emplace_back("spec.suspend is true");
  }
  if (observed.sql != nullptr && !Ok(identity)) {
    blockers.push_back(identity.message);
  }
  for (const auto& named : findings) {
    const Finding& finding = named.finding;
    if (finding.status == ConditionStatus::kFalse && !finding.step && !IsTraceFlags(named)) {
      blockers.push_back(finding.message);
    }
  }
  return blockers;
}

}  // namespace milink::replica
