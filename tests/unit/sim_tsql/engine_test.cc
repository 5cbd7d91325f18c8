// Logins, journal, faults, cancelling: the engine as the TDS side sees it.
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/sim_tsql/server.h"

namespace milink::sim {
namespace {

TEST(EngineTest, Logins) {
  Server server;
  const auto refused = server.engine->Login({.user = "sa", .password = "wrong"});
  EXPECT_EQ(refused.session, nullptr);
  ASSERT_EQ(refused.messages.size(), 1U);
  EXPECT_EQ(refused.messages[0].number, 18456);
  EXPECT_EQ(refused.messages[0].severity, 14);
  const auto lost =
      server.engine->Login({.user = "sa", .password = "Secret.1", .database = "none"});
  EXPECT_EQ(lost.session, nullptr);
  EXPECT_EQ(lost.messages.front().number, 4060);
  const auto first =
      server.engine->Login({.user = "sa", .password = "Secret.1", .database = "DB1"});
  const auto second = server.engine->Login({.user = "sa", .password = "Secret.1"});
  EXPECT_EQ(first.session->database(), "db1");
  EXPECT_NE(first.session->spid(), second.session->spid());
}

TEST(EngineTest, JournalHoldsNoSecret) {
  Server server;
  server.Run("CREATE MASTER KEY ENCRYPTION BY PASSWORD = N'Long.Secret.1'");
  bool mutated = false;
  for (const JournalEntry& entry : server.journal.Entries()) {
    EXPECT_EQ(entry.call.text.find("Long.Secret.1"), std::string::npos);
    mutated = mutated || (entry.call.kind == CallKind::kStatement &&
                          entry.call.operation == "CREATE MASTER KEY" && entry.took_effect);
  }
  EXPECT_TRUE(mutated);
}

TEST(EngineTest, FaultsBeforeAndAfterTheEffect) {
  Server server;
  Fault before;
  before.kind = CallKind::kStatement;
  before.operation = "CREATE DATABASE";
  before.sql_number = 1205;
  server.calls.AddFault(before);
  EXPECT_EQ(ErrorOf(server.Run("CREATE DATABASE a")), 1205);
  EXPECT_EQ(server.Run("SELECT DB_ID('a')").One(), "NULL");
  Fault after = before;
  after.when = Fault::kAfter;
  after.what = Fault::kClose;
  server.calls.AddFault(after);
  EXPECT_EQ(server.Run("CREATE DATABASE b").fate, ConnectionFate::kCloseBeforeReply);
  EXPECT_NE(server.Run("SELECT DB_ID('b')").One(), "NULL");
}

TEST(EngineTest, CancellingEndsALoop) {
  Server server;
  std::thread canceller([&] { server.cancelled = true; });
  const Answer answer = server.Run("WHILE 1 = 1 WAITFOR DELAY '00:00:01'");
  canceller.join();
  EXPECT_TRUE(answer.failed.empty());
}

TEST(EngineTest, WaitForFollowsTheWorldsClock) {
  Server server;
  std::thread clock([&] { server.clock.Step(std::chrono::minutes(5)); });
  const Answer answer = server.Run("WAITFOR DELAY '00:00:00'; SELECT 1");
  clock.join();
  EXPECT_EQ(answer.One(), "1");
  EXPECT_EQ(ErrorOf(server.Run("WAITFOR DELAY 'soon'")), 148);
}

TEST(EngineTest, ResetGivesBackWhatTheSessionHad) {
  Server server;
  server.Run("SET NOCOUNT ON; BEGIN TRAN; USE db1");
  server.engine->Reset(*server.session);
  EXPECT_EQ(server.Run("SELECT @@TRANCOUNT").One(), "0");
  EXPECT_EQ(server.session->database(), "master");
}

TEST(EngineTest, DescribesAQueryWithoutRunningIt) {
  Server server;
  const auto query = server.engine->Describe(*server.session, "SELECT name FROM sys.databases", {});
  ASSERT_EQ(query.columns.size(), 1U);
  EXPECT_EQ(query.columns[0].name, "name");
  EXPECT_THAT(query.messages, testing::IsEmpty());
  const auto other = server.engine->Describe(*server.session, "CREATE DATABASE x", {});
  EXPECT_THAT(other.columns, testing::IsEmpty());
  EXPECT_THAT(other.messages, testing::IsEmpty());
}

TEST(EngineTest, WhatCannotBeParsedCannotBePrepared) {
  Server server;
  const auto refused = server.engine->Describe(*server.session, "SELECT FROM", {});
  EXPECT_THAT(refused.columns, testing::IsEmpty());
  EXPECT_THAT(refused.messages, testing::ElementsAre(testing::Field(&ServerMessage::number, 156),
                                                     testing::Field(&ServerMessage::number, 8180)));
}

}  // namespace
}  // namespace milink::sim
