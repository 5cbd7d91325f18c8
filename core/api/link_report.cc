#include "core/api/link_report.h"

#include <array>
#include <functional>
#include <string_view>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

#include "core/api/codec.h"
#include "core/api/reasons.h"

namespace milink::api {
namespace {

constexpr std::array<std::string_view, 3> kShownByMetrics{
    condition_type::kReady, condition_type::kStalled, condition_type::kSplitBrain};

std::vector<Condition> ShownByMetrics(const std::vector<Condition>& conditions) {
  std::vector<Condition> shown;
  for (const std::string_view type : kShownByMetrics) {
    const Condition* condition = FindCondition(conditions, type);
    if (condition != nullptr && condition->status == ConditionStatus::kTrue) {
      shown.push_back({.type = condition->type, .status = condition->status});
    }
  }
  shown.shrink_to_fit();
  return shown;
}

}  // namespace

std::uint64_t DigestOfReport(const ManagedInstanceLinkStatus& status) {
  nlohmann::json report = EncodeStatus(status);
  if (const auto conditions = report.find("conditions"); conditions != report.end()) {
    for (nlohmann::json& condition : *conditions) {
      condition.erase("lastTransitionTime");
    }
  }
  return std::hash<nlohmann::json>()(report);
}

void ForgetReport(ManagedInstanceLink& link) {
  ManagedInstanceLinkStatus& status = link.status;
  const bool news_is_due = status.observed_generation != link.meta.generation;
  if (status.conditions.empty() || link.meta.deletion_time || news_is_due) {
    return;
  }
  link.report_digest = DigestOfReport(status);
  status = {.observed_generation = status.observed_generation,
            .conditions = ShownByMetrics(status.conditions),
            .phase = std::move(status.phase),
            .primary = std::move(status.primary),
            .trust = std::move(status.trust),
            .owned_objects = std::move(status.owned_objects),
            .records = std::move(status.records),
            .network_test = std::move(status.network_test)};
}

}  // namespace milink::api
