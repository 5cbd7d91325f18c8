#include "tests/integration/kube_env.h"

#include <unistd.h>

#include "core/base/text.h"

namespace milink::test {
namespace {

CommandOutput Script(std::vector<std::string> args) {
  args.insert(args.begin(), MILINK_KUBE_ENV_SCRIPT);
  return RunCommand(args);
}

Error Failure(const std::string& what, const CommandOutput& output) {
  return {ErrorKind::kInternal, "KubeEnvFailed", what, output.err};
}

}  // namespace

Result<std::unique_ptr<KubeEnv>> KubeEnv::Start() {
  std::string folder = std::filesystem::temp_directory_path() / "milink-kube-XXXXXX";
  if (mkdtemp(folder.data()) == nullptr) {
    return Error{ErrorKind::kInternal, "KubeEnvFailed", "no temporary folder could be made"};
  }
  std::unique_ptr<KubeEnv> env(new KubeEnv(folder));
  const CommandOutput up = Script({"up", folder, "--owner", std::to_string(getpid())});
  if (!up.ok()) {
    return Failure("the Kubernetes API server for tests did not start", up);
  }
  return env;
}

KubeEnv::~KubeEnv() {
  Script({"down", directory_});
  std::error_code ignored;  // present only when `up` failed early
  std::filesystem::remove_all(directory_, ignored);
}

CommandOutput KubeEnv::Kubectl(const std::vector<std::string>& args,
                               const std::string& input) const {
  return KubectlAs(admin_kubeconfig(), args, input);
}

CommandOutput KubeEnv::KubectlAs(const std::filesystem::path& kubeconfig,
                                 const std::vector<std::string>& args,
                                 const std::string& input) const {
  std::vector<std::string> command = {kubectl(), "--kubeconfig", kubeconfig, "--cache-dir",
                                      directory_ / "cache"};
  command.insert(command.end(), args.begin(), args.end());
  return RunCommand(command, input);
}

Result<std::filesystem::path> KubeEnv::ServiceAccountKubeconfig(const std::string& namespace_name,
                                                                const std::string& name) const {
  const CommandOutput made = Script({"token-kubeconfig", directory_, namespace_name, name});
  if (!made.ok()) {
    return Failure("no token for " + namespace_name + "/" + name, made);
  }
  return std::filesystem::path(Trim(made.out));
}

Status KubeEnv::Tell(const std::string& command, const std::string& failure) const {
  const CommandOutput done = Script({command, directory_});
  if (!done.ok()) {
    return Failure(failure, done);
  }
  return OkStatus();
}

Status KubeEnv::StopApiServer() {
  return Tell("stop-apiserver", "the API server could not be stopped");
}

Status KubeEnv::RestartApiServer() {
  return Tell("restart-apiserver", "the API server did not come back");
}

Status KubeEnv::CompactHistory() { return Tell("compact", "etcd's history could not be dropped"); }

}  // namespace milink::test
