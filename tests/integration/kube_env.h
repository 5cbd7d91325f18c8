// A real Kubernetes API server of one's own (hack/kube-env.sh), for integration and e2e tests.
//
// It runs in a folder of its own below the system's temporary one, is stopped and removed with the
// object, and by a guard process when this process is killed. Starting takes about 2 s: share one
// per program (SetUpTestSuite), with a namespace per test. Thread-safe, except what stops servers.
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "core/base/result.h"
#include "tests/integration/command.h"

namespace milink::test {

class KubeEnv {
 public:
  // The error's detail has the end of the server's log.
  static Result<std::unique_ptr<KubeEnv>> Start();
  ~KubeEnv();
  KubeEnv(const KubeEnv&) = delete;
  KubeEnv& operator=(const KubeEnv&) = delete;

  const std::filesystem::path& directory() const { return directory_; }  // logs: *.log
  std::filesystem::path admin_kubeconfig() const { return directory_ / "admin.kubeconfig"; }
  std::filesystem::path kubectl() const { return directory_ / "bin" / "kubectl"; }

  // kubectl as administrator, or with another kubeconfig; `input` is what `-f -` reads.
  CommandOutput Kubectl(const std::vector<std::string>& args, const std::string& input = "") const;
  CommandOutput KubectlAs(const std::filesystem::path& kubeconfig,
                          const std::vector<std::string>& args,
                          const std::string& input = "") const;

  // A kubeconfig with a token of an existing ServiceAccount.
  Result<std::filesystem::path> ServiceAccountKubeconfig(const std::string& namespace_name,
                                                         const std::string& name) const;

  // Kills the API server as a crash would.
  Status StopApiServer();
  // The same, and returns when it serves again on the same port with the same data. It remembers no
  // history then: a watch from a version before the restart is answered with 410.
  Status RestartApiServer();
  // Makes etcd forget all history up to now.
  Status CompactHistory();

 private:
  explicit KubeEnv(std::filesystem::path directory) : directory_(std::move(directory)) {}
  Status Tell(const std::string& command, const std::string& failure) const;

  std::filesystem::path directory_;
};

}  // namespace milink::test
