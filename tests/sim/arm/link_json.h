// A link's JSON: what reading shows, and what is read of the body of a PUT. ARM 2.
// Call with the World's lock held.
#pragma once

#include <string>
#include <string_view>

#include <nlohmann/json_fwd.hpp>

#include "tests/sim/arm/resources.h"

namespace milink::sim {

inline constexpr std::string_view kLinkFamily = "distributedAvailabilityGroups";

nlohmann::ordered_json LinkJson(const ResourceCall& call, const Link& link);

// What is wrong with the body of a PUT, in the order in which the service looks. Status 200:
// nothing.
ArmResponse CheckLinkProperties(const nlohmann::ordered_json& properties);
// Of properties that are in order.
Link MakeLink(ResourceCall call, const nlohmann::ordered_json& properties);

// Empty when there is no such text.
std::string TextOf(const nlohmann::ordered_json& object, const std::string& key);

}  // namespace milink::sim
