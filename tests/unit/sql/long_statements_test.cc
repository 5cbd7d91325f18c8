#include "core/sql/long_statements.h"

#include <gtest/gtest.h>

namespace milink::sql {
namespace {

TEST(LongStatements, OfOneThatNeverBeganNothingIsKnown) {
  LongStatements statements;
  const auto pending = statements.Take("backup");
  EXPECT_FALSE(pending.running);
  EXPECT_FALSE(pending.outcome.has_value());
}

TEST(LongStatements, AnOutcomeIsGivenAwayOnce) {
  LongStatements statements;
  ASSERT_TRUE(statements.Begin("backup").ok());
  EXPECT_TRUE(statements.Take("backup").running);
  statements.End("backup", Error{ErrorKind::kTransient, "OutcomeUnknown", "lost", ""});
  const auto ended = statements.Take("backup");
  EXPECT_FALSE(ended.running);
  ASSERT_TRUE(ended.outcome.has_value());
  EXPECT_EQ(ended.outcome->error().reason, "OutcomeUnknown");
  EXPECT_FALSE(statements.Take("backup").outcome.has_value());
}

TEST(LongStatements, ANameIsFreeOnceItsOutcomeWasTaken) {
  LongStatements statements;
  ASSERT_TRUE(statements.Begin("backup").ok());
  EXPECT_EQ(statements.Begin("backup").error().message, "statement backup is still running");
  EXPECT_TRUE(statements.Begin("another").ok());
  statements.End("backup", SqlReply{});
  const auto again = statements.Begin("backup");
  ASSERT_FALSE(again.ok());
  EXPECT_EQ(again.error().reason, "AlreadyRunning");
  EXPECT_EQ(again.error().message, "the outcome of statement backup was not taken yet");
  ASSERT_TRUE(statements.Take("backup").outcome.has_value());
  EXPECT_TRUE(statements.Begin("backup").ok());
}

}  // namespace
}  // namespace milink::sql
