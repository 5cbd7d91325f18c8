#include "controllers/link/plan/database_view.h"

#include <algorithm>

#include <fmt/format.h>

#include "core/base/text.h"
#include "core/sql/urls.h"

namespace milink::link {
namespace {

void LookAtDistributed(const sql::InstanceSnapshot& sql, DatabaseView& view) {
  for (const sql::AvailabilityReplica& member : view.distributed->replicas) {
    const bool ours =
        member.local || SameName(member.server_name, view.names.availability_group.str());
    (ours ? view.local : view.remote) = &member;
  }
  for (const sql::DatabaseReplicaState& state : sql.database_states) {
    if (state.group_id == view.distributed->group_id && !state.local &&
        SameName(state.database.str(), view.names.name.str())) {
      view.remote_state = &state;
    }
  }
  for (const sql::Seeding& seeding : sql.seedings) {
    if (seeding.group_id == view.distributed->group_id &&
        SameName(seeding.database.str(), view.names.name.str())) {
      view.seeding = &seeding;
    }
  }
}

bool Contains(const std::vector<DatabaseName>& names, const DatabaseName& name) {
  return std::any_of(names.begin(), names.end(),
                     [&](const auto& other) { return SameName(other.str(), name.str()); });
}

bool Contains(const std::vector<azure::LinkDatabase>& databases, const DatabaseName& name) {
  return std::any_of(databases.begin(), databases.end(),
                     [&](const auto& other) { return SameName(other.name, name.str()); });
}

const sql::AvailabilityReplica* MemberBehind(const sql::AvailabilityGroup& group,
                                             const std::string& url) {
  const auto found =
      std::find_if(group.replicas.begin(), group.replicas.end(),
                   [&](const auto& member) { return sql::SameUrl(member.endpoint_url, url); });
  return found == group.replicas.end() ? nullptr : &*found;
}

void CompareMember(const sql::AvailabilityGroup& group, const std::string& name,
                   const std::string& url, std::vector<std::string>& differences) {
  for (const sql::AvailabilityReplica& member : group.replicas) {
    if (!SameName(member.server_name, name)) continue;
    if (!sql::SameUrl(member.endpoint_url, url)) {
      differences.push_back(fmt::format("its member {} has the address {} instead of {}", name,
                                        member.endpoint_url, url));
    }
    return;
  }
  differences.push_back(fmt::format("it has no member {}", name));
}

}  // namespace

std::string ToString(Primary primary) {
  switch (primary) {
    case Primary::kSqlServer:
      return "SqlServer";
    case Primary::kManagedInstance:
      return "ManagedInstance";
    case Primary::kBoth:
      return "Both";
    case Primary::kNone:
      return "None";
    case Primary::kNotLinked:
    case Primary::kUnknown:
      break;
  }
  return "Unknown";
}

bool SameName(const std::string& a, const std::string& b) { return EqualsIgnoreCaseAscii(a, b); }

bool SameInstance(const api::ManagedInstanceLinkSpec& a, const api::ManagedInstanceLinkSpec& b) {
  return SameName(a.managed_instance.subscription_id, b.managed_instance.subscription_id) &&
         SameName(a.managed_instance.resource_group, b.managed_instance.resource_group) &&
         SameName(a.managed_instance.name, b.managed_instance.name);
}

bool DatabaseView::Replicating() const {
  return remote_state != nullptr && !remote_state->suspended &&
         (remote_state->synchronization_state == "SYNCHRONIZING" ||
          remote_state->synchronization_state == "SYNCHRONIZED") &&
         remote_state->synchronization_health == "HEALTHY";
}

DatabaseView LookAt(const Observation& seen, const DatabaseSpec& names) {
  DatabaseView view;
  view.names = names;
  if (seen.sql != nullptr) {
    view.database = seen.sql->FindDatabase(names.name);
    view.files = seen.sql->FindFiles(names.name);
    view.encryption = seen.sql->FindEncryption(names.name);
    if (!names.availability_group.empty()) {
      view.group = seen.sql->FindGroup(names.availability_group);
    }
    if (!names.distributed_availability_group.empty()) {
      view.distributed = seen.sql->FindGroup(names.distributed_availability_group);
    }
    if (view.distributed != nullptr && view.distributed->distributed) {
      LookAtDistributed(*seen.sql, view);
    }
  }
  view.sees_link = seen.Shows(azure::InstancePart::kLinks);
  if (view.sees_link && !names.distributed_availability_group.empty()) {
    view.link = seen.instance->FindLink(names.distributed_availability_group);
  }
  for (const DatabaseRecord& record : seen.link->status.records) {
    if (record.name == names.name) view.record = &record;
  }
  return view;
}

Primary PrimaryOf(const DatabaseView& view) {
  if (!view.sees_link) return Primary::kUnknown;
  if (view.distributed == nullptr && view.link == nullptr) return Primary::kNotLinked;
  const std::string sql = view.local == nullptr ? std::string() : view.local->role;
  const std::string instance = view.link == nullptr ? std::string() : view.link->instance_role;
  if (view.distributed != nullptr && sql != "PRIMARY" && sql != "SECONDARY") {
    return Primary::kUnknown;
  }
  if (view.link != nullptr && instance != "Primary" && instance != "Secondary") {
    return Primary::kUnknown;
  }
  // With one half only, that half decides: the other is about to be made, or is gone.
  const bool sql_primary = view.distributed != nullptr ? sql == "PRIMARY" : instance != "Primary";
  const bool instance_primary = view.link != nullptr ? instance == "Primary" : sql != "PRIMARY";
  if (sql_primary && instance_primary) return Primary::kBoth;
  if (sql_primary) return Primary::kSqlServer;
  return instance_primary ? Primary::kManagedInstance : Primary::kNone;
}

DatabaseSpec FindNames(const Draft& draft, const DatabaseName& database) {
  DatabaseSpec names;
  names.name = database;
  const Observation& seen = draft.seen;
  if (seen.sql == nullptr) return names;
  for (const sql::AvailabilityGroup& group : seen.sql->groups) {
    if (!group.distributed && Contains(group.databases, database)) {
      names.availability_group = group.name;
    }
  }
  for (const sql::AvailabilityGroup& group : seen.sql->groups) {
    if (!group.distributed || names.availability_group.empty()) continue;
    const sql::AvailabilityReplica* remote = MemberBehind(group, draft.instance_url);
    const bool ours =
        std::any_of(group.replicas.begin(), group.replicas.end(), [&](const auto& member) {
          return SameName(member.server_name, names.availability_group.str());
        });
    if (remote == nullptr || !ours) continue;
    names.distributed_availability_group = group.name;
    names.instance_availability_group = GroupName(remote->server_name);
  }
  if (seen.instance == nullptr || !names.distributed_availability_group.empty()) return names;
  for (const azure::Link& link : seen.instance->links) {
    if (!Contains(link.databases, database)) continue;
    if (!sql::SameUrl(link.partner_endpoint, draft.partner_url)) continue;
    names.distributed_availability_group = link.name;
    names.availability_group = link.partner_group;
    names.instance_availability_group = link.instance_group;
  }
  return names;
}

std::vector<std::string> GroupDifferences(const sql::AvailabilityGroup& group,
                                          const DatabaseSpec& names) {
  std::vector<std::string> differences;
  if (group.distributed) return {"it is a distributed availability group"};
  if (group.basic) differences.emplace_back("it is a basic availability group");
  if (group.contained) differences.emplace_back("it is a contained availability group");
  if (group.replicas.size() > 1) {
    differences.push_back(
        fmt::format("it has {} replicas, and one is supported", group.replicas.size()));
  }
  for (const sql::AvailabilityReplica& replica : group.replicas) {
    if (replica.local && replica.role != "PRIMARY") {
      differences.push_back(
          fmt::format("its local role is {}", replica.role.empty() ? "unknown" : replica.role));
    }
  }
  if (!Contains(group.databases, names.name)) {
    differences.push_back(fmt::format("it does not hold database {}", names.name.str()));
  }
  for (const DatabaseName& other : group.databases) {
    if (!SameName(other.str(), names.name.str())) {
      differences.push_back(fmt::format("it also holds database {}", other.str()));
    }
  }
  return differences;
}

std::vector<std::string> DistributedDifferences(const Draft& draft,
                                                const sql::AvailabilityGroup& group,
                                                const DatabaseSpec& names) {
  std::vector<std::string> differences;
  if (!group.distributed) return {"it is an ordinary availability group"};
  if (group.replicas.size() != 2) {
    differences.push_back(fmt::format("it has {} members instead of 2", group.replicas.size()));
  }
  CompareMember(group, names.availability_group.str(), draft.partner_url, differences);
  CompareMember(group, names.instance_availability_group.str(), draft.instance_url, differences);
  return differences;
}

std::vector<std::string> LinkDifferences(const Draft& draft, const azure::Link& link,
                                         const DatabaseSpec& names) {
  std::vector<std::string> differences;
  if (!SameName(link.partner_group.str(), names.availability_group.str())) {
    differences.push_back(fmt::format("its availability group on SQL Server is {} instead of {}",
                                      link.partner_group.str(), names.availability_group.str()));
  }
  if (!SameName(link.instance_group.str(), names.instance_availability_group.str())) {
    differences.push_back(fmt::format("its availability group on the instance is {} instead of {}",
                                      link.instance_group.str(),
                                      names.instance_availability_group.str()));
  }
  // A young link comes without endpoint and databases: what is not told is no difference.
  if (!link.partner_endpoint.empty() && !sql::SameUrl(link.partner_endpoint, draft.partner_url)) {
    differences.push_back(fmt::format("its SQL Server address is {} instead of {}",
                                      link.partner_endpoint, draft.partner_url));
  }
  if (!link.databases.empty() && !Contains(link.databases, names.name)) {
    differences.push_back(fmt::format("it links database {}", link.databases.front().name));
  }
  return differences;
}

}  // namespace milink::link
