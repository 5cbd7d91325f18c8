// Who else stands for an instance: of several resources for the same one, only one may work on it.
//
// Pure.
#pragma once

#include <string>
#include <vector>

#include "controllers/replica/cache.h"
#include "core/api/sql_server_replica.h"
#include "core/sql/snapshot.h"

namespace milink::replica {

// Those of `all` that have the instance which `replica` has reached and which looks like
// `instance`, as "namespace/name"; never `replica` itself.
std::vector<std::string> SameInstance(const std::vector<ReplicaPointer>& all,
                                      const api::SqlServerReplica& replica,
                                      const sql::InstanceProperties& instance);

}  // namespace milink::replica
