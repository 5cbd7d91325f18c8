// Measurements in the coarse form that status shows: it changes only when a person would care.
//
// Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "controllers/link/plan/database_view.h"

namespace milink::link {

// Whole percent while the copy is being made; nothing when it is not.
std::optional<int> SeedingPercent(const DatabaseView& view);

// The greater of two buckets of sql::LagBucket.
std::string WorseLag(const std::string& a, const std::string& b);

}  // namespace milink::link
