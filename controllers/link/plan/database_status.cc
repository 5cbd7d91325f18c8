#include "controllers/link/plan/database_status.h"

#include "controllers/link/plan/measures.h"
#include "controllers/link/reasons.h"
#include "core/base/text.h"

namespace milink::link {
namespace {

// The worst that concerns this database; general findings too, as far as there is no own one.
const Finding* WorstFor(const Draft& draft, const DatabaseName& database) {
  const Finding* own = nullptr;
  const Finding* general = nullptr;
  for (const Topic* topic : AllTopics(draft)) {
    for (const Finding& finding : topic->findings) {
      if (!finding.database.empty() && finding.database != database) continue;
      const Finding*& best = finding.database.empty() ? general : own;
      if (best == nullptr || finding.severity < best->severity) best = &finding;
    }
  }
  return own != nullptr ? own : general;
}

std::string RoleText(const std::string& role) {
  if (role == "PRIMARY") return "Primary";
  if (role == "SECONDARY") return "Secondary";
  if (role == "RESOLVING") return "Resolving";
  return "Unknown";
}

}  // namespace

Topics AllTopics(const Draft& draft) {
  Topics topics{&draft.replica, &draft.instance, &draft.authorized};
  if (draft.network_blocks) topics.push_back(&draft.network);
  topics.insert(topics.end(),
                {&draft.trust, &draft.prepared, &draft.groups, &draft.link, &draft.synchronized});
  return topics;
}

std::string PhaseOf(const Finding* worst) {
  if (worst == nullptr) return reason::kReplicating;
  switch (worst->severity) {
    case Severity::kBlocked:
      return "Stalled";
    case Severity::kDegraded:
      return reason::kDegraded;
    case Severity::kRetrying:
      return "Retrying";
    case Severity::kProgressing:
      return worst->reason;  // Preparing, BackingUp, CreatingLink, Connecting, Seeding, ..
    case Severity::kWaiting:
      return "Waiting";
    case Severity::kUnknown:
      return "Unknown";
  }
  return "Unknown";
}

DatabaseStatus StatusOf(const Draft& draft, const DatabaseSpec& names) {
  const DatabaseView view = LookAt(draft.seen, names);
  DatabaseStatus status;
  status.name = names.name;
  status.availability_group = names.availability_group.str();
  status.instance_availability_group = names.instance_availability_group.str();
  status.distributed_availability_group = names.distributed_availability_group.str();
  const Finding* worst = WorstFor(draft, names.name);
  status.phase = PhaseOf(worst);
  if (worst != nullptr) status.message = Shorten(worst->message, 512);
  for (const Finding& finding : draft.upkeep.findings) {
    if (worst == nullptr && finding.database == names.name) {
      status.message = Shorten(finding.message, 512);
    }
  }
  status.sql_server_role = RoleText(view.local == nullptr ? "" : view.local->role);
  status.managed_instance_role = view.link == nullptr || view.link->instance_role.empty()
                                     ? "Unknown"
                                     : view.link->instance_role;
  if (view.link != nullptr) {
    for (const azure::LinkDatabase& database : view.link->databases) {
      if (SameName(database.name, names.name.str())) status.replica_state = database.replica_state;
    }
  }
  if (view.remote != nullptr) status.connected_state = view.remote->connected_state;
  if (view.remote_state != nullptr) {
    status.synchronization_health = view.remote_state->synchronization_health;
    status.lag = sql::LagBucket(view.remote_state->lag_seconds);
  }
  status.seeding_percent = SeedingPercent(view);
  if (view.files != nullptr) status.last_full_backup_time = view.files->last_full_backup;
  return status;
}

}  // namespace milink::link
