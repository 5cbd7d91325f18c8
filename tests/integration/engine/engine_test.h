// What the tests of the engine against the real API server share: a control plane of their own,
// which they may stop, restart and make forget, a kind (Widget), and a namespace per test.
#pragma once

#include <chrono>
#include <memory>
#include <string>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "core/kube/client.h"
#include "core/kube/http_transport.h"
#include "tests/integration/engine/keeper.h"
#include "tests/integration/engine/tcp_relay.h"
#include "tests/integration/kube_env.h"

namespace milink::test {

inline const kube::ResourceType kWidgetType{"test.milink.dev", "v1", "widgets", "Widget"};
inline constexpr Duration kPatience = std::chrono::seconds(60);

std::string VersionOf(const nlohmann::json& object);
nlohmann::json WidgetManifest(const std::string& namespace_name, const std::string& name, int size);

// Between two looks at something that another thread or process brings about.
void Pause(Duration duration);
// False: `condition` did not come to hold within `patience`.
template <typename Condition>
bool Eventually(Condition condition, Duration patience = kPatience) {
  const auto deadline = std::chrono::steady_clock::now() + patience;
  while (!condition()) {
    if (std::chrono::steady_clock::now() >= deadline) {
      return false;
    }
    Pause(Duration(10));
  }
  return true;
}

class EngineTest : public testing::Test {
 protected:
  static void SetUpTestSuite();
  static void TearDownTestSuite() { env_.reset(); }
  void SetUp() override;

  static kube::ClusterAccess AdminAccess();
  static int ServerPort();
  // The same access by way of `relay`.
  static kube::ClusterAccess Through(const TcpRelay& relay, kube::ClusterAccess access);

  std::string CreateWidget(const std::string& name, int size = 1);  // its version
  std::string ChangeWidget(const std::string& name, int size);
  void DeleteWidget(const std::string& name);
  // As the server has them, in the most recent state.
  std::vector<nlohmann::json> ServerObjects();
  Versions OnServer();
  // The keeper's cache is the server's state, its handlers were told all of it without a
  // contradiction, and the newest generation of every object was reconciled. The error says what
  // is not so.
  testing::AssertionResult Settled(const Keeper& keeper);
  testing::AssertionResult EventuallySettled(const Keeper& keeper, Duration patience = kPatience);

  static inline std::unique_ptr<KubeEnv> env_;

  SystemClock clock_;
  std::string namespace_;
  std::unique_ptr<kube::HttpTransport> transport_;
  std::unique_ptr<kube::Client> client_;
};

}  // namespace milink::test
