#include "core/kube/dialer.h"

#include <gmock/gmock.h>

#include "tests/fakes/fake_clock.h"
#include "tests/fakes/log_collector.h"

namespace milink::kube {
namespace {

class DialerTest : public testing::Test {
 protected:
  DialerTest() { access_.server = "https://10.0.0.1"; }
  Result<std::shared_ptr<Dialer>> Make() {
    return Dialer::Make(access_, "milink-operator/test", clock_, Logger(log_));
  }
  ClusterAccess access_;
  fakes::FakeClock clock_;
  std::shared_ptr<fakes::LogCollector> log_ = std::make_shared<fakes::LogCollector>();
};

TEST_F(DialerTest, KnowsTheServerAndOurNamespace) {
  access_.namespace_name = "milink-system";
  const auto dialer = Make();
  ASSERT_TRUE(dialer.ok());
  EXPECT_EQ((*dialer)->host(), "10.0.0.1:443");
  EXPECT_EQ((*dialer)->default_namespace(), "milink-system");
}

TEST_F(DialerTest, AddressOfAnIpv6Server) {
  access_.server = "https://[fd00::1]:6443";
  EXPECT_EQ((*Make())->host(), "[fd00::1]:6443");
}

TEST_F(DialerTest, WhatCannotBeUsedIsRefusedBeforeConnecting) {
  ClusterAccess bad = access_;
  bad.server = "http://10.0.0.1";
  std::swap(access_, bad);
  EXPECT_EQ(Make().error().reason, "ServerUrlInvalid");
  std::swap(access_, bad);

  access_.impersonate.groups = {"g"};
  EXPECT_EQ(Make().error().reason, "ImpersonationInvalid");
  access_.impersonate = {};

  access_.ca_pem = "nonsense";
  EXPECT_EQ(Make().error().reason, "TlsConfigInvalid");
  access_.ca_pem.clear();

  access_.plugin.emplace();
  EXPECT_EQ(Make().error().reason, "PluginConfigInvalid");
}

TEST_F(DialerTest, WhatIsOddIsLogged) {
  access_.notes = {"no authority"};
  ASSERT_TRUE(Make().ok());
  const auto lines = log_->Lines("Noted something odd in the cluster's configuration");
  ASSERT_EQ(lines.size(), 1U);
  EXPECT_EQ(lines[0].Field("note"), "no authority");
}

}  // namespace
}  // namespace milink::kube
