#include "core/azure/instance_cache.h"

#include <gtest/gtest.h>

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

TEST_F(InstanceCacheTest, AMissingRightIsPartOfTheSnapshot) {
  api_.permissions = {{{"Microsoft.Sql/managedInstances/read"}, {}}};
  api_.fail_below = Error{ErrorKind::kUnauthorized, "AuthorizationFailed", "no", ""};
  const auto snapshot = cache_.Refresh(kCachedInstance, RefreshScope::kAll);
  ASSERT_TRUE(snapshot.ok());
  EXPECT_EQ((*snapshot)->permissions, api_.permissions);
  EXPECT_TRUE((*snapshot)->links.empty());
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
