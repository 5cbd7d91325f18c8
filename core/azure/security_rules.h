// What the rules of a network security group say about a connection. Pure, thread-safe.
//
// The rule of the lowest number that matches decides. A rule that names a service tag or an
// application security group may match or not: who they stand for is not known here, so such a rule
// never denies, and may allow. IPv4 only; a rule for other addresses does not match.
// Source: "Network security groups" of the Azure documentation; ARM 7.
#pragma once

#include <string>
#include <vector>

#include "core/azure/models.h"

namespace milink::azure {

// "10.0.0.0/24" or a single address; false for anything else.
bool InRange(const std::string& range, const std::string& address);

enum class RuleDirection { kInbound, kOutbound };

struct RuleVerdict {
  bool denied = false;
  std::string rule;  // that denies
  bool operator==(const RuleVerdict&) const = default;
};

// May TCP connections to a port of [first_port, last_port] pass between the subnet and `peer`, an
// address (empty: not known, then only rules for all addresses match)? Denied as soon as one port
// is.
RuleVerdict Judge(const SecurityGroup& group, RuleDirection direction, const std::string& peer,
                  int first_port, int last_port);

}  // namespace milink::azure
