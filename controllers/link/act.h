// Carries steps out: each becomes one batch or one request, its outcome a fact.
//
// Thread-safe for different links. Never waits: long operations leave a ticket, long statements run
// on a thread of their own.
#pragma once

#include <vector>

#include "controllers/link/facts.h"
#include "controllers/link/observation.h"
#include "controllers/link/systems.h"
#include "core/runtime/controller.h"

namespace milink::link {

// How old the snapshots may be on which these steps rest.
Duration MaxAgeFor(const std::vector<Step>& steps);

// The steps are independent; one that fails does not keep the others back. Immediately before a
// step that takes something away or changes roles, the object is read from the API server and must
// be the one that was decided on, journal included; so must what is taken away be, in Azure and SQL
// Server: something else of its name is left alone and told. No step is begun after a stop was
// requested. The snapshots that were touched are read again at the end.
// Not ok: it stood back from such steps, since the object is another one (kConflict) or could not
// be read. How a step ended is a fact and no error here.
Status Act(const LinkSystems& systems, FactStore& facts, const Observation& seen,
           const std::vector<Step>& steps, const runtime::ReconcileContext& context);

kube::ObjectReference ReferenceTo(const api::ManagedInstanceLink& link);
inline const kube::ResourceType& LinkType() {
  static const kube::ResourceType kType{"milink.dev", "v1alpha1", "managedinstancelinks",
                                        "ManagedInstanceLink"};
  return kType;
}

}  // namespace milink::link
