#include "controllers/link/plan/findings.h"

#include <gtest/gtest.h>

namespace milink::link {
namespace {

TEST(Findings, NothingFoundIsTrue) {
  const auto condition = ToCondition({"Topic", {}}, "Succeeded", "all is well");
  EXPECT_EQ(condition.status, api::ConditionStatus::kTrue);
  EXPECT_EQ(condition.message, "all is well");
}

TEST(Findings, TheWorstGivesTheReasonAndAllGiveTheMessage) {
  Topic topic{"Topic", {}};
  topic.Add(Severity::kUnknown, "Unseen", "cannot see", DatabaseName("b"));
  topic.Add(Severity::kBlocked, "Wrong", "is wrong", DatabaseName("a"));
  topic.Add(Severity::kBlocked, "Wrong", "is wrong", DatabaseName("a"));
  const auto condition = ToCondition(topic, "Succeeded", "");
  EXPECT_EQ(condition.status, api::ConditionStatus::kFalse);
  EXPECT_EQ(condition.reason, "Wrong");
  EXPECT_EQ(condition.message, "a: is wrong; b: cannot see");
}

TEST(Findings, OnlyUnseenIsUnknown) {
  Topic topic{"Topic", {}};
  topic.Add(Severity::kUnknown, "Unseen", "cannot see");
  EXPECT_EQ(ToCondition(topic, "", "").status, api::ConditionStatus::kUnknown);
}

TEST(Findings, AGeneralFindingConcernsEveryDatabase) {
  Topic topic{"Topic", {}};
  topic.Add(Severity::kBlocked, "Wrong", "x", DatabaseName("a"));
  EXPECT_TRUE(topic.ClearFor(DatabaseName("b")));
  EXPECT_FALSE(topic.ClearFor(DatabaseName("a")));
  topic.Add(Severity::kWaiting, "Waiting", "y");
  EXPECT_FALSE(topic.ClearFor(DatabaseName("b")));
}

}  // namespace
}  // namespace milink::link
