// The real ODBC driver against the stand-in's TDS server: results, errors, time and cancel.
#include <atomic>
#include <thread>

#include <gtest/gtest.h>

#include "core/sql/errors.h"
#include "core/sql/sql_instance_hub.h"
#include "tests/fakes/fake_clock.h"
#include "tests/integration/sql/tds_fixture.h"

namespace milink::sql {
namespace {

using sim::Bytes;
using sim::Column;
using sim::Guid;
using sim::Null;
using sim::SqlType;
using sim::tds::Rows;
using sim::tds::Says;
using sim::tds::Sequence;
using sim::tds::Succeeds;

constexpr int kError = 16;

class SessionTest : public TdsFixture {
 protected:
  // The batch "slow" runs until it is cancelled.
  void OnSlow() {
    executor_.On("slow", [this](const sim::tds::ScriptedRequest& request) {
      slow_runs_ = true;
      slow_runs_.notify_all();
      return sim::tds::WaitsForCancel()(request);
    });
  }
  std::atomic<bool> slow_runs_ = false;
};

// Lets the test cancel what somebody else runs on the latest connection. That one is still there.
class SharingConnector final : public SqlConnector {
 public:
  Result<std::unique_ptr<SqlSession>> Connect(const SqlTarget& target, Duration timeout) override {
    auto session = Connector().Connect(target, timeout);
    latest_ = session.ok() ? session->get() : nullptr;
    return session;
  }
  void CancelLatest() { latest_.load()->Cancel(); }

 private:
  std::atomic<SqlSession*> latest_ = nullptr;
};

TEST_F(SessionTest, ReadsEveryTypeAsText) {
  const std::vector<Column> columns = {
      TextColumn("name"),
      {"number", {SqlType::kInt, 4, 0, 0, true}},
      {"big", {SqlType::kBigInt, 8, 0, 0, true}},
      {"flag", {SqlType::kBit, 1, 0, 0, true}},
      {"share", {SqlType::kReal, 4, 0, 0, true}},
      {"thumb", {SqlType::kVarBinary, 32, 0, 0, true}},
      {"blob", {SqlType::kVarBinary, -1, 0, 0, true}},
      {"id", {SqlType::kUniqueIdentifier, 16, 0, 0, true}},
      {"long_text", {SqlType::kNVarChar, -1, 0, 0, true}},
  };
  const std::string blob(10'000, '\xAB');
  std::string blob_hex;
  std::string long_text;
  for (int i = 0; i < 10'000; ++i) {
    blob_hex += "AB";
    long_text += "\u00e4";
  }
  executor_.On(
      "q", Rows(columns, {{std::string("\u20ac\U0001F600"), std::int64_t{-5}, std::int64_t{1} << 40,
                           std::int64_t{1}, 12.5, Bytes{"\x01\xFF"}, Bytes{blob},
                           Guid{"6F9619FF-8B86-D011-B42D-00C04FC964FF"}, long_text},
                          std::vector<sim::Value>(columns.size(), Null{})}));
  Start();
  auto session = Connect();
  ASSERT_NE(session, nullptr);
  const auto reply = session->Run(Batch("q"), kWait);
  ASSERT_TRUE(reply.ok()) << ToString(reply.error());
  ASSERT_EQ(reply->sets.size(), 1U);
  const ResultSet& set = reply->sets.front();
  EXPECT_EQ(set.columns.front(), "name");
  EXPECT_EQ(set.columns.back(), "long_text");
  ASSERT_EQ(set.rows.size(), 2U);
  const std::vector<std::optional<std::string>> expected = {"\u20ac\U0001F600",
                                                            "-5",
                                                            "1099511627776",
                                                            "1",
                                                            "12.5",
                                                            "01FF",
                                                            blob_hex,
                                                            "6F9619FF-8B86-D011-B42D-00C04FC964FF",
                                                            long_text};
  EXPECT_EQ(set.rows[0], expected);
  EXPECT_EQ(set.rows[1], std::vector<std::optional<std::string>>(columns.size()));
}

TEST_F(SessionTest, ReadsEverySetAndEveryMessage) {
  executor_.On("q", Sequence({Rows({TextColumn("a")}, {{std::string("1")}}), Succeeds(),
                              Says({{5701, 0, 2, "context"}}), Rows({TextColumn("b")}, {})}));
  Start();
  auto session = Connect();
  ASSERT_NE(session, nullptr);
  const auto reply = session->Run(Batch("q"), kWait);
  ASSERT_TRUE(reply.ok()) << ToString(reply.error());
  ASSERT_EQ(reply->sets.size(), 2U);
  EXPECT_EQ(reply->sets[1].columns, std::vector<std::string>{"b"});
  EXPECT_TRUE(reply->sets[1].rows.empty());
  ASSERT_EQ(reply->messages.size(), 1U);
  EXPECT_EQ(reply->messages[0].number, 5701);
  EXPECT_LE(reply->messages[0].severity, 10);
}

TEST_F(SessionTest, AStatementWithoutRowsSucceeds) {
  executor_.On("ddl", Succeeds());
  Start();
  auto session = Connect();
  ASSERT_NE(session, nullptr);
  EXPECT_TRUE(session->Run(Batch("ddl"), kWait).ok());
}

TEST_F(SessionTest, TextArrivesAsItIs) {
  const std::string text = "SELECT N'\u00e4\u20ac\U0001F600'";
  executor_.On(text, Succeeds());
  Start();
  auto session = Connect();
  ASSERT_NE(session, nullptr);
  EXPECT_TRUE(session->Run(Batch(text), kWait).ok());
}

TEST_F(SessionTest, TheCauseBeforeTheWrapperDecides) {
  executor_.On("ag",
               Says({{1475, kError, 1, "bulk logged changes"}, {41152, kError, 2, "rolled back"}}));
  Start();
  auto session = Connect();
  ASSERT_NE(session, nullptr);
  const auto reply = session->Run(Batch("ag"), kWait);
  ASSERT_FALSE(reply.ok());
  EXPECT_EQ(reply.error().reason, "FullBackupRequired") << ToString(reply.error());
  EXPECT_NE(reply.error().detail.find("41152"), std::string::npos);
  EXPECT_FALSE(session->Dead());
}

TEST_F(SessionTest, AnErrorInALaterResultIsAnError) {
  executor_.On("q", Sequence({Rows({TextColumn("a")}, {{std::string("1")}}),
                              Says({{300, 14, 1, "VIEW SERVER STATE"}})}));
  Start();
  auto session = Connect();
  ASSERT_NE(session, nullptr);
  const auto reply = session->Run(Batch("q"), kWait);
  ASSERT_FALSE(reply.ok());
  EXPECT_EQ(reply.error().kind, ErrorKind::kUnauthorized);
  EXPECT_EQ(reply.error().reason, "PermissionDenied");
}

TEST_F(SessionTest, TheConnectionGoesOnAfterAnError) {
  executor_.On("bad", Says({{15247, kError, 1, "no"}}));
  executor_.On("good", Rows({TextColumn("a")}, {{std::string("1")}}));
  Start();
  auto session = Connect();
  ASSERT_NE(session, nullptr);
  EXPECT_FALSE(session->Run(Batch("bad"), kWait).ok());
  EXPECT_TRUE(session->Run(Batch("good"), kWait).ok());
}

TEST_F(SessionTest, ATimeoutLeavesTheOutcomeUnknownAndTheConnectionUsable) {
  executor_.On("slow", sim::tds::WaitsForCancel());
  executor_.On("good", Succeeds());
  Start();
  auto session = Connect();
  ASSERT_NE(session, nullptr);
  const auto reply = session->Run(Batch("slow"), std::chrono::seconds(1));
  ASSERT_FALSE(reply.ok());
  EXPECT_EQ(reply.error().reason, kOutcomeUnknown) << ToString(reply.error());
  EXPECT_FALSE(session->Dead());
  EXPECT_TRUE(session->Run(Batch("good"), kWait).ok());
}

TEST_F(SessionTest, CancelFromAnotherThreadEndsTheStatementAndTheSession) {
  OnSlow();
  executor_.On("good", Succeeds());
  Start();
  auto session = Connect();
  ASSERT_NE(session, nullptr);
  std::jthread canceller([&] {
    slow_runs_.wait(false);
    session->Cancel();
  });
  const auto reply = session->Run(Batch("slow"), kWait);
  ASSERT_FALSE(reply.ok());
  EXPECT_EQ(reply.error().reason, kOutcomeUnknown) << ToString(reply.error());
  canceller.join();
  EXPECT_TRUE(session->Dead());
  const auto next = session->Run(Batch("good"), kWait);
  ASSERT_FALSE(next.ok());
  EXPECT_EQ(next.error().reason, "ConnectionLost") << ToString(next.error());
  EXPECT_EQ(executor_.batches().back(), "slow") << "nothing was sent";
}

TEST_F(SessionTest, CancelOfNothingChangesNothing) {
  executor_.On("good", Succeeds());
  Start();
  auto session = Connect();
  ASSERT_NE(session, nullptr);
  session->Cancel();
  EXPECT_FALSE(session->Dead());
  EXPECT_TRUE(session->Run(Batch("good"), kWait).ok());
}

TEST_F(SessionTest, ALaneConnectsAnewAfterACancel) {
  OnSlow();
  executor_.On("good", Succeeds());
  Start();
  SharingConnector connector;
  fakes::FakeClock clock;
  SqlInstanceHub hub(connector, clock);
  const ObjectKey replica{"ns", "sql1"};
  hub.SetTarget(replica, Target());
  std::jthread canceller([&] {
    slow_runs_.wait(false);
    connector.CancelLatest();
  });
  const auto cancelled = hub.Run(replica, Lane::kAct, Batch("slow"), kWait, OkStatus, {});
  ASSERT_FALSE(cancelled.ok());
  EXPECT_EQ(cancelled.error().reason, kOutcomeUnknown) << ToString(cancelled.error());
  canceller.join();
  const auto next = hub.Run(replica, Lane::kAct, Batch("good"), kWait, OkStatus, {});
  EXPECT_TRUE(next.ok()) << (next.ok() ? "" : ToString(next.error()));
  EXPECT_EQ(executor_.logins().size(), 2U);
}

TEST_F(SessionTest, ADroppedConnectionIsDeadAndTheOutcomeUnknown) {
  executor_.On("q", Succeeds());
  Start();
  auto session = Connect();
  ASSERT_NE(session, nullptr);
  server_->DropConnections();
  const auto reply = session->Run(Batch("q"), kWait);
  ASSERT_FALSE(reply.ok());
  EXPECT_EQ(reply.error().reason, kOutcomeUnknown) << ToString(reply.error());
  EXPECT_EQ(reply.error().kind, ErrorKind::kTransient);
  EXPECT_TRUE(session->Dead());
}

TEST_F(SessionTest, AReplyThatNeverComesLeavesTheOutcomeUnknown) {
  executor_.On(
      "q", [](const sim::tds::ScriptedRequest&) { return sim::ConnectionFate::kCloseBeforeReply; });
  Start();
  auto session = Connect();
  ASSERT_NE(session, nullptr);
  const auto reply = session->Run(Batch("q"), kWait);
  ASSERT_FALSE(reply.ok());
  EXPECT_EQ(reply.error().reason, kOutcomeUnknown) << ToString(reply.error());
  EXPECT_TRUE(session->Dead());
}

TEST_F(SessionTest, NoErrorShowsASecret) {
  Start();
  auto session = Connect();
  ASSERT_NE(session, nullptr);
  const auto reply = session->Run(SqlBatch{Secret("unknown 'hush'"), "unknown '***'"}, kWait);
  ASSERT_FALSE(reply.ok());
  EXPECT_EQ(reply.error().reason, "StatementRejected");
  EXPECT_EQ(reply.error().message.find("hush"), std::string::npos);
}

}  // namespace
}  // namespace milink::sql
