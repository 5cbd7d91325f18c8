// What to do about a refusal of SQL Server whose own words do not say it. Pure.
#pragma once

#include <string>

#include "controllers/replica/steps.h"
#include "core/api/sql_server_replica.h"

namespace milink::replica {

// "; free the port, or ..."; empty: its words are enough, or only time helps.
std::string RemedyOf(const FailedStep& failed, const api::SqlServerReplica& replica);

}  // namespace milink::replica
