#include "controllers/link/plan/draft.h"

#include "controllers/link/reasons.h"
#include "core/base/digest.h"
#include "tests/unit/link/scene.h"

namespace milink::link {
namespace {

using gen::Scene;
using std::chrono::seconds;

const Step kGroup = CreateGroup{DatabaseName("sales"), GroupName("AG_sales"), "", "", true};
const Step kDrop = DropGroup{DatabaseName("sales"), GroupName("AG_sales"), "id"};
const Step kIssuer = TrustIssuer{CertificateName("Root"), "AA", "*.x"};

StepFailure Failure(ErrorKind kind, TimePoint retry_at, std::int64_t generation = 1) {
  return {{kind, "Refused", "no", ""}, 1, retry_at, generation};
}

struct ProposalRow {
  const char* name;
  Step step;
  std::function<void(Scene&)> arrange;
  Obstacles obstacles;
  Severity severity;
  const char* reason;
  bool runs;
  bool journals;  // asks for a write of the journal first
};

std::vector<ProposalRow> ProposalRows() {
  const auto nothing = [](Scene&) {};
  const auto fails = [](ErrorKind kind, seconds later, std::int64_t generation = 1) {
    return [=](Scene& s) {
      s.world.facts.failures["DropGroup/AG_sales"] = Failure(kind, s.world.now + later, generation);
    };
  };
  const Obstacles all{true, {}};
  const Obstacles sales{false, {DatabaseName("sales")}};
  const Obstacles hr{false, {DatabaseName("hr")}};
  return {
      {"a create is written down first",
       kGroup,
       nothing,
       {},
       Severity::kProgressing,
       "Why",
       false,
       true},
      {"and made once it is",
       kGroup,
       [](Scene& s) { s.Own("SqlServer", "AvailabilityGroup", "AG_sales", ""); },
       {},
       Severity::kProgressing,
       "Why",
       true,
       false},
      {"one that was made before is written down anew",
       kGroup,
       [](Scene& s) { s.Own("SqlServer", "AvailabilityGroup", "AG_sales", "id"); },
       {},
       Severity::kProgressing,
       "Why",
       false,
       true},
      {"what makes no object needs no entry",
       kIssuer,
       nothing,
       {},
       Severity::kProgressing,
       "Why",
       true,
       false},
      {"a suspended link does nothing",
       kDrop,
       [](Scene& s) { s.world.link.spec.suspend = true; },
       {},
       Severity::kWaiting,
       reason::kSuspended,
       false,
       false},
      {"a failed step is held back",
       kDrop,
       fails(ErrorKind::kTransient, seconds(9)),
       {},
       Severity::kRetrying,
       "Refused",
       false,
       false},
      {"one that a person must repair is blocked",
       kDrop,
       fails(ErrorKind::kInvalid, seconds(9)),
       {},
       Severity::kBlocked,
       "Refused",
       false,
       false},
      {"it is tried again in time",
       kDrop,
       fails(ErrorKind::kTransient, seconds(0)),
       {},
       Severity::kProgressing,
       "Why",
       true,
       false},
      {"and at once after a change of the spec",
       kDrop,
       fails(ErrorKind::kInvalid, seconds(9), 0),
       {},
       Severity::kProgressing,
       "Why",
       true,
       false},
      {"nothing is made while something is wrong everywhere", kGroup, nothing, all,
       Severity::kWaiting, reason::kWaiting, false, false},
      {"nor while something is wrong with the database", kGroup, nothing, sales, Severity::kWaiting,
       reason::kWaiting, false, false},
      {"another database's problem is its own", kIssuer, nothing, hr, Severity::kProgressing, "Why",
       true, false},
      {"things are taken down whatever else is wrong", kDrop, nothing, all, Severity::kProgressing,
       "Why", true, false},
  };
}

TEST(Draft, AProposedStepRunsOrSaysWhyNot) {
  for (const ProposalRow& row : ProposalRows()) {
    SCOPED_TRACE(row.name);
    Scene scene;
    row.arrange(scene);
    const Observation seen = scene.Observe();
    Draft draft(seen, row.obstacles);
    draft.Propose(draft.groups, "Why", row.step);
    ASSERT_EQ(draft.groups.findings.size(), 1U);
    EXPECT_EQ(draft.groups.findings[0].severity, row.severity);
    EXPECT_EQ(draft.groups.findings[0].reason, row.reason);
    EXPECT_EQ(!draft.steps.empty(), row.runs);
    EXPECT_EQ(draft.waiting_for_journal, row.journals);
    EXPECT_EQ(draft.entries != draft.stored.owned_objects, row.journals);
  }
}

TEST(Draft, AHeldStepWakesTheLinkInTime) {
  Scene scene;
  scene.world.facts.failures["DropGroup/AG_sales"] =
      Failure(ErrorKind::kTransient, scene.world.now + seconds(9));
  const Observation seen = scene.Observe();
  Draft draft(seen);
  draft.Propose(draft.groups, "Why", kDrop);
  EXPECT_EQ(draft.requeue_after, Duration(seconds(9)));
}

TEST(Draft, WhyAnOperationIsUnreadIsToldOnceItIsNews) {
  EXPECT_EQ(Draft::WhyUnread(nullptr), "");
  OperationFact fact;
  EXPECT_EQ(Draft::WhyUnread(&fact), "");
  fact.unread = Error{ErrorKind::kTransient, "HttpStatus503", "no answer", ""};
  fact.failed_polls = 1;
  EXPECT_EQ(Draft::WhyUnread(&fact), "") << "once is no news";
  fact.failed_polls = 2;
  EXPECT_EQ(Draft::WhyUnread(&fact), "; how far it is cannot be read: no answer");
}

TEST(Draft, AnAnnouncedEntryIsOnlyWrittenDown) {
  Scene scene;
  const Observation seen = scene.Observe();
  Draft draft(seen);
  draft.AnnounceEntry({"SqlServer", "AvailabilityGroup", "AG_sales"}, DatabaseName("sales"));
  EXPECT_EQ(draft.entries.size(), 1U);
  EXPECT_TRUE(draft.steps.empty());
  Draft obstructed(seen, Obstacles{true, {}});
  obstructed.AnnounceEntry({"SqlServer", "AvailabilityGroup", "AG_sales"}, DatabaseName("sales"));
  EXPECT_TRUE(obstructed.entries.empty());
}

TEST(Draft, WhatOnlyAPersonCanCorrectStopsWhatIsNotEstablished) {
  Scene scene;
  scene.world = gen::ModelWorld({"sales", "hr"});
  const Observation seen = scene.Observe();
  Draft draft(seen);
  EXPECT_FALSE(draft.FindObstacles().Any());
  draft.prepared.Add(Severity::kBlocked, "Wrong", "", DatabaseName("sales"));
  EXPECT_EQ(draft.FindObstacles().databases, std::set{DatabaseName("sales")});
  EXPECT_FALSE(draft.FindObstacles().all);
  draft.link.Add(Severity::kBlocked, "Wrong", "", DatabaseName("hr"));
  EXPECT_TRUE(draft.FindObstacles().all) << "no database is left to do anything for";
}

TEST(Draft, BrokenTrustStopsAFreshLinkAndNotOneThatReplicates) {
  Scene scene;
  for (const bool established : {false, true}) {
    if (established) scene.Established();
    const Observation seen = scene.Observe();
    Draft draft(seen);
    draft.trust.Add(Severity::kBlocked, "Wrong", "");
    EXPECT_EQ(draft.FindObstacles().all, !established);
  }
}

TEST(Draft, OnlyACreatedObjectOfTheSameIdentityIsOurs) {
  Scene scene;
  scene.Own("SqlServer", "AvailabilityGroup", "AG_sales", "id");
  scene.Own("SqlServer", "AvailabilityGroup", "AG_hr", "");
  const Observation seen = scene.Observe();
  const Draft draft(seen);
  EXPECT_TRUE(draft.Owns({"SqlServer", "AvailabilityGroup", "AG_sales"}, "id"));
  EXPECT_FALSE(draft.Owns({"SqlServer", "AvailabilityGroup", "AG_sales"}, "other"));
  EXPECT_FALSE(draft.Owns({"SqlServer", "AvailabilityGroup", "AG_hr"}, ""));
  EXPECT_FALSE(draft.Owns({"ManagedInstance", "AvailabilityGroup", "AG_sales"}, "id"));
}

TEST(Draft, TheSoonestWishCounts) {
  Scene scene;
  const Observation seen = scene.Observe();
  Draft draft(seen);
  draft.WantSql(seconds(30));
  draft.WantSql(seconds(10));
  draft.WantInstance(seconds(20));
  EXPECT_EQ(draft.freshness.sql, Duration(seconds(10)));
  EXPECT_EQ(draft.freshness.instance, Duration(seconds(20)));
  EXPECT_EQ(draft.requeue_after, Duration(seconds(10)));
  draft.WantInstanceParts(seconds(60));
  draft.WantInstanceParts(seconds(90));
  EXPECT_EQ(draft.freshness.instance_parts, Duration(seconds(60)));
  draft.WakeAfter(seconds(-5));
  EXPECT_GT(*draft.requeue_after, Duration(0)) << "never a busy loop";
}

TEST(Draft, PartsOfTheInstanceAreWaitedForAsLongAsTheyAreNewEnough) {
  Scene scene;
  scene.world.now += seconds(20);
  const Observation young = scene.Observe();
  Draft waits(young);
  waits.WantInstanceParts(seconds(60));
  EXPECT_EQ(waits.requeue_after, Duration(seconds(40)));
  scene.world.now += seconds(300);
  const Observation old = scene.Observe();
  Draft asks(old);
  asks.WantInstanceParts(seconds(60));
  EXPECT_EQ(asks.requeue_after, Duration(seconds(1)));
}

struct AddressRow {
  const char* name;
  std::function<void(Scene&)> arrange;
  std::string partner;
  std::string instance;
};

TEST(Draft, BothAddressesAreKnownOrEmpty) {
  const std::string instance = std::string("tcp://") + gen::kFqdn + ":5022;Server=[sqlmi1]";
  const std::vector<AddressRow> rows = {
      {"both sides read", [](Scene&) {}, gen::kPartnerUrl, instance},
      {"the endpoint listens elsewhere", [](Scene& s) { s.world.sql.endpoints[0].port = 7022; },
       "TCP://10.0.0.4:7022", instance},
      {"without an address the host is dialled",
       [](Scene& s) { s.world.replica.spec.endpoint.address.clear(); },
       "TCP://sql1.corp.example:5022", instance},
      {"an impossible port", [](Scene& s) { s.world.sql.endpoints[0].port = 70'000; }, "",
       instance},
      {"no replica", [](Scene& s) { s.replica_missing = true; }, "", instance},
      {"the instance was not read", [](Scene& s) { s.instance_unread = true; }, gen::kPartnerUrl,
       ""},
      {"the instance has no name yet", [](Scene& s) { s.world.instance.instance.fqdn.clear(); },
       gen::kPartnerUrl, ""},
  };
  for (const AddressRow& row : rows) {
    SCOPED_TRACE(row.name);
    Scene scene;
    row.arrange(scene);
    const Observation seen = scene.Observe();
    const Draft draft(seen);
    EXPECT_EQ(draft.partner_url, row.partner);
    EXPECT_EQ(draft.instance_url, row.instance);
    EXPECT_EQ(draft.MayCreate(), !row.partner.empty() && !row.instance.empty());
  }
}

TEST(Draft, WritesDownByWhatACertificateWillBeKnownBeforeItIsMade) {
  const Scene scene;
  const Observation seen = scene.Observe();
  Draft draft(seen);
  draft.Propose(draft.trust, "r", ImportInstanceCertificate{CertificateName("x"), "der"});
  draft.Propose(draft.trust, "r", UploadCertificate{"y", "der", "AA"});
  ASSERT_EQ(draft.entries.size(), 2U);
  EXPECT_EQ(draft.entries[0].identity, Sha1Thumbprint("der"));
  EXPECT_EQ(draft.entries[1].identity, "AA");
  EXPECT_EQ(draft.entries[1].state, api::OwnedState::kPending);
  EXPECT_TRUE(draft.steps.empty()) << "the journal first";
}

}  // namespace
}  // namespace milink::link
