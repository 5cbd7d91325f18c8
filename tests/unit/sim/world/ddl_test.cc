// What each statement refuses, and with which number.
#include <functional>

#include <gtest/gtest.h>

#include "tests/unit/sim/world/paired_world.h"

namespace milink::sim {
namespace {

struct Refused {
  const char* name;
  std::function<SqlOutcome(PairedWorld&, WorldState&)> act;
  std::vector<int> numbers;  // all messages, in their order
};

class Statement : public testing::TestWithParam<Refused> {};

TEST_P(Statement, IsRefusedWithTheseNumbers) {
  PairedWorld paired;
  paired.Trust();
  paired.Groups();
  const auto world = paired.world.Enter();
  const SqlOutcome outcome = GetParam().act(paired, *world);
  std::vector<int> numbers;
  for (const ServerMessage& message : outcome.messages) {
    numbers.push_back(message.number);
    EXPECT_EQ(message.text.find('%'), std::string::npos) << message.text;
  }
  EXPECT_EQ(numbers, GetParam().numbers);
}

SqlOutcome CreateGroupWith(PairedWorld& p, WorldState& w,
                           const std::function<void(GroupRequest&)>& change) {
  GroupRequest request = p.Group();
  request.name = "AG_other";
  request.databases = {"other"};
  change(request);
  return CreateAvailabilityGroup(w, *p.server, request);
}

SqlOutcome GroupOverDatabase(PairedWorld& p, WorldState& w,
                             const std::function<void(Database&)>& change) {
  Database database;
  database.name = "other";
  database.log_chain_started = true;
  change(database);
  AddDatabase(w, *p.server, database);
  return CreateGroupWith(p, w, [](GroupRequest&) {});
}

SqlOutcome DistributedWith(PairedWorld& p, WorldState& w,
                           const std::function<void(DistributedGroupRequest&)>& change) {
  DistributedGroupRequest request = p.Distributed();
  request.name = "DAG_other";
  change(request);
  return CreateDistributedGroup(w, *p.server, request);
}

INSTANTIATE_TEST_SUITE_P(
    Security, Statement,
    testing::Values(
        Refused{"SecondMasterKey",
                [](auto& p, auto& w) { return CreateMasterKey(w, *p.server, "Str0ng!Passw0rd"); },
                {15578}},
        Refused{"MasterKeyThatEncrypts",
                [](auto& p, auto& w) { return DropMasterKey(w, *p.server); },
                {15580}},
        Refused{"CertificateOfThatName",
                [](auto& p, auto& w) {
                  return CreateCertificate(w, *p.server, {.name = "cert", .subject = "x"});
                },
                {15232}},
        Refused{"SameCertificateUnderAnotherName",
                [](auto& p, auto& w) {
                  return ImportCertificate(w, *p.server, "again", p.managed->root_der);
                },
                {15232}},
        Refused{"CertificateThatIsNone",
                [](auto& p, auto& w) { return ImportCertificate(w, *p.server, "x", "\x30\x82"); },
                {15297}},
        Refused{"CertificateOfTheEndpoint",
                [](auto& p, auto& w) { return DropCertificate(w, *p.server, "Cert"); },
                {15352}},
        Refused{"AbsentCertificate",
                [](auto& p, auto& w) { return DropCertificate(w, *p.server, "none"); },
                {15151}},
        Refused{"IssuerTwice",
                [](auto& p, auto& w) {
                  return AddTrustedIssuer(w, *p.server,
                                          p.server->FindCertificate("Root")->certificate_id,
                                          "*.database.windows.net");
                },
                {37447}},
        Refused{"LeafAsIssuer",
                [](auto& p, auto& w) {
                  return AddTrustedIssuer(w, *p.server,
                                          p.server->FindCertificate("Cert")->certificate_id, "*.x");
                },
                {37450}},
        Refused{"IssuerOnAnOldBuild",
                [](auto& p, auto& w) {
                  p.server->link_procedures = false;
                  return AddTrustedIssuer(w, *p.server, 256, "*.x");
                },
                {2812}},
        Refused{"SecondEndpoint",
                [](auto& p, auto& w) { return CreateEndpoint(w, *p.server, p.Endpoint()); },
                {7862}},
        Refused{"EndpointWithAForeignCertificate",
                [](auto& p, auto& w) {
                  EndpointClauses clauses = p.Endpoint();
                  clauses.certificate = "Root";
                  return AlterEndpoint(w, *p.server, clauses);
                },
                {28055}},
        Refused{"AlterNothing",
                [](auto& p, auto& w) {
                  EndpointClauses clauses;
                  clauses.name = p.server->endpoint->name;
                  return AlterEndpoint(w, *p.server, clauses);
                },
                {7863}}),
    [](const auto& tested) { return tested.param.name; });

INSTANTIATE_TEST_SUITE_P(
    Databases, Statement,
    testing::Values(
        Refused{"RecoveryOfAnAbsentDatabase",
                [](auto& p, auto& w) {
                  return SetRecoveryModel(w, *p.server, "none", RecoveryModel::kFull);
                },
                {5011, 5069}},
        Refused{"SimpleInAGroup",
                [](auto& p, auto& w) {
                  return SetRecoveryModel(w, *p.server, "sales", RecoveryModel::kSimple);
                },
                {1468, 5069}},
        Refused{"BackupToNowhere",
                [](auto& p, auto& w) {
                  return BackupDatabase(w, *p.server, {.database = "sales", .path = "/else/x"});
                },
                {3201, 3013}},
        Refused{"LogBackupWithoutAFullOne",
                [](auto& p, auto& w) {
                  p.server->databases[0].log_chain_started = false;
                  return BackupDatabase(
                      w, *p.server,
                      {.database = "sales", .path = "/var/opt/mssql/backup/l", .log = true});
                },
                {4214, 3013}},
        Refused{"DropOfAGroupsDatabase",
                [](auto& p, auto& w) { return DropDatabase(w, *p.server, "sales"); },
                {3752}}),
    [](const auto& tested) { return tested.param.name; });

INSTANTIATE_TEST_SUITE_P(
    Groups, Statement,
    testing::Values(
        Refused{"GroupOfThatName",
                [](auto& p, auto& w) { return CreateAvailabilityGroup(w, *p.server, p.Group()); },
                {41114}},
        Refused{"AlwaysOnOff",
                [](auto& p, auto& w) {
                  p.server->hadr_enabled = false;
                  return CreateAvailabilityGroup(w, *p.server, p.Group());
                },
                {47105}},
        Refused{"OtherReplicaName",
                [](auto& p, auto& w) {
                  return CreateGroupWith(p, w, [](auto& r) { r.replicas[0].name = "SQL2"; });
                },
                {35237}},
        Refused{"BadUrl",
                [](auto& p, auto& w) {
                  return CreateGroupWith(p, w, [](auto& r) { r.replicas[0].url = "http://x"; });
                },
                {35232}},
        Refused{"AutomaticFailoverWithoutACluster",
                [](auto& p, auto& w) {
                  return CreateGroupWith(p, w, [](auto& r) {
                    r.replicas[0].failover_mode = FailoverMode::kAutomatic;
                  });
                },
                {47101}},
        Refused{"AbsentDatabase",
                [](auto& p, auto& w) { return CreateGroupWith(p, w, [](auto&) {}); },
                {35238, 41152}},
        Refused{"DatabaseOfAnotherGroup",
                [](auto& p, auto& w) {
                  return CreateGroupWith(p, w, [](auto& r) { r.databases = {"sales"}; });
                },
                {35244, 41152}},
        Refused{"SimpleRecovery",
                [](auto& p, auto& w) {
                  return GroupOverDatabase(p, w,
                                           [](auto& d) { d.recovery = RecoveryModel::kSimple; });
                },
                {1465, 41152}},
        Refused{"NoFullBackup",
                [](auto& p, auto& w) {
                  return GroupOverDatabase(p, w, [](auto& d) { d.log_chain_started = false; });
                },
                {1475, 41152}},
        Refused{"ReadOnly",
                [](auto& p, auto& w) {
                  return GroupOverDatabase(p, w, [](auto& d) { d.read_only = true; });
                },
                {1466, 41152}},
        Refused{"AbsentGroup",
                [](auto& p, auto& w) { return DropAvailabilityGroup(w, *p.server, "none"); },
                {15151}},
        Refused{
            "DatabaseUnderADistributedGroup",
            [](auto& p, auto& w) { return RemoveGroupDatabase(w, *p.server, "AG_sales", "sales"); },
            {47520}}),
    [](const auto& tested) { return tested.param.name; });

INSTANTIATE_TEST_SUITE_P(
    DistributedGroups, Statement,
    testing::Values(
        Refused{
            "GroupOfThatName",
            [](auto& p, auto& w) { return CreateDistributedGroup(w, *p.server, p.Distributed()); },
            {19509}},
        Refused{"NoLocalGroup",
                [](auto& p, auto& w) {
                  return DistributedWith(p, w, [](auto& r) { r.members[0].name = "AG_none"; });
                },
                {19501}},
        Refused{"SamePair",
                [](auto& p, auto& w) { return DistributedWith(p, w, [](auto&) {}); },
                {19507}},
        Refused{"SynchronousInstance",
                [](auto& p, auto& w) {
                  return DistributedWith(p, w, [](auto& r) {
                    r.members[1].availability_mode = AvailabilityMode::kSynchronous;
                  });
                },
                {47501}},
        Refused{"ManualSeeding",
                [](auto& p, auto& w) {
                  return DistributedWith(
                      p, w, [](auto& r) { r.members[1].seeding_mode = SeedingMode::kManual; });
                },
                {47500}},
        Refused{"LinkUrlOnAnOldBuild",
                [](auto& p, auto& w) {
                  p.server->link_procedures = false;
                  return DistributedWith(p, w, [](auto&) {});
                },
                {19499}},
        Refused{"UnchangedMode",
                [](auto& p, auto& w) {
                  return ModifyDistributedGroup(w, *p.server, "DAG_sales", {{.name = "AG_sales"}});
                },
                {41185}},
        Refused{"UnknownMember",
                [](auto& p, auto& w) {
                  return ModifyDistributedGroup(w, *p.server, "DAG_sales", {{.name = "x"}});
                },
                {19508}}),
    [](const auto& tested) { return tested.param.name; });

TEST(FullBackup, OnlyOneThatIsNotCopyOnlyStartsTheLogChain) {
  PairedWorld paired;
  const auto world = paired.world.Enter();
  BackupRequest request{.database = "sales", .path = "/var/opt/mssql/backup/s"};
  request.copy_only = true;
  EXPECT_FALSE(BackupDatabase(*world, *paired.server, request).failed());
  EXPECT_FALSE(paired.server->databases[0].log_chain_started);
  request.copy_only = false;
  EXPECT_FALSE(BackupDatabase(*world, *paired.server, request).failed());
  EXPECT_TRUE(paired.server->databases[0].log_chain_started);
  EXPECT_EQ(paired.server->backups.size(), 2U);
  EXPECT_TRUE(paired.server->backups[1].begins_log_chain);
}

TEST(Messages, AnUnknownNumberIsLoud) { EXPECT_EQ(MakeMessage(1).number, 50'000); }

}  // namespace
}  // namespace milink::sim
