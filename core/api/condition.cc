#include "core/api/condition.h"

#include <algorithm>

namespace milink::api {

std::string_view ToString(ConditionStatus status) {
  switch (status) {
    case ConditionStatus::kTrue:
      return "True";
    case ConditionStatus::kFalse:
      return "False";
    case ConditionStatus::kUnknown:
      return "Unknown";
  }
  return "Unknown";
}

const Condition* FindCondition(const std::vector<Condition>& conditions, std::string_view type) {
  const auto found = std::ranges::find(conditions, type, &Condition::type);
  return found == conditions.end() ? nullptr : &*found;
}

std::vector<Condition> MergeConditions(const std::vector<Condition>& before,
                                       std::vector<Condition> wanted, TimePoint now) {
  for (Condition& condition : wanted) {
    const Condition* old = FindCondition(before, condition.type);
    const bool unchanged = old != nullptr && old->status == condition.status;
    condition.last_transition =
        unchanged ? old->last_transition : std::chrono::floor<std::chrono::seconds>(now);
  }
  return wanted;
}

}  // namespace milink::api
