// Certificates that end or are replaced, and the links that live by them.
#include <gtest/gtest.h>

#include "tests/unit/sim/world/paired_world.h"

namespace milink::sim {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

class CertificateLife : public testing::Test {
 protected:
  CertificateLife() {
    paired_.PrepareAndRequest();
    paired_.clock.Step(minutes(1));
    EXPECT_TRUE(Connected());
  }

  bool Connected() {
    const auto world = paired_.world.Enter();
    return paired_.managed->links.at(0).connected;
  }
  // As after any trouble on the way.
  void CutAndMend() {
    paired_.world.Enter()->network.Cut("10.0.0.4");
    paired_.clock.Step(seconds(1));
    EXPECT_FALSE(Connected());
    paired_.world.Enter()->network.Mend("10.0.0.4");
    paired_.clock.Step(seconds(30));
  }
  void Expire() {
    const auto world = paired_.world.Enter();
    paired_.server->FindCertificate("Cert")->expiry_date = world->now;
  }
  void MakeNext(bool upload) {
    const auto world = paired_.world.Enter();
    EXPECT_FALSE(
        CreateCertificate(*world, *paired_.server, {.name = "Cert_2", .subject = "next"}).failed());
    const Certificate& next = *paired_.server->FindCertificate("Cert_2");
    if (upload) {
      paired_.managed->trust_certificates.push_back(
          {.name = next.name, .der = next.der, .thumbprint = next.thumbprint});
    }
  }
  void Switch() {
    const auto world = paired_.world.Enter();
    EndpointClauses clauses = PairedWorld::Endpoint();
    clauses.certificate = "Cert_2";
    EXPECT_FALSE(AlterEndpoint(*world, *paired_.server, clauses).failed());
  }
  int ConnectError() {
    const auto world = paired_.world.Enter();
    for (const ReplicaStateRow& row : ReplicaStates(*world, *paired_.server)) {
      if (!row.is_local) return row.last_connect_error_number;
    }
    return 0;
  }

  PairedWorld paired_;
};

TEST_F(CertificateLife, AnExpiredCertificateKeepsTheConnectionAndFailsTheNextOne) {
  Expire();
  paired_.clock.Step(hours(1));
  EXPECT_TRUE(Connected());
  CutAndMend();
  EXPECT_FALSE(Connected());
  EXPECT_EQ(ConnectError(), 28'035);
}

TEST_F(CertificateLife, WhereConnectionsEndWithTheirCertificateTheyDoSoAtOnce) {
  paired_.world.Enter()->switches.expiry_breaks_connections = true;
  Expire();
  paired_.clock.Step(seconds(1));
  EXPECT_FALSE(Connected());
}

TEST_F(CertificateLife, AnEndpointTakesNoExpiredCertificate) {
  MakeNext(true);
  const auto world = paired_.world.Enter();
  paired_.server->FindCertificate("Cert_2")->expiry_date = world->now;
  EndpointClauses clauses = PairedWorld::Endpoint();
  clauses.certificate = "Cert_2";
  EXPECT_EQ(PairedWorld::ErrorOf(AlterEndpoint(*world, *paired_.server, clauses)), 28'055);
}

TEST_F(CertificateLife, ASwitchThatTheInstanceWasToldOfLosesNoConnection) {
  MakeNext(true);
  Switch();
  EXPECT_TRUE(Connected());
  CutAndMend();
  EXPECT_TRUE(Connected());
}

TEST_F(CertificateLife, ASwitchThatTheInstanceWasNotToldOfBreaksTheLinkUntilItIs) {
  MakeNext(false);
  Switch();
  EXPECT_FALSE(Connected());
  EXPECT_EQ(paired_.world.Enter()->managed_instances.at(0)->links.at(0).disconnects, 1);
  {
    const auto world = paired_.world.Enter();
    const Certificate& next = *paired_.server->FindCertificate("Cert_2");
    paired_.managed->trust_certificates.push_back(
        {.name = next.name, .der = next.der, .thumbprint = next.thumbprint});
  }
  paired_.clock.Step(seconds(30));
  EXPECT_TRUE(Connected());
}

TEST_F(CertificateLife, ARotatedCertificateOfTheInstanceKeepsTheConnection) {
  const std::string before = paired_.managed->endpoint_certificate_der;
  RotateEndpointCertificate(*paired_.world.Enter(), *paired_.managed);
  EXPECT_NE(paired_.managed->endpoint_certificate_der, before);
  paired_.clock.Step(hours(1));
  EXPECT_TRUE(Connected());
  CutAndMend();
  EXPECT_FALSE(Connected()) << "SQL Server holds the one before";
  paired_.world.Enter()->switches.own_certificate_required = false;
  paired_.clock.Step(seconds(30));
  EXPECT_TRUE(Connected()) << "the authority is enough";
}

TEST_F(CertificateLife, AChainIsValidatedByTheAuthoritiesOfTheInstance) {
  const auto world = paired_.world.Enter();
  const auto validated = [&](const std::string& name) {
    return ChainValidated(*world, *paired_.server, *paired_.server->FindCertificate(name));
  };
  EXPECT_TRUE(validated(paired_.managed->Fqdn()));
  EXPECT_TRUE(validated("Root"));
  paired_.server->FindCertificate("Root")->issuer_of.clear();
  EXPECT_FALSE(validated(paired_.managed->Fqdn()));
  world->switches.chain_check_needs_issuer_entry = false;
  EXPECT_TRUE(validated(paired_.managed->Fqdn()));
  world->switches.revocation_data_reachable = false;
  EXPECT_FALSE(validated(paired_.managed->Fqdn()));
  world->switches.revocation_data_reachable = true;
  EXPECT_FALSE(DropCertificate(*world, *paired_.server, "Root").failed());
  EXPECT_FALSE(validated(paired_.managed->Fqdn()));
}

TEST_F(CertificateLife, AnExpiredCertificateOfTheInstanceFailsTheNextConnection) {
  paired_.clock.Step(hours(24 * 340));
  {
    // That of SQL Server is good for longer.
    const auto world = paired_.world.Enter();
    paired_.server->FindCertificate("Cert")->expiry_date = world->now + hours(24 * 300);
  }
  CutAndMend();
  EXPECT_FALSE(Connected());
  EXPECT_EQ(ConnectError(), 28'035);
}

}  // namespace
}  // namespace milink::sim
