// The fake is part of the product: its own promises hold.
#include "tests/fakes/fake_instance_hub.h"

#include <gtest/gtest.h>

namespace milink::fakes {
namespace {

const ObjectKey kFakeReplica{"ns", "sql1"};

TEST(FakeInstanceHubTest, PublishesAndWithdraws) {
  FakeInstanceHub hub;
  int told = 0;
  hub.Subscribe([&](const ObjectKey&) { ++told; });
  EXPECT_EQ(hub.Refresh(kFakeReplica, sql::RefreshScope::kFast).error().reason, "NoTarget");
  hub.Publish(kFakeReplica, {});
  ASSERT_NE(hub.Snapshot(kFakeReplica), nullptr);
  EXPECT_EQ(*hub.Refresh(kFakeReplica, sql::RefreshScope::kAll), hub.Snapshot(kFakeReplica));
  hub.FailRefresh(kFakeReplica, Error{ErrorKind::kTransient, "ServerUnreachable", "", ""});
  EXPECT_EQ(hub.Snapshot(kFakeReplica), nullptr);
  EXPECT_EQ(hub.Refresh(kFakeReplica, sql::RefreshScope::kFast).error().reason,
            "ServerUnreachable");
  EXPECT_EQ(told, 2);
  EXPECT_EQ(hub.Refreshes().size(), 3U);
}

TEST(FakeInstanceHubTest, RecordsWhatTheGuardAllowed) {
  FakeInstanceHub hub;
  const sql::SqlBatch batch{Secret("x"), "x"};
  const auto refuse = [] { return Status(Error{ErrorKind::kConflict, "Fenced", "", ""}); };
  EXPECT_FALSE(hub.Run(kFakeReplica, sql::Lane::kAct, batch, {}, refuse, {}).ok());
  EXPECT_TRUE(hub.Run(kFakeReplica, sql::Lane::kAct, batch, {}, OkStatus, {}).ok());
  ASSERT_EQ(hub.Calls().size(), 1U);
  EXPECT_EQ(hub.Calls().front().text, "x");
}

TEST(FakeInstanceHubTest, LongStatementEndsWhenTheTestSaysSo) {
  FakeInstanceHub hub;
  const sql::SqlBatch batch{Secret("x"), "x"};
  EXPECT_TRUE(hub.StartLong(kFakeReplica, "b", batch, {}, OkStatus).ok());
  EXPECT_EQ(hub.StartLong(kFakeReplica, "b", batch, {}, OkStatus).error().reason, "AlreadyRunning");
  EXPECT_TRUE(hub.TakeLong(kFakeReplica, "b").running);
  hub.FinishLong(kFakeReplica, "b", sql::SqlReply{});
  EXPECT_FALSE(hub.StartLong(kFakeReplica, "b", batch, {}, OkStatus).ok());
  EXPECT_TRUE(hub.TakeLong(kFakeReplica, "b").outcome.has_value());
  EXPECT_FALSE(hub.TakeLong(kFakeReplica, "b").outcome.has_value());
  EXPECT_FALSE(hub.LongRunning(kFakeReplica, "b"));
}

}  // namespace
}  // namespace milink::fakes
