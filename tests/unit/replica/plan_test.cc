#include "controllers/replica/plan/plan.h"

#include <gtest/gtest.h>

#include "controllers/replica/reasons.h"
#include "tests/unit/replica/row.h"

namespace milink::replica {
namespace {

using testing::Changed;
using testing::ConditionOf;
using testing::FreshInstance;
using testing::kFalse;
using testing::kTrue;
using testing::kUnknown;
using testing::Now;
using testing::Observe;
using testing::PreparedInstance;
using testing::Refused;
using testing::Replica;
using testing::Row;
using testing::Shown;
using testing::Unread;
using testing::WithMasterKeySecret;

std::vector<Row> PlanRows() {
  return {
      {"a prepared instance needs nothing", [] { return Observe(Replica(), PreparedInstance()); },
       kReady, kTrue, reason::kSucceeded, "", "", true},
      {"what cannot be reached is unknown, not false",
       [] { return Unread(Error{ErrorKind::kTransient, "ServerUnreachable", "no answer", ""}); },
       kEndpointReady, kUnknown, reason::kDependencyNotReady, ""},
      {"the certificate waits for the master key",
       [] { return Observe(WithMasterKeySecret(), FreshInstance()); }, kCertificateReady, kFalse,
       reason::kDependencyNotReady, "create the database master key"},
  };
}

class ReplicaPlanTable : public ::testing::TestWithParam<Row> {};

TEST_P(ReplicaPlanTable, AnswersAsTheSentenceSays) { Check(GetParam()); }

INSTANTIATE_TEST_SUITE_P(, ReplicaPlanTable, ::testing::ValuesIn(PlanRows()), testing::CaseName);

TEST(ReplicaPlanTest, AllCausesAreReportedAtOnce) {
  const Plan plan = PlanReplica(Changed([](auto& s) {
    s.properties.hadr_enabled = false;
    s.properties.sysadmin = false;
    s.endpoints[0].state = "STOPPED";
  }));
  const std::string message = ConditionOf(plan, kReady).message;
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

TEST(ReplicaPlanTest, AReplicaThatOnlyObservesNamesAllThatIsLeftToAPerson) {
  auto replica = WithMasterKeySecret();
  replica.spec.mode = "Observe";
  replica.spec.trace_flags = "Enable";
  auto instance = FreshInstance();
  instance.properties.trace_flags.clear();
  const Plan plan = PlanReplica(Observe(replica, instance));
  EXPECT_TRUE(plan.steps.empty());
  EXPECT_TRUE(plan.status.owned_objects.empty());
  const auto ready = ConditionOf(plan, kReady);
  EXPECT_EQ(ready.reason, reason::kObserveOnly);
  for (const char* part : {"create the database master key", "create certificate",
                           "create mirroring endpoint", "switch on trace flags"}) {
    EXPECT_NE(ready.message.find(part), std::string::npos) << part << " in " << ready.message;
  }
  EXPECT_EQ(ConditionOf(plan, kStalled).status, kTrue);
}

// All is missing, and nothing may be done without being asked for.
api::SqlServerReplica AskingReplica() {
  auto replica = WithMasterKeySecret();
  replica.spec.mode = "Plan";
  replica.spec.trace_flags = "Enable";
  return replica;
}

sql::InstanceSnapshot InstanceWithoutFlags() {
  auto instance = FreshInstance();
  instance.properties.trace_flags.clear();
  return instance;
}

TEST(ReplicaPlanTest, AReplicaThatAsksFirstShowsAllThatIsOpen) {
  const Plan plan = PlanReplica(Observe(AskingReplica(), InstanceWithoutFlags()));
  EXPECT_TRUE(plan.steps.empty());
  EXPECT_TRUE(plan.status.owned_objects.empty());
  ASSERT_TRUE(plan.status.plan);
  EXPECT_EQ(plan.status.plan->steps.size(), 4U);
  EXPECT_EQ(plan.awaited.size(), 4U);
  const auto ready = ConditionOf(plan, kReady);
  EXPECT_EQ(ready.reason, reason::kApprovalRequired);
  for (const char* part :
       {"create the database master key", "create certificate", "create mirroring endpoint",
        "switch on trace flags", "sql1-plan", "annotate --overwrite sqlr sql1"}) {
    EXPECT_NE(ready.message.find(part), std::string::npos) << part << " in " << ready.message;
  }
  EXPECT_EQ(ConditionOf(plan, kStalled).reason, reason::kApprovalRequired);
}

TEST(ReplicaPlanTest, AnApprovedPlanIsDoneStepByStepAsInManage) {
  auto replica = AskingReplica();
  const Plan asked = PlanReplica(Observe(replica, InstanceWithoutFlags()));
  replica.meta.annotations[api::kApprovePlanAnnotation] = asked.status.plan->hash;
  const Plan given = PlanReplica(Observe(replica, InstanceWithoutFlags()));
  ASSERT_EQ(given.steps.size(), 1U);
  EXPECT_TRUE(std::holds_alternative<CreateMasterKey>(given.steps.front()));
  EXPECT_TRUE(given.awaited.empty());
  EXPECT_EQ(given.status.approval->sequence, 1);
  EXPECT_EQ(ConditionOf(given, kMasterKeyReady).reason, reason::kCreating);
  EXPECT_NE(api::FindCondition(given.status.conditions, kReconciling), nullptr);

  replica.status = given.status;
  auto instance = InstanceWithoutFlags();
  instance.master_key = {true, true};
  const Plan next = PlanReplica(Observe(replica, instance));
  ASSERT_EQ(next.steps.size(), 1U);
  EXPECT_TRUE(std::holds_alternative<CreateCertificate>(next.steps.front()));
  EXPECT_EQ(next.status.plan->hash, asked.status.plan->hash);
  EXPECT_EQ(next.status.plan->steps.size(), 3U);
}

TEST(ReplicaPlanTest, APlanThatIsBlockedCannotBeApproved) {
  auto replica = AskingReplica();
  auto instance = InstanceWithoutFlags();
  instance.properties.hadr_enabled = false;
  const Plan plan = PlanReplica(Observe(replica, instance));
  EXPECT_EQ(plan.status.plan->hash, "");
  ASSERT_EQ(plan.status.plan->blockers.size(), 1U);
  EXPECT_NE(plan.status.plan->blockers[0].find("Always On"), std::string::npos);
  EXPECT_EQ(ConditionOf(plan, kReady).reason, reason::kAlwaysOnDisabled);
  replica.meta.annotations[api::kApprovePlanAnnotation] = "";
  EXPECT_TRUE(PlanReplica(Observe(replica, instance)).steps.empty());
}

TEST(ReplicaPlanTest, AnUnreadableInstanceTakesNoApprovalBack) {
  auto replica = AskingReplica();
  const Plan asked = PlanReplica(Observe(replica, InstanceWithoutFlags()));
  replica.meta.annotations[api::kApprovePlanAnnotation] = asked.status.plan->hash;
  replica.status = PlanReplica(Observe(replica, InstanceWithoutFlags())).status;
  auto observed = Observe(replica, InstanceWithoutFlags());
  observed.sql = nullptr;
  const Plan plan = PlanReplica(observed);
  EXPECT_EQ(plan.status.approval, replica.status.approval);
  EXPECT_EQ(plan.status.plan, replica.status.plan);
}

TEST(ReplicaPlanTest, APreparedReplicaThatAsksFirstHasNoPlan) {
  auto replica = Replica();
  replica.spec.mode = "Plan";
  const Plan plan = PlanReplica(Observe(replica, PreparedInstance()));
  EXPECT_EQ(ConditionOf(plan, kReady).status, kTrue);
  EXPECT_FALSE(plan.status.plan);
}

TEST(ReplicaPlanTest, AnObservedReplicaThatIsPreparedIsReady) {
  auto replica = Replica();
  replica.spec.mode = "Observe";
  const Plan plan = PlanReplica(Observe(replica, PreparedInstance()));
  EXPECT_EQ(ConditionOf(plan, kReady).status, kTrue);
  EXPECT_TRUE(plan.steps.empty());
}

TEST(ReplicaPlanTest, TheIdentityIsPinnedAtFirstContact) {
  auto replica = Replica();
  replica.status.identity.reset();
  EXPECT_EQ(PlanReplica(Observe(replica, PreparedInstance())).status.identity->server_name, "SQL1");
}

struct PinCase {
  std::string name;
  api::SqlServerReplicaStatus::Identity pinned;
  std::string key_now;
  std::string expected;
};

TEST(ReplicaPlanTest, TheServiceMasterKeyIsPinnedWithTheName) {
  for (const auto& [name, pinned, key_now, expected] : {
           PinCase{"it was not known", {"SQL1", ""}, "KEY-1", "KEY-1"},
           PinCase{"it is the same", {"SQL1", "KEY-1"}, "KEY-1", "KEY-1"},
           PinCase{"it cannot be seen now", {"SQL1", "KEY-1"}, "", "KEY-1"},
           PinCase{"the same server made another", {"SQL1", "KEY-1"}, "KEY-2", "KEY-2"},
           PinCase{"another server has another", {"SQL2", "KEY-1"}, "KEY-2", "KEY-1"},
       }) {
    auto replica = Replica();
    replica.status.identity = pinned;
    replica.status.certificate = Shown("AB12");
    auto snapshot = PreparedInstance();
    snapshot.properties.service_master_key_guid = key_now;
    EXPECT_EQ(PlanReplica(Observe(replica, snapshot)).status.identity->service_master_key_guid,
              expected)
        << name;
  }
}

TEST(ReplicaPlanTest, FactsOfAnotherInstanceAreNotShownAsOurs) {
  auto replica = Replica();
  replica.status.certificate = Shown("CD34");
  replica.status.product_version = "15.0.4312.2";
  auto snapshot = PreparedInstance();
  snapshot.properties.service_master_key_guid = "KEY-2";
  const Plan plan = PlanReplica(Observe(replica, snapshot));
  EXPECT_EQ(plan.status.certificate->current.thumbprint, "CD34");
  EXPECT_EQ(plan.status.product_version, "15.0.4312.2");
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
  EXPECT_EQ(plan.status.owned_objects[0], *EntryOf(plan.steps.front()));
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
  observed = Refused(observed, {ErrorKind::kInvalid, "PortInUse", "port 5022 is taken", ""});
  const Plan plan = PlanReplica(observed);
  EXPECT_EQ(ConditionOf(plan, kReady).reason, "PortInUse");
  EXPECT_EQ(ConditionOf(plan, kReady).message, "port 5022 is taken");
}

TEST(ReplicaPlanTest, AnotherStepIsNotExplainedByAnOldFailure) {
  auto observed = Changed([](auto& s) { s.endpoints.clear(); });
  observed.failed = FailedStep{RepairMasterKey{},
                               {ErrorKind::kInvalid, "MasterKeyPasswordWrong", "error 15313", ""}};
  const Plan plan = PlanReplica(observed);
  EXPECT_EQ(ConditionOf(plan, kEndpointReady).reason, reason::kCreating);
  EXPECT_EQ(ConditionOf(plan, kReady).reason, reason::kCreating);
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

// From a fresh instance, one step after the other, to an empty plan.
TEST(ReplicaPlanTest, StepsLeadFromAFreshInstanceToAnEmptyPlan) {
  auto snapshot = FreshInstance();
  std::vector<std::string> done;
  for (int i = 0; i < 5; ++i) {
    const Plan plan = PlanReplica(Observe(WithMasterKeySecret(), snapshot));
    if (plan.steps.empty()) {
      break;
    }
    done.push_back(EntryOf(plan.steps.front())->kind);
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
