// Long-running operations as Azure Resource Manager shows them: two signed URLs, one to ask for the
// status, one for the result. Call with the World's lock held. Source: ARM 3.
#pragma once

#include <functional>
#include <string>

#include "tests/sim/arm/arm_message.h"
#include "tests/sim/world/world.h"

namespace milink::sim {

struct OperationStart {
  std::string name;    // of the 202 body: "DistributedAvailabilityGroupsLinkCreate"
  std::string family;  // of the URLs: "distributedAvailabilityGroups"
  std::string api_version;
};
// Adds an operation in progress; the caller may set its end and effect.
Operation& StartOperation(WorldState& world, const ManagedInstance& instance,
                          const OperationStart& start);
// 202 with both URLs.
ArmResponse Accepted(const WorldState& world, const Operation& operation,
                     const std::string& base_url, const OperationStart& start);

// Is this path that of an operation's status or result?
bool IsOperationPath(const std::string& path);
// GET of either URL. An altered query is refused.
ArmResponse PollOperation(WorldState& world, const ArmRequest& request);

}  // namespace milink::sim
