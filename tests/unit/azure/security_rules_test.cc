#include "core/azure/security_rules.h"

#include <gtest/gtest.h>

namespace milink::azure {
namespace {

constexpr char kPeer[] = "10.0.0.4";

SecurityRule Rule(const std::string& name, int priority, const std::string& access,
                  std::vector<std::string> sources, std::vector<std::string> ports) {
  return {name, priority, "Inbound", access, "Tcp", std::move(sources), {"*"}, std::move(ports)};
}

// As Azure puts behind every group.
SecurityGroup Group(std::vector<SecurityRule> rules) {
  rules.push_back(Rule("AllowVnetInBound", 65'000, "Allow", {"VirtualNetwork"}, {"*"}));
  rules.push_back(Rule("DenyAllInBound", 65'500, "Deny", {"*"}, {"*"}));
  rules.back().protocol = "*";
  return {"nsg1", std::move(rules)};
}

struct Case {
  const char* name;
  std::vector<SecurityRule> rules;
  std::string denied_by;  // empty: allowed
  bool default_allow = true;
  std::string peer = kPeer;
};

class RulesTest : public ::testing::TestWithParam<Case> {};

TEST_P(RulesTest, TheFirstThatMatchesDecides) {
  SecurityGroup group = Group(GetParam().rules);
  if (!GetParam().default_allow) {
    std::erase_if(group.rules, [](const auto& rule) { return rule.name == "AllowVnetInBound"; });
  }
  const auto verdict = Judge(group, RuleDirection::kInbound, GetParam().peer, 11'000, 11'999);
  EXPECT_EQ(verdict.rule, GetParam().denied_by);
  EXPECT_EQ(verdict.denied, !GetParam().denied_by.empty());
}

const std::vector<Case> kCases{
    {"NothingButTheDefaults", {}, ""},
    {"NoRuleThatAllows", {}, "DenyAllInBound", false},
    {"AnExplicitAllow", {Rule("a", 100, "Allow", {"10.0.0.0/24"}, {"11000-11999"})}, "", false},
    {"AnAllowOfAPartOfThePorts",
     {Rule("a", 100, "Allow", {"10.0.0.0/24"}, {"11000-11500"})},
     "DenyAllInBound",
     false},
    {"TwoAllowsTogether",
     {Rule("a", 100, "Allow", {"10.0.0.4"}, {"11000-11500"}),
      Rule("b", 101, "Allow", {"10.0.0.4/32"}, {"11501-12000"})},
     "",
     false},
    {"ADenyBeforeAnAllow",
     {Rule("a", 200, "Allow", {"*"}, {"*"}), Rule("d", 100, "Deny", {"10.0.0.0/8"}, {"11002"})},
     "d"},
    {"ADenyAfterAnAllow",
     {Rule("a", 100, "Allow", {"*"}, {"*"}), Rule("d", 200, "Deny", {"*"}, {"*"})},
     ""},
    {"ADenyOfOthers", {Rule("d", 100, "Deny", {"192.168.0.0/16"}, {"*"})}, ""},
    {"ADenyOfATagThatMayNotBeMeant", {Rule("d", 100, "Deny", {"Internet"}, {"*"})}, ""},
    {"ADenyOfAnAddressThatIsNotKnown",
     {Rule("d", 100, "Deny", {"10.0.0.0/24"}, {"*"})},
     "",
     true,
     "sql1.corp.example"},
    {"ADenyOfAll", {Rule("d", 100, "Deny", {"*"}, {"*"})}, "d", true, "sql1.corp.example"},
    {"ARuleOfIPv6", {Rule("a", 100, "Allow", {"fd00::/8"}, {"*"})}, "DenyAllInBound", false},
};
INSTANTIATE_TEST_SUITE_P(Cases, RulesTest, ::testing::ValuesIn(kCases),
                         [](const auto& row) { return std::string(row.param.name); });

TEST(RulesTest, DirectionAndProtocolMatter) {
  SecurityGroup group = Group({});
  EXPECT_FALSE(Judge(group, RuleDirection::kOutbound, kPeer, 5022, 5022).denied);
  group.rules.insert(group.rules.begin(), Rule("d", 100, "Deny", {"*"}, {"*"}));
  group.rules.front().protocol = "Udp";
  EXPECT_FALSE(Judge(group, RuleDirection::kInbound, kPeer, 5022, 5022).denied);
  group.rules.front().direction = "Outbound";
  group.rules.front().protocol = "TCP";
  group.rules.front().destinations = {"10.0.0.0/24"};
  EXPECT_TRUE(Judge(group, RuleDirection::kOutbound, kPeer, 5022, 5022).denied);
}

TEST(ContainsTest, KnowsRanges) {
  EXPECT_TRUE(Contains("10.0.1.0/24", "10.0.1.255"));
  EXPECT_FALSE(Contains("10.0.1.0/24", "10.0.2.0"));
  EXPECT_TRUE(Contains("10.0.1.4", "10.0.1.4"));
  EXPECT_TRUE(Contains("0.0.0.0/0", "10.0.1.4"));
  for (const char* broken : {"", "x", "10.0.0.0/33", "10.0.0.0/", "10.0.0.0/-1", "fd00::/8"}) {
    EXPECT_FALSE(Contains(broken, "10.0.0.0")) << broken;
  }
  EXPECT_FALSE(Contains("10.0.1.0/24", "sql1"));
}

}  // namespace
}  // namespace milink::azure
