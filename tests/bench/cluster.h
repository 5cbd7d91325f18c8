// A big installation: the real API server with thousands of suspended links, and a simulator that
// plays the SQL Servers and managed instances they name, under write load.
//
// Not thread-safe.
#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "core/base/clock.h"
#include "core/kube/client.h"
#include "core/kube/http_transport.h"
#include "core/kube/object_client.h"
#include "tests/bench/operator_process.h"
#include "tests/integration/kube_env.h"
#include "tests/sim/main/simulator.h"

namespace milink::bench {

inline const kube::ResourceType kReplicaType{"milink.dev", "v1alpha1", "sqlserverreplicas",
                                             "SqlServerReplica"};
inline const kube::ResourceType kLinkType{"milink.dev", "v1alpha1", "managedinstancelinks",
                                          "ManagedInstanceLink"};
inline constexpr char kNamespace[] = "bench";

struct Settings {
  std::filesystem::path program;  // the operator
  int replicas = 100;
  int links = 10'000;
};

class Cluster {
 public:
  // The API server with CRDs and rights, the simulator, no object. Throws std::runtime_error.
  explicit Cluster(Settings settings);
  ~Cluster();
  Cluster(const Cluster&) = delete;
  Cluster& operator=(const Cluster&) = delete;

  test::KubeEnv& kube() { return *kube_; }
  kube::ClusterAccess AdminAccess() const;
  kube::Client& client() { return *client_; }
  enum class Election { kOff, kOn };
  std::unique_ptr<OperatorProcess> StartOperator(const std::string& log_name,
                                                 Election election = Election::kOff);

  void CreateObjects();
  // Makes every link 4 KiB of JSON as the server sends it, where it is smaller, by an annotation.
  void PadLinks();
  ObjectKey LinkKey(int number) const;
  // Bytes of JSON of an average link, but for its managedFields, which the client leaves unread.
  double LinkSize();

 private:
  nlohmann::json World() const;
  nlohmann::json Replica(int number) const;
  nlohmann::json Link(int number) const;
  void Kubectl(const std::vector<std::string>& args, const std::string& input = "");
  // Runs `make` for 0 .. count - 1 on several connections.
  void InParallel(int count, const std::function<void(kube::Client&, int)>& make);

  const Settings settings_;
  SystemClock clock_;
  std::unique_ptr<test::KubeEnv> kube_;
  std::unique_ptr<sim::Simulator> simulator_;
  std::filesystem::path operator_kubeconfig_;
  std::unique_ptr<kube::HttpTransport> transport_;
  std::unique_ptr<kube::Client> client_;
};

}  // namespace milink::bench
