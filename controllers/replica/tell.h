// The events that a replica's conditions give rise to.
//
// Thread-safe, as the recorder is.
#pragma once

#include <optional>

#include "controllers/replica/steps.h"
#include "core/api/sql_server_replica.h"
#include "core/kube/object_client.h"

namespace milink::replica {

kube::ObjectReference Reference(const api::SqlServerReplica& replica);

// What became bad, or good, from the status of `replica` to `now`. Of `failed`, the last step, an
// event was told already.
void TellTransitions(kube::EventRecorder& events, const api::SqlServerReplica& replica,
                     const api::SqlServerReplicaStatus& now,
                     const std::optional<FailedStep>& failed);
// That another plan may be approved now, or was.
void TellPlan(kube::EventRecorder& events, const api::SqlServerReplica& replica,
              const api::SqlServerReplicaStatus& now);
void TellApproval(kube::EventRecorder& events, const api::SqlServerReplica& replica,
                  const api::SqlServerReplicaStatus& now);

}  // namespace milink::replica
