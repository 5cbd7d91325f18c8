// spec.mode Plan: what is open is shown to a person, and done once that person approved it. Pure.
//
// A plan's hash stands for the resource, its generation, how many plans were approved before and
// the steps in words, so no approval fits a second plan. What was approved is journalled first and
// shrinks with what is done; one open step that is not part of it takes back the rest.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "controllers/replica/observation.h"
#include "controllers/replica/steps.h"
#include "core/api/sql_server_replica.h"

namespace milink::replica {

struct Consent {
  bool given = false;                                              // for all that is open
  std::optional<api::SqlServerReplicaStatus::PublishedPlan> plan;  // nothing: nothing is open
  std::optional<api::SqlServerReplicaStatus::Approval> approval;   // to be journalled
};

bool AsksFirst(const api::SqlServerReplica& replica);

// `open` in the order of execution. With a blocker nothing can be approved.
Consent AskForConsent(const Observation& observed, const std::vector<Step>& open,
                      std::vector<std::string> blockers);

// The name of the ConfigMap with the script.
std::string PlanConfigMap(const api::SqlServerReplica& replica);
// "kubectl -n prod annotate ...".
std::string HowToApprove(const api::SqlServerReplica& replica, const std::string& hash);

}  // namespace milink::replica
