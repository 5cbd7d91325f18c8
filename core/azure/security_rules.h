// What the rules of a network security group say about a connection. Pure, thread-safe.
//
// The rule of the lowest number that matches decides. Whether a rule matches cannot always be told:
// who a service tag or an application security group stands for is not known here. Where the
// verdict hangs on such a rule it is kUnsure, and never a guess. Connections are IPv4: a rule for
// IPv6 addresses is not about them. Source: "Network security groups" of the Azure documentation;
// ARM 7.
#pragma once

#include <string>
#include <vector>

#include "core/azure/models.h"

namespace milink::azure {

// "10.0.0.0/24" or a single address; false for anything else.
bool InRange(const std::string& range, const std::string& address);

enum class RuleDirection { kInbound, kOutbound };

enum class RuleEffect { kAllowed, kUnsure, kDenied };

struct RuleVerdict {
  RuleEffect effect = RuleEffect::kAllowed;
  // That denies; kUnsure: of which it cannot be told whether it matches. Empty then: none decides.
  std::string rule;
  bool operator==(const RuleVerdict&) const = default;
};

struct GuardedConnection {
  RuleDirection direction = RuleDirection::kInbound;
  std::vector<std::string> subnet;  // prefixes that the group guards; empty: not known
  std::string peer;                 // address or name at the other end
  int first_port = 0;
  int last_port = 0;
};

// May TCP connections to these ports pass between the subnet and the peer? Denied as soon as one
// port is, unsure as soon as one is.
RuleVerdict Judge(const SecurityGroup& group, const GuardedConnection& connection);

}  // namespace milink::azure
