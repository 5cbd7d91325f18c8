// Writes what is reported, and tells the transitions as events.
//
// Thread-safe for different links.
#pragma once

#include <string>

#include "controllers/link/systems.h"
#include "core/api/managed_instance_link.h"
#include "core/base/result.h"

namespace milink::link {

// Applies `wanted` unless it says what is stored already. Returns the resourceVersion that the
// write made; empty: nothing was written.
Result<std::string> WriteStatus(const LinkSystems& systems, const api::ManagedInstanceLink& link,
                                api::ManagedInstanceLinkStatus wanted);

// Writes the journal's fields, on exactly this version of the object. kConflict: observe again.
Result<std::string> WriteJournal(const LinkSystems& systems, const api::ManagedInstanceLink& link,
                                 const api::ManagedInstanceLinkStatus& wanted);

// With the finalizer, or without. Returns the new resourceVersion; empty: nothing to write.
Result<std::string> WriteFinalizer(const LinkSystems& systems, const api::ManagedInstanceLink& link,
                                   bool present);

}  // namespace milink::link
