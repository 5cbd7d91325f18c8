#include "core/azure/security_rules.h"

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <optional>
#include <string_view>

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

Match MatchAddress(const std::string& prefix, const std::string& peer) {
  if (prefix == "*" || prefix == "0.0.0.0/0" || EqualsIgnoreCaseAscii(prefix, "Any")) {
    return Match::kYes;
  }
  const auto range = ParseRange(prefix);
  if (!range) {
    // "VirtualNetwork", "Internet", "Sql.WestEurope"; a colon is part of other addresses only.
    return prefix.find(':') == std::string::npos ? Match::kMaybe : Match::kNo;
  }
  const auto address = ParseAddress(peer);
  if (!address) {
    return Match::kMaybe;
  }
  return range->first <= *address && *address <= range->last ? Match::kYes : Match::kNo;
}

Match MatchAddresses(const std::vector<std::string>& prefixes, const std::string& peer) {
  Match best = prefixes.empty() ? Match::kMaybe : Match::kNo;  // empty: an application group
  for (const auto& prefix : prefixes) {
    best = std::max(best, MatchAddress(prefix, peer));
  }
  return best;
}

bool MatchesPort(const std::vector<std::string>& ranges, int port) {
  return std::ranges::any_of(ranges, [&](const std::string& range) {
    if (range == "*") {
      return true;
    }
    const std::size_t dash = range.find('-');
    const auto first = ParseNumber(std::string_view(range).substr(0, dash));
    const auto last =
        dash == std::string::npos ? first : ParseNumber(std::string_view(range).substr(dash + 1));
    return first && last && *first <= port && port <= *last;
  });
}

Match MatchRule(const SecurityRule& rule, RuleDirection direction, const std::string& peer,
                int port) {
  const bool inbound = direction == RuleDirection::kInbound;
  const bool protocol = rule.protocol == "*" || EqualsIgnoreCaseAscii(rule.protocol, "Tcp");
  if (!EqualsIgnoreCaseAscii(rule.direction, inbound ? "Inbound" : "Outbound") || !protocol ||
      !MatchesPort(rule.destination_ports, port)) {
    return Match::kNo;
  }
  return MatchAddresses(inbound ? rule.sources : rule.destinations, peer);
}

RuleVerdict JudgePort(const std::vector<SecurityRule>& rules, RuleDirection direction,
                      const std::string& peer, int port) {
  for (const SecurityRule& rule : rules) {
    const Match match = MatchRule(rule, direction, peer, port);
    const bool allows = EqualsIgnoreCaseAscii(rule.access, "Allow");
    if (match == Match::kNo || (match == Match::kMaybe && !allows)) {
      continue;
    }
    return allows ? RuleVerdict{} : RuleVerdict{true, rule.name};
  }
  return {};
}

}  // namespace

bool InRange(const std::string& range, const std::string& address) {
  const auto wanted = ParseRange(range);
  const auto number = ParseAddress(address);
  return wanted && number && wanted->first <= *number && *number <= wanted->last;
}

RuleVerdict Judge(const SecurityGroup& group, RuleDirection direction, const std::string& peer,
                  int first_port, int last_port) {
  std::vector<SecurityRule> rules = group.rules;
  std::ranges::stable_sort(rules, {}, &SecurityRule::priority);
  for (int port = first_port; port <= last_port; ++port) {
    if (const auto verdict = JudgePort(rules, direction, peer, port); verdict.denied) {
      return verdict;
    }
  }
  return {};
}

}  // namespace milink::azure
