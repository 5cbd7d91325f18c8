// The files of the container image, without a container engine: the operator runs on them alone.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/e2e/stack.h"
#include "tests/integration/command.h"

namespace milink::e2e {
namespace {

using test::RunCommand;

// Read-only root, no shell, user 65532, nothing of this machine: the ODBC driver is found and
// loads, TLS to SQL Server and to Azure is verified, texts are converted.
TEST(ImageE2eTest, TheOperatorBringsALinkUpOnTheFilesOfTheImage) {
  Stack::Settings settings;
  settings.in_image = true;
  Stack stack(settings);
  stack.ApplySecrets();
  stack.StartOperator();
  stack.Apply(stack.ReplicaManifest());
  stack.Apply(stack.LinkManifest());
  EXPECT_TRUE(stack.WaitCondition("sqlr", "sql1", "Ready", "True"))
      << stack.Get("sqlr", "sql1").dump(2) << stack.OperatorLog();
  EXPECT_TRUE(stack.WaitCondition("mil", "shop", "Ready", "True"))
      << stack.Get("mil", "shop").dump(2) << stack.OperatorLog();
}

TEST(ImageE2eTest, NothingElseIsInTheImage) {
  const std::string folder = testing::TempDir() + "milink-image";
  RunCommand({"rm", "-rf", folder});
  const auto made = RunCommand({MILINK_IMAGE_SCRIPT, "make", MILINK_OPERATOR, folder});
  ASSERT_TRUE(made.ok()) << made.err;
  EXPECT_EQ(RunCommand({"find", folder, "-type", "f", "-perm", "/111", "-path", "*bin/*"}).out,
            folder + "/usr/bin/milink-operator\n");
  EXPECT_EQ(RunCommand({"find", folder, "-perm", "/6000"}).out, "");
  EXPECT_TRUE(std::filesystem::exists(folder + "/etc/ssl/certs/ca-certificates.crt"));
  EXPECT_TRUE(std::filesystem::exists(folder + "/var/lib/dpkg/status.d/tdsodbc"));
  const auto version = RunCommand({MILINK_IMAGE_SCRIPT, "run", folder, "--", "--version"});
  EXPECT_EQ(version.out, MILINK_VERSION "\n") << version.err;
  RunCommand({"rm", "-rf", folder});
}

}  // namespace
}  // namespace milink::e2e
