#include "core/api/link_report.h"

#include <array>
#include <chrono>
#include <functional>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

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

// Every part is named in a structured binding, so that a new member of a status does not compile
// until it has its place here.
class Digest {
 public:
  Digest& operator<<(std::string_view text) { return Mix(std::hash<std::string_view>()(text)); }
  Digest& operator<<(std::int64_t number) { return Mix(static_cast<std::uint64_t>(number)); }
  // As the API server keeps it.
  Digest& operator<<(TimePoint time) {
    return *this << std::int64_t{
               std::chrono::floor<std::chrono::seconds>(time.time_since_epoch()).count()};
  }
  Digest& operator<<(const Condition& condition) {
    const auto& [type, status, reason, message, generation, last_transition] = condition;
    return *this << type << ToString(status) << reason << message << generation;
  }
  Digest& operator<<(const ManagedInstanceLinkStatus::Database& database) {
    const auto& [name, phase, group, instance_group, distributed_group, role, instance_role, state,
                 health, connected, seeding, lag, backup, message] = database;
    return *this << name.str() << phase << group << instance_group << distributed_group << role
                 << instance_role << state << health << connected
                 << std::int64_t{seeding.value_or(-1)} << lag << backup << message;
  }
  Digest& operator<<(const ManagedInstanceLinkStatus::Summary& summary) {
    const auto& [databases, seeding, lag] = summary;
    return *this << databases << seeding << lag;
  }
  Digest& operator<<(const ManagedInstanceLinkStatus::Trust& trust) {
    const auto& [sql, instance, roots] = trust;
    return *this << sql << instance << roots;
  }
  template <typename T>
  Digest& operator<<(const std::vector<T>& items) {
    *this << static_cast<std::int64_t>(items.size());
    for (const T& item : items) *this << item;
    return *this;
  }
  template <typename T>
  Digest& operator<<(const std::optional<T>& value) {
    return value ? *this << std::int64_t{1} << *value : *this << std::int64_t{0};
  }
  template <typename T>
  Digest& operator<<(const Boxed<T>& value) {
    return value ? *this << std::int64_t{1} << *value : *this << std::int64_t{0};
  }

  std::uint64_t value() const { return value_; }

 private:
  Digest& Mix(std::uint64_t part) {
    value_ ^= part + 0x9E3779B97F4A7C15ULL + (value_ << 6U) + (value_ >> 2U);
    return *this;
  }

  std::uint64_t value_ = 0;
};

}  // namespace

std::uint64_t DigestOfReport(const ManagedInstanceLinkStatus& status) {
  const auto& [generation, conditions, phase, primary, databases, summary, trust, owned_objects,
               records, network_test] = status;
  Digest digest;
  digest << generation << conditions << phase << primary << databases << summary << trust;
  return digest.value();
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
