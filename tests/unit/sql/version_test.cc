#include "core/sql/version.h"

#include <gtest/gtest.h>

#include "core/base/text.h"

namespace milink::sql {
namespace {

struct VersionCase {
  std::string name;
  InstanceBuild build;
  LinkSupport support;
  std::string capabilities;  // all of them, as Names() tells them
};

std::string Names(const Capabilities& of) {
  std::vector<std::string> names;
  for (const auto& [has, name] :
       {std::pair(of.one_way_link, "one-way"), std::pair(of.managed_instance_primary, "mi-primary"),
        std::pair(of.tsql_failover, "failover"), std::pair(of.multi_database_link, "multi"),
        std::pair(of.linux_host, "linux"), std::pair(of.windows_cluster, "windows-cluster"),
        std::pair(of.cluster_type_clause, "cluster-type"),
        std::pair(of.contained_groups, "contained"), std::pair(of.chain_validation, "chain")}) {
    if (has) {
      names.emplace_back(name);
    }
  }
  return Join(names, " ");
}

class CheckVersionTest : public testing::TestWithParam<VersionCase> {};

TEST_P(CheckVersionTest, ReportsSupportAndCapabilities) {
  const VersionCase& expected = GetParam();
  const VersionReport report = CheckVersion(expected.build);
  EXPECT_EQ(report.support, expected.support);
  EXPECT_EQ(Names(report.capabilities), expected.capabilities);
  EXPECT_EQ(report.message.empty(), report.support == LinkSupport::kSupported);
}

using enum LinkSupport;

constexpr char kOneWay2022[] = "one-way linux cluster-type contained";
constexpr char kAll[] = "one-way mi-primary failover linux cluster-type contained chain";
constexpr char kAllAndMulti[] =
    "one-way mi-primary failover multi linux cluster-type contained chain";

// The letters are those of the reference's table.
std::vector<VersionCase> Published() {
  return {
      {"A_2016WithoutAzureConnect",
       {"13.0.6500.1", 3, "", ""},
       kUnsupportedBuild,
       "windows-cluster"},
      {"B_2016WithAzureConnect",
       {"13.0.7000.253", 2, "", "Windows"},
       kSupported,
       "one-way windows-cluster"},
      {"C_2017SecurityFixWithoutPack",
       {"14.0.3485.1", 3, "", ""},
       kUnsupportedBuild,
       "cluster-type"},
      {"D_2017WithPack",
       {"14.0.3490.10", 3, "", "Linux"},
       kSupported,
       "one-way linux cluster-type"},
      {"E_2019GdrBranch", {"15.0.2155.2", 3, "", ""}, kUnsupportedBuild, "cluster-type"},
      {"F_2019Cu15IsLegacy", {"15.0.4198.2", 3, "", "Windows"}, kLegacy, "one-way cluster-type"},
      {"F_2019Cu15OnLinux", {"15.0.4198.2", 3, "", "Linux"}, kUnsupportedHost, "cluster-type"},
      {"G_2019Cu20",
       {"15.0.4312.2", 2, "Standard Edition (64-bit)", "Linux"},
       kSupported,
       "one-way linux cluster-type"},
      {"H_2022Release", {"16.0.1000.6", 3, "", ""}, kSupported, kOneWay2022},
      {"I_2022GdrIsOneWayOnly", {"16.0.1190.1", 3, "", ""}, kSupported, kOneWay2022},
      {"J_2022Cu10",
       {"16.0.4095.4", 2, "", ""},
       kSupported,
       "one-way mi-primary linux cluster-type contained chain"},
      {"K_2022Cu13", {"16.0.4125.3", 3, "", ""}, kSupported, kAll},
      {"L_2025", {"17.0.1000.7", 3, "", ""}, kSupported, kAll},
      {"M_ManagedInstance", {"12.0.2000.8", 8, "SQL Azure", ""}, kManagedInstance, ""},
      {"N_Express",
       {"16.0.4125.3", 4, "Express Edition (64-bit)", ""},
       kUnsupportedEdition,
       "cluster-type contained"},
  };
}

// The last and first builds beside each border.
std::vector<VersionCase> Borders() {
  return {
      {"2016LastWithoutPack", {"13.0.6999.9", 3, "", ""}, kUnsupportedBuild, "windows-cluster"},
      {"2016LaterPack", {"13.0.7095.1", 3, "", ""}, kSupported, "one-way windows-cluster"},
      {"2016OnLinux", {"13.0.7000.253", 3, "", "Linux"}, kUnsupportedHost, "windows-cluster"},
      {"2017Release", {"14.0.1000.169", 3, "", ""}, kUnsupportedBuild, "cluster-type"},
      {"2017Cu31", {"14.0.3456.2", 3, "", ""}, kUnsupportedBuild, "cluster-type"},
      {"2017LaterPack", {"14.0.3540.1", 3, "", ""}, kSupported, "one-way linux cluster-type"},
      {"2019BeforeTheOldMinimum",
       {"15.0.4197.9", 3, "", "Windows"},
       kUnsupportedBuild,
       "cluster-type"},
      {"2019Cu15OfStandard",
       {"15.0.4198.2", 2, "Standard Edition (64-bit)", "Windows"},
       kUnsupportedBuild,
       "cluster-type"},
      {"2019LastOfStandardWithoutDistributedGroups",
       {"15.0.4248.9", 2, "Standard Edition (64-bit)", "Windows"},
       kUnsupportedBuild,
       "cluster-type"},
      {"2019Cu17OfStandard",
       {"15.0.4249.2", 2, "Standard Edition (64-bit)", "Windows"},
       kLegacy,
       "one-way cluster-type"},
      {"2019Cu16OfEnterprise",
       {"15.0.4223.1", 3, "Enterprise Edition (64-bit)", "Windows"},
       kLegacy,
       "one-way cluster-type"},
      {"2019LastBeforeCu20OfStandard",
       {"15.0.4311.9", 2, "", "Windows"},
       kLegacy,
       "one-way cluster-type"},
      {"2019BeforeCu20", {"15.0.4298.1", 3, "", "Windows"}, kLegacy, "one-way cluster-type"},
      {"2019LastCu", {"15.0.4430.1", 3, "", ""}, kSupported, "one-way linux cluster-type"},
      {"2022BeforeItsRelease",
       {"16.0.900.6", 3, "", ""},
       kUnsupportedBuild,
       "cluster-type contained"},
      {"2022Cu4", {"16.0.4035.4", 3, "", ""}, kSupported, kOneWay2022},
      {"2022Cu5",
       {"16.0.4045.3", 3, "", ""},
       kSupported,
       "one-way linux cluster-type contained chain"},
      {"2022Cu9",
       {"16.0.4085.2", 3, "", ""},
       kSupported,
       "one-way linux cluster-type contained chain"},
      {"2022Cu12",
       {"16.0.4115.5", 3, "", ""},
       kSupported,
       "one-way mi-primary linux cluster-type contained chain"},
      {"2025Gdr", {"17.0.1125.1", 3, "", "Windows"}, kSupported, kAll},
      {"2025Cu7", {"17.0.4065.4", 3, "", "", "CU7"}, kSupported, kAll},
      {"SqlServer2014", {"12.0.6000.1", 3, "", ""}, kUnknownVersion, ""},
      {"NextMajor", {"18.0.1000.1", 3, "", ""}, kUnknownVersion, ""},
      {"NotAVersion", {"sixteen", 3, "", ""}, kUnknownVersion, ""},
  };
}

std::vector<VersionCase> Editions() {
  const auto edition = [](std::string name, int engine, std::string text, bool carries_link) {
    return VersionCase{std::move(name),
                       {"16.0.4125.3", engine, std::move(text), "Windows"},
                       carries_link ? kSupported : kUnsupportedEdition,
                       carries_link ? kAll : "cluster-type contained"};
  };
  return {
      edition("Standard", 2, "Standard Edition (64-bit)", true),
      edition("Enterprise", 3, "Enterprise Edition (64-bit)", true),
      edition("EnterpriseCore", 3, "Enterprise Edition: Core-based Licensing (64-bit)", true),
      edition("Developer", 3, "Developer Edition (64-bit)", true),
      edition("Evaluation", 3, "Enterprise Evaluation Edition (64-bit)", true),
      edition("Web", 2, "Web Edition (64-bit)", false),
      edition("BusinessIntelligence", 2, "Business Intelligence Edition (64-bit)", false),
      edition("Express", 4, "Express Edition (64-bit)", false),
      edition("SqlDatabase", 5, "SQL Azure", false),
      edition("Synapse", 6, "SQL Azure", false),
      edition("Edge", 9, "Azure SQL Edge Developer (64-bit)", false),
  };
}

std::vector<VersionCase> MultiDatabase() {
  return {
      {"2022Cu26", {"16.0.4265.3", 3, "", "", "CU26"}, kSupported, kAll},
      {"2022Cu27", {"16.0.4275.1", 3, "", "", "CU27"}, kSupported, kAllAndMulti},
      {"2022Cu27Standard", {"16.0.4275.1", 2, "", "", "CU27"}, kSupported, kAll},
      {"2022SecurityBranch", {"16.0.1200.1", 3, "", "", "CU27"}, kSupported, kOneWay2022},
      {"2025Cu8", {"17.0.4075.1", 3, "", "", "CU8"}, kSupported, kAll},
      {"2025Cu9", {"17.0.4085.1", 3, "", "", "CU9"}, kSupported, kAllAndMulti},
      {"2019Cu32", {"15.0.4430.1", 3, "", "", "CU32"}, kSupported, "one-way linux cluster-type"},
      {"AnUnreadableLevel", {"16.0.4275.1", 3, "", "", "CU"}, kSupported, kAll},
  };
}

std::string CaseName(const testing::TestParamInfo<VersionCase>& row) { return row.param.name; }

INSTANTIATE_TEST_SUITE_P(Published, CheckVersionTest, testing::ValuesIn(Published()), CaseName);
INSTANTIATE_TEST_SUITE_P(Borders, CheckVersionTest, testing::ValuesIn(Borders()), CaseName);
INSTANTIATE_TEST_SUITE_P(Editions, CheckVersionTest, testing::ValuesIn(Editions()), CaseName);
INSTANTIATE_TEST_SUITE_P(MultiDatabase, CheckVersionTest, testing::ValuesIn(MultiDatabase()),
                         CaseName);

TEST(CheckVersionTest, ABuildThatOnlyTheEditionRulesOutSaysSo) {
  const auto report = CheckVersion({"15.0.4198.2", 2, "Standard Edition (64-bit)", "Windows"});
  EXPECT_EQ(report.message,
            "SQL Server 2019 build 15.0.4198.2 has no Managed Instance link in this edition; "
            "install CU20 (KB5024276) or later");
}

TEST(CheckVersionTest, MessageNamesTheUpdate) {
  EXPECT_NE(CheckVersion({"14.0.3485.1", 3, "", ""}).message.find("KB5050533"), std::string::npos);
}

TEST(ParseProductVersionTest, TakesFourNumbers) {
  EXPECT_EQ(ParseProductVersion("15.0.4198.2"), (ProductVersion{15, 0, 4198, 2}));
  for (const char* const wrong : {"", "16", "16.0.1000", "16.0.1000.6.1", "16.0.x.6", "16.0.-1.6",
                                  "16..1000.6", "16.0.1000.6 "}) {
    EXPECT_FALSE(ParseProductVersion(wrong).has_value()) << wrong;
  }
}

}  // namespace
}  // namespace milink::sql
