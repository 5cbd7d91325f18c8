// What a watch reads of the objects that it is sent. Pure functions.
#pragma once

#include <optional>
#include <string>

#include <nlohmann/json_fwd.hpp>

#include "core/base/error.h"

namespace milink::kube {

// Empty when it has none.
std::string VersionOf(const nlohmann::json& object);

// Does this bookmark end a streaming list?
bool EndsStreamingList(const nlohmann::json& bookmark);

// Why an object makes no sense in a watch of this kind (empty: any); nothing when it does.
std::optional<Error> WhySkip(const nlohmann::json& object, const std::string& watched_kind);

}  // namespace milink::kube
