#include "core/sql/newest_read.h"

#include <string>
#include <utility>

#include <gtest/gtest.h>

namespace milink::sql {
namespace {

const Error kNoAnswer{ErrorKind::kTransient, "ServerUnreachable", "", ""};
constexpr TimePoint kSlowRead{std::chrono::hours(1)};

InstanceSnapshot FastRead(const std::string& server_name = "SQL1") {
  InstanceSnapshot snapshot;
  snapshot.properties.server_name = server_name;
  return snapshot;
}

InstanceSnapshot WholeRead() {
  auto snapshot = FastRead();
  snapshot.slow_read_at = kSlowRead;
  snapshot.files[DatabaseName("sales")] = {};
  return snapshot;
}

class NewestReadTest : public ::testing::Test {
 protected:
  Refreshed Publish(Result<InstanceSnapshot> read, RefreshScope scope = RefreshScope::kFast) {
    return newest_.Publish(std::move(read), scope, ++sequence_, [this] { return ++version_; });
  }

  std::uint64_t sequence_ = 0;
  std::uint64_t version_ = 100;
  NewestRead newest_;
};

TEST_F(NewestReadTest, EachSnapshotHasAVersionOfItsOwn) {
  EXPECT_EQ((*Publish(FastRead()).outcome)->version, 101U);
  EXPECT_EQ((*Publish(FastRead()).outcome)->version, 102U);
  EXPECT_EQ(newest_.snapshot()->version, 102U);
}

TEST_F(NewestReadTest, OnlyOtherContentsAreAChange) {
  EXPECT_TRUE(Publish(FastRead()).changed);
  EXPECT_FALSE(Publish(FastRead()).changed);
  EXPECT_TRUE(Publish(FastRead("SQL2")).changed);
}

TEST_F(NewestReadTest, SlowPartsStayBetweenTheirReads) {
  Publish(WholeRead(), RefreshScope::kAll);
  const auto fast = Publish(FastRead());
  EXPECT_FALSE(fast.changed);
  EXPECT_EQ((*fast.outcome)->slow_read_at, kSlowRead);
  EXPECT_EQ((*fast.outcome)->files.size(), 1U);
}

TEST_F(NewestReadTest, AnErrorWithdrawsTheSnapshotOnce) {
  Publish(FastRead());
  const auto failed = Publish(kNoAnswer);
  EXPECT_EQ(failed.outcome.error().reason, "ServerUnreachable");
  EXPECT_TRUE(failed.changed);
  EXPECT_EQ(newest_.snapshot(), nullptr);
  EXPECT_FALSE(Publish(kNoAnswer).changed);
}

TEST_F(NewestReadTest, ServesWhoCameBeforeItBegan) {
  EXPECT_FALSE(newest_.After(0, RefreshScope::kFast).has_value());
  Publish(FastRead());
  ASSERT_TRUE(newest_.After(0, RefreshScope::kFast).has_value());
  EXPECT_EQ(**newest_.After(0, RefreshScope::kFast), newest_.snapshot());
  EXPECT_FALSE(newest_.After(1, RefreshScope::kFast).has_value());
  Publish(kNoAnswer);
  EXPECT_EQ(newest_.After(1, RefreshScope::kFast)->error().reason, "ServerUnreachable");
}

TEST_F(NewestReadTest, WhoWantsAllIsNotServedByAFastRead) {
  Publish(WholeRead(), RefreshScope::kAll);
  EXPECT_TRUE(newest_.After(0, RefreshScope::kAll).has_value());
  EXPECT_TRUE(newest_.After(0, RefreshScope::kFast).has_value());
  Publish(FastRead());
  EXPECT_FALSE(newest_.After(1, RefreshScope::kAll).has_value()) << "its slow parts are older";
}

TEST_F(NewestReadTest, WhatIsWithdrawnOrForgottenServesNobody) {
  Publish(FastRead());
  EXPECT_TRUE(newest_.Withdraw());
  EXPECT_FALSE(newest_.Withdraw());
  EXPECT_FALSE(newest_.After(0, RefreshScope::kFast).has_value());
  Publish(kNoAnswer);
  newest_.ForgetError();
  EXPECT_FALSE(newest_.After(0, RefreshScope::kFast).has_value());
}

}  // namespace
}  // namespace milink::sql
