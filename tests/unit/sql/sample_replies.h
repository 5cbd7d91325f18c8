// Replies to the observation queries, in the form in which a session hands them out.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/sql/session.h"

namespace milink::sql {

using ReplyRowValues = std::vector<std::optional<std::string>>;

// To the fast batch: a SQL Server 2022 with one linked database.
SqlReply LinkedServer();
SqlReply VersionProbeReply();
SqlReply SlowReply();

}  // namespace milink::sql
