// A world with one SQL Server, one managed instance and everything ready for a link, built by the
// same statements that an operator would send. A test undoes the one thing it is about.
#pragma once

#include <gtest/gtest.h>

#include "tests/fakes/fake_clock.h"
#include "tests/sim/world/database_ddl.h"
#include "tests/sim/world/group_ddl.h"
#include "tests/sim/world/link_dynamics.h"
#include "tests/sim/world/security_ddl.h"
#include "tests/sim/world/views.h"
#include "tests/sim/world/world.h"
#include "tests/sim/world/x509.h"

namespace milink::sim {

class PairedWorld {
 public:
  explicit PairedWorld(std::uint64_t seed = 1) : world(clock, seed) {
    const auto guard = world.Enter();
    server = &AddInstance(*guard, {});
    AddDatabase(*guard, *server, {.name = "sales", .database_id = 0}, 100LL << 20);
    ManagedInstance instance;
    // The simulated root, so that the chain is followed for real.
    managed = &AddManagedInstance(*guard, instance);
    managed->authority_thumbprints = {ThumbprintOf(managed->root_der)};
  }

  // First number of severity over 10; 0: succeeded.
  static int ErrorOf(const SqlOutcome& outcome) {
    for (const ServerMessage& message : outcome.messages) {
      if (message.severity > 10) {
        return message.number;
      }
    }
    return 0;
  }

  void Trust() {
    const auto guard = world.Enter();
    EXPECT_EQ(ErrorOf(CreateMasterKey(*guard, *server, "Str0ng!Passw0rd")), 0);
    EXPECT_EQ(ErrorOf(CreateCertificate(*guard, *server,
                                        {.name = "Cert", .subject = "Certificate for Cert"})),
              0);
    EXPECT_EQ(ErrorOf(ImportCertificate(*guard, *server, managed->Fqdn(),
                                        managed->endpoint_certificate_der)),
              0);
    EXPECT_EQ(ErrorOf(ImportCertificate(*guard, *server, "Root", managed->root_der)), 0);
    EXPECT_EQ(
        ErrorOf(AddTrustedIssuer(*guard, *server, server->FindCertificate("Root")->certificate_id,
                                 "*.database.windows.net")),
        0);
    const Certificate& own = *server->FindCertificate("Cert");
    managed->trust_certificates.push_back(
        {.name = "Cert", .der = own.der, .thumbprint = own.thumbprint});
    EXPECT_EQ(ErrorOf(CreateEndpoint(*guard, *server, Endpoint())), 0);
  }

  static EndpointClauses Endpoint() {
    return {.name = "database_mirroring_endpoint",
            .state = EndpointState::kStarted,
            .port = 5022,
            .ip_address = "",
            .role = EndpointRole::kAll,
            .auth = ConnectionAuth::kCertificate,
            .certificate = "Cert",
            .encryption = EncryptionAlgorithm::kAes};
  }

  static ReplicaClauses Replica(const std::string& name, const std::string& url) {
    return {.name = name,
            .url = url,
            .availability_mode = AvailabilityMode::kAsynchronous,
            .failover_mode = FailoverMode::kManual,
            .seeding_mode = SeedingMode::kAutomatic};
  }

  GroupRequest Group() const {
    return {.name = "AG_sales",
            .cluster_type = ClusterType::kNone,
            .databases = {"sales"},
            .replicas = {Replica(server->server_name, "TCP://10.0.0.4:5022")}};
  }

  DistributedGroupRequest Distributed() const {
    return {.name = "DAG_sales",
            .members = {Replica("AG_sales", "TCP://10.0.0.4:5022"),
                        Replica("AG_sales_MI", "tcp://" + managed->Fqdn() + ":5022;Server=[" +
                                                   managed->name + "]")}};
  }

  void Groups() {
    const auto guard = world.Enter();
    EXPECT_EQ(ErrorOf(BackupDatabase(*guard, *server,
                                     {.database = "sales", .path = "/var/opt/mssql/backup/s.bak"})),
              0);
    EXPECT_EQ(ErrorOf(CreateAvailabilityGroup(*guard, *server, Group())), 0);
    EXPECT_EQ(ErrorOf(CreateDistributedGroup(*guard, *server, Distributed())), 0);
  }

  // What Azure does for a PUT; the create operation is "create".
  void RequestLink() {
    const auto guard = world.Enter();
    Operation operation;
    operation.id = "create";
    guard->operations.push_back(operation);
    Link link;
    link.name = "DAG_sales";
    link.partner_group = "AG_sales";
    link.instance_group = "AG_sales_MI";
    link.partner_endpoint = "tcp://10.0.0.4:5022";
    link.operation = operation.id;
    link.created = guard->now;
    link.next_attempt = guard->now + guard->timings.connect_delay;
    link.databases.push_back({.name = "sales"});
    managed->links.push_back(std::move(link));
  }

  // The whole way, up to the request.
  void PrepareAndRequest() {
    Trust();
    Groups();
    RequestLink();
  }

  OperationState CreateState() { return world.Enter()->FindOperation("create")->state; }
  std::string CreateError() { return world.Enter()->FindOperation("create")->error.code; }

  fakes::FakeClock clock;
  World world;
  SqlServerInstance* server = nullptr;
  ManagedInstance* managed = nullptr;
};

}  // namespace milink::sim
