#include "controllers/link/gauges.h"

#include "controllers/link/plan/database_view.h"
#include "controllers/link/plan/measures.h"
#include "core/api/condition.h"
#include "core/api/reasons.h"

namespace milink::link {
namespace {

enum Family : std::size_t { kInfo, kReady, kStalled, kSplitBrain, kSeeding, kLag, kLogUsed };

double IsTrue(const api::ManagedInstanceLink& link, const char* type) {
  const auto* condition = api::FindCondition(link.status.conditions, type);
  return condition != nullptr && condition->status == api::ConditionStatus::kTrue ? 1 : 0;
}

void AddDatabase(const api::ManagedInstanceLink& link, const DatabaseView& view,
                 std::vector<runtime::Samples>& samples) {
  const auto add = [&](Family family, double value) {
    samples[family].Add({{"namespace", link.meta.key.namespace_name},
                         {"name", link.meta.key.name},
                         {"database", view.names.name.str()}},
                        value);
  };
  if (const auto percent = SeedingPercent(view)) {
    add(kSeeding, *percent / 100.0);
  }
  if (view.remote_state != nullptr && view.remote_state->lag_seconds) {
    add(kLag, static_cast<double>(*view.remote_state->lag_seconds));
  }
  if (view.database != nullptr && view.database->log_used_percent) {
    add(kLogUsed, *view.database->log_used_percent / 100.0);
  }
}

}  // namespace

std::vector<runtime::MetricFamily> LinkGauges() {
  return {
      {"milink_link_info", "One for each ManagedInstanceLink, with what it links and its state"},
      {"milink_link_ready", "Is the link Ready?"},
      {"milink_link_stalled", "Does the link wait for somebody to change something?"},
      {"milink_link_split_brain", "Is a database of the link writable on both sides?"},
      {"milink_database_seeding_ratio", "Part of the database that was copied, while it is seeded"},
      {"milink_database_lag_seconds", "How far the secondary is behind"},
      {"milink_database_log_used_ratio", "Used part of the transaction log on SQL Server"},
  };
}

void AddLinkSamples(const LinkPointer& link,
                    const std::shared_ptr<const sql::InstanceSnapshot>& sql,
                    const std::shared_ptr<const azure::ManagedInstanceSnapshot>& instance,
                    std::vector<runtime::Samples>& samples) {
  const std::string& space = link->meta.key.namespace_name;
  const std::string& name = link->meta.key.name;
  samples[kInfo].Add({{"namespace", space},
                      {"name", name},
                      {"replica", link->spec.replica},
                      {"managed_instance", link->spec.managed_instance.name},
                      {"phase", link->status.phase},
                      {"primary", link->status.primary}},
                     1);
  const auto flag = [&](Family family, const char* condition) {
    samples[family].Add({{"namespace", space}, {"name", name}}, IsTrue(*link, condition));
  };
  flag(kReady, api::condition_type::kReady);
  flag(kStalled, api::condition_type::kStalled);
  flag(kSplitBrain, api::condition_type::kSplitBrain);
  Observation seen;
  seen.link = link;
  seen.sql = sql;
  seen.instance = instance;
  for (const auto& database : link->spec.databases) {
    AddDatabase(*link, LookAt(seen, database), samples);
  }
}

}  // namespace milink::link
