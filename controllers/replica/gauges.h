// What a replica shows as metrics.
//
// Pure, no thread rule.
#pragma once

#include <vector>

#include "core/api/sql_server_replica.h"
#include "core/runtime/samples.h"
#include "core/sql/snapshot.h"

namespace milink::replica {

std::vector<runtime::MetricFamily> ReplicaGauges();

// Adds the samples of one replica. `sql` may be null: not read, or unreachable.
// REQUIRES: `samples` are of ReplicaGauges().
void AddReplicaSamples(const api::SqlServerReplica& replica, const sql::InstanceSnapshot* sql,
                       std::vector<runtime::Samples>& samples);

}  // namespace milink::replica
