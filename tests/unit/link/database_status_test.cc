#include "controllers/link/plan/database_status.h"

#include "tests/unit/link/scene.h"

namespace milink::link {
namespace {

using gen::Scene;

TEST(DatabaseStatus, ThePhaseIsTheWorstThatConcernsTheDatabase) {
  const auto phase = [](Severity severity) {
    const Finding finding{severity, "CreatingLink", "", {}};
    return PhaseOf(&finding);
  };
  EXPECT_EQ(PhaseOf(nullptr), "Replicating");
  EXPECT_EQ(phase(Severity::kBlocked), "Stalled");
  EXPECT_EQ(phase(Severity::kDegraded), "Degraded");
  EXPECT_EQ(phase(Severity::kRetrying), "Retrying");
  EXPECT_EQ(phase(Severity::kProgressing), "CreatingLink");
  EXPECT_EQ(phase(Severity::kWaiting), "Waiting");
  EXPECT_EQ(phase(Severity::kUnknown), "Unknown");
}

TEST(DatabaseStatus, ItsOwnTroubleGoesBeforeWhatConcernsAll) {
  Scene scene;
  const Observation seen = scene.Observe();
  Draft draft(seen);
  draft.trust.Add(Severity::kBlocked, "General", "for all");
  EXPECT_EQ(StatusOf(draft, gen::Names("sales")).message, "for all");
  draft.link.Add(Severity::kWaiting, "Own", "for sales", DatabaseName("sales"));
  draft.link.Add(Severity::kBlocked, "Own", "for hr", DatabaseName("hr"));
  EXPECT_EQ(StatusOf(draft, gen::Names("sales")).message, "for sales");
  EXPECT_EQ(StatusOf(draft, gen::Names("sales")).phase, "Waiting");
  EXPECT_EQ(StatusOf(draft, gen::Names("hr")).phase, "Stalled");
}

TEST(DatabaseStatus, OfTwoEquallyBadTheCauseIsShown) {
  Scene scene;
  const Observation seen = scene.Observe();
  Draft draft(seen);
  draft.synchronized.Add(Severity::kWaiting, "Later", "the consequence", DatabaseName("sales"));
  draft.prepared.Add(Severity::kWaiting, "Earlier", "the cause", DatabaseName("sales"));
  EXPECT_EQ(StatusOf(draft, gen::Names("sales")).message, "the cause");
}

TEST(DatabaseStatus, ShowsWhatBothSidesTell) {
  Scene scene;
  scene.Established();
  scene.world.sql.database_states.front().lag_seconds = 42;
  scene.files().last_full_backup = scene.world.now;
  const Observation seen = scene.Observe();
  const DatabaseStatus status = StatusOf(Draft(seen), gen::Names("sales"));
  EXPECT_EQ(status.sql_server_role, "Primary");
  EXPECT_EQ(status.managed_instance_role, "Secondary");
  EXPECT_EQ(status.replica_state, "LinkSynchronizing");
  EXPECT_EQ(status.connected_state, "CONNECTED");
  EXPECT_EQ(status.synchronization_health, "HEALTHY");
  EXPECT_EQ(status.lag, "<1m");
  EXPECT_EQ(status.last_full_backup_time, scene.world.now);
  EXPECT_EQ(status.availability_group, "AG_sales");
}

TEST(DatabaseStatus, WhatNobodyTellsIsUnknownOrEmpty) {
  Scene scene;
  scene.Established();
  scene.sql_unreachable = true;
  scene.instance_unread = true;
  const Observation seen = scene.Observe();
  const DatabaseStatus status = StatusOf(Draft(seen), gen::Names("sales"));
  EXPECT_EQ(status.sql_server_role, "Unknown");
  EXPECT_EQ(status.managed_instance_role, "Unknown");
  EXPECT_EQ(status.lag, "");
  EXPECT_EQ(status.seeding_percent, std::nullopt);
}

TEST(DatabaseStatus, RolesAreWordsOfTheApi) {
  for (const auto& [role, word] :
       {std::pair{"PRIMARY", "Primary"}, std::pair{"SECONDARY", "Secondary"},
        std::pair{"RESOLVING", "Resolving"}, std::pair{"NEW", "Unknown"}}) {
    Scene scene;
    scene.Established();
    scene.distributed().replicas.at(0).role = role;
    const Observation seen = scene.Observe();
    EXPECT_EQ(StatusOf(Draft(seen), gen::Names("sales")).sql_server_role, word);
  }
}

}  // namespace
}  // namespace milink::link
