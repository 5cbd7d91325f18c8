// Statements about distributed availability groups, the SQL Server side of a link.
#include <algorithm>

#include "core/base/text.h"
#include "tests/sim/world/group_ddl.h"

namespace milink::sim {
namespace {

constexpr int kMinMemberTimeout = 5;

const AvailabilityGroup* LocalGroupOf(const SqlServerInstance& instance,
                                      const std::vector<ReplicaClauses>& members) {
  for (const ReplicaClauses& member : members) {
    const AvailabilityGroup* const group = instance.FindGroup(member.name);
    if (group != nullptr && !group->distributed) {
      return group;
    }
  }
  return nullptr;
}

// Is the member's listener that of a managed instance, as the engine tells by the URL?
bool IsManagedInstance(const ReplicaClauses& member) {
  return !ServerPartOfUrl(member.url.value_or("")).empty();
}

SqlOutcome CheckMember(const WorldState& /*world*/, const SqlServerInstance& instance,
                       const DistributedGroupRequest& request, const ReplicaClauses& member) {
  const std::string url = member.url.value_or("");
  const bool link_url = url.find(';') != std::string::npos;
  if (!ParseTcpUrl(url) || (link_url && !instance.link_procedures)) {
    return Refuse(19'499, {url});
  }
  if (!member.failover_mode) {
    return Refuse(41'197, {member.name});
  }
  if (*member.failover_mode != FailoverMode::kManual) {
    return Refuse(35'277);
  }
  if (!member.availability_mode) {
    return Refuse(41'198, {member.name});
  }
  if (member.session_timeout.value_or(kMinMemberTimeout) < kMinMemberTimeout) {
    return Refuse(35'214, {"CREATE", member.name, std::to_string(kMinMemberTimeout)});
  }
  if (IsManagedInstance(member)) {
    if (member.seeding_mode != SeedingMode::kAutomatic) {
      return Refuse(47'500, {member.name, request.name});
    }
    if (*member.availability_mode != AvailabilityMode::kAsynchronous) {
      return Refuse(47'501, {member.name, request.name});
    }
  }
  return {};
}

SqlOutcome CheckLocalGroup(const DistributedGroupRequest& request, const AvailabilityGroup& local) {
  if (local.basic) {
    return Refuse(19'513, {request.name});
  }
  if (local.contained) {
    return Refuse(47'129, {request.name});
  }
  if (std::ranges::any_of(request.members, IsManagedInstance)) {
    if (local.databases.empty()) {
      return Refuse(47'519, {request.name, local.name});
    }
    if (local.databases.size() > 1) {
      return Refuse(47'502, {request.name, local.name});
    }
  }
  return {};
}

// Does a distributed group over the same two members exist?
bool SamePairExists(const SqlServerInstance& instance, const DistributedGroupRequest& request) {
  return std::ranges::any_of(instance.groups, [&](const AvailabilityGroup& group) {
    return group.distributed &&
           std::ranges::all_of(request.members, [&](const ReplicaClauses& member) {
             return std::ranges::any_of(group.replicas, [&](const GroupReplica& replica) {
               return instance.SameName(replica.server_name, member.name);
             });
           });
  });
}

GroupReplica MakeMember(WorldState& world, const ReplicaClauses& clauses, bool local) {
  GroupReplica member;
  member.replica_id = world.NewId();
  member.server_name = clauses.name;
  member.endpoint_url = clauses.url.value_or("");
  member.availability_mode = clauses.availability_mode.value_or(AvailabilityMode::kAsynchronous);
  member.failover_mode = clauses.failover_mode.value_or(FailoverMode::kManual);
  member.seeding_mode = clauses.seeding_mode.value_or(SeedingMode::kManual);
  member.session_timeout = clauses.session_timeout.value_or(10);
  member.secondary_connections = SecondaryConnections::kAll;
  member.local = local;
  member.create_date = world.now;
  member.modify_date = world.now;
  return member;
}

}  // namespace

SqlOutcome CreateDistributedGroup(WorldState& world, SqlServerInstance& instance,
                                  const DistributedGroupRequest& request) {
  if (!instance.hadr_enabled) {
    return Refuse(instance.platform == "Linux" ? 47'105 : 35'221);
  }
  if (instance.FindGroup(request.name) != nullptr) {
    return Refuse(19'509, {request.name});
  }
  const AvailabilityGroup* const local = LocalGroupOf(instance, request.members);
  if (local == nullptr) {
    return Refuse(19'501);
  }
  for (const ReplicaClauses& member : request.members) {
    if (SqlOutcome refused = CheckMember(world, instance, request, member); refused.failed()) {
      return refused;
    }
  }
  if (SqlOutcome refused = CheckLocalGroup(request, *local); refused.failed()) {
    return refused;
  }
  if (SamePairExists(instance, request)) {
    return Refuse(19'507, {request.name});
  }
  AvailabilityGroup group;
  group.group_id = world.NewId();
  group.name = request.name;
  group.distributed = true;
  group.create_date = world.now;
  for (const ReplicaClauses& member : request.members) {
    group.replicas.push_back(
        MakeMember(world, member, instance.SameName(member.name, local->name)));
  }
  instance.groups.push_back(std::move(group));
  return {};
}

SqlOutcome ModifyDistributedGroup(WorldState& world, SqlServerInstance& instance,
                                  const std::string& name,
                                  const std::vector<ReplicaClauses>& members) {
  AvailabilityGroup* const group = instance.FindGroup(name);
  if (group == nullptr) {
    return Refuse(19'510, {name});
  }
  if (!group->distributed) {
    return Refuse(19'512, {name});
  }
  if (group->local_role != ReplicaRole::kPrimary) {
    return Refuse(41'140, {name});
  }
  // All members are checked before any is changed.
  std::vector<std::pair<GroupReplica*, AvailabilityMode>> changes;
  for (const ReplicaClauses& clauses : members) {
    const auto member = std::ranges::find_if(group->replicas, [&](const GroupReplica& replica) {
      return instance.SameName(replica.server_name, clauses.name);
    });
    if (member == group->replicas.end()) {
      return Refuse(19'508, {clauses.name, name});
    }
    if (clauses.failover_mode || clauses.seeding_mode || clauses.url) {
      return Refuse(47'523);
    }
    if (clauses.availability_mode && *clauses.availability_mode != member->availability_mode) {
      changes.emplace_back(&*member, *clauses.availability_mode);
    }
  }
  for (const auto& [member, mode] : changes) {
    member->availability_mode = mode;
    member->modify_date = world.now;
  }
  SqlOutcome outcome;
  if (changes.empty()) {
    outcome.Add(41'185, {name});
  }
  return outcome;
}

}  // namespace milink::sim
