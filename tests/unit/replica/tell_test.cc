#include "controllers/replica/tell.h"

#include <optional>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "controllers/replica/reasons.h"
#include "tests/fakes/fake_object_client.h"
#include "tests/unit/replica/builders.h"

namespace milink::replica {
namespace {

constexpr auto kGood = api::ConditionStatus::kTrue;
constexpr auto kBad = api::ConditionStatus::kFalse;

api::SqlServerReplicaStatus StatusWith(const api::Condition& ready, const api::Condition& other) {
  api::SqlServerReplicaStatus status;
  status.conditions = {ready, other};
  return status;
}

const api::Condition kNotReady{.type = kReady, .status = kBad, .reason = "Waiting"};
const api::Condition kPrepared{.type = kReady, .status = kGood, .reason = "Succeeded"};
const api::Condition kEndpointGood{.type = kEndpointReady, .status = kGood, .reason = "Succeeded"};
const api::Condition kEndpointStoppedNow{
    .type = kEndpointReady, .status = kBad, .reason = reason::kEndpointStopped};

struct TellRow {
  std::string name;
  api::SqlServerReplicaStatus before;
  api::SqlServerReplicaStatus now;
  std::optional<FailedStep> failed;
  std::vector<std::string> told;
};

std::vector<TellRow> TellRows() {
  const auto ready_with = [](const char* reason) {
    return api::Condition{.type = kReady, .status = kBad, .reason = reason};
  };
  const auto certificate = [](const char* reason) {
    return api::Condition{.type = kCertificateReady, .status = kGood, .reason = reason};
  };
  const FailedStep refused{AlterEndpoint{},
                           Error{ErrorKind::kInvalid, reason::kEndpointStopped, "no", ""}};
  return {
      {"what becomes bad is told",
       StatusWith(kNotReady, kEndpointGood),
       StatusWith(kNotReady, kEndpointStoppedNow),
       {},
       {reason::kEndpointStopped}},
      {"what stays bad is not told again",
       StatusWith(kNotReady, kEndpointStoppedNow),
       StatusWith(kNotReady, kEndpointStoppedNow),
       {},
       {}},
      {"what a step's own event said is not told again",
       StatusWith(kNotReady, kEndpointGood),
       StatusWith(kNotReady, kEndpointStoppedNow),
       refused,
       {}},
      {"what is being made is no warning",
       StatusWith(kNotReady, kEndpointGood),
       StatusWith(kNotReady, {.type = kEndpointReady, .status = kBad, .reason = reason::kCreating}),
       {},
       {}},
      {"a certificate that ends soon is told although it is good",
       StatusWith(kPrepared, certificate(reason::kSucceeded)),
       StatusWith(kPrepared, certificate(reason::kCertificateExpiring)),
       {},
       {reason::kCertificateExpiring}},
      {"that all is prepared is told",
       StatusWith(kNotReady, kEndpointGood),
       StatusWith(kPrepared, kEndpointGood),
       {},
       {reason::kReady}},
      {"another instance is told",
       StatusWith(kPrepared, kEndpointGood),
       StatusWith(ready_with(reason::kDifferentInstance), kEndpointGood),
       {},
       {reason::kDifferentInstance}},
      {"a deletion that cannot go on is told",
       StatusWith(kNotReady, kEndpointGood),
       StatusWith(ready_with(reason::kDeletionBlocked), kEndpointGood),
       {},
       {reason::kDeletionBlocked}},
      {"that it still cannot go on is not told again",
       StatusWith(ready_with(reason::kDeletionBlocked), kEndpointGood),
       StatusWith(ready_with(reason::kDeletionBlocked), kEndpointGood),
       {},
       {}},
  };
}

TEST(TellTransitions, TellsAsTheSentenceSays) {
  for (const TellRow& row : TellRows()) {
    SCOPED_TRACE(row.name);
    api::SqlServerReplica replica = testing::Replica();
    replica.status = row.before;
    fakes::FakeEventRecorder events;
    TellTransitions(events, replica, row.now, row.failed);
    std::vector<std::string> told;
    for (const auto& event : events.Events()) {
      told.push_back(event.reason);
      EXPECT_EQ(event.about.key, replica.meta.key);
    }
    EXPECT_EQ(told, row.told);
  }
}

api::SqlServerReplicaStatus StatusWithPlan(const std::string& hash) {
  api::SqlServerReplicaStatus status;
  status.plan.emplace().hash = hash;
  return status;
}

std::size_t PlansTold(const api::SqlServerReplicaStatus& before,
                      const api::SqlServerReplicaStatus& now) {
  api::SqlServerReplica replica = testing::Replica();
  replica.status = before;
  fakes::FakeEventRecorder events;
  TellPlan(events, replica, now);
  return events.Events().size();
}

TEST(TellPlan, TellsOfEachPlanOnceAndOfNoneThatCannotBeApproved) {
  EXPECT_EQ(PlansTold({}, StatusWithPlan("1")), 1U);
  EXPECT_EQ(PlansTold(StatusWithPlan("1"), StatusWithPlan("2")), 1U);
  EXPECT_EQ(PlansTold(StatusWithPlan("1"), StatusWithPlan("1")), 0U);
  EXPECT_EQ(PlansTold({}, StatusWithPlan("")), 0U);
  EXPECT_EQ(PlansTold(StatusWithPlan("1"), {}), 0U);
  auto approved = StatusWithPlan("1");
  approved.approval = {.hash = "1"};
  EXPECT_EQ(PlansTold({}, approved), 0U);
}

TEST(TellApproval, TellsOfEachApprovalOnce) {
  api::SqlServerReplica replica = testing::Replica();
  api::SqlServerReplicaStatus now;
  now.approval = {.sequence = 1, .hash = "1", .steps = {"create something"}};
  fakes::FakeEventRecorder events;
  TellApproval(events, replica, now);
  ASSERT_EQ(events.Events().size(), 1U);
  EXPECT_EQ(events.Events()[0].reason, reason::kPlanApproved);
  EXPECT_NE(events.Events()[0].note.find("create something"), std::string::npos);
  replica.status = now;
  TellApproval(events, replica, now);
  EXPECT_EQ(events.Events().size(), 1U);
}

}  // namespace
}  // namespace milink::replica
