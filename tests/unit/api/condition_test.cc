#include "core/api/condition.h"

#include <gmock/gmock.h>

namespace milink::api {
namespace {

constexpr TimePoint kBefore{std::chrono::seconds(100)};
constexpr TimePoint kNow{std::chrono::seconds(200)};

Condition Make(std::string type, ConditionStatus status, std::string reason = "Succeeded") {
  return {.type = std::move(type),
          .status = status,
          .reason = std::move(reason),
          .message = "",
          .observed_generation = 1,
          .last_transition = kBefore};
}

TEST(MergeConditions, AConditionThatWasNotThereGetsTheTimeOfNow) {
  const auto merged = MergeConditions({}, {Make("Ready", ConditionStatus::kTrue)}, kNow);
  ASSERT_EQ(merged.size(), 1U);
  EXPECT_EQ(merged[0].last_transition, kNow);
}

TEST(MergeConditions, AFlippedStatusGetsTheTimeOfNow) {
  const auto merged = MergeConditions({Make("Ready", ConditionStatus::kUnknown)},
                                      {Make("Ready", ConditionStatus::kFalse)}, kNow);
  EXPECT_EQ(merged[0].last_transition, kNow);
}

TEST(MergeConditions, AnotherReasonOrGenerationKeepsTheTimeWhenTheStatusIsTheSame) {
  Condition wanted = Make("Ready", ConditionStatus::kFalse, "LoginFailed");
  wanted.observed_generation = 2;
  const auto merged =
      MergeConditions({Make("Ready", ConditionStatus::kFalse, "Progressing")}, {wanted}, kNow);
  EXPECT_EQ(merged[0].last_transition, kBefore);
  EXPECT_EQ(merged[0].reason, "LoginFailed");
  EXPECT_EQ(merged[0].observed_generation, 2);
}

TEST(MergeConditions, WhatIsNotWantedAnyMoreIsGoneAndTheOrderIsTheWantedOne) {
  const auto merged = MergeConditions(
      {Make("Stalled", ConditionStatus::kTrue), Make("Ready", ConditionStatus::kTrue)},
      {Make("Reachable", ConditionStatus::kTrue), Make("Ready", ConditionStatus::kTrue)}, kNow);
  ASSERT_EQ(merged.size(), 2U);
  EXPECT_EQ(merged[0].type, "Reachable");
  EXPECT_EQ(merged[1].type, "Ready");
}

TEST(MergeConditions, TheTimeHasWholeSecondsSoThatAStoredConditionEqualsTheWantedOne) {
  const auto merged = MergeConditions({}, {Make("Ready", ConditionStatus::kTrue)},
                                      kNow + std::chrono::milliseconds(999));
  EXPECT_EQ(merged[0].last_transition, kNow);
}

TEST(FindCondition, FindsByTypeAndSaysWhenThereIsNone) {
  const std::vector<Condition> conditions = {Make("Ready", ConditionStatus::kTrue)};
  EXPECT_EQ(FindCondition(conditions, "Ready"), &conditions[0]);
  EXPECT_EQ(FindCondition(conditions, "ready"), nullptr);
}

TEST(ConditionStatusText, IsWhatKubernetesWrites) {
  EXPECT_EQ(ToString(ConditionStatus::kTrue), "True");
  EXPECT_EQ(ToString(ConditionStatus::kFalse), "False");
  EXPECT_EQ(ToString(ConditionStatus::kUnknown), "Unknown");
}

}  // namespace
}  // namespace milink::api
