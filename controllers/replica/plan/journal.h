// The journal of a replica: what it stands for and what was made for it. Pure.
#pragma once

#include <vector>

#include "controllers/replica/observation.h"
#include "controllers/replica/steps.h"
#include "core/api/owned_object.h"

namespace milink::replica {

// The entries as they should stand: those of `steps` added as pending, pending ones that this
// process saw created given their identity. No entry is ever taken away while its object may exist.
// REQUIRES: `observed.sql` is known to be the instance that the replica stands for.
std::vector<api::OwnedObject> WantedJournal(const Observation& observed,
                                            const std::vector<Step>& steps);

// Is the object of this kind, name and identity in the journal as created by us?
bool Owns(const std::vector<api::OwnedObject>& journal, const char* kind, const std::string& name,
          const std::string& identity);

}  // namespace milink::replica
