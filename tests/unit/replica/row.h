// Rows of the planner's tables: a state of the world as a sentence, and what is decided about it.
#pragma once

#include <functional>
#include <optional>
#include <ostream>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "controllers/replica/plan/plan.h"
#include "tests/unit/replica/builders.h"

namespace milink::replica::testing {

struct Row {
  std::string name;
  std::function<Observation()> observed;
  std::string condition;
  api::ConditionStatus status;
  std::string reason;
  std::string step;       // beginning of its description; empty: no step
  std::string says = "";  // somewhere in the condition's message
  bool ready = false;
  bool stalled = false;
};

inline constexpr auto kTrue = api::ConditionStatus::kTrue;
inline constexpr auto kFalse = api::ConditionStatus::kFalse;
inline constexpr auto kUnknown = api::ConditionStatus::kUnknown;

void PrintTo(const Row& row, std::ostream* out);

// Compares the decision about the row's world with the row.
void Check(const Row& row);

// The sentence as the name of a test case.
std::string CaseName(const ::testing::TestParamInfo<Row>& info);

// The condition of the type; an empty one when the plan has none.
api::Condition ConditionOf(const Plan& plan, const std::string& type);

api::SqlServerReplica WithMasterKeySecret();
// A prepared instance with one thing changed.
Observation Changed(const std::function<void(sql::InstanceSnapshot&)>& change);
// The same after its next step was refused.
Observation Refused(Observation observed, const Error& error);
// The same as nobody can read it.
Observation Unread(std::optional<Error> error);

}  // namespace milink::replica::testing
