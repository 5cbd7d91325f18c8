// The object as the API server has it, and is it still the one on which a change was decided?
//
// Thread-safe, as the client is.
#pragma once

#include "core/api/sql_server_replica.h"
#include "core/base/result.h"
#include "core/kube/object_client.h"

namespace milink::replica {

// Blocking; errors of the client, kNotFound: gone.
Result<api::SqlServerReplica> ReadLive(kube::ObjectClient& objects, const ObjectKey& key);

// kConflict ObjectChanged: it was deleted, suspended, edited or replaced meanwhile. Pure.
Status SameObject(const api::SqlServerReplica& decided, const api::SqlServerReplica& now);

// What takes something away rests on the object as the API server has it, journal and annotations
// included, not on a cache. Blocking; errors also of the client.
Status LookLive(kube::ObjectClient& objects, const api::SqlServerReplica& decided);

}  // namespace milink::replica
