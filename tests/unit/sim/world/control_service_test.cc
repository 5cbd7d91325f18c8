#include "tests/sim/control/control_service.h"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "tests/fakes/fake_clock.h"

namespace milink::sim {
namespace {

using nlohmann::json;

class Control : public testing::Test {
 protected:
  json Send(const std::string& method, const std::string& path, const json& body = nullptr,
            int status = 200) {
    const ControlResponse answer = service_.Handle({.method = method,
                                                    .path = path,
                                                    .query = query_,
                                                    .body = body.is_null() ? "" : body.dump()});
    EXPECT_EQ(answer.status, status) << answer.body;
    return json::parse(answer.body);
  }

  static json World() {
    return json::parse(R"({
      "switches": {"roleBeforeJoin": "RESOLVING", "longPollUrls": true},
      "timings": {"connectDelay": "1s"},
      "principals": [{"tenantId": "t", "clientId": "c", "secret": "hush"}],
      "sqlServers": [{"serverName": "SQL1", "logins": [{"name": "sa", "password": "hush"}],
                      "masterKey": true, "certificates": ["Cert"],
                      "endpoint": {"name": "e", "certificate": "Cert"},
                      "databases": [{"name": "sales", "sizeBytes": 1048576},
                                    {"name": "raw", "recovery": "SIMPLE", "fullBackup": false}]}],
      "managedInstances": [{"name": "sqlmi1", "databases": ["old"]}]})");
  }

  fakes::FakeClock real_;
  SimClock clock_{real_, 0};
  sim::World world_{clock_};
  Journal journal_{clock_};
  Calls calls_{journal_};
  std::map<std::string, std::string> query_;
  ControlService service_{{.world = world_,
                           .clock = clock_,
                           .journal = journal_,
                           .calls = calls_,
                           .expire_tokens = [] {},
                           .instances_changed = nullptr,
                           .addresses = nullptr}};
};

TEST_F(Control, ADescribedWorldIsDumpedWithoutSecrets) {
  Send("POST", "/world", World());
  const json world = Send("GET", "/world");
  EXPECT_EQ(world["sqlServers"][0]["endpoint"]["state"], "STARTED");
  EXPECT_EQ(world["sqlServers"][0]["endpoint"]["listening"], true);
  EXPECT_EQ(world["sqlServers"][0]["databases"][0]["logChainStarted"], true);
  EXPECT_EQ(world["sqlServers"][0]["databases"][1]["recovery"], "SIMPLE");
  EXPECT_EQ(world["managedInstances"][0]["databases"][0]["name"], "old");
  EXPECT_EQ(world.dump().find("hush"), std::string::npos);
  EXPECT_EQ(world_.Enter()->switches.role_before_join, ReplicaRole::kResolving);
}

TEST_F(Control, ASlipInTheDescriptionIsNamed) {
  json world = World();
  world["sqlServers"][0]["databases"][0]["sizeByte"] = 5;
  const json refused = Send("POST", "/world", world, 400);
  EXPECT_NE(refused["error"].get<std::string>().find("sizeByte"), std::string::npos);
  Send("POST", "/world", {{"switches", {{"noSuch", true}}}}, 400);
}

TEST_F(Control, TheClockStepsAndRuns) {
  const json before = Send("GET", "/clock");
  EXPECT_NE(Send("POST", "/clock", {{"step", "30s"}})["now"], before["now"]);
  Send("POST", "/clock", {{"speed", 10}});
  const TimePoint now = clock_.Now();
  real_.Step(std::chrono::seconds(1));
  EXPECT_EQ(clock_.Now() - now, std::chrono::seconds(10));
}

TEST_F(Control, AnEndpointIsStoppedAndStarted) {
  Send("POST", "/world", World());
  Send("POST", "/endpoints/SQL1/stop");
  EXPECT_EQ(world_.Enter()->network.Connect({"10.0.0.4", 5022}), ConnectResult::kRefused);
  Send("POST", "/endpoints/SQL1/start");
  EXPECT_EQ(world_.Enter()->network.Connect({"10.0.0.4", 5022}), ConnectResult::kConnected);
  Send("POST", "/endpoints/SQL9/stop", nullptr, 404);
}

TEST_F(Control, CertificatesEndAndAreRotated) {
  Send("POST", "/world", World());
  const auto instance_certificate = [this] {
    return world_.Enter()->managed_instances.at(0)->endpoint_certificate_der;
  };
  const std::string before = instance_certificate();
  Send("POST", "/managedInstances/sqlmi1", {{"rotateCertificate", true}});
  EXPECT_NE(instance_certificate(), before);
  Send("POST", "/certificates/SQL1/Cert", {{"expiresIn", "240h"}});
  const auto world = world_.Enter();
  EXPECT_EQ(world->FindInstance("SQL1")->FindCertificate("Cert")->expiry_date - world->now,
            std::chrono::hours(240));
}

TEST_F(Control, NoCertificateEndsThatIsNotThere) {
  Send("POST", "/world", World());
  Send("POST", "/certificates/SQL1/Other", {{"expiresIn", "240h"}}, 404);
  Send("POST", "/certificates/SQL1/Cert", {{"expiresIn", "soon"}}, 404);
}

TEST_F(Control, EncryptionCertificatesAreExchangedAndForgotten) {
  Send("POST", "/world", World());
  Send("POST", "/databases/SQL1/sales", {{"encryptionCertificate", "Cert"}});
  Send("POST", "/databases/SQL1/sales", {{"encryptionCertificate", "Other"}}, 404);
  {
    const auto world = world_.Enter();
    SqlServerInstance& server = *world->FindInstance("SQL1");
    EXPECT_EQ(server.FindDatabase("sales")->encryptor_thumbprint,
              server.FindCertificate("Cert")->thumbprint);
    world->FindManagedInstance("sqlmi1")->tde_thumbprints = {"AA"};
  }
  Send("POST", "/databases/SQL1/sales", {{"encryptionCertificate", ""}});
  Send("POST", "/managedInstances/sqlmi1", {{"forgetTdeCertificates", true}});
  const auto world = world_.Enter();
  EXPECT_EQ(world->FindInstance("SQL1")->FindDatabase("sales")->encryptor_thumbprint, "");
  EXPECT_TRUE(world->FindManagedInstance("sqlmi1")->tde_thumbprints.empty());
}

TEST_F(Control, FaultsComeAndGo) {
  const json added = Send("POST", "/faults",
                          {{"kind", "statement"}, {"what", "hold"}, {"when", "after"}, {"nth", 3}});
  Send("DELETE", "/faults/" + std::to_string(added["id"].get<int>()));
  Send("POST", "/faults", {{"what", "explode"}}, 400);
  Send("POST", "/faults", {{"wat", "hold"}}, 400);
}

TEST_F(Control, TheJournalIsFiltered) {
  auto pass = calls_.Begin({.kind = CallKind::kStatement,
                            .target = "SQL1",
                            .operation = "CREATE ENDPOINT",
                            .object = "e",
                            .text = "CREATE ENDPOINT [e]",
                            .mutation = true});
  (void)pass.End(true, "ok");
  auto read = calls_.Begin({.kind = CallKind::kBatch, .target = "SQL1", .text = "SELECT 1"});
  (void)read.End(false, "ok");
  EXPECT_EQ(Send("GET", "/journal")["entries"].size(), 2U);
  query_ = {{"mutation", "true"}};
  EXPECT_EQ(Send("GET", "/journal")["entries"][0]["object"], "e");
  query_ = {{"after", "1"}};
  EXPECT_EQ(Send("GET", "/journal")["entries"][0]["text"], "SELECT 1");
  EXPECT_EQ(Send("GET", "/journal/mutations")["SQL1: CREATE ENDPOINT e"], 1);
}

}  // namespace
}  // namespace milink::sim
