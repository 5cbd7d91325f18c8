// Writes what is reported and what is recorded, and tells of it as events.
//
// Thread-safe for different replicas. Each returns the resourceVersion that the write made, or an
// error of the client.
#pragma once

#include <optional>
#include <string>

#include "controllers/replica/steps.h"
#include "core/api/sql_server_replica.h"
#include "core/base/result.h"
#include "core/kube/object_client.h"

namespace milink::replica {

// The journal's fields, on exactly this version of the object. kConflict: observe again.
Result<std::string> WriteJournal(kube::ObjectClient& objects, kube::EventRecorder& events,
                                 const api::SqlServerReplica& replica,
                                 const api::SqlServerReplicaStatus& wanted);

// Empty: it says already what is stored, and nothing was written. Of `failed`, the last step, an
// event was told already.
Result<std::string> WriteStatus(kube::ObjectClient& objects, kube::EventRecorder& events,
                                const api::SqlServerReplica& replica,
                                const api::SqlServerReplicaStatus& wanted,
                                const std::optional<FailedStep>& failed);

bool HasFinalizer(const ObjectMeta& meta);
// With our finalizer, or without; those of others stay.
Result<std::string> WriteFinalizer(kube::ObjectClient& objects,
                                   const api::SqlServerReplica& replica, bool present);

}  // namespace milink::replica
