// What the tests of core/kube against the real API server share: one server, a kind of their own
// with a status (Widget), and a namespace per test.
#pragma once

#include <memory>
#include <string>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "core/base/clock.h"
#include "core/base/random.h"
#include "core/kube/client.h"
#include "core/kube/http_transport.h"
#include "tests/integration/kube_env.h"

namespace milink::kube {

// The same class in every file, so that all cases share one server.
class KubeTest : public testing::Test {
 protected:
  static void SetUpTestSuite();
  static void TearDownTestSuite() { env_.reset(); }
  void SetUp() override;

  std::shared_ptr<Dialer> Dial(const ClusterAccess& access);
  ClusterAccess AdminAccess() const;
  // {"metadata": .., "spec": {"size": size}} in this test's namespace.
  nlohmann::json Widget(const std::string& name, int size = 1) const;
  // Creates it; the stored object.
  nlohmann::json CreateWidget(const std::string& name, int size = 1);
  ObjectKey Key(const std::string& name) const { return {namespace_, name}; }

  static inline std::unique_ptr<test::KubeEnv> env_;
  static inline const ResourceType kWidgets{"test.milink.dev", "v1", "widgets", "Widget"};

  SystemClock clock_;
  std::unique_ptr<Random> random_ = MakeSeededRandom(1);
  std::string namespace_;
  std::shared_ptr<Dialer> dialer_;
  std::unique_ptr<HttpTransport> transport_;
  std::unique_ptr<Client> client_;
};

std::string ResourceVersionOf(const nlohmann::json& object);

}  // namespace milink::kube
