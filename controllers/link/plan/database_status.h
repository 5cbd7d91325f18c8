// What status shows of one database, and the word for its state.
//
// Pure.
#pragma once

#include <string>
#include <vector>

#include "controllers/link/plan/database_view.h"
#include "controllers/link/plan/draft.h"

namespace milink::link {

using Topics = std::vector<const Topic*>;
using DatabaseStatus = api::ManagedInstanceLinkStatus::Database;

// In the order of the work, so that causes come before their consequences.
Topics AllTopics(const Draft& draft);

// One word for display; null: nothing is wrong and nothing under way.
std::string PhaseOf(const Finding* worst);

DatabaseStatus StatusOf(const Draft& draft, const DatabaseSpec& names);

}  // namespace milink::link
