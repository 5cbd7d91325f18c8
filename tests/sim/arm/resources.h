// The resources below a managed instance: what reading shows and what writing does.
// Call with the World's lock held. Source: ARM 2, 4 and 5.
#pragma once

#include <string>

#include <nlohmann/json_fwd.hpp>

#include "tests/sim/arm/arm_message.h"
#include "tests/sim/arm/operations.h"
#include "tests/sim/world/world.h"

namespace milink::sim {

// One request to one resource, with what all handlers need.
struct ResourceCall {
  const ArmRequest& request;
  WorldState& world;
  ManagedInstance& instance;
  std::string name;  // of the resource; empty: the collection
  std::string api_version;
  std::string base_url;
};

ArmResponse HandleInstance(const ResourceCall& call);
ArmResponse HandleDatabases(const ResourceCall& call);
ArmResponse HandleEndpointCertificates(const ResourceCall& call);
ArmResponse HandleTrustCertificates(const ResourceCall& call);
ArmResponse HandleTdeCertificates(const ResourceCall& call);
ArmResponse HandleLinks(const ResourceCall& call);
ArmResponse HandleFailover(const ResourceCall& call);
ArmResponse HandleSubnet(const ManagedInstance& instance);
ArmResponse HandleSecurityGroup(const ManagedInstance& instance);

// Milliseconds with trailing zeros cut: "2024-03-14T09:04:41.003Z", "..:31.74Z", "..:00Z".
std::string AzureTime(TimePoint time);
// The provider's own "not found" for a child resource.
ArmResponse ChildNotFound(const std::string& family, const std::string& name);
ArmResponse MethodNotAllowed();

}  // namespace milink::sim
