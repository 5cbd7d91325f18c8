// Statements about availability groups and distributed ones. Call with the World's lock held.
// Source: CATALOG 8, ERRORS 4 and 6, LINK-LIFECYCLE P9, P10 and 11.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "tests/sim/world/outcome.h"
#include "tests/sim/world/world.h"

namespace milink::sim {

// One replica's clauses; nothing: not written.
struct ReplicaClauses {
  std::string name;  // a server, or an availability group in a distributed group
  std::optional<std::string> url;
  std::optional<AvailabilityMode> availability_mode;
  std::optional<FailoverMode> failover_mode;
  std::optional<SeedingMode> seeding_mode;
  std::optional<int> session_timeout;
  std::optional<int> backup_priority;
  std::optional<PrimaryConnections> primary_connections;
  std::optional<SecondaryConnections> secondary_connections;
};

struct GroupRequest {
  std::string name;
  std::optional<ClusterType> cluster_type;  // the engine refuses the clause on 2016 itself (102)
  bool basic = false;
  bool contained = false;
  std::vector<std::string> databases;
  std::vector<ReplicaClauses> replicas;
};
SqlOutcome CreateAvailabilityGroup(WorldState& world, SqlServerInstance& instance,
                                   const GroupRequest& request);

struct DistributedGroupRequest {
  std::string name;
  std::vector<ReplicaClauses> members;  // in the order written
};
SqlOutcome CreateDistributedGroup(WorldState& world, SqlServerInstance& instance,
                                  const DistributedGroupRequest& request);

// Both kinds. Fails with 15151 when absent.
SqlOutcome DropAvailabilityGroup(WorldState& world, SqlServerInstance& instance,
                                 const std::string& name);
SqlOutcome GrantCreateAnyDatabase(WorldState& world, SqlServerInstance& instance,
                                  const std::string& group);
SqlOutcome ModifyReplica(WorldState& world, SqlServerInstance& instance, const std::string& group,
                         const ReplicaClauses& replica);
// ALTER AVAILABILITY GROUP .. MODIFY AVAILABILITY GROUP ON: modes of a distributed group's members.
SqlOutcome ModifyDistributedGroup(WorldState& world, SqlServerInstance& instance,
                                  const std::string& group,
                                  const std::vector<ReplicaClauses>& members);
// ALTER AVAILABILITY GROUP .. REMOVE DATABASE
SqlOutcome RemoveGroupDatabase(WorldState& world, SqlServerInstance& instance,
                               const std::string& group, const std::string& database);

}  // namespace milink::sim
