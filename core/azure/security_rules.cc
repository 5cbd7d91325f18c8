#include "core/azure/security_rules.h"

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <optional>
#include <string_view>
#include <utility>

#include <arpa/inet.h>

#include "core/base/text.h"

namespace milink::azure {
namespace {

enum class Match { kNo, kMaybe, kYes };

std::optional<std::uint32_t> ParseAddress(const std::string& text) {
  in_addr address{};
  if (inet_pton(AF_INET, text.c_str(), &address) != 1) {
    return std::nullopt;
  }
  return ntohl(address.s_addr);
}

std::optional<int> ParseNumber(std::string_view text) {
  int number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return error == std::errc() && end == text.data() + text.size() ? std::optional(number)
                                                                  : std::nullopt;
}

struct Range {
  std::uint32_t first = 0;
  std::uint32_t last = 0;
};

std::optional<Range> ParseRange(const std::string& text) {
  const std::size_t slash = text.find('/');
  const auto address = ParseAddress(text.substr(0, slash));
  const auto bits = slash == std::string::npos
                        ? std::optional(32)
                        : ParseNumber(std::string_view(text).substr(slash + 1));
  if (!address || !bits || *bits < 0 || *bits > 32) {
    return std::nullopt;
  }
  const std::uint32_t mask = *bits == 0 ? 0U : ~0U << static_cast<unsigned>(32 - *bits);
  return Range{*address & mask, *address | ~mask};
}

bool IsIPv6(const std::string& text) { return text.find(':') != std::string::npos; }

bool IsAny(const std::string& prefix) {
  return prefix == "*" || EqualsIgnoreCaseAscii(prefix, "Any");
}

// The end of a connection that is not in the subnet.
Match MatchPeer(const std::string& prefix, const std::string& peer) {
  if (IsAny(prefix)) {
    return Match::kYes;
  }
  if (IsIPv6(peer)) {
    return Match::kMaybe;
  }
  if (IsIPv6(prefix)) {
    return Match::kNo;
  }
  const auto range = ParseRange(prefix);
  if (!range) {
    // "VirtualNetwork", "Internet", "Sql.WestEurope". One of them is a single address, of probes.
    return EqualsIgnoreCaseAscii(prefix, "AzureLoadBalancer") ? Match::kNo : Match::kMaybe;
  }
  if (range->first == 0 && range->last == ~0U) {
    return Match::kYes;
  }
  const auto address = ParseAddress(peer);
  if (!address) {
    return Match::kMaybe;
  }
  return range->first <= *address && *address <= range->last ? Match::kYes : Match::kNo;
}

// The subnet: a part of its own virtual network, and not of the internet.
Match MatchPart(const std::string& prefix, const std::string& part) {
  if (IsAny(prefix) || EqualsIgnoreCaseAscii(prefix, "VirtualNetwork")) {
    return Match::kYes;
  }
  if (IsIPv6(prefix) || EqualsIgnoreCaseAscii(prefix, "Internet") ||
      EqualsIgnoreCaseAscii(prefix, "AzureLoadBalancer")) {
    return Match::kNo;
  }
  const auto range = ParseRange(prefix);
  const auto own = ParseRange(part);
  if (!range || !own) {
    return Match::kMaybe;
  }
  if (own->last < range->first || range->last < own->first) {
    return Match::kNo;
  }
  return range->first <= own->first && own->last <= range->last ? Match::kYes : Match::kMaybe;
}

// The best match of an end among the prefixes of a rule. None: an application group.
template <typename F>
Match BestOf(const std::vector<std::string>& prefixes, const F& match) {
  Match best = prefixes.empty() ? Match::kMaybe : Match::kNo;
  for (const auto& prefix : prefixes) {
    best = std::max(best, match(prefix));
  }
  return best;
}

Match MatchSubnet(const std::vector<std::string>& prefixes,
                  const std::vector<std::string>& subnet) {
  std::optional<Match> all;
  for (const auto& part : subnet) {
    if (IsIPv6(part)) {
      continue;
    }
    const Match one =
        BestOf(prefixes, [&](const std::string& prefix) { return MatchPart(prefix, part); });
    all = !all || *all == one ? one : Match::kMaybe;
  }
  return all ? *all
             : BestOf(prefixes, [](const std::string& prefix) { return MatchPart(prefix, ""); });
}

Match MatchPort(const std::string& range, int port) {
  if (range == "*") {
    return Match::kYes;
  }
  const std::size_t dash = range.find('-');
  const auto first = ParseNumber(std::string_view(range).substr(0, dash));
  const auto last =
      dash == std::string::npos ? first : ParseNumber(std::string_view(range).substr(dash + 1));
  if (!first || !last) {
    return Match::kMaybe;
  }
  return *first <= port && port <= *last ? Match::kYes : Match::kNo;
}

// Which port the one who connects has is not known.
Match MatchSourcePorts(const std::vector<std::string>& ranges) {
  const bool any = ranges.empty() || std::ranges::any_of(ranges, [](const std::string& range) {
                     return range == "*" || range == "0-65535" || range == "1-65535";
                   });
  return any ? Match::kYes : Match::kMaybe;
}

Match MatchProtocol(const std::string& protocol) {
  if (protocol == "*" || EqualsIgnoreCaseAscii(protocol, "Tcp")) {
    return Match::kYes;
  }
  for (const char* other : {"Udp", "Icmp", "Esp", "Ah"}) {
    if (EqualsIgnoreCaseAscii(protocol, other)) {
      return Match::kNo;
    }
  }
  return Match::kMaybe;
}

Match MatchRule(const SecurityRule& rule, const GuardedConnection& connection, int port) {
  const bool inbound = connection.direction == RuleDirection::kInbound;
  if (!EqualsIgnoreCaseAscii(rule.direction, inbound ? "Inbound" : "Outbound")) {
    return Match::kNo;
  }
  const auto is_peer = [&](const std::string& prefix) {
    return MatchPeer(prefix, connection.peer);
  };
  const auto is_port = [&](const std::string& range) { return MatchPort(range, port); };
  return std::min({MatchProtocol(rule.protocol), BestOf(rule.destination_ports, is_port),
                   MatchSourcePorts(rule.source_ports),
                   BestOf(inbound ? rule.sources : rule.destinations, is_peer),
                   MatchSubnet(inbound ? rule.destinations : rule.sources, connection.subnet)});
}

// The first rule that matches for certain decides, unless one before it may decide otherwise.
RuleVerdict JudgePort(const std::vector<SecurityRule>& rules, const GuardedConnection& connection,
                      int port) {
  const SecurityRule* may_allow = nullptr;
  const SecurityRule* may_deny = nullptr;
  for (const SecurityRule& rule : rules) {
    const Match match = MatchRule(rule, connection, port);
    const bool allows = EqualsIgnoreCaseAscii(rule.access, "Allow");
    const bool denies = EqualsIgnoreCaseAscii(rule.access, "Deny");
    if (match == Match::kYes && allows != denies) {
      const SecurityRule* contrary = allows ? may_deny : may_allow;
      if (contrary != nullptr) {
        return {RuleEffect::kUnsure, contrary->name};
      }
      return allows ? RuleVerdict{} : RuleVerdict{RuleEffect::kDenied, rule.name};
    }
    if (match != Match::kNo && !denies && may_allow == nullptr) {
      may_allow = &rule;
    }
    if (match != Match::kNo && !allows && may_deny == nullptr) {
      may_deny = &rule;
    }
  }
  const SecurityRule* first = may_allow != nullptr ? may_allow : may_deny;
  return {RuleEffect::kUnsure, first == nullptr ? "" : first->name};
}

}  // namespace

bool InRange(const std::string& range, const std::string& address) {
  const auto wanted = ParseRange(range);
  const auto number = ParseAddress(address);
  return wanted && number && wanted->first <= *number && *number <= wanted->last;
}

RuleVerdict Judge(const SecurityGroup& group, const GuardedConnection& connection) {
  std::vector<SecurityRule> rules = group.rules;
  std::ranges::stable_sort(rules, {}, &SecurityRule::priority);
  RuleVerdict verdict;
  for (int port = connection.first_port; port <= connection.last_port; ++port) {
    RuleVerdict one = JudgePort(rules, connection, port);
    if (one.effect > verdict.effect) {
      verdict = std::move(one);
    }
    if (verdict.effect == RuleEffect::kDenied) {
      break;
    }
  }
  return verdict;
}

}  // namespace milink::azure
