// Status conditions as the Kubernetes API conventions and kstatus want them.
//
// Plain values, no thread rule. Facts: OPERATOR-ENGINE K-1 to K-10.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/clock.h"

namespace milink::api {

enum class ConditionStatus { kTrue, kFalse, kUnknown };

std::string_view ToString(ConditionStatus status);  // "True", "False", "Unknown"

struct Condition {
  std::string type;
  ConditionStatus status = ConditionStatus::kUnknown;
  std::string reason;   // CamelCase, one of reasons.h
  std::string message;  // what is wrong, where, what to do
  std::int64_t observed_generation = 0;
  TimePoint last_transition;  // when `status` last changed

  bool operator==(const Condition&) const = default;
};

const Condition* FindCondition(const std::vector<Condition>& conditions, std::string_view type);

// The wanted conditions with the transition times that follow from what was there: kept where the
// status is the same, `now` (in whole seconds, as the API server keeps it) where it changed or is
// new. Conditions not wanted any more are gone.
std::vector<Condition> MergeConditions(const std::vector<Condition>& before,
                                       std::vector<Condition> wanted, TimePoint now);

}  // namespace milink::api
