#include "tests/sim/world/partners.h"

#include <gtest/gtest.h>

#include "tests/fakes/fake_clock.h"
#include "tests/sim/world/security_ddl.h"

namespace milink::sim {
namespace {

class PartnersTest : public testing::Test {
 protected:
  SqlServerInstance& Add(WorldState& world, const std::string& name, const std::string& address) {
    SqlServerInstance instance;
    instance.server_name = name;
    instance.addresses = {address};
    SqlServerInstance& added = AddInstance(world, std::move(instance));
    CreateMasterKey(world, added, "Known-Master-Key-1");
    CreateCertificate(world, added, {name, name, {}, {}});
    CreateEndpoint(world, added,
                   {.name = "e",
                    .state = EndpointState::kStarted,
                    .port = 5022,
                    .auth = ConnectionAuth::kNegotiate,
                    .certificate = name,
                    .encryption = EncryptionAlgorithm::kAes});
    return added;
  }

  fakes::FakeClock clock_;
  World world_{clock_};
};

TEST_F(PartnersTest, AuthenticationAgreesInAKindThatBothOffer) {
  auto world = world_.Enter();
  auto& a = Add(*world, "SQL1", "10.0.0.4");
  auto& b = Add(*world, "SQL2", "10.0.0.5");
  struct Case {
    ConnectionAuth a;
    ConnectionAuth b;
    bool agree;
  };
  using enum ConnectionAuth;
  for (const auto& [mine, theirs, agree] :
       {Case{kNegotiate, kNegotiate, true}, Case{kNegotiate, kKerberos, true},
        Case{kNtlm, kNegotiateCertificate, true}, Case{kKerberos, kKerberos, true},
        Case{kKerberos, kNtlm, false}, Case{kNegotiate, kCertificate, false},
        Case{kCertificate, kCertificate, false}, Case{kCertificate, kNegotiate, false}}) {
    a.endpoint->auth = mine;
    b.endpoint->auth = theirs;
    EXPECT_EQ(AuthenticationAgrees(a, b), agree) << Desc(mine) << " and " << Desc(theirs);
    EXPECT_EQ(AuthenticationAgrees(b, a), agree) << Desc(theirs) << " and " << Desc(mine);
  }
  a.endpoint->auth = kCertificate;
  b.endpoint->auth = kCertificateNegotiate;
  ImportCertificate(*world, a, "theirs", b.FindCertificate("SQL2")->der);
  EXPECT_FALSE(AuthenticationAgrees(a, b)) << "one has the other's key";
  ImportCertificate(*world, b, "theirs", a.FindCertificate("SQL1")->der);
  EXPECT_TRUE(AuthenticationAgrees(a, b));
}

TEST_F(PartnersTest, EncryptionAgreesInAnAlgorithmOrInNone) {
  using enum EncryptionAlgorithm;
  EXPECT_TRUE(EncryptionAgrees(kAes, kAes));
  EXPECT_TRUE(EncryptionAgrees(kRc4, kAesRc4));
  EXPECT_TRUE(EncryptionAgrees(kNoneAes, kAes));
  EXPECT_TRUE(EncryptionAgrees(kNone, kNoneAes));
  EXPECT_TRUE(EncryptionAgrees(kNone, kNone));
  EXPECT_FALSE(EncryptionAgrees(kRc4, kAes));
  EXPECT_FALSE(EncryptionAgrees(kNone, kAes));
  EXPECT_FALSE(EncryptionAgrees(kAes, kNone));
}

TEST_F(PartnersTest, TheUrlMustLeadToAListener) {
  auto world = world_.Enter();
  auto& a = Add(*world, "SQL1", "10.0.0.4");
  auto& b = Add(*world, "SQL2", "10.0.0.5");
  EXPECT_TRUE(PartnersConnect(a, b, "TCP://10.0.0.5:5022"));
  EXPECT_FALSE(PartnersConnect(a, b, "TCP://10.0.0.5:5023"));
  EXPECT_FALSE(PartnersConnect(a, b, "TCP://10.0.0.6:5022"));
  b.endpoint->ip_address = "10.0.0.7";
  EXPECT_FALSE(PartnersConnect(a, b, "TCP://10.0.0.5:5022"));
  b.endpoint->ip_address = "10.0.0.5";
  EXPECT_TRUE(PartnersConnect(a, b, "TCP://10.0.0.5:5022"));
  AlterEndpoint(*world, b, {.name = "e", .state = EndpointState::kStopped});
  EXPECT_FALSE(PartnersConnect(a, b, "TCP://10.0.0.5:5022"));
  EXPECT_FALSE(PartnersConnect(b, a, "TCP://10.0.0.4:5022"))
      << "a stopped one does not call either";
  b.endpoint.reset();
  EXPECT_FALSE(PartnersConnect(a, b, "TCP://10.0.0.5:5022"));
}

}  // namespace
}  // namespace milink::sim
