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
  rules.back().destinations = {"VirtualNetwork"};
  rules.push_back(
      InboundRule("AllowAzureLoadBalancerInBound", 65'001, "Allow", {"AzureLoadBalancer"}, {"*"}));
  rules.push_back(InboundRule("DenyAllInBound", 65'500, "Deny", {"*"}, {"*"}));
  rules.back().protocol = "*";
  return {"nsg1", std::move(rules)};
}

// A managed instance's own rules end before the default ones are asked.
SecurityGroup ClosedGroup(std::vector<SecurityRule> rules) {
  rules.push_back(InboundRule("allow_health_probe", 4'000, "Allow", {"AzureLoadBalancer"}, {"*"}));
  rules.push_back(InboundRule("deny_all_inbound", 4'096, "Deny", {"*"}, {"*"}));
  return GroupWithDefaults(std::move(rules));
}

GuardedConnection Redirects(const std::string& peer = kRulePeer) {
  return {RuleDirection::kInbound, {"10.0.1.0/24"}, peer, 11'000, 11'999};
}

constexpr auto kAllowed = RuleEffect::kAllowed;
constexpr auto kUnsure = RuleEffect::kUnsure;
constexpr auto kDenied = RuleEffect::kDenied;

struct RuleCase {
  const char* name;
  std::vector<SecurityRule> rules;
  RuleEffect effect;
  std::string rule;
  std::string peer = kRulePeer;
};
void PrintTo(const RuleCase& row, std::ostream* out) { *out << row.name; }

class RulesTest : public ::testing::TestWithParam<RuleCase> {};

TEST_P(RulesTest, TheFirstThatMatchesDecides) {
  const auto verdict = Judge(ClosedGroup(GetParam().rules), Redirects(GetParam().peer));
  EXPECT_EQ(verdict.effect, GetParam().effect);
  EXPECT_EQ(verdict.rule, GetParam().rule);
}

SecurityRule With(SecurityRule rule, void (*change)(SecurityRule&)) {
  change(rule);
  return rule;
}

const std::vector<RuleCase> kRuleCases{
    {"NoRuleThatAllows", {}, kDenied, "deny_all_inbound"},
    {"AnExplicitAllow",
     {InboundRule("a", 100, "Allow", {"10.0.0.0/24"}, {"11000-11999"})},
     kAllowed,
     ""},
    {"WordsInOtherLetters",
     {With(InboundRule("a", 100, "ALLOW", {"10.0.0.0/24"}, {"11000-11999"}),
           [](SecurityRule& rule) {
             rule.protocol = "TCP";
             rule.direction = "inbound";
           })},
     kAllowed,
     ""},
    {"AnAllowOfAPartOfThePorts",
     {InboundRule("a", 100, "Allow", {"10.0.0.0/24"}, {"11000-11500"})},
     kDenied,
     "deny_all_inbound"},
    {"TwoAllowsTogether",
     {InboundRule("a", 100, "Allow", {"10.0.0.4"}, {"11000-11500"}),
      InboundRule("b", 101, "Allow", {"10.0.0.4/32"}, {"11501-12000"})},
     kAllowed,
     ""},
    {"AListOfPorts",
     {InboundRule("a", 100, "Allow", {"*"}, {"5022", "11000-11499", "11500-11999"})},
     kAllowed,
     ""},
    {"AListOfPortsWithAHole",
     {InboundRule("a", 100, "Allow", {"*"}, {"5022", "11000-11499", "11501-11999"})},
     kDenied,
     "deny_all_inbound"},
    {"PortsThatCannotBeRead",
     {InboundRule("a", 100, "Allow", {"*"}, {"5022,11000-11999"})},
     kUnsure,
     "a"},
    {"NoPorts",
     {InboundRule("d", 100, "Deny", {"*"}, {}), InboundRule("a", 101, "Allow", {"*"}, {"*"})},
     kUnsure,
     "d"},
    {"SourcePortsThatMayBeOthers",
     {With(InboundRule("a", 100, "Allow", {"*"}, {"*"}),
           [](SecurityRule& rule) { rule.source_ports = {"1024-2048"}; })},
     kUnsure,
     "a"},
    {"AllSourcePorts",
     {With(InboundRule("a", 100, "Allow", {"*"}, {"*"}),
           [](SecurityRule& rule) { rule.source_ports = {"0-65535"}; })},
     kAllowed,
     ""},
    {"ADenyBeforeAnAllow",
     {InboundRule("a", 200, "Allow", {"*"}, {"*"}),
      InboundRule("d", 100, "Deny", {"10.0.0.0/8"}, {"11002"})},
     kDenied,
     "d"},
    {"ADenyAfterAnAllow",
     {InboundRule("a", 100, "Allow", {"*"}, {"*"}), InboundRule("d", 200, "Deny", {"*"}, {"*"})},
     kAllowed,
     ""},
    {"ADenyOfOthers",
     {InboundRule("d", 100, "Deny", {"192.168.0.0/16"}, {"*"}),
      InboundRule("a", 101, "Allow", {"*"}, {"*"})},
     kAllowed,
     ""},
    {"ARuleForAnotherPartOfTheNetwork",
     {With(InboundRule("d", 100, "Deny", {"*"}, {"*"}),
           [](SecurityRule& rule) { rule.destinations = {"10.0.2.0/24"}; }),
      InboundRule("a", 101, "Allow", {"*"}, {"*"})},
     kAllowed,
     ""},
    {"ARuleForAHalfOfTheSubnet",
     {With(InboundRule("d", 100, "Deny", {"*"}, {"*"}),
           [](SecurityRule& rule) { rule.destinations = {"10.0.1.0/25"}; }),
      InboundRule("a", 101, "Allow", {"*"}, {"*"})},
     kUnsure,
     "d"},
    {"ARuleForTheVirtualNetworkIsForItsSubnet",
     {With(InboundRule("a", 100, "Allow", {"10.0.0.0/8"}, {"*"}),
           [](SecurityRule& rule) { rule.destinations = {"VirtualNetwork"}; })},
     kAllowed,
     ""},
    {"ADenyOfATagThatMayBeMeant",
     {InboundRule("d", 100, "Deny", {"Internet"}, {"*"}),
      InboundRule("a", 101, "Allow", {"*"}, {"*"})},
     kUnsure,
     "d"},
    {"AnAllowOfATagThatMayBeMeant",
     {InboundRule("a", 100, "Allow", {"VirtualNetwork"}, {"*"})},
     kUnsure,
     "a"},
    {"ATagOfAServiceThatMayBeMeant",
     {InboundRule("a", 100, "Allow", {"Sql.WestEurope"}, {"*"})},
     kUnsure,
     "a"},
    {"ATagBeforeARuleOfTheSameEffect",
     {InboundRule("a", 100, "Allow", {"VirtualNetwork"}, {"*"}),
      InboundRule("b", 101, "Allow", {"10.0.0.0/8"}, {"*"})},
     kAllowed,
     ""},
    {"AnApplicationSecurityGroupThatDenies",
     {InboundRule("d", 100, "Deny", {}, {"*"}), InboundRule("a", 101, "Allow", {"*"}, {"*"})},
     kUnsure,
     "d"},
    {"AnApplicationSecurityGroupThatIsProtected",
     {With(InboundRule("a", 100, "Allow", {"*"}, {"*"}),
           [](SecurityRule& rule) { rule.destinations = {}; })},
     kUnsure,
     "a"},
    {"ANameAgainstAddresses",
     {InboundRule("a", 100, "Allow", {"10.0.0.0/24"}, {"*"})},
     kUnsure,
     "a",
     "sql1.corp.example"},
    {"ANameAgainstAll",
     {InboundRule("a", 100, "Allow", {"0.0.0.0/0"}, {"*"})},
     kAllowed,
     "",
     "sql1.corp.example"},
    {"AnAllowOfIPv6",
     {InboundRule("a", 100, "Allow", {"fd00::/8"}, {"*"})},
     kDenied,
     "deny_all_inbound"},
    {"AnAllowOfAllIPv6",
     {InboundRule("a", 100, "Allow", {"::/0"}, {"*"})},
     kDenied,
     "deny_all_inbound"},
    {"ADenyOfAllIPv6",
     {InboundRule("d", 100, "Deny", {"::/0"}, {"*"}), InboundRule("a", 101, "Allow", {"*"}, {"*"})},
     kAllowed,
     ""},
    {"ADenyToIPv6",
     {With(InboundRule("d", 100, "Deny", {"*"}, {"*"}),
           [](SecurityRule& rule) { rule.destinations = {"2001:db8::/64"}; }),
      InboundRule("a", 101, "Allow", {"*"}, {"*"})},
     kAllowed,
     ""},
    {"BothKindsOfAddresses",
     {InboundRule("a", 100, "Allow", {"fd00::/8", "10.0.0.0/24"}, {"*"})},
     kAllowed,
     ""},
    {"IPv6AgainstAName",
     {InboundRule("d", 100, "Deny", {"fd00::/8"}, {"*"}),
      InboundRule("a", 101, "Allow", {"*"}, {"*"})},
     kAllowed,
     "",
     "sql1.corp.example"},
    {"APeerOfIPv6",
     {InboundRule("a", 100, "Allow", {"10.0.0.0/8"}, {"*"})},
     kUnsure,
     "a",
     "fd00::4"},
    {"APrefixThatCannotBeRead",
     {InboundRule("a", 100, "Allow", {"10.0.0.0/33"}, {"*"})},
     kUnsure,
     "a"},
    {"AnotherProtocol",
     {With(InboundRule("a", 100, "Allow", {"*"}, {"*"}),
           [](SecurityRule& rule) { rule.protocol = "Udp"; })},
     kDenied,
     "deny_all_inbound"},
    {"AProtocolThatIsNotKnown",
     {With(InboundRule("a", 100, "Allow", {"*"}, {"*"}),
           [](SecurityRule& rule) { rule.protocol = "Quic"; })},
     kUnsure,
     "a"},
    {"AnEffectThatIsNotKnown",
     {InboundRule("x", 100, "Audit", {"*"}, {"*"}), InboundRule("a", 101, "Allow", {"*"}, {"*"})},
     kUnsure,
     "x"},
};
INSTANTIATE_TEST_SUITE_P(Cases, RulesTest, ::testing::ValuesIn(kRuleCases),
                         [](const auto& row) { return std::string(row.param.name); });

TEST(RulesTest, TheDefaultRulesLetTheVirtualNetworkInWhoeverThatIs) {
  EXPECT_EQ(Judge(GroupWithDefaults({}), Redirects()), (RuleVerdict{kUnsure, "AllowVnetInBound"}));
  const auto allow = InboundRule("a", 100, "Allow", {"10.0.0.4"}, {"11000-11999"});
  EXPECT_EQ(Judge(GroupWithDefaults({allow}), Redirects()).effect, kAllowed);
}

TEST(RulesTest, WithoutAnyRuleNothingIsSure) {
  EXPECT_EQ(Judge({"nsg1", {}}, Redirects()), (RuleVerdict{kUnsure, ""}));
}

TEST(RulesTest, ASubnetThatIsNotKnownMatchesWhatIsForAll) {
  GuardedConnection connection = Redirects();
  SecurityGroup group = ClosedGroup({InboundRule("a", 100, "Allow", {"*"}, {"*"})});
  using Prefixes = std::vector<std::string>;
  for (const Prefixes& subnet : std::vector<Prefixes>{Prefixes{}, Prefixes{"fd00:1::/64"},
                                                      Prefixes{"fd00:1::/64", "10.0.1.0/24"}}) {
    connection.subnet = subnet;
    group.rules.front().destinations = {"*"};
    EXPECT_EQ(Judge(group, connection).effect, kAllowed);
    group.rules.front().destinations = {"10.0.0.0/16"};
    EXPECT_EQ(Judge(group, connection).effect, subnet.size() == 2 ? kAllowed : kUnsure);
  }
}

TEST(RulesTest, TheOtherDirectionHasItsOwnRules) {
  SecurityGroup group = ClosedGroup({InboundRule("in", 100, "Allow", {"*"}, {"*"})});
  const GuardedConnection back{RuleDirection::kOutbound, {"10.0.1.0/24"}, kRulePeer, 5022, 5022};
  SecurityRule out{"out", 100, "Outbound", "Deny", "*", {"10.0.1.0/24"}, {"10.0.0.0/24"}, {"5022"}};
  group.rules.push_back(out);
  EXPECT_EQ(Judge(group, back), (RuleVerdict{kDenied, "out"}));
  EXPECT_EQ(Judge(group, Redirects()).effect, kAllowed);
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
