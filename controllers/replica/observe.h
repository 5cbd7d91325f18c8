// Gathers what the planner may know. Reads only: the caches, the Secrets, and the instance when
// that is due.
//
// Thread-safe for different replicas. Blocking, as long as a read of the instance takes.
#pragma once

#include "controllers/replica/cache.h"
#include "controllers/replica/memory.h"
#include "controllers/replica/observation.h"
#include "controllers/replica/target.h"
#include "core/base/clock.h"
#include "core/sql/instance_hub.h"

namespace milink::replica {

// Where it is read.
struct Sources {
  const ReplicaCache& cache;
  TargetReader& targets;
  sql::InstanceHub& hub;
  const Clock& clock;
};

struct Look {
  Observation observed;
  bool postponed = false;  // the instance is being read by another: look again soon
};

// `facts` are those of `replica`; what was read before their `acted_at` is read anew, and a login
// that changed while another was reading is noted there.
Look Observe(const Sources& sources, const ReplicaPointer& replica, Facts& facts);

}  // namespace milink::replica
