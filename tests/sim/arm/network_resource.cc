// The subnet of a managed instance and the network security group that guards it: read only.
#include <nlohmann/json.hpp>

#include "core/base/text.h"
#include "tests/sim/arm/resources.h"

namespace milink::sim {
namespace {

using nlohmann::ordered_json;

// A field for one value, or its plural for several.
void SetOneOrMany(ordered_json& properties, const std::string& one, const std::string& many,
                  const std::vector<std::string>& values) {
  if (values.size() == 1) {
    properties[one] = values.front();
    properties[many] = ordered_json::array();
  } else {
    properties[many] = values;
  }
}

ordered_json RuleJson(const SecurityRule& rule) {
  ordered_json properties = {{"provisioningState", "Succeeded"}, {"protocol", rule.protocol},
                             {"sourcePortRange", "*"},           {"access", rule.access},
                             {"priority", rule.priority},        {"direction", rule.direction}};
  SetOneOrMany(properties, "sourceAddressPrefix", "sourceAddressPrefixes", rule.sources);
  SetOneOrMany(properties, "destinationAddressPrefix", "destinationAddressPrefixes",
               rule.destinations);
  SetOneOrMany(properties, "destinationPortRange", "destinationPortRanges", rule.ports);
  return {{"name", rule.name}, {"properties", properties}};
}

ordered_json RulesJson(const std::vector<SecurityRule>& rules) {
  ordered_json list = ordered_json::array();
  for (const SecurityRule& rule : rules) {
    list.push_back(RuleJson(rule));
  }
  return list;
}

// Those that every group ends with.
std::vector<SecurityRule> DefaultRules() {
  std::vector<SecurityRule> rules;
  for (const std::string direction : {"Inbound", "Outbound"}) {
    const std::string suffix = direction == "Inbound" ? "InBound" : "OutBound";
    rules.push_back({"AllowVnet" + suffix,
                     65'000,
                     direction,
                     "Allow",
                     "*",
                     {"VirtualNetwork"},
                     {"VirtualNetwork"},
                     {"*"}});
    rules.push_back(direction == "Inbound" ? SecurityRule{"AllowAzureLoadBalancerInBound",
                                                          65'001,
                                                          direction,
                                                          "Allow",
                                                          "*",
                                                          {"AzureLoadBalancer"},
                                                          {"*"},
                                                          {"*"}}
                                           : SecurityRule{"AllowInternetOutBound",
                                                          65'001,
                                                          direction,
                                                          "Allow",
                                                          "*",
                                                          {"*"},
                                                          {"Internet"},
                                                          {"*"}});
    rules.push_back({"DenyAll" + suffix, 65'500, direction, "Deny", "*", {"*"}, {"*"}, {"*"}});
  }
  return rules;
}

}  // namespace

ArmResponse HandleSubnet(const ManagedInstance& instance) {
  return JsonResponse(200, {{"name", "mi"},
                            {"id", instance.SubnetId()},
                            {"properties",
                             {{"provisioningState", "Succeeded"},
                              {"addressPrefix", instance.subnet_prefix},
                              {"networkSecurityGroup", {{"id", instance.SecurityGroupId()}}}}}});
}

ArmResponse HandleSecurityGroup(const ManagedInstance& instance) {
  return JsonResponse(200, {{"name", "nsg-" + instance.name},
                            {"id", instance.SecurityGroupId()},
                            {"type", "Microsoft.Network/networkSecurityGroups"},
                            {"location", instance.location},
                            {"properties",
                             {{"provisioningState", "Succeeded"},
                              {"securityRules", RulesJson(instance.security_rules)},
                              {"defaultSecurityRules", RulesJson(DefaultRules())}}}});
}

}  // namespace milink::sim
