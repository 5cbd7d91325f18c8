// Certificates for life, over two links on two managed instances: the endpoint's own is renewed
// without a link noticing, whenever the operator is killed meanwhile; one that has expired is
// replaced; one that an instance has rotated is imported again.
#include <memory>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "tests/e2e/certificates_world.h"
#include "tests/e2e/killer.h"
#include "tests/e2e/oracles.h"
#include "tests/e2e/stack.h"

namespace milink::e2e {
namespace {

using nlohmann::json;
using ::testing::IsEmpty;

class CertificatesE2eTest : public testing::Test {
 protected:
  void SetUp() override {
    ApplyPair(stack_);
    stack_.StartOperator();
    ASSERT_TRUE(Eventually([&] { return AllReady(stack_); }, std::chrono::seconds(120)))
        << stack_.OperatorLog();
  }
  bool Connect() {
    return Eventually([&] { return ConnectedLinks(stack_) == 2; }, std::chrono::seconds(60));
  }

  Stack stack_{TwoInstances()};
};

TEST_F(CertificatesE2eTest, TheEndpointsCertificateIsRenewedWithoutALinkNoticing) {
  LeaveTime(stack_, kFirst, 50 * kDay);
  ASSERT_TRUE(Eventually([&] { return Renewed(stack_, kFirst, kSecond); }, std::chrono::seconds(90),
                         std::chrono::milliseconds(100)))
      << stack_.Get("sqlr", "sql1").dump(2) << stack_.Get("mil", "shop").dump(2);
  EXPECT_EQ(Disconnects(stack_), 0);
  EXPECT_EQ(ConnectedLinks(stack_), 2);
  ASSERT_TRUE(Eventually(
      [&] {
        const json shown = stack_.Get("sqlr", "sql1").at("status").at("certificate");
        return shown.at("current").at("name") == kSecond && !shown.contains("next") &&
               shown.at("owned") == true;
      },
      std::chrono::seconds(20), std::chrono::milliseconds(300)));
  for (const json& event : stack_.Events()) {
    EXPECT_NE(event.value("type", ""), "Warning") << event.dump();
  }
  EXPECT_TRUE(AllReady(stack_));
  EXPECT_THAT(Unrest(stack_, std::chrono::seconds(6)), IsEmpty());
  EXPECT_THAT(Repeated(Writes(stack_)), IsEmpty());
  EXPECT_THAT(LeakedSecrets(stack_), IsEmpty());

  CutAndMend(stack_);
  EXPECT_TRUE(Connect());
}

TEST_F(CertificatesE2eTest, AnExpiredCertificateRecovers) {
  ASSERT_EQ(stack_.StopOperator(), 0);
  LeaveTime(stack_, kFirst, -kDay);
  CutAndMend(stack_);
  Pause(std::chrono::seconds(1));
  ASSERT_EQ(ConnectedLinks(stack_), 0) << "nobody connects with an expired certificate";

  stack_.StartOperator();
  EXPECT_TRUE(Connect()) << stack_.Get("sqlr", "sql1").dump(2);
  EXPECT_TRUE(Eventually([&] { return Renewed(stack_, kFirst, kSecond) && AllReady(stack_); },
                         std::chrono::seconds(90), std::chrono::milliseconds(300)))
      << stack_.Get("sqlr", "sql1").dump(2) << stack_.Get("mil", "shop").dump(2);
  EXPECT_EQ(ShownCertificate(stack_), kSecond);
}

// The service renews it at least yearly. All of an instance is read every ten minutes, and at a
// start.
TEST_F(CertificatesE2eTest, ACertificateThatAnInstanceRotatedIsImportedAgain) {
  ASSERT_EQ(stack_.StopOperator(), 0);
  InWorld(stack_, [](auto& world, auto& /*server*/) {
    RotateEndpointCertificate(world, *world.FindManagedInstance("sqlmi1"));
  });
  stack_.StartOperator();
  EXPECT_TRUE(Eventually([&] { return HoldsCertificateOf(stack_, "sqlmi1"); },
                         std::chrono::seconds(60), std::chrono::milliseconds(100)))
      << stack_.Get("mil", "shop").dump(2);
  EXPECT_EQ(Disconnects(stack_), 0);
  CutAndMend(stack_);
  EXPECT_TRUE(Connect());
  EXPECT_TRUE(Eventually([&] { return AllReady(stack_); }, std::chrono::seconds(60),
                         std::chrono::milliseconds(300)));
}

// What a renewal without a crash leads to.
struct RenewalReference {
  json world;
  WriteSummary writes;
};

class RenewalKillTest : public ::testing::TestWithParam<Variant> {
 protected:
  static void BringUp(Stack& stack) {
    ApplyPair(stack);
    stack.StartOperator();
    ASSERT_TRUE(Eventually([&] { return AllReady(stack); }, std::chrono::seconds(120)))
        << stack.OperatorLog();
  }
  static bool Over(Stack& stack) {
    return Renewed(stack, kFirst, kSecond) && AllReady(stack) &&
           !stack.Get("sqlr", "sql1").at("status").at("certificate").contains("next");
  }
  static void SetUpTestSuite() {
    Stack stack(TwoInstances());
    BringUp(stack);
    const WriteSummary before = Writes(stack);
    LeaveTime(stack, kFirst, 50 * kDay);
    ASSERT_TRUE(Eventually([&] { return Over(stack); }, std::chrono::seconds(90),
                           std::chrono::milliseconds(300)));
    reference_ = std::make_unique<RenewalReference>();
    reference_->world = stack.ComparableWorld();
    reference_->writes = Since(before, Writes(stack));
  }
  static void TearDownTestSuite() { reference_.reset(); }

  static std::unique_ptr<RenewalReference> reference_;
};

std::unique_ptr<RenewalReference> RenewalKillTest::reference_;

TEST_P(RenewalKillTest, KilledAtEveryWriteItRenewsOnceAndNoLinkNotices) {
  ASSERT_NE(reference_, nullptr);
  Stack stack(TwoInstances());
  BringUp(stack);
  const WriteSummary before = Writes(stack);
  std::size_t kills = 0;
  {
    Killer killer(stack, GetParam());
    LeaveTime(stack, kFirst, 50 * kDay);
    EXPECT_TRUE(killer.Until([&] { return Over(stack); }, std::chrono::seconds(240)))
        << stack.Get("sqlr", "sql1").dump(2) << stack.Get("mil", "shop").dump(2)
        << stack.OperatorLog();
    kills = killer.kills();
  }
  RecordProperty("kills", static_cast<int>(kills));
  EXPECT_GE(kills, 10U) << "seven changes of the two systems, and what is written of them";
  EXPECT_EQ(stack.ComparableWorld(), reference_->world);
  EXPECT_EQ(Since(before, Writes(stack)), reference_->writes);
  EXPECT_EQ(Disconnects(stack), 0);
  EXPECT_THAT(NeverQuiet(stack), IsEmpty());
  EXPECT_THAT(LeakedSecrets(stack), IsEmpty());
}

INSTANTIATE_TEST_SUITE_P(Variants, RenewalKillTest, kVariants, NameOf);

}  // namespace
}  // namespace milink::e2e
