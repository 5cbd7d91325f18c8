#include "core/sql/version.h"

#include <gtest/gtest.h>

namespace milink::sql {
namespace {

struct VersionCase {
  std::string name;
  InstanceBuild build;
  LinkSupport support;
  // Of the capabilities: one-way, instance first, T-SQL failover, Linux, CLUSTER_TYPE.
  bool one_way = false;
  bool instance_primary = false;
  bool tsql_failover = false;
  bool linux_host = false;
  bool cluster_type = false;
};

class CheckVersionTest : public testing::TestWithParam<VersionCase> {};

TEST_P(CheckVersionTest, ReportsSupportAndCapabilities) {
  const VersionCase& expected = GetParam();
  const VersionReport report = CheckVersion(expected.build);
  EXPECT_EQ(report.support, expected.support);
  EXPECT_EQ(report.capabilities.one_way_link, expected.one_way);
  EXPECT_EQ(report.capabilities.managed_instance_primary, expected.instance_primary);
  EXPECT_EQ(report.capabilities.tsql_failover, expected.tsql_failover);
  EXPECT_EQ(report.capabilities.linux_host, expected.linux_host);
  EXPECT_EQ(report.capabilities.cluster_type_clause, expected.cluster_type);
  EXPECT_EQ(report.message.empty(), report.support == LinkSupport::kSupported);
}

using enum LinkSupport;

INSTANTIATE_TEST_SUITE_P(
    Published, CheckVersionTest,
    testing::Values(
        VersionCase{"A_2016WithoutAzureConnect", {"13.0.6500.1", 3, "", ""}, kUnsupportedBuild},
        VersionCase{
            "B_2016WithAzureConnect", {"13.0.7000.253", 2, "", "Windows"}, kSupported, true},
        VersionCase{"C_2017SecurityFixWithoutPack",
                    {"14.0.3485.1", 3, "", ""},
                    kUnsupportedBuild,
                    false,
                    false,
                    false,
                    false,
                    true},
        VersionCase{"D_2017WithPack",
                    {"14.0.3490.10", 3, "", "Linux"},
                    kSupported,
                    true,
                    false,
                    false,
                    true,
                    true},
        VersionCase{"E_2019GdrBranch",
                    {"15.0.2155.2", 3, "", ""},
                    kUnsupportedBuild,
                    false,
                    false,
                    false,
                    false,
                    true},
        VersionCase{"F_2019Cu15IsLegacy",
                    {"15.0.4198.2", 3, "", "Windows"},
                    kLegacy,
                    true,
                    false,
                    false,
                    false,
                    true},
        VersionCase{"F_2019Cu15OnLinux",
                    {"15.0.4198.2", 3, "", "Linux"},
                    kUnsupportedHost,
                    false,
                    false,
                    false,
                    false,
                    true},
        VersionCase{"G_2019Cu20",
                    {"15.0.4312.2", 2, "Standard Edition (64-bit)", "Linux"},
                    kSupported,
                    true,
                    false,
                    false,
                    true,
                    true},
        VersionCase{"H_2022Release",
                    {"16.0.1000.6", 3, "", ""},
                    kSupported,
                    true,
                    false,
                    false,
                    true,
                    true},
        VersionCase{"I_2022GdrIsOneWayOnly",
                    {"16.0.1190.1", 3, "", ""},
                    kSupported,
                    true,
                    false,
                    false,
                    true,
                    true},
        VersionCase{
            "J_2022Cu10", {"16.0.4095.4", 2, "", ""}, kSupported, true, true, false, true, true},
        VersionCase{
            "K_2022Cu13", {"16.0.4125.3", 3, "", ""}, kSupported, true, true, true, true, true},
        VersionCase{"L_2025", {"17.0.1000.7", 3, "", ""}, kSupported, true, true, true, true, true},
        VersionCase{"M_ManagedInstance", {"12.0.2000.8", 8, "SQL Azure", ""}, kManagedInstance},
        VersionCase{"N_Express",
                    {"16.0.4125.3", 4, "Express Edition (64-bit)", ""},
                    kUnsupportedEdition,
                    false,
                    false,
                    false,
                    false,
                    true}),
    [](const auto& row) { return row.param.name; });

INSTANTIATE_TEST_SUITE_P(
    Further, CheckVersionTest,
    testing::Values(VersionCase{"WebEdition",
                                {"16.0.4125.3", 2, "Web Edition (64-bit)", ""},
                                kUnsupportedEdition,
                                false,
                                false,
                                false,
                                false,
                                true},
                    VersionCase{"SqlServer2014", {"12.0.6000.1", 3, "", ""}, kUnknownVersion},
                    VersionCase{"NextMajor", {"18.0.1000.1", 3, "", ""}, kUnknownVersion},
                    VersionCase{"NotAVersion", {"sixteen", 3, "", ""}, kUnknownVersion},
                    VersionCase{"SqlDatabase",
                                {"16.0.4125.3", 5, "SQL Azure", ""},
                                kUnsupportedEdition,
                                false,
                                false,
                                false,
                                false,
                                true}),
    [](const auto& row) { return row.param.name; });

TEST(CheckVersionTest, ContainedColumnIsReadFrom2022) {
  EXPECT_FALSE(CheckVersion({"15.0.4312.2", 3, "", ""}).capabilities.contained_groups);
  EXPECT_TRUE(CheckVersion({"16.0.1000.6", 3, "", ""}).capabilities.contained_groups);
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
