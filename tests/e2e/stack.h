// Everything that a link needs, running: the real API server with our CRDs and the operator's own
// minimal rights, the simulator in this process, and the operator as a program.
//
// Not thread-safe.
#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "core/base/clock.h"
#include "tests/e2e/kube_gate.h"
#include "tests/e2e/process.h"
#include "tests/integration/kube_env.h"
#include "tests/sim/main/simulator.h"

namespace milink::e2e {

// One SQL Server SQL1 (2022 CU13 on Linux) with two databases, which are written to all the time,
// and one managed instance sqlmi1.
nlohmann::json DefaultWorld();
// The same, but that somebody has prepared SQL1 for other things: its master key came from another
// host, its endpoint knows Windows authentication and RC4 alone, its trace flags are off.
nlohmann::json ForeignWorld();

class Stack;
// The same on Windows with SQL Server Agent, and a login on the managed instance too: connections
// can be tried from both sides.
nlohmann::json TestableWorld();
// The Secret with that login, and a link that names it.
nlohmann::json InstanceLogin(const Stack& stack);
nlohmann::json TestedLink(const Stack& stack, const std::string& mode);

class Stack {
 public:
  struct Settings {
    nlohmann::json world = DefaultWorld();
    double speed = 60;  // simulated seconds in one real one
    int retry_after_seconds = 1;
    std::string instance_interval = "2s";  // of the operator: how often an instance is read
    bool through_gate = false;  // the operator talks to the API server through a KubeGate
    bool in_image = false;      // the operator runs on the files of its container image alone
    std::vector<std::string> arguments = {};  // of StartOperator()'s, after the usual ones
    std::map<std::string, std::string> environment = {};  // likewise; wins over the usual ones
    // The operator's rights: arguments of kubectl apply, the last one a path in the source tree.
    std::vector<std::vector<std::string>> rights = {{"-k", "config/rbac"}};
  };

  // Throws std::runtime_error saying what did not start.
  explicit Stack(Settings settings);
  ~Stack();
  Stack(const Stack&) = delete;
  Stack& operator=(const Stack&) = delete;

  test::KubeEnv& kube() { return *kube_; }
  sim::Simulator& sim() { return *simulator_; }
  const sim::Simulator& sim() const { return *simulator_; }
  KubeGate* gate() { return gate_.get(); }

  void StartOperator();
  void KillOperator();  // SIGKILL
  // SIGTERM; its exit code, -1 when it did not end in time.
  int StopOperator();
  bool OperatorRuns();
  std::string OperatorLog() const;
  // What it serves below the path; empty when it does not run or does not answer.
  std::string Page(const std::string& path);
  std::string Metrics() { return Page("/metrics"); }
  pid_t OperatorPid() const { return operator_->pid(); }
  // One more operator beside that one, with a log of its own, <name>.log. `arguments` come last.
  std::unique_ptr<Process> Launch(const std::string& name, const std::filesystem::path& kubeconfig,
                                  const std::vector<std::string>& arguments = {});
  std::string LogOf(const std::string& name) const;
  // With the operator's own rights, past any gate.
  const std::filesystem::path& direct_kubeconfig() const { return direct_kubeconfig_; }
  const std::filesystem::path& directory() const { return directory_; }

  // kubectl in the test's namespace; fails the program's expectations by throwing.
  std::string Kubectl(const std::vector<std::string>& args, const std::string& input = "");
  // The object, or null when there is none.
  nlohmann::json Get(const std::string& kind, const std::string& name);
  std::vector<nlohmann::json> Events();
  // Manifests of the replica and the link, as a user writes them.
  nlohmann::json ReplicaManifest() const;
  nlohmann::json LinkManifest() const;
  void Apply(const nlohmann::json& manifest);
  // Secrets and the ConfigMap with the SQL Server's authority.
  void ApplySecrets();

  // Status and reason of a condition: "True Succeeded"; empty when it is not there.
  std::string Condition(const std::string& kind, const std::string& name, const std::string& type);
  bool WaitCondition(const std::string& kind, const std::string& name, const std::string& type,
                     const std::string& status, Duration timeout = std::chrono::seconds(60));
  bool WaitGone(const std::string& kind, const std::string& name,
                Duration timeout = std::chrono::seconds(60));

  // The simulated world without what differs from run to run: times, ids, keys.
  nlohmann::json ComparableWorld();

  static constexpr char kNamespace[] = "shop";
  static constexpr char kSystemNamespace[] = "milink-system";  // of the operator and its Lease

 private:
  void InstallOperator();
  // The same command, run in a root folder made of the image's files.
  Process::Command InImage(const Process::Command& command);

  Settings settings_;
  std::filesystem::path directory_;
  SystemClock real_clock_;
  std::unique_ptr<test::KubeEnv> kube_;
  std::unique_ptr<sim::Simulator> simulator_;
  std::unique_ptr<KubeGate> gate_;
  std::filesystem::path direct_kubeconfig_;
  std::filesystem::path operator_kubeconfig_;
  std::unique_ptr<Process> operator_;
};

}  // namespace milink::e2e
