// Azure Resource Manager and the SQL provider behind it, as far as links need them: sign-in,
// rights, resources, long operations. No transport here: arm_server.h puts it on HTTPS.
//
// Thread-safe: handles requests side by side; faults may hold one while others go on.
// Source: ARM 1-6, 8, 10 (recorded traffic of the public test suites).
#pragma once

#include <string>

#include "tests/sim/arm/arm_message.h"
#include "tests/sim/arm/operations.h"
#include "tests/sim/arm/tokens.h"
#include "tests/sim/control/calls.h"
#include "tests/sim/world/world.h"

namespace milink::sim {

class ArmService {
 public:
  ArmService(World& world, Calls& calls);

  // Where poll URLs point to: "https://127.0.0.1:40123". Set before the first request.
  void SetBaseUrl(const std::string& url) { base_url_ = url; }
  ArmResponse Handle(const ArmRequest& request);
  Tokens& tokens() { return tokens_; }

 private:
  // "/subscriptions/{s}/resourceGroups/{g}/providers/Microsoft.Sql/managedInstances/{m}/{rest}"
  struct Target {
    std::string subscription;
    std::string group;
    std::string instance;
    std::string family;  // "distributedAvailabilityGroups"; empty: the instance itself
    std::string name;
    std::string action;  // "failover"
  };
  ArmResponse Dispatch(const ArmRequest& request);
  ArmResponse OnInstance(const ArmRequest& request, const Target& target,
                         const Principal& principal);
  // The network around the instances. A response of status 0: it is not about that.
  ArmResponse OnNetwork(const ArmRequest& request, const Principal& principal);
  void AddCommonHeaders(const ArmRequest& request, ArmResponse& response);
  static bool ParseTarget(const std::string& path, Target& target);
  static Call Describe(const ArmRequest& request);

  World& world_;
  Calls& calls_;
  Tokens tokens_;
  std::string base_url_;
};

}  // namespace milink::sim
