#include <gtest/gtest.h>

#include "tests/e2e/bad_input.h"
#include "tests/sim/world/group_ddl.h"
#include "tests/sim/world/security_ddl.h"
#include "tests/sim/world/x509.h"

namespace milink::e2e {
namespace {

using nlohmann::json;

json Server(const std::string& name, const std::string& address, const json& more) {
  json server = {
      {"serverName", name},
      {"productVersion", "16.0.4125.3"},
      {"platform", "Linux"},
      {"addresses", {address}},
      {"logins", {{{"name", "milink"}, {"password", "canary-sql-password"}, {"sysadmin", true}}}}};
  server.update(more);
  return server;
}

json Database(const std::string& name, const std::string& recovery, bool backup = true) {
  return {{"name", name}, {"recovery", recovery}, {"sizeBytes", 1LL << 26}, {"fullBackup", backup}};
}

void Expect(const sim::SqlOutcome& outcome) {
  ASSERT_FALSE(outcome.failed()) << outcome.messages.back().text;
}

}  // namespace

json BadInputWorld() {
  json world = DefaultWorld();
  json instance = world["managedInstances"][0];
  const std::string client = world["principals"][0]["clientId"];
  world["sqlServers"] = {
      Server("SQL1", "10.0.0.1", {{"databases", {Database("good", "FULL")}}}),
      Server(
          "SHARED", "10.0.0.2",
          {{"masterKey", true},
           {"certificates", {"Cert_SHARED_endpoint"}},
           {"endpoint",
            {{"name", "mirroring"}, {"port", 5022}, {"certificate", "Cert_SHARED_endpoint"}}},
           {"databases",
            {Database("simple", "SIMPLE"), Database("fresh", "FULL", false),
             Database("grouped", "FULL"), Database("other", "FULL"), Database("sales", "SIMPLE"),
             Database("hr", "SIMPLE"), Database("stock", "SIMPLE"), Database("crm", "SIMPLE")}}}),
      Server("LOCKED", "10.0.0.3", {{"databases", {Database("good", "SIMPLE")}}}),
      Server("KEYLESS", "10.0.0.4", json::object()),
      Server("OLD", "10.0.0.5", {{"productVersion", "15.0.4073.23"}, {"updateLevel", "CU8"}}),
      Server(
          "EXPRESS", "10.0.0.6",
          {{"edition", "Express Edition (64-bit)"}, {"engineEdition", 4}, {"hadrEnabled", false}}),
      Server("NOHADR", "10.0.0.7", {{"hadrEnabled", false}, {"hadrManagerStatus", 0}})};
  json shared = instance;
  shared["name"] = "sqlmi-shared";
  json second = instance;
  second["name"] = "sqlmi2";
  json forbidden = instance;
  forbidden["name"] = "sqlmi-forbidden";
  forbidden["permissions"] = {{client, {{{"actions", json::array()}}}}};
  json readonly = instance;
  readonly["name"] = "sqlmi-readonly";
  readonly["permissions"] = {{client, {{{"actions", {"*/read"}}}}}};
  world["managedInstances"] = {instance, shared, second, forbidden, readonly};
  return world;
}

void AddForeignObjects(sim::Simulator& simulator) {
  auto world = simulator.world().Enter();
  sim::SqlServerInstance& server = *world->FindInstance("SHARED");
  const auto group = [&](const std::string& name, const std::string& database) {
    sim::ReplicaClauses own{.name = "SHARED", .url = "TCP://10.0.0.2:5022"};
    own.availability_mode = sim::AvailabilityMode::kAsynchronous;
    own.failover_mode = sim::FailoverMode::kManual;
    own.seeding_mode = sim::SeedingMode::kAutomatic;
    Expect(sim::CreateAvailabilityGroup(*world, server,
                                        {.name = name,
                                         .cluster_type = sim::ClusterType::kNone,
                                         .databases = {database},
                                         .replicas = {own}}));
  };
  group("AG_elsewhere", "grouped");
  group("AG_sales", "other");

  const auto member = [](const std::string& name, const std::string& url) {
    sim::ReplicaClauses clauses{.name = name, .url = url};
    clauses.availability_mode = sim::AvailabilityMode::kAsynchronous;
    clauses.failover_mode = sim::FailoverMode::kManual;
    clauses.seeding_mode = sim::SeedingMode::kAutomatic;
    return clauses;
  };
  Expect(sim::CreateDistributedGroup(*world, server,
                                     {.name = "DAG_stock",
                                      .members = {member("AG_elsewhere", "TCP://10.0.0.2:5022"),
                                                  member("AG_far", "TCP://10.9.9.9:5022")}}));

  const std::string fqdn = world->FindManagedInstance("sqlmi2")->Fqdn();
  sim::CertificateWish wish{.common_name = fqdn, .dns_names = {fqdn}};
  wish.not_before = world->now - std::chrono::hours(24);
  wish.not_after = world->now + std::chrono::hours(24 * 300);
  Expect(sim::ImportCertificate(*world, server, fqdn, sim::MakeCertificate(wish).der));

  sim::Link foreign;
  foreign.name = "DAG_crm";
  foreign.id = world->NewId();
  foreign.partner_group = "AG_foreign";
  foreign.instance_group = "AG_foreign_MI";
  foreign.partner_endpoint = "TCP://10.9.9.9:5022";
  sim::LinkDatabase held;
  held.name = "foreign";
  foreign.databases = {held};
  foreign.created = world->now;
  foreign.next_attempt = world->now + std::chrono::hours(24 * 365);
  world->FindManagedInstance("sqlmi-shared")->links.push_back(foreign);
}

}  // namespace milink::e2e
