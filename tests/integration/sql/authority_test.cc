// A SQL Server whose certificate comes from another authority from one moment to the next, and the
// authority that a replica names, through the real driver.
#include <string>

#include <gtest/gtest.h>

#include "controllers/replica/target.h"
#include "tests/fakes/fake_object_client.h"
#include "tests/fakes/test_certificates.h"
#include "tests/integration/sql/engine_fixture.h"

namespace milink::sql {
namespace {

using fakes::TestCertificates;

// By the kind of object that holds the authority.
class AuthorityTest : public EngineFixture, public testing::WithParamInterface<std::string> {
 protected:
  void SetUp() override {
    StartServer({});
    replica_.meta.key = kReplica;
    replica_.meta.uid = "uid-1";
    replica_.meta.generation = 1;
    replica_.spec.host = "localhost";
    replica_.spec.port = server_->port();
    replica_.spec.credentials_secret = "sql1-login";
    replica_.spec.tls.ca = {GetParam(), "corp-ca", "ca.crt"};
    objects_.PutSecret({"ns", "sql1-login"}, {{"username", "sa"}, {"password", "Correct-Horse-9"}});
  }
  // Restarts the server with a certificate of this authority.
  void Serve(const TestCertificates& by) {
    ASSERT_TRUE(server_->SetIdentity({by.server.certificate_pem, by.server.key_pem}).ok());
    server_->DropConnections();
  }
  void Trust(const TestCertificates& authority) {
    if (GetParam() == "Secret") {
      objects_.PutSecret({"ns", "corp-ca"}, {{"ca.crt", authority.ca_pem}});
    } else {
      objects_.PutConfigMap({"ns", "corp-ca"}, {{"ca.crt", authority.ca_pem}});
    }
  }
  // As each pass of the controller does it.
  Status Pass() {
    auto reading = targets_.Read(replica_);
    if (!reading) {
      return reading.error();
    }
    hub_.SetTarget(kReplica, reading->target);
    const auto snapshot = hub_.Refresh(kReplica, RefreshScope::kFast);
    return snapshot.ok() ? OkStatus() : Status(snapshot.error());
  }
  void ExpectConnected(const Status& pass) {
    EXPECT_TRUE(pass.ok()) << (pass.ok() ? "" : ToString(pass.error()));
  }
  void ExpectUntrusted(const Status& pass) {
    ASSERT_FALSE(pass.ok());
    EXPECT_EQ(pass.error().reason, "TlsUntrusted") << ToString(pass.error());
    EXPECT_EQ(hub_.Snapshot(kReplica), nullptr);
  }

  const TestCertificates old_ = fakes::MakeTestCertificates("DNS:localhost");
  const TestCertificates new_ = fakes::MakeTestCertificates("DNS:localhost");
  api::SqlServerReplica replica_;
  fakes::FakeObjectClient objects_;
  replica::TargetReader targets_{objects_, clock_};
};

TEST_P(AuthorityTest, AChangedAuthorityCountsWithinAMinute) {
  constexpr auto kInterval = std::chrono::seconds(30);  // between two passes
  Serve(old_);
  Trust(old_);
  ExpectConnected(Pass());

  Serve(new_);
  ExpectUntrusted(Pass());
  Trust(new_);  // a moment after the authority was read
  const MonotonicTime changed = clock_.Monotonic();
  Status pass = Pass();
  while (!pass.ok() && clock_.Monotonic() - changed < std::chrono::minutes(1)) {
    ExpectUntrusted(pass);
    clock_.Step(kInterval);
    pass = Pass();
  }
  ExpectConnected(pass);

  Serve(old_);
  clock_.Step(kInterval);
  ExpectUntrusted(Pass());
}

// What is trusted no longer must not live on in a connection that was made before.
TEST_P(AuthorityTest, AnAuthorityThatIsTakenAwayCountsForOpenConnectionsToo) {
  Serve(old_);
  Trust(old_);
  ExpectConnected(Pass());
  Trust(new_);
  clock_.Step(std::chrono::minutes(1));
  ExpectUntrusted(Pass());
}

INSTANTIATE_TEST_SUITE_P(Kinds, AuthorityTest, testing::Values("Secret", "ConfigMap"),
                         [](const auto& test) { return test.param; });

}  // namespace
}  // namespace milink::sql
