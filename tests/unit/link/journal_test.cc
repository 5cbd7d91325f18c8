#include "controllers/link/plan/concerns.h"
#include "core/api/reasons.h"
#include "tests/unit/link/scene.h"

namespace milink::link {
namespace {

using gen::Scene;
namespace type = api::condition_type;

using State = azure::OperationState;

constexpr auto kPending = api::OwnedState::kPending;
constexpr auto kCreated = api::OwnedState::kCreated;

struct EntryRow {
  const char* name;
  ObjectRef ref;
  bool confirmed;
  std::function<void(Scene&)> arrange;
  std::string identity;  // empty: it stays pending
};

std::vector<EntryRow> EntryRows() {
  const auto nothing = [](Scene&) {};
  return {
      {"a group is known by its id",
       {"SqlServer", "AvailabilityGroup", "AG_sales"},
       true,
       nothing,
       "id-of-AG_sales"},
      {"a certificate on SQL Server by its thumbprint",
       {"SqlServer", "Certificate", gen::kFqdn},
       true,
       nothing,
       gen::kInstanceThumbprint},
      {"a certificate on the instance by its thumbprint",
       {"ManagedInstance", "TrustCertificate", "cert_sql1_ENDPOINT"},
       true,
       nothing,
       gen::kSqlThumbprint},
      {"a link by the groups that it joins",
       {"ManagedInstance", "Link", "DAG_sales"},
       true,
       nothing,
       "AG_sales/AG_sales_MI"},
      {"what this process did not see succeed may be anybody's",
       {"SqlServer", "AvailabilityGroup", "AG_sales"},
       false,
       nothing,
       ""},
      {"what is not there has no identity",
       {"SqlServer", "AvailabilityGroup", "AG_hr"},
       true,
       nothing,
       ""},
      {"what cannot be read has no identity",
       {"SqlServer", "AvailabilityGroup", "AG_sales"},
       true,
       [](Scene& s) { s.sql_unreachable = true; },
       ""},
      {"the same for the instance",
       {"ManagedInstance", "Link", "DAG_sales"},
       true,
       [](Scene& s) { s.instance_unread = true; },
       ""},
  };
}

TEST(PlanJournal, WhatWasSeenToSucceedIsOursByItsIdentity) {
  for (const EntryRow& row : EntryRows()) {
    SCOPED_TRACE(row.name);
    Scene scene;
    scene.Established();
    scene.Own(row.ref.side.c_str(), row.ref.kind.c_str(), row.ref.name, "");
    if (row.confirmed) scene.world.facts.confirmed.insert(row.ref);
    row.arrange(scene);
    const Observation seen = scene.Observe();
    Draft draft(seen);
    SettleJournal(draft);
    const api::OwnedObject& entry = draft.entries.at(0);
    EXPECT_EQ(entry.identity, row.identity);
    EXPECT_EQ(entry.state, row.identity.empty() ? kPending : kCreated);
  }
}

// The process that made it was killed before it saw so.
TEST(PlanJournal, WhatIsThereAsItWasToBeMadeIsOursAfterACrash) {
  for (const std::string& written : {std::string(gen::kInstanceThumbprint), std::string("AA")}) {
    SCOPED_TRACE(written);
    Scene scene;
    scene.Established();
    scene.Own("SqlServer", "Certificate", gen::kFqdn, "");
    scene.world.link.status.owned_objects.at(0).identity = written;
    const Observation seen = scene.Observe();
    Draft draft(seen);
    SettleJournal(draft);
    const bool same = written == gen::kInstanceThumbprint;
    EXPECT_EQ(draft.entries.at(0).state, same ? kCreated : kPending);
    EXPECT_EQ(draft.entries.at(0).identity, written);
  }
}

// A person read what was refused, and did it.
TEST(PlanJournal, WhatSomebodyElseMadeAfterOurRequestWasRefusedIsNotOurs) {
  Scene scene;
  scene.Established();
  scene.Own("SqlServer", "Certificate", gen::kFqdn, "");
  scene.world.link.status.owned_objects.at(0).identity = gen::kInstanceThumbprint;
  scene.world.facts.refused.insert({"SqlServer", "Certificate", gen::kFqdn});
  const Observation seen = scene.Observe();
  Draft draft(seen);
  SettleJournal(draft);
  EXPECT_EQ(draft.entries.at(0).state, kPending);
  EXPECT_EQ(draft.entries.at(0).identity, "") << "nor after a restart";
}

struct OperationRow {
  const char* name;
  const char* kind;
  const char* poll_url;        // as stored
  std::optional<State> state;  // as this process knows it; nothing: not at all
  bool link_there;
  std::chrono::seconds ended_since;  // with an end
  bool kept;
};

std::vector<OperationRow> OperationRows() {
  using std::chrono::seconds;
  return {
      {"a running operation is kept", "CreateLink", "https://op", State::kInProgress, false,
       seconds(0), true},
      {"a failed one is over", "CreateLink", "https://op", State::kFailed, false, seconds(0),
       false},
      {"a canceled one is over", "CreateLink", "https://op", State::kCanceled, false, seconds(0),
       false},
      {"one that nobody knows any more is over", "CreateLink", "https://op", State::kUnknown, false,
       seconds(0), false},
      {"a creation that succeeded is over once its link shows", "CreateLink", "https://op",
       State::kSucceeded, true, seconds(0), false},
      {"until then it is kept", "CreateLink", "https://op", State::kSucceeded, false, seconds(119),
       true},
      {"but not for ever", "CreateLink", "https://op", State::kSucceeded, false, seconds(121),
       false},
      {"a deletion that succeeded is over once its link is gone", "DeleteLink", "https://op",
       State::kSucceeded, false, seconds(0), false},
      {"until then a deletion is kept", "DeleteLink", "https://op", State::kSucceeded, true,
       seconds(0), true},
      {"of an earlier process the link itself tells", "CreateLink", "", std::nullopt, true,
       seconds(0), false},
      {"of an earlier process nothing tells yet", "CreateLink", "", std::nullopt, false, seconds(0),
       true},
  };
}

TEST(PlanJournal, AnOperationStaysUntilItsEffectIsKnown) {
  for (const OperationRow& row : OperationRows()) {
    SCOPED_TRACE(row.name);
    Scene scene;
    scene.Linked();
    if (!row.link_there) scene.world.instance.links.clear();
    scene.world.link.status.records.front().operation =
        api::ManagedInstanceLinkStatus::Operation{"Azure", row.kind, "DAG_sales", row.poll_url, {}};
    if (row.state.has_value()) {
      OperationFact fact;
      fact.poll_url = "https://op";
      fact.state = *row.state;
      fact.poll_at = scene.world.now + std::chrono::seconds(15);
      if (fact.state != State::kInProgress) fact.finished = scene.world.now - row.ended_since;
      scene.world.facts.operations[std::string(row.kind) + "/DAG_sales"] = fact;
    }
    const Observation seen = scene.Observe();
    Draft draft(seen);
    SettleJournal(draft);
    EXPECT_EQ(draft.records.at(0).operation.has_value(), row.kept);
  }
}

TEST(PlanJournal, AnOperationStaysWhileItsLinkMayNotBeSeen) {
  for (const OperationRow& row : OperationRows()) {
    if (row.state.has_value() && *row.state != State::kSucceeded) continue;
    SCOPED_TRACE(row.name);
    Scene scene;
    scene.Linked();
    scene.Hide(azure::InstancePart::kLinks);
    scene.world.link.status.records.front().operation =
        api::ManagedInstanceLinkStatus::Operation{"Azure", row.kind, "DAG_sales", row.poll_url, {}};
    if (row.state.has_value()) {
      OperationFact& fact = scene.world.facts.operations[std::string(row.kind) + "/DAG_sales"];
      fact.poll_url = "https://op";
      fact.state = State::kSucceeded;
      fact.finished = scene.world.now - row.ended_since;
    }
    const Observation seen = scene.Observe();
    Draft draft(seen);
    SettleJournal(draft);
    EXPECT_TRUE(draft.records.at(0).operation.has_value());
    EXPECT_EQ(draft.freshness.instance, std::nullopt) << "whoever reads it now sees no more";
  }
}

TEST(PlanJournal, TheAddressOfAnAcceptedRequestIsWrittenDown) {
  Scene scene;
  scene.Distributed();
  scene.world.link.status.records.push_back(
      {DatabaseName("sales"), "SqlServer", false,
       api::ManagedInstanceLinkStatus::Operation{"Azure", "CreateLink", "DAG_sales", "", {}}});
  scene.world.facts.operations["CreateLink/DAG_sales"].poll_url = "https://op";
  scene.world.facts.operations["CreateLink/DAG_sales"].poll_at =
      scene.world.now + std::chrono::seconds(15);
  const Observation seen = scene.Observe();
  Draft draft(seen);
  SettleJournal(draft);
  EXPECT_EQ(draft.records.at(0).operation->poll_url, "https://op");
  EXPECT_EQ(draft.requeue_after, Duration(std::chrono::seconds(15)));
}

TEST(PlanJournal, ADeletionAgreesOnNothingNew) {
  Scene scene;
  scene.Trust();
  scene.Delete("Unlink");
  const Observation seen = scene.Observe();
  Draft draft(seen);
  SettleJournal(draft);
  EXPECT_TRUE(draft.records.empty());
}

TEST(PlanJournal, NeverAgreesOnAPrimaryThatItDoesNotSee) {
  Scene scene;
  scene.Linked();
  scene.world.link.status.records.clear();
  scene.distributed().replicas.at(0).role = "SECONDARY";
  scene.link().instance_role = "Primary";
  const Plan plan = scene.Decide();
  EXPECT_EQ(plan.status.records.at(0).accepted_primary, "");
  EXPECT_NE(api::FindCondition(plan.status.conditions, type::kStalled), nullptr);
}

TEST(PlanJournal, NeverAgreesOnAPrimaryWhileLinksMayNotBeSeen) {
  Scene scene;
  scene.Linked();
  scene.world.link.status.records.clear();
  scene.Hide(azure::InstancePart::kLinks);
  EXPECT_TRUE(scene.Decide().status.records.empty());
}

TEST(PlanJournal, ABusyInstanceMayBeBusyWithOurOwnRequest) {
  Scene scene;
  scene.Distributed();
  scene.world.link.status.records.push_back(
      {DatabaseName("sales"), "SqlServer", false,
       api::ManagedInstanceLinkStatus::Operation{"Azure", "CreateLink", "DAG_sales", "",
                                                 scene.world.now}});
  scene.world.facts.failures["CreateLink/DAG_sales"] = {
      {ErrorKind::kConflict, "InstanceBusy", "busy", ""},
      1,
      scene.world.now + std::chrono::seconds(2),
      1};
  EXPECT_TRUE(scene.Decide().status.records.at(0).operation.has_value());
  scene.world.facts.failures.begin()->second.error.kind = ErrorKind::kInvalid;
  EXPECT_FALSE(scene.Decide().status.records.at(0).operation.has_value());
}

}  // namespace
}  // namespace milink::link
