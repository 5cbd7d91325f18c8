#include "operator/options.h"

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <regex>
#include <set>
#include <sstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/base/text.h"

namespace milink::app {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

// Variables and a file that are gone after the test.
class OptionsTest : public testing::Test {
 protected:
  OptionsTest() {
    std::string folder = std::filesystem::temp_directory_path() / "milink-options-XXXXXX";
    directory_ = mkdtemp(folder.data());
  }
  ~OptionsTest() override {
    for (const auto& name : variables_) {
      unsetenv(name.c_str());
    }
    std::filesystem::remove_all(directory_);
  }

  void SetVariable(const std::string& name, const std::string& value) {
    setenv(name.c_str(), value.c_str(), 1);
    variables_.insert(name);
  }
  std::string File(const std::string& text) {
    const auto path = directory_ / "options.toml";
    std::ofstream(path) << text;
    return path;
  }
  static std::variant<Options, ExitNow> Parse(std::vector<const char*> arguments) {
    arguments.insert(arguments.begin(), "milink-operator");
    return ParseOptions(static_cast<int>(arguments.size()), arguments.data());
  }
  static Options Good(std::vector<const char*> arguments) {
    auto parsed = Parse(std::move(arguments));
    EXPECT_TRUE(std::holds_alternative<Options>(parsed));
    return std::holds_alternative<Options>(parsed) ? std::get<Options>(parsed) : Options();
  }
  // What is printed to stderr; the code is 2.
  static std::string Refusal(std::vector<const char*> arguments) {
    testing::internal::CaptureStderr();
    const auto parsed = Parse(std::move(arguments));
    const std::string text = testing::internal::GetCapturedStderr();
    const auto* exit = std::get_if<ExitNow>(&parsed);
    EXPECT_TRUE(exit != nullptr && exit->code == ExitCode::kBadOptions) << text;
    return text;
  }
  static std::string Help() {
    testing::internal::CaptureStdout();
    const auto parsed = Parse({"--help"});
    EXPECT_EQ(std::get<ExitNow>(parsed).code, ExitCode::kStopped);
    return testing::internal::GetCapturedStdout();
  }

  std::filesystem::path directory_;

 private:
  std::set<std::string> variables_;
};

TEST_F(OptionsTest, ByDefaultTheWholeClusterIsServedByWhoeverHoldsTheLease) {
  const Options options = Good({});
  EXPECT_TRUE(options.election.enabled);
  EXPECT_EQ(options.election.name, "milink-operator");
  EXPECT_EQ(options.election.lease_duration, std::chrono::seconds(15));
  EXPECT_EQ(options.election.renew_deadline, std::chrono::seconds(10));
  EXPECT_EQ(options.election.retry_period, std::chrono::seconds(2));
  EXPECT_THAT(options.scope.namespaces, IsEmpty());
  EXPECT_EQ(options.scope.shard, "");
}

TEST_F(OptionsTest, AFlagWinsOverItsVariableAndTheVariableOverTheFile) {
  const std::string file = File(
      "context = \"from-file\"\nkubeconfig = \"from-file\"\nlog-level = \"error\"\n"
      "leader-elect = false\nnamespaces = [\"from\", \"file\"]\nshutdown-grace = \"7s\"\n");
  SetVariable("MILINK_CONFIG", file);
  SetVariable("MILINK_CONTEXT", "from-variable");
  SetVariable("MILINK_KUBECONFIG", "from-variable");
  const Options options = Good({"--context", "from-flag"});
  EXPECT_EQ(options.context, "from-flag");
  EXPECT_EQ(options.kubeconfig, "from-variable");
  EXPECT_EQ(options.log_level, LogLevel::kError);
  EXPECT_FALSE(options.election.enabled);
  EXPECT_THAT(options.scope.namespaces, ElementsAre("from", "file"));
  EXPECT_EQ(options.shutdown_grace, std::chrono::seconds(7));
}

// A chart sets flags, and its extraArgs come after them.
TEST_F(OptionsTest, OfAFlagGivenTwiceTheLastCounts) {
  const Options options =
      Good({"--health-address=:8081", "--namespaces=a,b", "--shutdown-grace=5s",
            "--health-address=[::1]:9090", "--namespaces=c", "--shutdown-grace=7s"});
  EXPECT_EQ(options.health_address, "[::1]:9090");
  EXPECT_EQ(options.shutdown_grace, std::chrono::seconds(7));
  EXPECT_THAT(options.scope.namespaces, ElementsAre("a", "b", "c")) << "lists grow";
}

TEST_F(OptionsTest, ListsAndSwitchesReadTheSameFromEverySource) {
  EXPECT_THAT(Good({"--namespaces", "a,b"}).scope.namespaces, ElementsAre("a", "b"));
  EXPECT_FALSE(Good({"--leader-elect=false"}).election.enabled);
  EXPECT_FALSE(Good({"--no-leader-elect"}).election.enabled);
  SetVariable("MILINK_NAMESPACES", "c,d");
  SetVariable("MILINK_LEADER_ELECT", "false");
  EXPECT_THAT(Good({}).scope.namespaces, ElementsAre("c", "d"));
  EXPECT_FALSE(Good({}).election.enabled);
  EXPECT_TRUE(Good({"--leader-elect"}).election.enabled);
}

// The promise of --help: each flag has a variable, named after it.
TEST_F(OptionsTest, EveryFlagHasItsVariable) {
  std::istringstream help(Help());
  const std::regex flag("^  --([a-z-]+).*");
  std::set<std::string> flags;
  for (std::string line; std::getline(help, line);) {
    std::smatch match;
    if (!std::regex_match(line, match, flag) || match[1] == "version") {
      continue;
    }
    flags.insert(match[1]);
    std::string variable = ToUpperAscii("(Env:MILINK_" + match[1].str() + ")");
    std::replace(variable.begin(), variable.end(), '-', '_');
    EXPECT_THAT(ToUpperAscii(line), HasSubstr(variable));
  }
  EXPECT_GE(flags.size(), 24U);
}

TEST_F(OptionsTest, TheLimitsOfTheIdentityAreRules) {
  const auto rules =
      Good({"--azure-identity-limits", "team-a=/subscriptions/s,*"}).azure.identity_limits;
  EXPECT_THAT(rules, ElementsAre(azure::IdentityRule{"team-a", "/subscriptions/s"},
                                 azure::IdentityRule{"*", ""}));
  const std::string file =
      File("azure-identity-limits = [\"team-b\"]\nazure-identity = \"ManagedIdentity\"\n");
  const Options options = Good({"--config", file.c_str()});
  EXPECT_THAT(options.azure.identity_limits, ElementsAre(azure::IdentityRule{"team-b", ""}));
  EXPECT_EQ(options.azure.identity, "ManagedIdentity");
}

TEST_F(OptionsTest, TheDriverIsFreeTdsUnlessAnotherIsNamed) {
  EXPECT_EQ(Good({}).odbc_driver, "FreeTDS");
  EXPECT_EQ(Good({"--odbc-driver", "msodbcsql18"}).odbc_driver, "msodbcsql18");
  SetVariable("MILINK_ODBC_DRIVER", "/opt/driver/libmsodbcsql-18.3.so.3.1");
  EXPECT_EQ(Good({}).odbc_driver, "/opt/driver/libmsodbcsql-18.3.so.3.1");
}

struct Refused {
  const char* name;
  std::vector<const char*> arguments;
  const char* says;
};

class RefusedTest : public OptionsTest, public testing::WithParamInterface<Refused> {};

TEST_P(RefusedTest, TheFlagIsNamedAndTheCodeIsTwo) {
  EXPECT_THAT(Refusal(GetParam().arguments), HasSubstr(GetParam().says));
}

INSTANTIATE_TEST_SUITE_P(
    Options, RefusedTest,
    testing::Values(
        Refused{"AnUnknownFlag", {"--no-such-flag"}, "--no-such-flag"},
        Refused{"ANumberOutOfRange", {"--link-workers", "0"}, "--link-workers"},
        Refused{"ADurationWithoutUnit", {"--sync-timeout", "5"}, "duration"},
        Refused{"ANamespaceThatIsNoName", {"--namespaces", "a,B_c"}, "--namespaces"},
        Refused{"AShardThatIsNoName", {"--shard", "a/b"}, "--shard"},
        Refused{"AMissingFile", {"--config", "/nowhere/options.toml"}, "/nowhere/options.toml"},
        Refused{"AnIdentityThatIsNone", {"--azure-identity", "Password"}, "--azure-identity"},
        Refused{"ADriverThatIsNone", {"--odbc-driver", "libtdsodbc.so"}, "--odbc-driver"},
        Refused{"ALimitThatIsNoRule",
                {"--azure-identity-limits", "team-a,team_b=/subscriptions/s"},
                "team_b"},
        Refused{"ACloudThatIsNone", {"--azure-cloud", "AzureMoon"}, "--azure-cloud"},
        Refused{"ACustomCloudWithoutAddress", {"--azure-cloud", "Custom"}, "--azure-endpoint"},
        Refused{"ACloudWithTheAddressOfAnother",
                {"--azure-cloud", "AzureChina", "--azure-endpoint", "https://arm.corp"},
                "AzureChina"},
        Refused{"ALeaseThatEndsBeforeItsLeaderStops",
                {"--leader-elect-lease-duration", "10s"},
                "--leader-elect-renew-deadline"},
        Refused{
            "ALeaseOfMoreThanWholeSeconds",
            {"--leader-elect-lease-duration", "15.9s", "--leader-elect-renew-deadline", "15.5s"},
            "--leader-elect-lease-duration: 15.9s is not a number of whole seconds, which is "
            "what a Lease can say; use 16s"},
        Refused{"TooFewTriesToRenew",
                {"--leader-elect-retry-period", "9s"},
                "--leader-elect-retry-period"}),
    [](const auto& test) { return test.param.name; });

TEST_F(OptionsTest, AnUnknownKeyInTheFileIsRefused) {
  const std::string file = File("lnk-workers = 3\n");
  EXPECT_THAT(Refusal({"--config", file.c_str()}), HasSubstr("lnk-workers"));
}

TEST_F(OptionsTest, AWrongValueInTheFileIsRefused) {
  const std::string file = File("link-workers = 1000\n");
  EXPECT_THAT(Refusal({"--config", file.c_str()}), HasSubstr("--link-workers"));
}

TEST_F(OptionsTest, HelpNamesTheExitCodes) { EXPECT_THAT(Help(), HasSubstr("3 lost leadership")); }

}  // namespace
}  // namespace milink::app
