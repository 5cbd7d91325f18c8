// What goes with a replica that is deleted (spec.deletionPolicy: RemoveOwned): what the operator
// made, that is still the same object, and that nothing uses. The master key always stays, for
// nobody can see all that it protects. Pure.
#pragma once

#include <optional>

#include "controllers/replica/observation.h"
#include "controllers/replica/plan/checks.h"
#include "controllers/replica/steps.h"
#include "core/api/sql_server_replica.h"

namespace milink::replica {

struct Removal {
  bool done = false;  // nothing is left to be removed
  std::optional<Step> step;
  Finding ready;  // what Ready says meanwhile
};

// Did a person say to go on whatever is missing (kAbandonAnnotation)?
bool IsAbandoned(const api::SqlServerReplica& replica);

// Or does the deletion leave everything in place, and need no instance? So it does while nothing
// may be changed, and where a person gave it up.
bool RemovesOwned(const api::SqlServerReplica& replica);

// REQUIRES: the replica is being deleted, and no link uses it any more. `identity` is the answer of
// CheckIdentity, if there is a snapshot.
Removal PlanRemoval(const Observation& observed, const Finding& identity);

}  // namespace milink::replica
