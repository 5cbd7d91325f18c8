// What the replica controller may ask of the caches, answered from them.
#pragma once

#include "controllers/replica/cache.h"
#include "operator/objects.h"
#include "operator/trusted_roots.h"

namespace milink::app {

// Thread-safe. Both references outlive the result. Looking for a replica also has `roots` look at
// their file: replicas are looked at all the time, links not.
replica::ReplicaCache ReplicaCacheOf(const Objects& objects, TrustedRoots& roots);

}  // namespace milink::app
