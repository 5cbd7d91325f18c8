// The decision about one replica. Pure and total: no I/O, no clock, no log.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "controllers/replica/observation.h"
#include "controllers/replica/steps.h"
#include "core/api/sql_server_replica.h"

namespace milink::replica {

struct Plan {
  // The journal and the rest of the status as they should stand. When the journal differs from the
  // stored one it is written first, and nothing else is done in that pass.
  api::SqlServerReplicaStatus status;
  // To be carried out one at a time, each followed by a fresh observation. Each step's entry stands
  // in `status.owned_objects`.
  std::vector<Step> steps;
  // What status.plan shows and nobody has approved.
  std::vector<Step> awaited;
  bool remove_finalizer = false;  // being deleted, and nothing needs this replica any more
};

Plan PlanReplica(const Observation& observed);

}  // namespace milink::replica
