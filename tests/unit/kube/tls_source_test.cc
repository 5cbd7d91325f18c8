#include "core/kube/tls_source.h"

#include "tests/fakes/fake_clock.h"
#include "tests/fakes/log_collector.h"
#include "tests/fakes/test_certificates.h"
#include "tests/unit/kube/temp_folder.h"

namespace milink::kube {
namespace {

class TlsSourceTest : public testing::Test {
 protected:
  TlsSourceTest() {
    access_.ca_pem = first_.ca_pem;
    access_.ca_file = folder_.Write("ca.crt", first_.ca_pem);
  }
  TlsSource& Source() {
    if (!source_) {
      auto made = TlsSource::Make(access_, "api.test", clock_, Logger(log_));
      EXPECT_TRUE(made.ok());
      source_ = *std::move(made);
    }
    return *source_;
  }
  void ReplaceAuthority(const std::string& content) {
    folder_.Write("ca.crt", content);
    clock_.Step(std::chrono::minutes(1));
  }
  static Identity As(const fakes::KeyPair& pair) {
    return {Secret(), pair.certificate_pem, Secret(pair.key_pem)};
  }

  const fakes::TestCertificates first_ = fakes::MakeTestCertificates("DNS:api.test");
  const fakes::TestCertificates second_ = fakes::MakeTestCertificates("DNS:api.test");
  ClusterAccess access_;
  TempFolder folder_;
  fakes::FakeClock clock_;
  std::shared_ptr<fakes::LogCollector> log_ = std::make_shared<fakes::LogCollector>();
  std::unique_ptr<TlsSource> source_;
};

TEST_F(TlsSourceTest, NothingNewNothingMade) {
  const auto before = Source().For({});
  clock_.Step(std::chrono::hours(1));
  EXPECT_EQ(Source().For({}), before);
}

TEST_F(TlsSourceTest, K13ANewAuthorityIsTakenAndOurIdentityStays) {
  const auto before = Source().For({});
  ReplaceAuthority(second_.ca_pem);
  const auto after = Source().For({});
  EXPECT_NE(after, before);
  EXPECT_TRUE(Source().HasOurIdentity(before)) << "running streams go on";
}

TEST_F(TlsSourceTest, K13AnAuthorityThatCannotBeReadLeavesTheOldOne) {
  const auto before = Source().For({});
  for (const char* content : {"", "nonsense"}) {
    ReplaceAuthority(content);
    EXPECT_EQ(Source().For({}), before);
  }
  clock_.Step(std::chrono::minutes(1));
  EXPECT_EQ(Source().For({}), before);
  EXPECT_EQ(log_->Lines("Kept the old certificates for the Kubernetes API server").size(), 1U);
  ReplaceAuthority(second_.ca_pem);
  EXPECT_NE(Source().For({}), before);
}

TEST_F(TlsSourceTest, K13ANewCertificateOfOursIsTakenAtOnce) {
  const auto before = Source().For(As(first_.client));
  const auto after = Source().For(As(second_.client));
  EXPECT_NE(after, before);
  EXPECT_FALSE(Source().HasOurIdentity(before));
  EXPECT_TRUE(Source().HasOurIdentity(after));
}

// Two files cannot be replaced at one moment.
TEST_F(TlsSourceTest, ACertificateBesideAnotherOnesKeyIsNotTaken) {
  const auto before = Source().For(As(first_.client));
  Identity torn = As(second_.client);
  torn.key_pem = Secret(first_.client.key_pem);
  EXPECT_EQ(Source().For(torn), before);
  EXPECT_NE(Source().For(As(second_.client)), before);
}

TEST_F(TlsSourceTest, WhatIsWrongAtTheStartIsAnError) {
  access_.ca_pem = "nonsense";
  EXPECT_EQ(TlsSource::Make(access_, "api.test", clock_, Logger()).error().reason,
            "TlsConfigInvalid");
}

}  // namespace
}  // namespace milink::kube
