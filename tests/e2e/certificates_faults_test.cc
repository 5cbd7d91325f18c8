// Certificates that somebody else touched, refused or let expire, on one pair of links that lives
// through all of it, the operator being killed at every write of what it does about two of them.
#include <algorithm>
#include <functional>
#include <memory>
#include <set>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "tests/e2e/certificates_world.h"
#include "tests/e2e/killer.h"
#include "tests/e2e/oracles.h"
#include "tests/e2e/stack.h"
#include "tests/sim/world/security_ddl.h"
#include "tests/sim/world/x509.h"

namespace milink::e2e {
namespace {

using nlohmann::json;
using std::chrono::milliseconds;
using std::chrono::seconds;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr std::size_t kThumbprintInName = 8;
constexpr Variant kEveryVariant[] = {Variant::kBefore, Variant::kAfterEffect,
                                     Variant::kAfterAnswer};

class CertificateFaultsE2eTest : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    stack_ = std::make_unique<Stack>(TwoInstances());
    ApplyPair(*stack_);
    stack_->StartOperator();
  }
  static void TearDownTestSuite() { stack_.reset(); }
  static Stack& stack() { return *stack_; }

  void SetUp() override { ASSERT_TRUE(IsWell(seconds(120))) << stack().OperatorLog(); }

  static bool IsWell(Duration within = seconds(60)) {
    return Eventually([] { return ConnectedLinks(stack()) == 2 && AllReady(stack()); }, within,
                      milliseconds(200));
  }
  static bool Comes(const std::function<bool()>& state, Duration within = seconds(60)) {
    return Eventually(state, within, milliseconds(100));
  }
  static std::string Shown() {
    return stack().Get("sqlr", "sql1").dump(2) + stack().Get("mil", "shop").dump(2) +
           stack().Get("mil", "staff").dump(2);
  }
  // Says that the link may replace what others imported.
  static void PermitReplacing() {
    json link = LinkOf(stack(), "shop");
    link["spec"]["preparation"]["replaceInstanceCertificate"] = true;
    stack().Apply(link);
  }
  // Does the journal of the link have what SQL Server holds of the instance?
  static bool IsJournalled(const std::string& link, const std::string& instance) {
    const std::string fqdn = FqdnOf(stack(), instance);
    const std::string thumbprint = InWorld(stack(), [&](auto& /*world*/, auto& server) {
      const auto* held = server.FindCertificate(fqdn);
      return held == nullptr ? std::string() : held->thumbprint;
    });
    const json object = stack().Get("mil", link);
    for (const json& entry : object.at("status").at("ownedObjects")) {
      if (entry.at("name") == fqdn) {
        return entry.value("identity", "") == thumbprint && entry.at("state") == "Created";
      }
    }
    return false;
  }

 private:
  static std::unique_ptr<Stack> stack_;
};

std::unique_ptr<Stack> CertificateFaultsE2eTest::stack_;

// The operator is told nothing and not restarted: the lost connection makes it look.
TEST_F(CertificateFaultsE2eTest, ARotationBesideACertificateOfOthersIsSeenWhenItHurtsAndRepaired) {
  const int disconnects = Disconnects(stack(), "sqlmi2");
  const std::string fqdn = FqdnOf(stack(), "sqlmi1");
  InWorld(stack(), [&](auto& world, auto& server) {
    auto& instance = *world.FindManagedInstance("sqlmi1");
    RotateEndpointCertificate(world, instance);
    ASSERT_FALSE(DropCertificate(world, server, fqdn).failed());
    ASSERT_FALSE(
        ImportCertificate(world, server, fqdn, instance.endpoint_certificate_der).failed());
    RotateEndpointCertificate(world, instance);
  });
  const std::string presented = InWorld(stack(), [](auto& world, auto& /*server*/) {
    return sim::ThumbprintOf(world.FindManagedInstance("sqlmi1")->endpoint_certificate_der);
  });
  CutAndMend(stack(), "sqlmi1");
  EXPECT_TRUE(Comes(
      [&] {
        return Message(stack(), "mil", "shop", "TrustEstablished").find(presented) !=
               std::string::npos;
      },
      seconds(80)))
      << Shown();
  EXPECT_THAT(Message(stack(), "mil", "shop", "TrustEstablished"),
              HasSubstr("spec.preparation.replaceInstanceCertificate"));
  EXPECT_EQ(ConnectedLinks(stack()), 1);
  EXPECT_FALSE(HoldsCertificateOf(stack(), "sqlmi1")) << "nobody has permitted that";

  PermitReplacing();
  EXPECT_TRUE(Comes([] { return HoldsCertificateOf(stack(), "sqlmi1"); })) << Shown();
  EXPECT_TRUE(IsWell()) << Shown();
  EXPECT_TRUE(Comes([] { return IsJournalled("shop", "sqlmi1"); })) << Shown();
  EXPECT_EQ(Disconnects(stack(), "sqlmi2"), disconnects);
}

TEST_F(CertificateFaultsE2eTest, TheRightCertificateUnderAnotherNameIsImportedAgain) {
  PermitReplacing();
  const int disconnects = Disconnects(stack());
  InWorld(stack(), [&](auto& world, auto& server) {
    server.FindCertificate(world.FindManagedInstance("sqlmi1")->Fqdn())->name = "by hand";
  });
  EXPECT_TRUE(Comes([] { return HoldsCertificateOf(stack(), "sqlmi1"); })) << Shown();
  InWorld(stack(), [](auto& /*world*/, auto& server) {
    EXPECT_EQ(server.FindCertificate("by hand"), nullptr);
  });
  EXPECT_TRUE(IsWell()) << Shown();
  EXPECT_EQ(Disconnects(stack()), disconnects);
}

TEST_F(CertificateFaultsE2eTest, AnAuthorityThatSomebodyImportedAnewGetsItsEntryOnceALinkIsDown) {
  const int disconnects = Disconnects(stack(), "sqlmi2");
  InWorld(stack(), [](auto& world, auto& server) {
    const std::string der = server.FindCertificate("MicrosoftPKI")->der;
    ASSERT_FALSE(DropCertificate(world, server, "MicrosoftPKI").failed());
    ASSERT_FALSE(ImportCertificate(world, server, "MicrosoftPKI", der).failed());
  });
  CutAndMend(stack(), "sqlmi1");
  EXPECT_TRUE(IsWell()) << Shown();
  InWorld(stack(), [](auto& /*world*/, auto& server) {
    EXPECT_THAT(server.FindCertificate("MicrosoftPKI")->issuer_of,
                testing::ElementsAre("*.database.windows.net"));
  });
  EXPECT_EQ(Disconnects(stack(), "sqlmi2"), disconnects);
}

// sqlmi2 takes no certificate, and sqlmi1 has another one of the name.
TEST_F(CertificateFaultsE2eTest, AnInstanceThatRefusesTheNextCertificateHoldsItUpNotForEver) {
  sim::Fault refusal;
  refusal.target = "sqlmi2";
  refusal.operation = "PUT serverTrustCertificates";
  refusal.times = 0;
  refusal.http = {403, "AuthorizationFailed", "the client may not write", std::nullopt};
  const int fault = stack().sim().calls().AddFault(refusal);
  InWorld(stack(), [](auto& world, auto& /*server*/) {
    auto& instance = *world.FindManagedInstance("sqlmi1");
    instance.trust_certificates.push_back(
        {kSecond, instance.root_der, sim::ThumbprintOf(instance.root_der)});
  });
  const int disconnects = Disconnects(stack(), "sqlmi1");
  LeaveTime(stack(), kFirst, 50 * kDay);
  EXPECT_TRUE(Comes([] {
    return stack().Get("sqlr", "sql1").dump().find("trust it: staff (sqlmi2); on ") !=
           std::string::npos;
  })) << Shown();
  EXPECT_EQ(ShownCertificate(stack()), kFirst);

  LeaveTime(stack(), kFirst, 6 * kDay);
  EXPECT_TRUE(Comes([] { return ShownCertificate(stack()) == kSecond; })) << Shown();
  EXPECT_TRUE(Comes([] {
    const auto events = stack().Events();
    return std::ranges::any_of(events, [](const json& event) {
      return event.value("note", "").find("disconnects them until they do: staff (sqlmi2)") !=
             std::string::npos;
    });
  }));
  EXPECT_EQ(Disconnects(stack(), "sqlmi1"), disconnects);
  const std::string suffixed = InWorld(stack(), [](auto& /*world*/, auto& server) {
    const auto* second = server.FindCertificate(kSecond);
    return kSecond + ("_" + second->thumbprint.substr(0, kThumbprintInName));
  });
  EXPECT_EQ(Uploaded(stack()).count(suffixed), 1U) << "beside the other one of its name";

  stack().sim().calls().RemoveFault(fault);
  json staff = LinkOf(stack(), "staff");  // the person who gave the right does not wait either
  staff["spec"]["preparation"]["networkTest"] = "Skip";
  stack().Apply(staff);
  EXPECT_TRUE(IsWell(seconds(120))) << Shown();
  EXPECT_TRUE(Comes([&] {
    return Uploaded(stack()) == std::multiset<std::string>{kSecond, kSecond, suffixed};
  })) << Shown();
  EXPECT_TRUE(Comes([] {
    return InWorld(stack(), [](auto& /*world*/, auto& server) {
      return server.FindCertificate(kFirst) == nullptr;
    });
  })) << Shown();
  InWorld(stack(), [](auto& world, auto& /*server*/) {
    std::erase_if(world.FindManagedInstance("sqlmi1")->trust_certificates,
                  [](const auto& held) { return held.name == kSecond; });
  });
}

// One that is killed right after an import cannot know later that it was its own: the next rotation
// is that of a certificate of others.
TEST_F(CertificateFaultsE2eTest, ARotationKilledAtEveryWriteIsImportedOnceAndNoLinkNotices) {
  PermitReplacing();
  const int disconnects = Disconnects(stack());
  const std::string fqdn = FqdnOf(stack(), "sqlmi1");
  for (const Variant variant : kEveryVariant) {
    SCOPED_TRACE(NameOf({variant, 0}));
    const json world = stack().ComparableWorld();
    const WriteSummary before = Writes(stack());
    stack().KillOperator();
    InWorld(stack(), [](auto& state, auto& /*server*/) {
      RotateEndpointCertificate(state, *state.FindManagedInstance("sqlmi1"));
    });
    std::size_t kills = 0;
    {
      Killer killer(stack(), variant);
      stack().StartOperator();
      EXPECT_TRUE(killer.Until(
          [] { return HoldsCertificateOf(stack(), "sqlmi1") && AllReady(stack()); }, seconds(90)))
          << Shown() << stack().OperatorLog();
      kills = killer.kills();
    }
    EXPECT_GE(kills, 3U) << "two changes of SQL Server, and the journal between them";
    EXPECT_TRUE(IsWell()) << Shown();
    EXPECT_EQ(stack().ComparableWorld(), world);
    EXPECT_EQ(Since(before, Writes(stack())),
              (WriteSummary{{"SQL1: DROP CERTIFICATE " + fqdn, 1},
                            {"SQL1: CREATE CERTIFICATE " + fqdn, 1}}));
  }
  EXPECT_EQ(Disconnects(stack()), disconnects);
}

TEST_F(CertificateFaultsE2eTest, AnExpiryKilledAtEveryWriteRecoversOnce) {
  for (const Variant variant : kEveryVariant) {
    SCOPED_TRACE(NameOf({variant, 0}));
    const std::string old = ShownCertificate(stack());
    const std::string next = old == kSecond ? "Cert_SQL1_endpoint_3" : kSecond;
    const WriteSummary before = Writes(stack());
    stack().KillOperator();
    LeaveTime(stack(), old, -kDay);
    CutAndMend(stack());
    std::size_t kills = 0;
    {
      Killer killer(stack(), variant);
      stack().StartOperator();
      EXPECT_TRUE(
          killer.Until([&] { return Renewed(stack(), old, next) && ConnectedLinks(stack()) == 2; },
                       seconds(120)))
          << Shown() << stack().OperatorLog();
      kills = killer.kills();
    }
    EXPECT_GE(kills, 8U) << "seven changes of the three systems, and what is written of them";
    EXPECT_TRUE(IsWell()) << Shown();
    EXPECT_THAT(Repeated(Since(before, Writes(stack()))), IsEmpty());
  }
  EXPECT_THAT(LeakedSecrets(stack()), IsEmpty());
  EXPECT_THAT(Unrest(stack(), seconds(6)), IsEmpty());
}

}  // namespace
}  // namespace milink::e2e
