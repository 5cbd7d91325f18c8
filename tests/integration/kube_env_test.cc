// The test environment itself: what other tests rely on without saying so.
#include "tests/integration/kube_env.h"

#include <filesystem>
#include <fstream>
#include <iterator>

#include <gmock/gmock.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

namespace milink::test {
namespace {

using ::testing::HasSubstr;

std::string Content(const std::string& path) {
  std::ifstream file(path);
  return {std::istream_iterator<char>(file), {}};  // white space skipped
}

class KubeEnvTest : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    auto started = KubeEnv::Start();
    ASSERT_TRUE(started.ok()) << ToString(started.error());
    env_ = std::move(started).value();
  }
  static void TearDownTestSuite() { env_.reset(); }

  static inline std::unique_ptr<KubeEnv> env_;
};

TEST_F(KubeEnvTest, AnAccountWithoutARoleIsRefused) {
  ASSERT_TRUE(env_->Kubectl({"create", "namespace", "rbac"}).ok());
  ASSERT_TRUE(env_->Kubectl({"-n", "rbac", "create", "serviceaccount", "nobody"}).ok());
  const auto kubeconfig = env_->ServiceAccountKubeconfig("rbac", "nobody");
  ASSERT_TRUE(kubeconfig.ok()) << ToString(kubeconfig.error());

  const CommandOutput listed = env_->KubectlAs(*kubeconfig, {"get", "secrets"});
  EXPECT_EQ(listed.exit_code, 1);
  EXPECT_THAT(listed.err, HasSubstr("system:serviceaccount:rbac:nobody"));
  EXPECT_THAT(listed.err, HasSubstr("forbidden"));
}

TEST_F(KubeEnvTest, ARestartKeepsDataAndAddress) {
  ASSERT_TRUE(env_->Kubectl({"create", "configmap", "kept"}).ok());
  const Status restarted = env_->RestartApiServer();
  ASSERT_TRUE(restarted.ok()) << ToString(restarted.error());
  const CommandOutput read = env_->Kubectl({"get", "configmap", "kept", "-o", "name"});
  EXPECT_EQ(read.out, "configmap/kept\n") << read.err;
}

TEST_F(KubeEnvTest, AStoppedServerIsGoneUntilItIsRestarted) {
  ASSERT_TRUE(env_->StopApiServer().ok());
  EXPECT_FALSE(env_->Kubectl({"get", "namespaces"}).ok());
  ASSERT_TRUE(env_->RestartApiServer().ok());
  EXPECT_TRUE(env_->Kubectl({"get", "namespaces"}).ok());
}

TEST_F(KubeEnvTest, HistoryIsDroppedAndNothingElse) {
  ASSERT_TRUE(env_->Kubectl({"create", "configmap", "after-compaction"}).ok());
  const Status dropped = env_->CompactHistory();
  ASSERT_TRUE(dropped.ok()) << ToString(dropped.error());
  EXPECT_TRUE(env_->Kubectl({"get", "configmap", "after-compaction"}).ok());
}

TEST_F(KubeEnvTest, TwoEnvironmentsDoNotMeet) {
  ASSERT_TRUE(env_->Kubectl({"create", "namespace", "only-in-the-first"}).ok());
  auto second = KubeEnv::Start();
  ASSERT_TRUE(second.ok()) << ToString(second.error());
  EXPECT_FALSE((*second)->Kubectl({"get", "namespace", "only-in-the-first"}).ok());
  EXPECT_TRUE(env_->Kubectl({"get", "namespace", "only-in-the-first"}).ok());
}

// The owner is a process of ours that we kill; the environment must go with it.
TEST(KubeEnvGuard, TheServersEndWithTheirOwner) {
  const pid_t owner = fork();
  if (owner == 0) {
    for (;;) {
      pause();
    }
  }
  std::string folder = std::filesystem::temp_directory_path() / "milink-guard-XXXXXX";
  ASSERT_NE(mkdtemp(folder.data()), nullptr);
  const CommandOutput up =
      RunCommand({MILINK_KUBE_ENV_SCRIPT, "up", folder, "--owner", std::to_string(owner)});
  EXPECT_TRUE(up.ok()) << up.err;
  const std::string apiserver = Content(folder + "/kube-apiserver.pid");
  const std::string guard = Content(folder + "/guard.pid");
  ASSERT_TRUE(std::filesystem::exists("/proc/" + apiserver + "/exe")) << apiserver;

  kill(owner, SIGKILL);
  waitpid(owner, nullptr, 0);
  RunCommand({"tail", "--pid=" + guard, "-f", "/dev/null"});
  EXPECT_FALSE(std::filesystem::exists(folder));
  EXPECT_FALSE(std::filesystem::exists("/proc/" + apiserver + "/exe"));
}

}  // namespace
}  // namespace milink::test
