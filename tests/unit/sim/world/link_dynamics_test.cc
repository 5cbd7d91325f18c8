#include "tests/sim/world/link_dynamics.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/sim/world/paired_world.h"

namespace milink::sim {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

TEST(LinkDynamics, ALinkWithEverythingRightConnectsSeedsAndReplicates) {
  PairedWorld paired;
  paired.PrepareAndRequest();
  EXPECT_EQ(paired.CreateState(), OperationState::kInProgress);

  paired.clock.Step(seconds(6));
  {
    const auto world = paired.world.Enter();
    ASSERT_EQ(paired.managed->links.size(), 1U);
    EXPECT_EQ(paired.managed->links[0].stage, LinkStage::kSeeding);
    EXPECT_EQ(paired.managed->FindDatabase("sales")->status, "Restoring");
    const auto seeding = AutomaticSeeding(*world, *paired.server);
    ASSERT_EQ(seeding.size(), 1U);
    EXPECT_EQ(seeding[0].seeding->state, "SEEDING");
    EXPECT_GT(seeding[0].seeding->transferred_bytes, 0);
  }
  paired.clock.Step(seconds(10));
  EXPECT_EQ(paired.CreateState(), OperationState::kSucceeded);
  EXPECT_EQ(paired.managed->links[0].stage, LinkStage::kEstablished);
  EXPECT_EQ(paired.managed->FindDatabase("sales")->status, "Online");
}

TEST(LinkDynamics, AStepOfAnHourEndsLikeManySmallSteps) {
  PairedWorld paired;
  paired.PrepareAndRequest();
  paired.clock.Step(hours(1));
  EXPECT_EQ(paired.CreateState(), OperationState::kSucceeded);
}

struct Broken {
  const char* name;
  std::function<void(PairedWorld&, WorldState&)> breakage;
  std::string code;
  bool at_once;
};

class BrokenLink : public testing::TestWithParam<Broken> {};

TEST_P(BrokenLink, FailsWithTheRightCode) {
  PairedWorld paired;
  paired.Trust();
  paired.Groups();
  GetParam().breakage(paired, *paired.world.Enter());
  paired.RequestLink();
  paired.clock.Step(minutes(1));
  EXPECT_EQ(paired.CreateState(),
            GetParam().at_once ? OperationState::kFailed : OperationState::kInProgress);
  paired.clock.Step(minutes(11));
  EXPECT_EQ(paired.CreateState(), OperationState::kFailed);
  EXPECT_EQ(paired.CreateError(), GetParam().code);
  EXPECT_TRUE(paired.managed->links.empty());
}

INSTANTIATE_TEST_SUITE_P(
    Causes, BrokenLink,
    testing::Values(
        Broken{"SqlCertificateNotUploaded",
               [](PairedWorld& p, WorldState&) { p.managed->trust_certificates.clear(); },
               "ManagedInstanceLinkCertificateNotFoundOnManagedInstance", true},
        Broken{"InstanceCertificateUnderAnotherName",
               [](PairedWorld& p, WorldState&) {
                 p.server->FindCertificate(p.managed->Fqdn())->name = "friendly";
               },
               "ManagedInstanceLinkCertificateNotFoundOnSqlServer", true},
        Broken{"RootWithoutIssuerEntry",
               [](PairedWorld& p, WorldState&) {
                 p.server->FindCertificate("Root")->issuer_of.clear();
               },
               "ManagedInstanceLinkConnectivityIsNotEstablished", false},
        Broken{"IssuerEntryForAnotherDomain",
               [](PairedWorld& p, WorldState&) {
                 p.server->FindCertificate("Root")->issuer_of = {"*.example.com"};
               },
               "ManagedInstanceLinkConnectivityIsNotEstablished", false},
        Broken{"RootThatDidNotIssue",
               [](PairedWorld& p, WorldState& world) {
                 ManagedInstance other;
                 other.name = "other";
                 p.managed->endpoint_certificate_der =
                     AddManagedInstance(world, other).endpoint_certificate_der;
                 p.server->FindCertificate(p.managed->Fqdn())->der =
                     p.managed->endpoint_certificate_der;
               },
               "ManagedInstanceLinkConnectivityIsNotEstablished", false},
        Broken{"EndpointStopped",
               [](PairedWorld& p, WorldState& world) {
                 EndpointClauses stop;
                 stop.name = p.server->endpoint->name;
                 stop.state = EndpointState::kStopped;
                 EXPECT_FALSE(AlterEndpoint(world, *p.server, stop).failed());
               },
               "ManagedInstanceLinkConnectivityIsNotEstablished", false},
        Broken{"EncryptionOnlySupported",
               [](PairedWorld& p, WorldState&) {
                 p.server->endpoint->encryption = EncryptionAlgorithm::kNoneAes;
               },
               "CloudLifterChimeraOnpremEndpointEncryptionNotEnabled", true},
        Broken{"DistributedGroupMissing",
               [](PairedWorld& p, WorldState& world) {
                 EXPECT_FALSE(DropAvailabilityGroup(world, *p.server, "DAG_sales").failed());
               },
               "CloudLifterChimeraAvailabilityGroupConnectionCannotBeEstablished", false},
        Broken{"ServerPartMissing",
               [](PairedWorld& p, WorldState&) {
                 p.server->FindGroup("DAG_sales")->replicas[1].endpoint_url =
                     "tcp://" + p.managed->Fqdn() + ":5022";
               },
               "CloudLifterChimeraAvailabilityGroupConnectionCannotBeEstablished", false},
        Broken{"SecondLogFile",
               [](PairedWorld& p, WorldState&) {
                 p.server->databases[0].files.push_back(
                     {.file_id = 3, .type = FileType::kLog, .name = "log2"});
               },
               "ManagedInstanceLinkSourceDbHasMultipleLogFiles", true},
        Broken{"EncryptedByWhatTheInstanceLacks",
               [](PairedWorld& p, WorldState&) {
                 p.server->databases[0].encryptor_thumbprint =
                     p.server->FindCertificate("Cert")->thumbprint;
               },
               "ManagedInstanceLinkTdeCertificateMissing", true},
        Broken{"NetworkCut", [](PairedWorld&, WorldState& world) { world.network.Cut("10.0.0.4"); },
               "ManagedInstanceLinkConnectivityIsNotEstablished", false}),
    [](const auto& tested) { return tested.param.name; });

TEST(LinkDynamics, ALogBackupWhileSeedingPoisonsTheLink) {
  PairedWorld paired;
  paired.PrepareAndRequest();
  paired.clock.Step(seconds(6));
  {
    const auto world = paired.world.Enter();
    EXPECT_FALSE(
        BackupDatabase(*world, *paired.server,
                       {.database = "sales", .path = "/var/opt/mssql/backup/l.trn", .log = true})
            .failed());
  }
  paired.clock.Step(minutes(1));
  EXPECT_EQ(paired.CreateState(), OperationState::kFailed);
  EXPECT_EQ(paired.CreateError(), "ManagedInstanceLinkDifferentFork");
  const auto seeding = AutomaticSeeding(*paired.world.Enter(), *paired.server);
  ASSERT_EQ(seeding.size(), 1U);
  EXPECT_EQ(seeding[0].seeding->state, "FAILED");
  EXPECT_EQ(seeding[0].seeding->error_code, 1412);
}

TEST(LinkDynamics, AMissingEncryptionCertificateMayShowWhenTheCopyBegins) {
  PairedWorld paired;
  paired.PrepareAndRequest();
  {
    const auto world = paired.world.Enter();
    world->switches.missing_tde_certificate_fails_seeding = true;
    paired.server->databases[0].encryptor_thumbprint =
        paired.server->FindCertificate("Cert")->thumbprint;
  }
  paired.clock.Step(minutes(1));
  EXPECT_EQ(paired.CreateState(), OperationState::kFailed);
  EXPECT_EQ(paired.CreateError(), "CannotFindServerCertificateWithThumbprint");
  const auto world = paired.world.Enter();
  ASSERT_EQ(paired.server->seedings.size(), 1U);
  EXPECT_EQ(paired.server->seedings[0].state, "FAILED");
  EXPECT_EQ(paired.server->seedings[0].error_code, 41'923);
}

// A linked database whose key was given to a certificate that the instance does not have.
class ExchangedProtector {
 public:
  explicit ExchangedProtector(void (*set)(SimSwitches&) = [](SimSwitches&) {}) {
    paired_.PrepareAndRequest();
    paired_.clock.Step(minutes(1));
    {
      const auto world = paired_.world.Enter();
      set(world->switches);
      Source().encryptor_thumbprint = paired_.server->FindCertificate("Cert")->thumbprint;
    }
    paired_.clock.Step(minutes(1));
  }
  Database& Source() { return paired_.server->databases[0]; }
  bool Stopped() {
    const auto world = paired_.world.Enter();
    for (const DatabaseReplicaStateRow& row : DatabaseReplicaStates(*world, *paired_.server)) {
      if (!row.is_local) {
        return row.synchronization_state == SynchronizationState::kNotSynchronizing &&
               row.synchronization_health == SynchronizationHealth::kNotHealthy;
      }
    }
    return false;
  }
  std::string Error() {
    const auto world = paired_.world.Enter();
    return paired_.managed->links[0].databases[0].last_error;
  }
  void Upload() {
    paired_.world.Enter()->managed_instances[0]->tde_thumbprints = {Source().encryptor_thumbprint};
    paired_.clock.Step(minutes(1));
  }
  PairedWorld& paired() { return paired_; }

 private:
  PairedWorld paired_;
};

TEST(LinkDynamics, ACopyStopsAtAnEncryptionCertificateThatIsMissingAndGoesOnWithIt) {
  ExchangedProtector exchanged;
  EXPECT_TRUE(exchanged.Stopped());
  EXPECT_EQ(exchanged.Error(), "41923");
  {
    const auto world = exchanged.paired().world.Enter();
    EXPECT_TRUE(exchanged.paired().managed->links[0].connected);
  }
  exchanged.Upload();
  EXPECT_FALSE(exchanged.Stopped());
  EXPECT_EQ(exchanged.Error(), "");
}

TEST(LinkDynamics, ACopyMayGoOnWithoutTheNewEncryptionCertificate) {
  ExchangedProtector exchanged(
      [](SimSwitches& switches) { switches.missing_tde_certificate_stops_copy = false; });
  EXPECT_FALSE(exchanged.Stopped());
  EXPECT_EQ(exchanged.Error(), "");
}

TEST(LinkDynamics, AStoppedCopyMayStayStoppedAndTellTheOtherNumber) {
  ExchangedProtector exchanged([](SimSwitches& switches) {
    switches.stopped_copy_goes_on = false;
    switches.missing_tde_certificate_is_33111 = true;
  });
  exchanged.Upload();
  EXPECT_TRUE(exchanged.Stopped());
  EXPECT_EQ(exchanged.Error(), "33111");
}

TEST(LinkDynamics, AnEstablishedLinkBreaksWithTheEndpointAndMendsWithIt) {
  PairedWorld paired;
  paired.PrepareAndRequest();
  paired.clock.Step(minutes(1));
  const auto set = [&](EndpointState state) {
    const auto world = paired.world.Enter();
    paired.server->endpoint->state = state;
    RebindEndpoint(*world, *paired.server);
  };
  set(EndpointState::kStopped);
  paired.clock.Step(seconds(2));
  {
    const auto world = paired.world.Enter();
    EXPECT_FALSE(paired.managed->links[0].connected);
    for (const ReplicaStateRow& row : ReplicaStates(*world, *paired.server)) {
      if (!row.is_local) {
        EXPECT_EQ(row.connected_state, ConnectedState::kDisconnected);
        EXPECT_EQ(row.last_connect_error_number, 35206);
      }
    }
  }
  set(EndpointState::kStarted);
  paired.clock.Step(seconds(30));
  const auto world = paired.world.Enter();
  EXPECT_TRUE(paired.managed->links[0].connected);
  EXPECT_EQ(paired.managed->links[0].stage, LinkStage::kEstablished);
}

TEST(LinkDynamics, AnInterruptedSeedingBeginsAnew) {
  PairedWorld paired;
  paired.PrepareAndRequest();
  paired.clock.Step(seconds(6));
  paired.world.Enter()->network.Cut("10.0.0.4");
  paired.clock.Step(seconds(20));
  {
    const auto world = paired.world.Enter();
    EXPECT_FALSE(paired.managed->links[0].connected);
    world->network.Mend("10.0.0.4");
  }
  paired.clock.Step(minutes(2));
  EXPECT_EQ(paired.CreateState(), OperationState::kSucceeded);
  const auto world = paired.world.Enter();
  const auto seeding = AutomaticSeeding(*world, *paired.server);
  ASSERT_EQ(seeding.size(), 2U);
  EXPECT_EQ(seeding[0].seeding->state, "FAILED");
  EXPECT_EQ(seeding[1].seeding->state, "COMPLETED");
}

TEST(LinkDynamics, UnderAWriteLoadTheCopyFollowsAndTheLogMoves) {
  PairedWorld paired;
  paired.PrepareAndRequest();
  paired.server->databases[0].write_rate = 1 << 20;
  paired.clock.Step(minutes(2));
  const std::uint64_t before = [&] {
    const auto world = paired.world.Enter();
    return paired.managed->links[0].databases[0].hardened_offset;
  }();
  paired.clock.Step(seconds(10));
  const auto world = paired.world.Enter();
  EXPECT_GE(paired.managed->links[0].databases[0].hardened_offset, before + 9 * (1 << 20));
  EXPECT_EQ(paired.server->databases[0].log_offset, std::uint64_t{130} << 20);
}

TEST(LinkDynamics, RemovingAnEstablishedLinkLeavesTheCopyOnTheInstance) {
  PairedWorld paired;
  paired.PrepareAndRequest();
  paired.clock.Step(minutes(1));
  const auto world = paired.world.Enter();
  RemoveLink(*paired.managed, "dag_SALES");
  EXPECT_TRUE(paired.managed->links.empty());
  ASSERT_NE(paired.managed->FindDatabase("sales"), nullptr);
}

TEST(LinkDynamics, RemovingASeedingLinkTakesTheHalfCopyAway) {
  PairedWorld paired;
  paired.PrepareAndRequest();
  paired.clock.Step(seconds(6));
  const auto world = paired.world.Enter();
  RemoveLink(*paired.managed, "DAG_sales");
  EXPECT_EQ(paired.managed->FindDatabase("sales"), nullptr);
}

TEST(LinkDynamics, TheRealRootsServeByTheirThumbprintsAndBothAreNeeded) {
  PairedWorld paired;
  paired.Trust();
  paired.Groups();
  paired.managed->authority_thumbprints = {ThumbprintOf(paired.managed->root_der), "ABCD"};
  paired.RequestLink();
  paired.clock.Step(minutes(1));
  EXPECT_EQ(paired.CreateState(), OperationState::kInProgress);
  paired.world.Enter()->switches.one_authority_suffices = true;
  paired.clock.Step(minutes(1));
  EXPECT_EQ(paired.CreateState(), OperationState::kSucceeded);
}

TEST(LinkDynamics, SameSeedGivesTheSameIdentifiers) {
  PairedWorld one(7);
  PairedWorld two(7);
  PairedWorld three(8);
  one.Groups();
  two.Groups();
  three.Groups();
  EXPECT_EQ(one.server->groups[0].group_id, two.server->groups[0].group_id);
  EXPECT_NE(one.server->groups[0].group_id, three.server->groups[0].group_id);
}

}  // namespace
}  // namespace milink::sim
