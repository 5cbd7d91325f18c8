#include "controllers/link/reasons.h"
#include "tests/unit/link/scene.h"

namespace milink::link {
namespace {

using gen::kFalse;
using gen::kTrue;
using gen::kUnknown;
using gen::Row;
using gen::Scene;
namespace type = api::condition_type;

std::vector<Row> ProgressRows() {
  return {
      {"A missing connection is no problem in the first two minutes",
       [](Scene& s) {
         s.Linked();
         s.distributed().replicas.at(1).connected_state = "DISCONNECTED";
         s.distributed().replicas.at(1).last_connect_error = 10060;
         s.world.facts.disconnected_since[DatabaseName("sales")] =
             s.world.now - std::chrono::seconds(119);
       },
       type::kLinkEstablished,
       kFalse,
       reason::kConnecting,
       "waiting",
       {}},
      {"A missing connection is a problem after two minutes, with its error",
       [](Scene& s) {
         s.Linked();
         s.distributed().replicas.at(1).connected_state = "DISCONNECTED";
         s.distributed().replicas.at(1).last_connect_error = 10060;
         s.world.facts.disconnected_since[DatabaseName("sales")] =
             s.world.now - std::chrono::seconds(120);
       },
       type::kLinkEstablished,
       kFalse,
       reason::kConnectionProblem,
       "10060",
       {}},
      {"A missing connection names the instance's own error too",
       [](Scene& s) {
         s.Linked();
         s.distributed().replicas.at(1).connected_state = "DISCONNECTED";
         s.link().databases.front().most_recent_link_error = "1418";
         s.world.facts.disconnected_since[DatabaseName("sales")] =
             s.world.now - std::chrono::seconds(120);
       },
       type::kLinkEstablished,
       kFalse,
       reason::kConnectionProblem,
       "(managed instance: 1418)",
       {}},
      {"Seeding shows its progress",
       [](Scene& s) {
         s.Linked();
         s.world.sql.database_states.clear();
         sql::Seeding seeding;
         seeding.group_id = "id-of-DAG_sales";
         seeding.database = DatabaseName("sales");
         seeding.state = "SEEDING";
         seeding.database_bytes = 200;
         seeding.transferred_bytes = 91;
         s.world.sql.seedings.push_back(seeding);
       },
       type::kLinkEstablished,
       kFalse,
       reason::kSeeding,
       "45%",
       {}},
      {"A copy that is under way is seeding although no connection shows yet",
       [](Scene& s) {
         s.Linked();
         s.world.sql.database_states.clear();
         s.distributed().replicas.at(1).connected_state = "DISCONNECTED";
         s.link().databases.front().replica_state = "Seeding";
         s.link().databases.front().seeding_progress = "12%";
       },
       type::kLinkEstablished,
       kFalse,
       reason::kSeeding,
       "12%",
       {}},
      {"A connection that is lost for long goes before a percentage that may be old",
       [](Scene& s) {
         s.Linked();
         s.world.sql.database_states.clear();
         s.distributed().replicas.at(1).connected_state = "DISCONNECTED";
         s.link().databases.front().replica_state = "Seeding";
         s.link().databases.front().seeding_progress = "12%";
         s.world.facts.disconnected_since[DatabaseName("sales")] =
             s.world.now - std::chrono::seconds(120);
       },
       type::kLinkEstablished,
       kFalse,
       reason::kConnectionProblem,
       "do not connect",
       {}},
      {"Failed seeding waits for a person",
       [](Scene& s) {
         s.Linked();
         s.world.sql.database_states.clear();
         sql::Seeding seeding;
         seeding.group_id = "id-of-DAG_sales";
         seeding.database = DatabaseName("sales");
         seeding.state = "FAILED";
         seeding.failure_state = "Seeding Check Message Timeout";
         s.world.sql.seedings.push_back(seeding);
       },
       type::kLinkEstablished,
       kFalse,
       reason::kSeedingFailed,
       "Timeout",
       {}},
      {"A copy that is complete waits until changes flow",
       [](Scene& s) {
         s.Linked();
         s.world.sql.database_states.front().synchronization_state = "NOT SYNCHRONIZING";
       },
       type::kLinkEstablished,
       kFalse,
       reason::kSynchronizing,
       "changes flow",
       {}},
      {"An interrupted link stays established and is not synchronized",
       [](Scene& s) {
         s.Established();
         s.distributed().replicas.at(1).connected_state = "DISCONNECTED";
       },
       type::kSynchronized,
       kFalse,
       reason::kDisconnected,
       "is down",
       {}},
      {"An interrupted link is still established",
       [](Scene& s) {
         s.Established();
         s.distributed().replicas.at(1).connected_state = "DISCONNECTED";
       },
       type::kLinkEstablished,
       kTrue,
       reason::kSucceeded,
       "",
       {}},
      {"Suspended data movement is told with its reason",
       [](Scene& s) {
         s.Established();
         s.world.sql.database_states.front().suspended = true;
         s.world.sql.database_states.front().suspend_reason = "SUSPEND_FROM_USER";
       },
       type::kSynchronized,
       kFalse,
       reason::kDataMovementSuspended,
       "SUSPEND_FROM_USER",
       {}},
      {"An unhealthy copy is told",
       [](Scene& s) {
         s.Established();
         s.world.sql.database_states.front().synchronization_state = "NOT SYNCHRONIZING";
       },
       type::kSynchronized,
       kFalse,
       reason::kUnhealthy,
       "NOT SYNCHRONIZING",
       {}},
      {"A copy without a state is unknown",
       [](Scene& s) {
         s.Established();
         s.world.sql.database_states.clear();
       },
       type::kSynchronized,
       kUnknown,
       reason::kUnhealthy,
       "no state of the copy",
       {}},
  };
}

class PlanProgressTable : public testing::TestWithParam<Row> {};

TEST_P(PlanProgressTable, DecidesAsTheSentenceSays) { Check(GetParam()); }

INSTANTIATE_TEST_SUITE_P(, PlanProgressTable, testing::ValuesIn(ProgressRows()), gen::CaseName);

TEST(PlanProgress, SeedingIsLookedAtOften) {
  Scene scene;
  scene.Linked();
  scene.world.sql.database_states.clear();
  const Plan plan = scene.Decide();
  EXPECT_EQ(plan.freshness.sql, Duration(std::chrono::seconds(10)));
  EXPECT_TRUE(plan.requeue_after.has_value());
}

TEST(PlanProgress, TheFirstHealthyStateMakesALinkEstablished) {
  Scene scene;
  scene.Linked();
  EXPECT_TRUE(PlanLink(scene.Observe()).status.records.at(0).established);
  scene.world.sql.database_states.front().suspended = true;
  EXPECT_FALSE(PlanLink(scene.Observe()).status.records.at(0).established);
}

TEST(PlanProgress, AnEstablishedLinkIsNotLookedAtOften) {
  Scene scene;
  scene.Established();
  const Plan plan = scene.Decide();
  EXPECT_EQ(plan.freshness, Freshness{});
  EXPECT_FALSE(plan.requeue_after.has_value());
}

struct PartsRow {
  const char* name;
  bool established;
  std::chrono::seconds down_for;
  std::optional<Duration> wanted;
};

TEST(FollowProgress, ALostConnectionIsAReasonToLookForARotatedCertificate) {
  using std::chrono::seconds;
  const std::vector<PartsRow> rows = {
      {"at once", true, seconds(0), seconds(60)},
      {"still often in the first minutes", true, seconds(90), seconds(90)},
      {"more seldom the longer it lasts", true, seconds(300), seconds(300)},
      {"never more seldom than always", true, seconds(86'400), seconds(600)},
      {"not while a new link connects", false, seconds(119), std::nullopt},
      {"when a new link does not connect in time", false, seconds(120), seconds(120)},
  };
  for (const PartsRow& row : rows) {
    SCOPED_TRACE(row.name);
    Scene scene;
    scene.Linked();
    scene.world.link.status.records.front().established = row.established;
    scene.distributed().replicas.at(1).connected_state = "DISCONNECTED";
    scene.world.facts.disconnected_since[DatabaseName("sales")] = scene.world.now - row.down_for;
    EXPECT_EQ(scene.Decide().freshness.instance_parts, row.wanted);
  }
  Scene well;
  well.Established();
  EXPECT_EQ(well.Decide().freshness.instance_parts, std::nullopt);
}

}  // namespace
}  // namespace milink::link
