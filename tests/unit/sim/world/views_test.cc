// Which rows are visible at which stage of a link.
#include "tests/sim/world/views.h"

#include <gtest/gtest.h>

#include "tests/unit/sim/world/paired_world.h"

namespace milink::sim {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;

template <typename Row>
std::vector<Row> RowsOf(std::vector<Row> rows, const std::string& group_id, bool local) {
  std::erase_if(rows,
                [&](const Row& row) { return row.group_id != group_id || row.is_local != local; });
  return rows;
}

TEST(Views, ALocalGroupIsPrimaryHealthyAndSynchronized) {
  PairedWorld paired;
  paired.Groups();
  const auto world = paired.world.Enter();
  const std::string id = paired.server->FindGroup("AG_sales")->group_id;
  const auto replicas = RowsOf(ReplicaStates(*world, *paired.server), id, true);
  ASSERT_EQ(replicas.size(), 1U);
  EXPECT_EQ(replicas[0].role, ReplicaRole::kPrimary);
  EXPECT_EQ(replicas[0].synchronization_health, SynchronizationHealth::kHealthy);
  const auto databases = RowsOf(DatabaseReplicaStates(*world, *paired.server), id, true);
  ASSERT_EQ(databases.size(), 1U);
  EXPECT_EQ(databases[0].synchronization_state, SynchronizationState::kSynchronized);
  EXPECT_TRUE(databases[0].is_primary_replica);
}

TEST(Views, BeforeTheInstanceJoinsItsMemberIsDisconnected) {
  PairedWorld paired;
  paired.Groups();
  const auto world = paired.world.Enter();
  const std::string id = paired.server->FindGroup("DAG_sales")->group_id;
  const auto remote = RowsOf(ReplicaStates(*world, *paired.server), id, false);
  ASSERT_EQ(remote.size(), 1U);
  EXPECT_EQ(remote[0].connected_state, ConnectedState::kDisconnected);
  EXPECT_FALSE(remote[0].operational_state.has_value());
  EXPECT_EQ(remote[0].role, ReplicaRole::kSecondary);
  world->switches.role_before_join = ReplicaRole::kResolving;
  EXPECT_EQ(RowsOf(ReplicaStates(*world, *paired.server), id, false)[0].role,
            ReplicaRole::kResolving);
  EXPECT_TRUE(RowsOf(DatabaseReplicaStates(*world, *paired.server), id, false).empty());
  world->switches.remote_row_before_join = true;
  EXPECT_EQ(RowsOf(DatabaseReplicaStates(*world, *paired.server), id, false).size(), 1U);
}

TEST(Views, WhileSeedingTheMemberIsConnectedAndNotHealthy) {
  PairedWorld paired;
  paired.PrepareAndRequest();
  paired.clock.Step(seconds(6));
  const auto world = paired.world.Enter();
  const std::string id = paired.server->FindGroup("DAG_sales")->group_id;
  const auto remote = RowsOf(ReplicaStates(*world, *paired.server), id, false);
  EXPECT_EQ(remote[0].connected_state, ConnectedState::kConnected);
  EXPECT_EQ(remote[0].synchronization_health, SynchronizationHealth::kNotHealthy);
  const auto physical = PhysicalSeeding(*world, *paired.server);
  ASSERT_EQ(physical.size(), 1U);
  EXPECT_TRUE(physical[0].estimate_time_complete.has_value());
  EXPECT_EQ(AutomaticSeeding(*world, *paired.server)[0].ag_id, id);
  world->switches.seeding_rows_carry_distributed_group = false;
  EXPECT_EQ(AutomaticSeeding(*world, *paired.server)[0].ag_id,
            paired.server->FindGroup("AG_sales")->group_id);
}

TEST(Views, AnEstablishedLinkIsSynchronizingHealthyWithLag) {
  PairedWorld paired;
  paired.PrepareAndRequest();
  paired.clock.Step(minutes(1));
  const auto world = paired.world.Enter();
  const std::string id = paired.server->FindGroup("DAG_sales")->group_id;
  EXPECT_EQ(RowsOf(ReplicaStates(*world, *paired.server), id, false)[0].synchronization_health,
            SynchronizationHealth::kHealthy);
  const auto remote = RowsOf(DatabaseReplicaStates(*world, *paired.server), id, false);
  ASSERT_EQ(remote.size(), 1U);
  EXPECT_EQ(remote[0].synchronization_state, SynchronizationState::kSynchronizing);
  EXPECT_EQ(remote[0].secondary_lag_seconds, 0);
  EXPECT_TRUE(PhysicalSeeding(*world, *paired.server).empty());
}

TEST(Views, ASecondarySeesOnlyItself) {
  PairedWorld paired;
  paired.Groups();
  const auto world = paired.world.Enter();
  AvailabilityGroup& group = *paired.server->FindGroup("DAG_sales");
  group.local_role = ReplicaRole::kSecondary;
  EXPECT_TRUE(RowsOf(ReplicaStates(*world, *paired.server), group.group_id, false).empty());
}

TEST(Views, ALogWaitsForItsBackup) {
  PairedWorld paired;
  paired.Groups();
  paired.server->databases[0].write_rate = 1 << 20;
  paired.clock.Step(seconds(10));
  const auto world = paired.world.Enter();
  const LogUse use = LogUseOf(*world, *paired.server, paired.server->databases[0]);
  EXPECT_EQ(use.reuse_wait_desc, "LOG_BACKUP");
  EXPECT_GT(use.used_percent, 10.0);
}

}  // namespace
}  // namespace milink::sim
