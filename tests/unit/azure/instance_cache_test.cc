#include "core/azure/instance_cache.h"

#include <array>

#include <gtest/gtest.h>

#include "core/azure/permissions.h"
#include "tests/fakes/fake_clock.h"
#include "tests/fakes/fake_managed_instance_api.h"

namespace milink::azure {
namespace {

const ManagedInstanceRef kCachedInstance{"sub", "rg", "mi1"};

class InstanceCacheTest : public testing::Test {
 protected:
  InstanceCacheTest() {
    cache_.Subscribe([this](const ManagedInstanceRef&) { ++changes_; });
    api_.permissions = {{{"*"}, {}}};
    api_.links = {Link{.name = GroupName("DAG_a")}};
  }

  fakes::FakeClock clock_;
  fakes::FakeManagedInstanceApi api_;
  InstanceCache cache_{api_, clock_};
  int changes_ = 0;
};

TEST_F(InstanceCacheTest, TheFirstRefreshReadsEverything) {
  const auto snapshot = cache_.Refresh(kCachedInstance, RefreshScope::kLinks);
  ASSERT_TRUE(snapshot.ok());
  EXPECT_EQ((*snapshot)->links.size(), 1U);
  EXPECT_EQ((*snapshot)->instance.name, "mi1");
  EXPECT_EQ((*snapshot)->permissions, api_.permissions);
  EXPECT_EQ(api_.reads, 6);
  EXPECT_EQ(changes_, 1);
}

TEST_F(InstanceCacheTest, ALaterOneReadsOnlyTheLinks) {
  ASSERT_TRUE(cache_.Refresh(kCachedInstance, RefreshScope::kAll).ok());
  api_.reads = 0;
  clock_.Step(std::chrono::seconds(30));
  const auto snapshot = cache_.Refresh(kCachedInstance, RefreshScope::kLinks);
  ASSERT_TRUE(snapshot.ok());
  EXPECT_EQ(api_.reads, 1);
  EXPECT_EQ(changes_, 1) << "nothing changed";
  EXPECT_EQ((*snapshot)->read_at, clock_.Now());
  EXPECT_EQ((*snapshot)->version, 2U);
}

// What changes while it is read may be missing in it.
TEST_F(InstanceCacheTest, ASnapshotIsAsOldAsTheBeginningOfItsReading) {
  const TimePoint began = clock_.Now();
  api_.during_read = [this] { clock_.Step(std::chrono::seconds(3)); };
  const auto all = cache_.Refresh(kCachedInstance, RefreshScope::kAll);
  ASSERT_TRUE(all.ok());
  EXPECT_EQ((*all)->slow_read_at, began);
  EXPECT_EQ((*all)->read_at, began + std::chrono::seconds(5 * 3));
  const TimePoint again = clock_.Now();
  const auto links = cache_.Refresh(kCachedInstance, RefreshScope::kLinks);
  ASSERT_TRUE(links.ok());
  EXPECT_EQ((*links)->read_at, again);
  EXPECT_EQ((*links)->slow_read_at, began);
}

TEST_F(InstanceCacheTest, AnLsnThatMovesIsNoNewsAndAStateIs) {
  api_.links[0].databases = {{.name = "sales", .replica_state = "LinkSynchronizing"}};
  ASSERT_TRUE(cache_.Refresh(kCachedInstance, RefreshScope::kAll).ok());
  api_.links[0].databases[0].last_hardened_lsn = "42";
  const auto moved = cache_.Refresh(kCachedInstance, RefreshScope::kLinks);
  ASSERT_TRUE(moved.ok());
  EXPECT_EQ((*moved)->links[0].databases[0].last_hardened_lsn, "42") << "read all the same";
  EXPECT_EQ(changes_, 1);
  api_.links[0].databases[0].replica_state = "LinkCatchup";
  ASSERT_TRUE(cache_.Refresh(kCachedInstance, RefreshScope::kLinks).ok());
  EXPECT_EQ(changes_, 2);
}

TEST_F(InstanceCacheTest, AnErrorWithdrawsTheSnapshot) {
  ASSERT_TRUE(cache_.Refresh(kCachedInstance, RefreshScope::kAll).ok());
  api_.fail_reads = Error{ErrorKind::kTransient, "ConnectionFailed", "down", ""};
  EXPECT_FALSE(cache_.Refresh(kCachedInstance, RefreshScope::kLinks).ok());
  EXPECT_EQ(cache_.Snapshot(kCachedInstance), nullptr);
  EXPECT_EQ(cache_.LastError(kCachedInstance)->reason, "ConnectionFailed");
  EXPECT_EQ(changes_, 2);
  EXPECT_FALSE(cache_.Refresh(kCachedInstance, RefreshScope::kLinks).ok());
  EXPECT_EQ(changes_, 2) << "the same error again is no news";
  api_.fail_reads->detail = "another request id";
  EXPECT_FALSE(cache_.Refresh(kCachedInstance, RefreshScope::kLinks).ok());
  EXPECT_EQ(changes_, 2) << "nor is its request id";
  api_.fail_reads.reset();
  EXPECT_TRUE(cache_.Refresh(kCachedInstance, RefreshScope::kLinks).ok());
  EXPECT_EQ(cache_.LastError(kCachedInstance), std::nullopt);
  EXPECT_EQ(changes_, 3);
}

Error NoRight(const std::string& detail = "") {
  return {ErrorKind::kUnauthorized, "AuthorizationFailed", "no right", detail};
}

constexpr std::array kBelowInstance{InstancePart::kLinks, InstancePart::kTrustCertificates,
                                    InstancePart::kEndpointCertificate,
                                    InstancePart::kDatabaseNames};

TEST_F(InstanceCacheTest, WhatMayNotBeReadIsRefusedAndNotAbsent) {
  api_.permissions = {{{"Microsoft.Sql/managedInstances/read"}, {}}};
  api_.fail_below = NoRight();
  const auto snapshot = cache_.Refresh(kCachedInstance, RefreshScope::kAll);
  ASSERT_TRUE(snapshot.ok());
  EXPECT_EQ((*snapshot)->permissions, api_.permissions);
  for (const InstancePart part : kBelowInstance) {
    EXPECT_FALSE((*snapshot)->Shows(part)) << ActionToRead(part);
    EXPECT_EQ((*snapshot)->refused.at(part).message, "no right");
  }
  EXPECT_TRUE((*snapshot)->Shows(InstancePart::kPermissions));
}

TEST_F(InstanceCacheTest, EachPartIsRefusedForItself) {
  for (const InstancePart part : kBelowInstance) {
    SCOPED_TRACE(ActionToRead(part));
    api_.refused = {{part, NoRight()}};
    const auto snapshot = cache_.Refresh(kCachedInstance, RefreshScope::kAll);
    ASSERT_TRUE(snapshot.ok());
    EXPECT_EQ((*snapshot)->refused, api_.refused);
  }
}

TEST_F(InstanceCacheTest, ARightThatIsTakenAwayLeavesNothingStale) {
  api_.trust_certificates = {{"Cert_SQL1", "der", "AA"}};
  ASSERT_TRUE(cache_.Refresh(kCachedInstance, RefreshScope::kAll).ok());
  api_.refused = {{InstancePart::kLinks, NoRight()}, {InstancePart::kTrustCertificates, NoRight()}};
  api_.reads = 0;
  const auto snapshot = cache_.Refresh(kCachedInstance, RefreshScope::kLinks);
  ASSERT_TRUE(snapshot.ok());
  EXPECT_TRUE((*snapshot)->links.empty());
  EXPECT_FALSE((*snapshot)->Shows(InstancePart::kLinks));
  EXPECT_EQ(api_.reads, 1 + 5) << "other rights may have gone with it";
  EXPECT_TRUE((*snapshot)->trust_certificates.empty());
  EXPECT_FALSE((*snapshot)->Shows(InstancePart::kTrustCertificates));
  EXPECT_EQ(changes_, 2);
}

TEST_F(InstanceCacheTest, ARightThatIsGivenBackIsNews) {
  api_.refused = {{InstancePart::kLinks, NoRight("request 1")}};
  ASSERT_TRUE(cache_.Refresh(kCachedInstance, RefreshScope::kAll).ok());
  api_.refused = {{InstancePart::kLinks, NoRight("request 2")}};
  ASSERT_TRUE(cache_.Refresh(kCachedInstance, RefreshScope::kLinks).ok());
  EXPECT_EQ(changes_, 1) << "the same refusal again is none";
  api_.refused.clear();
  const auto snapshot = cache_.Refresh(kCachedInstance, RefreshScope::kLinks);
  ASSERT_TRUE(snapshot.ok());
  EXPECT_TRUE((*snapshot)->Shows(InstancePart::kLinks));
  EXPECT_EQ((*snapshot)->links, api_.links);
  EXPECT_EQ(changes_, 2);
}

TEST_F(InstanceCacheTest, RightsThatMayNotBeListedStopNothing) {
  api_.refused = {{InstancePart::kPermissions, NoRight()}};
  const auto snapshot = cache_.Refresh(kCachedInstance, RefreshScope::kAll);
  ASSERT_TRUE(snapshot.ok());
  EXPECT_FALSE((*snapshot)->Shows(InstancePart::kPermissions));
  EXPECT_TRUE((*snapshot)->permissions.empty());
  EXPECT_EQ((*snapshot)->links, api_.links);
  EXPECT_EQ(cache_.LastError(kCachedInstance), std::nullopt);
}

TEST_F(InstanceCacheTest, AnyOtherFailureOfAPartIsOneOfTheWhole) {
  api_.refused = {{InstancePart::kTrustCertificates,
                   Error{ErrorKind::kUnauthorized, "AuthenticationFailed", "401", ""}}};
  EXPECT_FALSE(cache_.Refresh(kCachedInstance, RefreshScope::kAll).ok());
  EXPECT_EQ(cache_.Snapshot(kCachedInstance), nullptr);
}

TEST_F(InstanceCacheTest, NamesOfInstancesIgnoreCase) {
  ASSERT_TRUE(cache_.Refresh(kCachedInstance, RefreshScope::kAll).ok());
  EXPECT_NE(cache_.Snapshot({"SUB", "RG", "MI1"}), nullptr);
  cache_.Forget({"SUB", "RG", "MI1"});
  EXPECT_EQ(cache_.Snapshot(kCachedInstance), nullptr);
}

TEST_F(InstanceCacheTest, WhatIsAskedForDuringAReadIsReadAfterIt) {
  ASSERT_TRUE(cache_.Refresh(kCachedInstance, RefreshScope::kAll).ok());
  api_.reads = 0;
  std::optional<Error> inner;
  api_.during_read = [&] {
    api_.during_read = nullptr;
    // An operation has ended: its effect may be later than what is being read.
    inner = cache_.Refresh(kCachedInstance, RefreshScope::kAll).error();
    clock_.Step(std::chrono::seconds(1));
  };
  const auto answer = cache_.Refresh(kCachedInstance, RefreshScope::kLinks);
  ASSERT_TRUE(answer.ok());
  ASSERT_TRUE(inner.has_value());
  EXPECT_EQ(inner->reason, "RefreshRunning") << "nobody waits for somebody else's read";
  EXPECT_EQ(api_.reads, 1 + 6);
  EXPECT_EQ((*answer)->slow_read_at, clock_.Now());
}

}  // namespace
}  // namespace milink::azure
