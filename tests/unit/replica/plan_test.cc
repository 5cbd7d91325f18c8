#include "controllers/replica/plan/plan.h"

#include <algorithm>
#include <functional>

#include <gtest/gtest.h>

#include "controllers/replica/reasons.h"
#include "core/base/random.h"
#include "tests/unit/replica/builders.h"

namespace milink::replica {
namespace {

using api::ConditionStatus;
using testing::FreshInstance;
using testing::Now;
using testing::Observe;
using testing::PreparedInstance;
using testing::Replica;

const api::Condition& ConditionOf(const Plan& plan, const char* type) {
  static const api::Condition kNone;
  const auto* condition = api::FindCondition(plan.status.conditions, type);
  return condition == nullptr ? kNone : *condition;
}

api::SqlServerReplica WithMasterKeySecret() {
  auto replica = Replica();
  replica.spec.master_key_password = {"Secret", "sql1-dmk", "password"};
  return replica;
}

struct Row {
  std::string name;
  std::function<Observation()> observed;
  std::string condition;
  ConditionStatus status;
  std::string reason;
  std::string step;       // beginning of its description; empty: no step
  std::string says = "";  // somewhere in the condition's message
  bool ready = false;
  bool stalled = false;
};

Observation Changed(const std::function<void(sql::InstanceSnapshot&)>& change) {
  auto snapshot = PreparedInstance();
  change(snapshot);
  return Observe(WithMasterKeySecret(), std::move(snapshot));
}

Observation Unread(std::optional<Error> error) {
  auto observed = Observe(Replica(), PreparedInstance());
  observed.sql = nullptr;
  observed.sql_error = std::move(error);
  return observed;
}

std::vector<Row> Rows() {
  return {
      {"a prepared instance needs nothing", [] { return Observe(Replica(), PreparedInstance()); },
       kReady, ConditionStatus::kTrue, reason::kSucceeded, "", "", true},
      {"before the first read nothing is known", [] { return Unread(std::nullopt); }, kReachable,
       ConditionStatus::kUnknown, reason::kNotObserved, ""},
      {"an unreachable host is not ready and tried again",
       [] {
         return Unread(
             Error{ErrorKind::kTransient, "ServerUnreachable", "no answer from sql1", ""});
       },
       kReachable, ConditionStatus::kFalse, "ServerUnreachable", "", "no answer from sql1"},
      {"what cannot be reached is unknown, not false",
       [] { return Unread(Error{ErrorKind::kTransient, "ServerUnreachable", "no answer", ""}); },
       kEndpointReady, ConditionStatus::kUnknown, reason::kDependencyNotReady, ""},
      {"a refused login needs a person",
       [] { return Unread(Error{ErrorKind::kUnauthorized, "LoginFailed", "login failed", ""}); },
       kReachable, ConditionStatus::kFalse, "LoginFailed", "", "login failed", false, true},
      {"a missing Secret needs a person",
       [] {
         return Unread(Error{ErrorKind::kInvalid, "SecretNotFound", "Secret prod/sql1-login", ""});
       },
       kReachable, ConditionStatus::kFalse, "SecretNotFound", "", "sql1-login", false, true},
      {"untrusted TLS needs a person",
       [] { return Unread(Error{ErrorKind::kInvalid, "TlsUntrusted", "unknown authority", ""}); },
       kReachable, ConditionStatus::kFalse, "TlsUntrusted", "", "", false, true},
      {"another instance behind the address is refused",
       [] { return Changed([](auto& s) { s.properties.server_name = "SQL2"; }); }, kReady,
       ConditionStatus::kFalse, reason::kDifferentInstance, "", "SQL2", false, true},
      {"a second resource for the instance is refused",
       [] {
         auto observed = Observe(Replica(), FreshInstance());
         observed.same_instance = {"prod/older"};
         return observed;
       },
       kReady, ConditionStatus::kFalse, reason::kDuplicateInstance, "", "prod/older", false, true},
      {"an instance without a server name is refused",
       [] { return Changed([](auto& s) { s.properties.server_name = ""; }); }, kReady,
       ConditionStatus::kFalse, reason::kServerNameMissing, "", "sp_addserver", false, true},
      {"a build without the link is refused and nothing is made",
       [] {
         auto snapshot = FreshInstance();
         snapshot.properties.product_version = "15.0.2155.2";
         return Observe(WithMasterKeySecret(), snapshot);
       },
       kVersionSupported, ConditionStatus::kFalse, reason::kVersionTooOld, "", "", false, true},
      {"Express is refused",
       [] { return Changed([](auto& s) { s.properties.engine_edition = 4; }); }, kVersionSupported,
       ConditionStatus::kFalse, reason::kEditionUnsupported, "", "", false, true},
      {"a managed instance is the other side",
       [] {
         return Changed([](auto& s) {
           s.properties.engine_edition = 8;
           s.properties.product_version = "12.0.2000.8";
         });
       },
       kVersionSupported, ConditionStatus::kFalse, reason::kIsManagedInstance, "", "", false, true},
      {"an old minimum is accepted with a warning",
       [] {
         return Changed([](auto& s) {
           s.properties.product_version = "15.0.4198.2";
           s.properties.host_platform = "Windows";
         });
       },
       kVersionSupported, ConditionStatus::kTrue, reason::kLegacyBuild, "", "", true},
      {"a login without sysadmin is told the statement that helps",
       [] { return Changed([](auto& s) { s.properties.sysadmin = false; }); }, kPermissionsGranted,
       ConditionStatus::kFalse, reason::kPermissionDenied, "", "ALTER SERVER ROLE", false, true},
      {"Always On off on Linux names mssql-conf",
       [] { return Changed([](auto& s) { s.properties.hadr_enabled = false; }); }, kAlwaysOnEnabled,
       ConditionStatus::kFalse, reason::kAlwaysOnDisabled, "", "mssql-conf", false, true},
      {"Always On off on Windows names the Configuration Manager",
       [] {
         return Changed([](auto& s) {
           s.properties.hadr_enabled = false;
           s.properties.host_platform = "Windows";
         });
       },
       kAlwaysOnEnabled, ConditionStatus::kFalse, reason::kAlwaysOnDisabled, "",
       "Configuration Manager", false, true},
      {"a HADR manager that is down may come up by itself",
       [] { return Changed([](auto& s) { s.properties.hadr_manager_status = 2; }); },
       kAlwaysOnEnabled, ConditionStatus::kFalse, reason::kHadrManagerNotRunning, ""},
      {"missing trace flags only warn",
       [] { return Changed([](auto& s) { s.properties.trace_flags = {1800}; }); }, kTraceFlagsSet,
       ConditionStatus::kFalse, reason::kTraceFlagsMissing, "", "9567", true},
      {"no master key and no password: the field is named",
       [] { return Observe(Replica(), FreshInstance()); }, kMasterKeyReady, ConditionStatus::kFalse,
       reason::kMasterKeyRequired, "", "spec.masterKey.passwordSecretRef", false, true},
      {"no master key and a password: it is created",
       [] { return Observe(WithMasterKeySecret(), FreshInstance()); }, kMasterKeyReady,
       ConditionStatus::kFalse, reason::kCreating, "create the database master key"},
      {"a password Secret that is missing is named",
       [] {
         auto observed = Observe(WithMasterKeySecret(), FreshInstance());
         observed.master_key_error =
             Error{ErrorKind::kInvalid, "SecretNotFound", "Secret prod/sql1-dmk", ""};
         return observed;
       },
       kMasterKeyReady, ConditionStatus::kFalse, "SecretNotFound", "", "sql1-dmk", false, true},
      {"a master key that the server cannot open is left alone",
       [] { return Changed([](auto& s) { s.master_key.encrypted_by_service_key = false; }); },
       kMasterKeyReady, ConditionStatus::kFalse, reason::kMasterKeyNotOpenable, "",
       "SERVICE MASTER KEY", false, true},
      {"the certificate waits for the master key",
       [] { return Observe(WithMasterKeySecret(), FreshInstance()); }, kCertificateReady,
       ConditionStatus::kFalse, reason::kDependencyNotReady, "create the database master key"},
      {"with a master key the certificate is created",
       [] {
         auto snapshot = FreshInstance();
         snapshot.master_key = {true, true};
         return Observe(Replica(), snapshot);
       },
       kCertificateReady, ConditionStatus::kFalse, reason::kCreating,
       "create certificate Cert_SQL1_endpoint"},
      {"a certificate without private key is left alone",
       [] {
         return Changed([](auto& s) {
           s.certificates[0].private_key = "NA";
           s.endpoints.clear();
         });
       },
       kCertificateReady, ConditionStatus::kFalse, reason::kCertificateUnusable, "", "left alone",
       false, true},
      {"an expired certificate is not replaced behind the endpoint's back",
       [] {
         return Changed(
             [](auto& s) { s.certificates[0].not_after = Now() - std::chrono::hours(1); });
       },
       kCertificateReady, ConditionStatus::kFalse, reason::kCertificateExpired, "", "2026-11-21",
       false, true},
      {"with a certificate the endpoint is created",
       [] { return Changed([](auto& s) { s.endpoints.clear(); }); }, kEndpointReady,
       ConditionStatus::kFalse, reason::kCreating,
       "create mirroring endpoint database_mirroring_endpoint on port 5022"},
      {"a stopped endpoint is named with the statement that helps",
       [] { return Changed([](auto& s) { s.endpoints[0].state = "STOPPED"; }); }, kEndpointReady,
       ConditionStatus::kFalse, reason::kEndpointStopped, "", "STATE = STARTED", false, true},
      {"an endpoint with Windows authentication is left alone",
       [] {
         return Changed([](auto& s) {
           s.endpoints[0].authentication = "NEGOTIATE";
           s.endpoints[0].certificate = CertificateName();
         });
       },
       kEndpointReady, ConditionStatus::kFalse, reason::kEndpointUnsuitable, "", "NEGOTIATE", false,
       true},
      {"an endpoint that only supports encryption is left alone",
       [] { return Changed([](auto& s) { s.endpoints[0].encryption = "NONE, AES"; }); },
       kEndpointReady, ConditionStatus::kFalse, reason::kEndpointUnsuitable, "", "NONE, AES", false,
       true},
      {"an endpoint bound to one address is left alone",
       [] { return Changed([](auto& s) { s.endpoints[0].ip_address = "10.0.0.4"; }); },
       kEndpointReady, ConditionStatus::kFalse, reason::kEndpointUnsuitable, "", "10.0.0.4", false,
       true},
      {"an endpoint with another name, port and certificate is used as it is",
       [] {
         return Changed([](auto& s) {
           s.endpoints[0].name = EndpointName("Hadr_endpoint");
           s.endpoints[0].port = 7022;
           s.endpoints[0].certificate = CertificateName("theirs");
           s.certificates[0].name = CertificateName("theirs");
         });
       },
       kEndpointReady, ConditionStatus::kTrue, reason::kSucceeded, "", "7022", true},
      {"an endpoint with both kinds of authentication is used",
       [] {
         return Changed([](auto& s) { s.endpoints[0].authentication = "NEGOTIATE, CERTIFICATE"; });
       },
       kEndpointReady, ConditionStatus::kTrue, reason::kSucceeded, "", "", true},
  };
}

TEST(ReplicaPlanTest, EveryStateHasItsAnswer) {
  for (const auto& row : Rows()) {
    SCOPED_TRACE(row.name);
    const Plan plan = PlanReplica(row.observed());
    const auto& condition = ConditionOf(plan, row.condition.c_str());
    EXPECT_EQ(condition.status, row.status);
    EXPECT_EQ(condition.reason, row.reason);
    EXPECT_NE(condition.message.find(row.says), std::string::npos) << condition.message;
    EXPECT_EQ(plan.steps.empty() ? "" : Describe(plan.steps.front()).substr(0, row.step.size()),
              row.step);
    EXPECT_EQ(ConditionOf(plan, kReady).status == ConditionStatus::kTrue, row.ready);
    EXPECT_EQ(api::FindCondition(plan.status.conditions, kStalled) != nullptr, row.stalled);
  }
}

TEST(ReplicaPlanTest, AllCausesAreReportedAtOnce) {
  const Plan plan = PlanReplica(Changed([](auto& s) {
    s.properties.hadr_enabled = false;
    s.properties.sysadmin = false;
    s.endpoints[0].state = "STOPPED";
  }));
  const std::string& message = ConditionOf(plan, kReady).message;
  EXPECT_NE(message.find("sysadmin"), std::string::npos);
  EXPECT_NE(message.find("Always On"), std::string::npos);
  EXPECT_NE(message.find("STOPPED"), std::string::npos);
}

TEST(ReplicaPlanTest, ASuspendedReplicaIsCheckedAndNotChanged) {
  auto replica = WithMasterKeySecret();
  replica.spec.suspend = true;
  const Plan plan = PlanReplica(Observe(replica, FreshInstance()));
  EXPECT_TRUE(plan.steps.empty());
  EXPECT_EQ(ConditionOf(plan, kReady).reason, reason::kSuspended);
  EXPECT_TRUE(plan.status.owned_objects.empty());
}

TEST(ReplicaPlanTest, TheIdentityIsPinnedAtFirstContact) {
  auto replica = Replica();
  replica.status.identity.reset();
  EXPECT_EQ(PlanReplica(Observe(replica, PreparedInstance())).status.identity->server_name, "SQL1");
}

TEST(ReplicaPlanTest, ADuplicateIsNotPinned) {
  auto replica = Replica();
  replica.status.identity.reset();
  auto observed = Observe(replica, PreparedInstance());
  observed.same_instance = {"prod/older"};
  EXPECT_FALSE(PlanReplica(observed).status.identity.has_value());
}

TEST(ReplicaPlanTest, AStepsEntryIsPendingInTheJournal) {
  const Plan plan = PlanReplica(Observe(WithMasterKeySecret(), FreshInstance()));
  ASSERT_EQ(plan.status.owned_objects.size(), 1U);
  EXPECT_EQ(plan.status.owned_objects[0], EntryOf(plan.steps.front()));
}

TEST(ReplicaPlanTest, OnlyWhatThisProcessSawCreatedBecomesOwned) {
  auto replica = Replica();
  replica.status.owned_objects = {{kSqlServerSide, kEndpointKind, "database_mirroring_endpoint", "",
                                   api::OwnedState::kPending}};
  auto observed = Observe(replica, PreparedInstance());
  EXPECT_EQ(PlanReplica(observed).status.owned_objects[0].state, api::OwnedState::kPending);
  EXPECT_FALSE(PlanReplica(observed).status.endpoint->owned);
  observed.confirmed = {"Endpoint/database_mirroring_endpoint"};
  const Plan plan = PlanReplica(observed);
  EXPECT_EQ(plan.status.owned_objects[0].state, api::OwnedState::kCreated);
  EXPECT_EQ(plan.status.owned_objects[0].identity, "65536");
  EXPECT_TRUE(plan.status.endpoint->owned);
}

TEST(ReplicaPlanTest, ADeletedReplicaServesItsLinksUntilTheLastIsGone) {
  auto replica = Replica();
  replica.meta.deletion_time = Now();
  auto observed = Observe(replica, PreparedInstance());
  observed.links = 2;
  Plan plan = PlanReplica(observed);
  EXPECT_FALSE(plan.remove_finalizer);
  EXPECT_NE(ConditionOf(plan, kReady).message.find("2 ManagedInstanceLink"), std::string::npos);
  observed.links = 0;
  observed.sql = nullptr;
  plan = PlanReplica(observed);
  EXPECT_TRUE(plan.remove_finalizer);
  EXPECT_TRUE(plan.steps.empty());
}

TEST(ReplicaPlanTest, AFailedStepIsExplainedInReady) {
  auto observed = Changed([](auto& s) { s.endpoints.clear(); });
  observed.step_error = Error{ErrorKind::kInvalid, "PortInUse", "port 5022 is taken", ""};
  const Plan plan = PlanReplica(observed);
  EXPECT_EQ(ConditionOf(plan, kReady).reason, "PortInUse");
  EXPECT_EQ(ConditionOf(plan, kReady).message, "port 5022 is taken");
}

TEST(ReplicaPlanTest, AConvergedPlanPlansNothingNew) {
  Plan plan = PlanReplica(Observe(Replica(), PreparedInstance()));
  auto replica = Replica();
  replica.status = plan.status;
  auto observed = Observe(replica, PreparedInstance());
  observed.now += std::chrono::hours(5);
  const Plan again = PlanReplica(observed);
  EXPECT_TRUE(again.steps.empty());
  EXPECT_EQ(again.status, plan.status);
}

TEST(DefaultCertificateNameTest, ANamedInstanceLosesItsBackslash) {
  EXPECT_EQ(DefaultCertificateName("SQL1"), "Cert_SQL1_endpoint");
  EXPECT_EQ(DefaultCertificateName("SQL1\\INST"), "Cert_SQL1_INST_endpoint");
}

// Any mixture of what an instance can be.
Observation Generated(Random& random) {
  const auto pick = [&](std::initializer_list<const char*> values) {
    return std::string(
        *(values.begin() + static_cast<std::ptrdiff_t>(random.Bits() % values.size())));
  };
  const auto coin = [&] { return random.Bits() % 2 == 0; };
  auto snapshot = coin() ? PreparedInstance() : FreshInstance();
  snapshot.properties.product_version =
      pick({"16.0.4125.3", "13.0.7000.253", "15.0.2155.2", "", "x.y"});
  snapshot.properties.server_name = pick({"SQL1", "SQL1", "SQL1", "OTHER", ""});
  snapshot.properties.engine_edition = coin() ? 3 : static_cast<int>(random.Bits() % 9);
  snapshot.properties.hadr_enabled = random.Bits() % 4 != 0;
  snapshot.properties.sysadmin = random.Bits() % 4 != 0;
  snapshot.master_key = {coin(), coin()};
  for (auto& certificate : snapshot.certificates) {
    certificate.private_key = pick({"MK", "MK", "NA", ""});
    certificate.name = CertificateName(pick({"Cert_SQL1_endpoint", "other"}));
  }
  for (auto& endpoint : snapshot.endpoints) {
    endpoint.state = pick({"STARTED", "STOPPED"});
    endpoint.authentication = pick({"CERTIFICATE", "NEGOTIATE", ""});
    endpoint.certificate = CertificateName(pick({"Cert_SQL1_endpoint", "gone", ""}));
  }
  auto replica = coin() ? Replica() : WithMasterKeySecret();
  replica.spec.suspend = random.Bits() % 8 == 0;
  if (random.Bits() % 8 == 0) {
    replica.meta.deletion_time = Now();
  }
  auto observed = Observe(std::move(replica), std::move(snapshot));
  observed.links = static_cast<int>(random.Bits() % 2);
  if (random.Bits() % 8 == 0) {
    observed.sql = nullptr;
  }
  return observed;
}

TEST(ReplicaPlanTest, InvariantsHoldInGeneratedStates) {
  const auto random = MakeSeededRandom(42);
  int with_steps = 0;
  for (int i = 0; i < 2'000; ++i) {
    const Observation observed = Generated(*random);
    const Plan plan = PlanReplica(observed);
    with_steps += plan.steps.empty() ? 0 : 1;
    const bool ready = ConditionOf(plan, kReady).status == ConditionStatus::kTrue;
    ASSERT_LE(plan.steps.size(), 1U);
    // Ready means that there is nothing left to do.
    ASSERT_FALSE(ready && !plan.steps.empty());
    // Nothing is changed without knowledge, against the spec, or on another instance.
    if (observed.sql == nullptr || observed.replica->spec.suspend ||
        observed.replica->meta.deletion_time || observed.sql->properties.server_name != "SQL1" ||
        !observed.sql->properties.sysadmin) {
      ASSERT_TRUE(plan.steps.empty());
    }
    // Nothing that exists is made again.
    for (const auto& step : plan.steps) {
      ASSERT_FALSE(std::holds_alternative<CreateMasterKey>(step) &&
                   observed.sql->master_key.exists);
      ASSERT_FALSE(std::holds_alternative<CreateEndpoint>(step) &&
                   !observed.sql->endpoints.empty());
    }
    ASSERT_FALSE(api::FindCondition(plan.status.conditions, kStalled) != nullptr &&
                 api::FindCondition(plan.status.conditions, kReconciling) != nullptr);
    // Planning the same again changes nothing.
    auto replica = *observed.replica;
    replica.status = plan.status;
    auto again = observed;
    again.replica = std::make_shared<const api::SqlServerReplica>(replica);
    const Plan second = PlanReplica(again);
    ASSERT_EQ(second.steps, plan.steps);
    ASSERT_EQ(second.status.owned_objects, plan.status.owned_objects);
  }
  EXPECT_GT(with_steps, 10) << "the generator no longer reaches the states that matter";
}

// From a fresh instance, one step after the other, to an empty plan.
TEST(ReplicaPlanTest, StepsLeadFromAFreshInstanceToAnEmptyPlan) {
  auto snapshot = FreshInstance();
  std::vector<std::string> done;
  for (int i = 0; i < 5; ++i) {
    const Plan plan = PlanReplica(Observe(WithMasterKeySecret(), snapshot));
    if (plan.steps.empty()) {
      break;
    }
    done.push_back(EntryOf(plan.steps.front()).kind);
    if (done.back() == kMasterKeyKind) {
      snapshot.master_key = {true, true};
    } else if (done.back() == kCertificateKind) {
      snapshot.certificates = {testing::EndpointCertificate()};
    } else {
      snapshot.endpoints = {testing::MirroringEndpoint()};
    }
  }
  EXPECT_EQ(done, (std::vector<std::string>{kMasterKeyKind, kCertificateKind, kEndpointKind}));
}

}  // namespace
}  // namespace milink::replica
