// What a plan would send, as a script that a person can read, and run by hand.
//
// It lies in the ConfigMap <name>-plan, which belongs to the resource and goes with it. A secret
// stands there as <secret name/key>.
#pragma once

#include <string>
#include <vector>

#include "controllers/replica/steps.h"
#include "core/api/sql_server_replica.h"
#include "core/base/result.h"
#include "core/kube/object_client.h"

namespace milink::replica {

// For sqlcmd. Pure.
std::string ScriptOf(const api::SqlServerReplica& replica,
                     const api::SqlServerReplicaStatus::PublishedPlan& plan,
                     const std::vector<Step>& steps);

// Blocking. Error PlanNotPublished: a ConfigMap of that name is somebody else's, or may not be
// written; kTransient and the like as of the client.
Status PublishScript(kube::ObjectClient& objects, const api::SqlServerReplica& replica,
                     const std::string& script);

}  // namespace milink::replica
