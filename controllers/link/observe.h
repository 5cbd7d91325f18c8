// Gathers what the planner may know. Reads only: it polls operations, refreshes snapshots that are
// older than asked for, and changes nothing in any system.
//
// Thread-safe for different links.
#pragma once

#include <stop_token>
#include <string>

#include "controllers/link/facts.h"
#include "controllers/link/observation.h"
#include "controllers/link/plan/plan.h"
#include "controllers/link/systems.h"

namespace milink::link {

// As the API server has it now, with all that was reported of it. Null: no such object.
Result<LinkPointer> ReadLive(const LinkSystems& systems, const ObjectKey& key);

// A requested `stop` ends the polling; what was not asked counts as not known yet.
Observation Observe(const LinkSystems& systems, FactStore& facts, const LinkPointer& link,
                    const Freshness& wanted, const std::stop_token& stop);

// Name of the backup of a database as a long statement of its instance.
std::string BackupId(const api::ManagedInstanceLink& link, const DatabaseName& database);

}  // namespace milink::link
