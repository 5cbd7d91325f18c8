#include "core/azure/security_rules.h"

#include <gtest/gtest.h>

namespace milink::azure {
namespace {

constexpr char kRulePeer[] = "10.0.0.4";

SecurityRule InboundRule(const std::string& name, int priority, const std::string& access,
                         std::vector<std::string> sources, std::vector<std::string> ports) {
  return {name, priority, "Inbound", access, "Tcp", std::move(sources), {"*"}, std::move(ports)};
}

// As Azure puts behind every group.
SecurityGroup GroupWithDefaults(std::vector<SecurityRule> rules) {
  rules.push_back(InboundRule("AllowVnetInBound", 65'000, "Allow", {"VirtualNetwork"}, {"*"}));
  rules.push_back(InboundRule("DenyAllInBound", 65'500, "Deny", {"*"}, {"*"}));
  rules.back().protocol = "*";
  return {"nsg1", std::move(rules)};
}

struct RuleCase {
  const char* name;
  std::vector<SecurityRule> rules;
  std::string denied_by;  // empty: allowed
  bool default_allow = true;
  std::string peer = kRulePeer;
};

class RulesTest : public ::testing::TestWithParam<RuleCase> {};

TEST_P(RulesTest, TheFirstThatMatchesDecides) {
  SecurityGroup group = GroupWithDefaults(GetParam().rules);
  if (!GetParam().default_allow) {
    std::erase_if(group.rules, [](const auto& rule) { return rule.name == "AllowVnetInBound"; });
  }
  const auto verdict = Judge(group, RuleDirection::kInbound, GetParam().peer, 11'000, 11'999);
  EXPECT_EQ(verdict.rule, GetParam().denied_by);
  EXPECT_EQ(verdict.denied, !GetParam().denied_by.empty());
}

const std::vector<RuleCase> kRuleCases{
    {"NothingButTheDefaults", {}, ""},
    {"NoRuleThatAllows", {}, "DenyAllInBound", false},
    {"AnExplicitAllow",
     {InboundRule("a", 100, "Allow", {"10.0.0.0/24"}, {"11000-11999"})},
     "",
     false},
    {"AnAllowOfAPartOfThePorts",
     {InboundRule("a", 100, "Allow", {"10.0.0.0/24"}, {"11000-11500"})},
     "DenyAllInBound",
     false},
    {"TwoAllowsTogether",
     {InboundRule("a", 100, "Allow", {"10.0.0.4"}, {"11000-11500"}),
      InboundRule("b", 101, "Allow", {"10.0.0.4/32"}, {"11501-12000"})},
     "",
     false},
    {"ADenyBeforeAnAllow",
     {InboundRule("a", 200, "Allow", {"*"}, {"*"}),
      InboundRule("d", 100, "Deny", {"10.0.0.0/8"}, {"11002"})},
     "d"},
    {"ADenyAfterAnAllow",
     {InboundRule("a", 100, "Allow", {"*"}, {"*"}), InboundRule("d", 200, "Deny", {"*"}, {"*"})},
     ""},
    {"ADenyOfOthers", {InboundRule("d", 100, "Deny", {"192.168.0.0/16"}, {"*"})}, ""},
    {"ADenyOfATagThatMayNotBeMeant", {InboundRule("d", 100, "Deny", {"Internet"}, {"*"})}, ""},
    {"ADenyOfAnAddressThatIsNotKnown",
     {InboundRule("d", 100, "Deny", {"10.0.0.0/24"}, {"*"})},
     "",
     true,
     "sql1.corp.example"},
    {"ADenyOfAll", {InboundRule("d", 100, "Deny", {"*"}, {"*"})}, "d", true, "sql1.corp.example"},
    {"ARuleOfIPv6", {InboundRule("a", 100, "Allow", {"fd00::/8"}, {"*"})}, "DenyAllInBound", false},
};
INSTANTIATE_TEST_SUITE_P(Cases, RulesTest, ::testing::ValuesIn(kRuleCases),
                         [](const auto& row) { return std::string(row.param.name); });

TEST(RulesTest, DirectionAndProtocolMatter) {
  SecurityGroup group = GroupWithDefaults({});
  EXPECT_FALSE(Judge(group, RuleDirection::kOutbound, kRulePeer, 5022, 5022).denied);
  group.rules.insert(group.rules.begin(), InboundRule("d", 100, "Deny", {"*"}, {"*"}));
  group.rules.front().protocol = "Udp";
  EXPECT_FALSE(Judge(group, RuleDirection::kInbound, kRulePeer, 5022, 5022).denied);
  group.rules.front().direction = "Outbound";
  group.rules.front().protocol = "TCP";
  group.rules.front().destinations = {"10.0.0.0/24"};
  EXPECT_TRUE(Judge(group, RuleDirection::kOutbound, kRulePeer, 5022, 5022).denied);
}

TEST(InRangeTest, KnowsRanges) {
  EXPECT_TRUE(InRange("10.0.1.0/24", "10.0.1.255"));
  EXPECT_FALSE(InRange("10.0.1.0/24", "10.0.2.0"));
  EXPECT_TRUE(InRange("10.0.1.4", "10.0.1.4"));
  EXPECT_TRUE(InRange("0.0.0.0/0", "10.0.1.4"));
  for (const char* broken : {"", "x", "10.0.0.0/33", "10.0.0.0/", "10.0.0.0/-1", "fd00::/8"}) {
    EXPECT_FALSE(InRange(broken, "10.0.0.0")) << broken;
  }
  EXPECT_FALSE(InRange("10.0.1.0/24", "sql1"));
}

}  // namespace
}  // namespace milink::azure
