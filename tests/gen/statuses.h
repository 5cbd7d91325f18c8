// Statuses with every field set, so that a round trip which loses one is noticed. Times are whole
// seconds, which is all that Kubernetes keeps. Plain values, no thread rule.
#pragma once

#include "core/api/managed_instance_link.h"
#include "core/api/sql_server_replica.h"

namespace milink::gen {

api::SqlServerReplicaStatus FullReplicaStatus();
api::ManagedInstanceLinkStatus FullLinkStatus();

}  // namespace milink::gen
