// An existing mirroring endpoint with an availability group on it, taken over for links: what the
// planner decides, sent through the real driver to the stand-in. The group's partner must stay.
#include <algorithm>
#include <functional>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "controllers/replica/act.h"
#include "controllers/replica/plan/plan.h"
#include "controllers/replica/reasons.h"
#include "core/sql/statements.h"
#include "tests/integration/sql/engine_fixture.h"
#include "tests/sim/world/database_ddl.h"
#include "tests/sim/world/security_ddl.h"

namespace milink::sql {
namespace {

using sim::ConnectionAuth;
using sim::EncryptionAlgorithm;
using sim::EndpointState;

struct Before {
  std::string name;
  ConnectionAuth auth = ConnectionAuth::kNegotiate;
  EncryptionAlgorithm encryption = EncryptionAlgorithm::kAes;
  int port = 5022;
  std::string ip_address = "";
  EndpointState state = EndpointState::kStarted;
  // After the alteration:
  std::string authentication = "NEGOTIATE, CERTIFICATE";
  std::string encrypts = "AES";
};

void PrintTo(const Before& before, std::ostream* out) { *out << before.name; }

class AdoptionTest : public EngineFixture, public testing::WithParamInterface<Before> {
 protected:
  void SetUp() override {
    sim::SqlServerInstance first;
    first.platform = "Windows";
    StartServer(std::move(first));
    {
      auto world = world_.Enter();
      sim::SqlServerInstance second;
      second.server_name = "SQL2";
      second.addresses = {"10.0.0.5"};
      sim::AddInstance(*world, std::move(second));
      auto& one = *world->FindInstance("SQL1");
      auto& two = *world->FindInstance("SQL2");
      AddEndpoint(*world, one, GetParam());
      Before partner = GetParam();
      partner.ip_address.clear();
      partner.state = EndpointState::kStarted;
      AddEndpoint(*world, two, partner);
      if (UsesCertificate(GetParam().auth)) {
        ImportCertificate(*world, one, "of-SQL2", two.FindCertificate("of-SQL2-endpoint")->der);
        ImportCertificate(*world, two, "of-SQL1", one.FindCertificate("of-SQL1-endpoint")->der);
      }
      sim::Database database;
      database.name = "crm";
      sim::AddDatabase(*world, one, database).log_chain_started = true;
    }
    const std::string options =
        ":" + std::to_string(GetParam().port) +
        "', AVAILABILITY_MODE = SYNCHRONOUS_COMMIT, FAILOVER_MODE = MANUAL)";
    MustAct(
        Batch("CREATE AVAILABILITY GROUP [AG_crm] WITH (CLUSTER_TYPE = NONE) FOR DATABASE "
              "[crm] REPLICA ON N'SQL1' WITH (ENDPOINT_URL = N'TCP://10.0.0.4" +
              options + ", N'SQL2' WITH (ENDPOINT_URL = N'TCP://10.0.0.5" + options));
    replica_.meta.key = kReplica;
    replica_.meta.uid = "uid-1";
    replica_.spec.host = "localhost";
    replica_.spec.master_key_password = {"Secret", "dmk", "password"};
    replica_.spec.endpoint.adoption = "Alter";
  }

  static void AddEndpoint(sim::WorldState& world, sim::SqlServerInstance& instance,
                          const Before& before) {
    sim::CreateMasterKey(world, instance, "Known-Master-Key-1");
    sim::EndpointClauses clauses;
    clauses.name = "Hadr_endpoint";
    clauses.state = before.state;
    clauses.port = before.port;
    clauses.ip_address = before.ip_address;
    clauses.role = sim::EndpointRole::kPartner;
    clauses.auth = before.auth;
    clauses.encryption = before.encryption;
    if (UsesCertificate(before.auth)) {
      clauses.certificate = "of-" + instance.server_name + "-endpoint";
      sim::CreateCertificate(world, instance, {*clauses.certificate, "s", {}, {}});
    }
    sim::CreateEndpoint(world, instance, clauses);
  }

  // Does SQL1 see its group's partner?
  bool PartnerConnected() {
    const auto snapshot = Observe();
    const auto* group = snapshot->FindGroup(GroupName("AG_crm"));
    const auto partner =
        std::ranges::find(group->replicas, std::string("SQL2"), &AvailabilityReplica::server_name);
    return partner->connected_state == "CONNECTED";
  }
  MirroringEndpoint Endpoint() { return Observe()->endpoints.front(); }

  replica::Plan Plan() {
    replica::Observation observed;
    observed.replica = std::make_shared<const api::SqlServerReplica>(replica_);
    observed.sql = Observe();
    observed.now = clock_.Now();
    return replica::PlanReplica(observed);
  }

  // Carries out one step after the other; the partner must be there after each.
  replica::Plan Settle(bool connected) {
    replica::Plan plan = Plan();
    for (int i = 0; i < 5 && !plan.steps.empty(); ++i) {
      const auto result =
          replica::Act(hub_, kReplica, plan.steps.front(), Secret("Known-Master-Key-1"), OkStatus);
      EXPECT_FALSE(result.error) << ToString(*result.error);
      EXPECT_TRUE(PartnerConnected() || !connected) << Describe(plan.steps.front());
      replica_.status = plan.status;
      plan = Plan();
    }
    return plan;
  }

  std::size_t Alterations() {
    const auto entries = journal_.Entries(0);
    return static_cast<std::size_t>(std::ranges::count_if(entries, [](const auto& entry) {
      return entry.call.kind == sim::CallKind::kStatement &&
             entry.call.operation == "ALTER ENDPOINT";
    }));
  }

  api::SqlServerReplica replica_;
};

TEST_P(AdoptionTest, TheEndpointCarriesLinksAndItsGroupGoesOn) {
  const bool connected = PartnerConnected();
  EXPECT_EQ(connected, GetParam().state == EndpointState::kStarted);
  const MirroringEndpoint before = Endpoint();
  const auto plan = Settle(connected);
  EXPECT_TRUE(plan.steps.empty());
  EXPECT_EQ(api::FindCondition(plan.status.conditions, replica::kReady)->status,
            api::ConditionStatus::kTrue);
  EXPECT_TRUE(PartnerConnected());
  const MirroringEndpoint after = Endpoint();
  EXPECT_EQ(after.endpoint_id, before.endpoint_id);
  EXPECT_EQ(after.port, GetParam().port);
  EXPECT_EQ(after.role, "PARTNER");
  EXPECT_EQ(after.state, "STARTED");
  EXPECT_EQ(after.ip_address, "");
  EXPECT_EQ(after.authentication, GetParam().authentication);
  EXPECT_EQ(after.encryption, GetParam().encrypts);
  if (!before.certificate.empty()) {
    EXPECT_EQ(after.certificate, before.certificate) << "a foreign certificate stays";
  } else {
    EXPECT_EQ(after.certificate, CertificateName("Cert_SQL1_endpoint"));
  }
  EXPECT_FALSE(plan.status.endpoint->owned);
  EXPECT_EQ(Alterations(), 1U);
}

TEST_P(AdoptionTest, NothingIsAlteredUnlessTheSpecSaysSo) {
  replica_.spec.endpoint.adoption = "AsIs";
  const MirroringEndpoint before = Endpoint();
  const auto plan = Settle(PartnerConnected());
  EXPECT_NE(api::FindCondition(plan.status.conditions, replica::kReady)->status,
            api::ConditionStatus::kTrue);
  EXPECT_EQ(Endpoint(), before);
  EXPECT_EQ(Alterations(), 0U);
}

TEST_P(AdoptionTest, AnEndpointThatChangedMeanwhileIsNotTouched) {
  auto plan = Plan();
  while (!std::holds_alternative<replica::AlterEndpoint>(plan.steps.at(0))) {
    replica::Act(hub_, kReplica, plan.steps.front(), std::nullopt, OkStatus);
    plan = Plan();
  }
  OnServer([](auto& server) {
    server.endpoint->auth = ConnectionAuth::kNtlmCertificate;
    server.endpoint->certificate_id = server.certificates.back().certificate_id;
  });
  const MirroringEndpoint theirs = Endpoint();
  const auto result = replica::Act(hub_, kReplica, plan.steps.front(), std::nullopt, OkStatus);
  EXPECT_FALSE(result.done);
  ASSERT_TRUE(result.error);
  EXPECT_EQ(result.error->kind, ErrorKind::kConflict);
  EXPECT_EQ(Endpoint(), theirs);
}

INSTANTIATE_TEST_SUITE_P(
    Endpoints, AdoptionTest,
    testing::Values(
        Before{"Negotiate"}, Before{"Kerberos", ConnectionAuth::kKerberos},
        Before{"Ntlm", ConnectionAuth::kNtlm},
        Before{.name = "Rc4", .encryption = EncryptionAlgorithm::kRc4, .encrypts = "AES, RC4"},
        Before{.name = "AnotherPort", .port = 7022},
        Before{.name = "OneAddress", .port = 7023, .ip_address = "10.0.0.4"},
        Before{.name = "Stopped", .state = EndpointState::kStopped},
        Before{.name = "ForeignCertificateWithRc4",
               .auth = ConnectionAuth::kCertificate,
               .encryption = EncryptionAlgorithm::kRc4,
               .authentication = "CERTIFICATE",
               .encrypts = "AES, RC4"},
        Before{.name = "ForeignCertificateOnOneAddress",
               .auth = ConnectionAuth::kCertificateNegotiate,
               .ip_address = "10.0.0.4",
               .authentication = "CERTIFICATE, NEGOTIATE"},
        Before{.name = "EverythingAtOnce",
               .auth = ConnectionAuth::kKerberos,
               .encryption = EncryptionAlgorithm::kRc4,
               .port = 7022,
               .ip_address = "10.0.0.4",
               .state = EndpointState::kStopped,
               .encrypts = "AES, RC4"}),
    [](const auto& row) { return row.param.name; });

}  // namespace
}  // namespace milink::sql
