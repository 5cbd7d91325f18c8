#include "controllers/replica/plan/renewal.h"

#include <utility>
#include <variant>

#include <gtest/gtest.h>

#include "controllers/replica/plan/checks.h"
#include "controllers/replica/reasons.h"
#include "tests/unit/replica/row.h"

namespace milink::replica {
namespace {

using testing::ConditionOf;
using testing::kFalse;
using testing::kTrue;
using testing::Now;
using testing::Observe;
using testing::PreparedInstance;
using testing::Refused;
using testing::Row;

constexpr auto kDay = std::chrono::hours(24);
constexpr char kCurrent[] = "Cert_SQL1_endpoint";
constexpr char kNext[] = "Cert_SQL1_endpoint_2";

sql::Certificate Next() {
  auto next = testing::EndpointCertificate();
  next.name = CertificateName(kNext);
  next.certificate_id = 257;
  next.not_before = Now() - kDay;
  next.not_after = Now() + 730 * kDay;
  next.thumbprint = "CD34";
  return next;
}

// The operator made endpoint and certificate; `left` of its time is left.
struct Life {
  api::SqlServerReplica replica = testing::Replica();
  sql::InstanceSnapshot sql = PreparedInstance();
  std::optional<std::vector<LinkTrust>> trust;

  explicit Life(int days_left) {
    sql.certificates[0].not_after = Now() + days_left * kDay;
    Own(kCertificateKind, kCurrent, "AB12");
    Own(kEndpointKind, "database_mirroring_endpoint", "65536");
  }
  Life& Own(const char* kind, const std::string& name, const std::string& identity) {
    replica.status.owned_objects.push_back(
        {kSqlServerSide, kind, name, identity,
         identity.empty() ? api::OwnedState::kPending : api::OwnedState::kCreated});
    return *this;
  }
  // The next one is made, and told to the links.
  Life& Made() {
    sql.certificates.push_back(Next());
    Own(kCertificateKind, kNext, "CD34");
    api::SqlServerReplicaStatus::Certificate shown;
    shown.next = {.name = kNext, .thumbprint = "CD34"};
    replica.status.certificate = std::move(shown);
    trust.emplace();
    return *this;
  }
  // The endpoint shows it.
  Life& Switched() {
    Made();
    sql.endpoints[0].certificate = CertificateName(kNext);
    return *this;
  }
  Life& Link(const std::string& name, std::vector<std::string> thumbprints,
             const std::string& group = "") {
    trust->push_back({name, "mi-" + name, std::move(thumbprints), {GroupName(group)}});
    return *this;
  }
  // With a replica here, and one on `partner` if that is not empty.
  Life& Group(const std::string& name, bool distributed, const std::string& partner) {
    sql::AvailabilityGroup group;
    group.name = GroupName(name);
    group.distributed = distributed;
    group.replicas.emplace_back().local = true;
    if (!partner.empty()) {
      group.replicas.emplace_back().server_name = partner;
    }
    sql.groups.push_back(std::move(group));
    return *this;
  }
  Life& Connected(const char* state) {
    sql::AvailabilityGroup group;
    group.distributed = true;
    group.replicas.emplace_back().connected_state = state;
    sql.groups.push_back(std::move(group));
    return *this;
  }
  Observation Seen() const {
    Observation observed = Observe(replica, sql);
    observed.trust = trust;
    return observed;
  }
};

std::vector<Row> RenewalRows() {
  return {
      {"a certificate with time left is left alone", [] { return Life(300).Seen(); },
       kCertificateReady, kTrue, reason::kSucceeded, "", "is valid until", true},
      {"sixty days before its end a new one is made, and links go on",
       [] { return Life(59).Seen(); }, kCertificateReady, kTrue, reason::kRenewing,
       "create certificate Cert_SQL1_endpoint_2", "is being created", true},
      {"a name that is taken is passed over",
       [] {
         Life life(59);
         life.sql.certificates.push_back(Next());
         return life.Seen();
       },
       kCertificateReady, kTrue, reason::kRenewing, "create certificate Cert_SQL1_endpoint_3", "",
       true},
      {"a foreign certificate is never renewed, and people are told",
       [] {
         Life life(59);
         life.replica.status.owned_objects.clear();
         return life.Seen();
       },
       kCertificateReady, kTrue, reason::kCertificateExpiring, "", "does not renew it", true},
      {"a certificate that was made anew by hand under our name is foreign",
       [] {
         Life life(59);
         life.sql.certificates[0].thumbprint = "EE";
         return life.Seen();
       },
       kCertificateReady, kTrue, reason::kCertificateExpiring, "", "", true},
      {"a suspended replica renews nothing",
       [] {
         Life life(59);
         life.replica.spec.suspend = true;
         return life.Seen();
       },
       kCertificateReady, kTrue, reason::kCertificateExpiring, "", "nothing may be changed", true},
      {"nor does one that is being deleted, and says so",
       [] {
         Life life(59);
         life.replica.meta.deletion_time = Now();
         Observation observed = life.Seen();
         observed.links = 1;
         return observed;
       },
       kCertificateReady, kTrue, reason::kCertificateExpiring, "", "nothing may be changed"},
      {"nor one whose endpoint is not in order",
       [] {
         Life life(59);
         life.sql.endpoints[0].state = "STOPPED";
         return life.Seen();
       },
       kCertificateReady, kTrue, reason::kCertificateExpiring, "", "nothing may be changed", false,
       true},
      {"the endpoint waits for a distributed group of which no active link tells",
       [] {
         return Life(50).Made().Group("DAG_left", true, "").Link("a", {"CD34"}, "DAG_a").Seen();
       },
       kCertificateReady, kTrue, reason::kRenewing, "",
       "trust it: distributed availability group DAG_left; on 2027-01-03T10:00:00Z", true},
      {"a distributed group whose link trusts the new one is not waited for",
       [] { return Life(50).Made().Group("DAG_A", true, "").Link("a", {"CD34"}, "DAG_a").Seen(); },
       kCertificateReady, kTrue, reason::kRenewing, "let mirroring endpoint", "", true},
      {"the endpoint waits for the partners of another group that know its certificate",
       [] { return Life(50).Made().Group("OTHER", false, "SQL2").Seen(); }, kCertificateReady,
       kTrue, reason::kRenewing, "", "trust it: availability group OTHER; on", true},
      {"partners that authenticate by Windows are not waited for",
       [] {
         Life life = Life(50).Made().Group("OTHER", false, "SQL2");
         life.sql.endpoints[0].authentication = "NEGOTIATE, CERTIFICATE";
         return life.Seen();
       },
       kCertificateReady, kTrue, reason::kRenewing, "let mirroring endpoint", "", true},
      {"a group of this server alone is not waited for",
       [] { return Life(50).Made().Group("AG_a", false, "").Seen(); }, kCertificateReady, kTrue,
       reason::kRenewing, "let mirroring endpoint", "", true},
      {"seven days before the end other groups are named, too",
       [] { return Life(6).Made().Group("DAG_left", true, "").Seen(); }, kCertificateReady, kTrue,
       reason::kRenewing,
       "let mirroring endpoint database_mirroring_endpoint authenticate with certificate "
       "Cert_SQL1_endpoint_2, although the partners of these do not trust it yet, which "
       "disconnects "
       "them until they do: distributed availability group DAG_left",
       "", true},
      {"a replica that only observes says what has to be renewed",
       [] {
         Life life(59);
         life.replica.spec.mode = "Observe";
         return life.Seen();
       },
       kCertificateReady, kTrue, reason::kCertificateExpiring, "",
       "leaves it to you: create certificate Cert_SQL1_endpoint_", true},
      {"the endpoint waits until links could be told of the new one",
       [] {
         Life life = Life(50).Made();
         life.replica.status.certificate.reset();
         return life.Seen();
       },
       kCertificateReady, kTrue, reason::kRenewing, "", "takes its place soon", true},
      {"the endpoint waits for the managed instance of every active link",
       [] { return Life(50).Made().Link("a", {"AB12", "CD34"}).Link("b", {"AB12"}).Seen(); },
       kCertificateReady, kTrue, reason::kRenewing, "",
       "trust it: b (mi-b); on 2027-01-03T10:00:00Z at the latest", true},
      {"the endpoint takes the new one once all trust it",
       [] { return Life(50).Made().Link("a", {"CD34"}).Link("b", {"AB12", "CD34"}).Seen(); },
       kCertificateReady, kTrue, reason::kRenewing,
       "let mirroring endpoint database_mirroring_endpoint authenticate with certificate "
       "Cert_SQL1_endpoint_2",
       "", true},
      {"without links the endpoint takes the new one at once",
       [] { return Life(50).Made().Seen(); }, kCertificateReady, kTrue, reason::kRenewing,
       "let mirroring endpoint", "", true},
      {"seven days before the end nobody is waited for, and who breaks is named",
       [] { return Life(6).Made().Link("b", {"AB12"}).Seen(); }, kCertificateReady, kTrue,
       reason::kRenewing,
       "let mirroring endpoint database_mirroring_endpoint authenticate with certificate "
       "Cert_SQL1_endpoint_2, although the partners of these do not trust it yet, which "
       "disconnects "
       "them until they do: b (mi-b)",
       "", true},
      {"an expired certificate of ours gets a successor", [] { return Life(-1).Seen(); },
       kCertificateReady, kFalse, reason::kCertificateExpired,
       "create certificate Cert_SQL1_endpoint_2", "expired on 2026-11-20"},
      {"an expired certificate is replaced without waiting for anybody",
       [] {
         Life life = Life(-1).Made().Link("b", {"AB12"});
         life.replica.status.certificate.reset();
         return life.Seen();
       },
       kCertificateReady, kFalse, reason::kCertificateExpired, "let mirroring endpoint", ""},
      {"an expired certificate of somebody else is left to him",
       [] {
         Life life(-1);
         life.replica.status.owned_objects.clear();
         return life.Seen();
       },
       kCertificateReady, kFalse, reason::kCertificateExpired, "",
       "create a new one and set it on the endpoint", false, true},
      {"a foreign endpoint with our certificate is switched only where altering is permitted",
       [] {
         Life life = Life(50).Made().Link("a", {"CD34"});
         life.replica.status.owned_objects.erase(life.replica.status.owned_objects.begin() + 1);
         return life.Seen();
       },
       kCertificateReady, kTrue, reason::kCertificateExpiring, "",
       "set spec.endpoint.adoption to Alter", true},
      {"with that permission it is switched",
       [] {
         Life life = Life(50).Made().Link("a", {"CD34"});
         life.replica.status.owned_objects.erase(life.replica.status.owned_objects.begin() + 1);
         life.replica.spec.endpoint.adoption = "Alter";
         return life.Seen();
       },
       kCertificateReady, kTrue, reason::kRenewing, "let mirroring endpoint", "", true},
      {"an endpoint whose creation was interrupted is ours by its certificate",
       [] {
         Life life = Life(50).Made().Link("a", {"CD34"});
         life.replica.status.owned_objects[1].state = api::OwnedState::kPending;
         return life.Seen();
       },
       kCertificateReady, kTrue, reason::kRenewing, "let mirroring endpoint", "", true},
      {"a stopped endpoint is not started by the way",
       [] {
         Life life = Life(6).Made();
         life.sql.endpoints[0].state = "STOPPED";
         return life.Seen();
       },
       kCertificateReady, kTrue, reason::kRenewing, "", "see EndpointReady", false, true},
      {"a stopped endpoint with an expired certificate is put in order with the new one",
       [] {
         Life life = Life(-1).Made().Link("b", {"CD34"});
         life.sql.endpoints[0].state = "STOPPED";
         life.replica.spec.endpoint.adoption = "Alter";
         return life.Seen();
       },
       kCertificateReady, kFalse, reason::kCertificateExpired,
       "let mirroring endpoint database_mirroring_endpoint authenticate with certificate "
       "Cert_SQL1_endpoint_2, and alter what cannot carry a link: it is STOPPED",
       "expired on 2026-11-20"},
      {"the endpoint's own question says the same",
       [] {
         Life life = Life(-1).Made();
         life.sql.endpoints[0].ip_address = "10.0.0.4";
         life.sql.endpoints[0].encryption = "RC4";
         life.replica.spec.endpoint.adoption = "Alter";
         return life.Seen();
       },
       kEndpointReady, kFalse, reason::kChanging,
       "let mirroring endpoint database_mirroring_endpoint authenticate with certificate "
       "Cert_SQL1_endpoint_2, and alter what cannot carry a link: its encryption is RC4 instead of "
       "required AES; it listens on 10.0.0.4 only",
       "is being altered for links"},
      {"without permission both wrongs and the field are named",
       [] {
         Life life = Life(-1).Made();
         life.sql.endpoints[0].state = "STOPPED";
         return life.Seen();
       },
       kCertificateReady, kFalse, reason::kCertificateExpired, "",
       "Cert_SQL1_endpoint expired on 2026-11-20T10:00:00Z; Cert_SQL1_endpoint_2 takes its place "
       "once the endpoint is in order, see EndpointReady: it is STOPPED; set "
       "spec.endpoint.adoption to Alter",
       false, true},
      {"what cannot be altered is left to a person, expired or not",
       [] {
         Life life = Life(-1).Made();
         life.sql.endpoints[0].role = "WITNESS";
         life.replica.spec.endpoint.adoption = "Alter";
         return life.Seen();
       },
       kCertificateReady, kFalse, reason::kCertificateExpired, "",
       "see EndpointReady: its role is WITNESS instead of ALL", false, true},
      {"while the certificate is valid the endpoint comes first",
       [] {
         Life life = Life(6).Made();
         life.sql.endpoints[0].state = "STOPPED";
         life.replica.spec.endpoint.adoption = "Alter";
         return life.Seen();
       },
       kEndpointReady, kFalse, reason::kChanging, "alter mirroring endpoint",
       "is being altered for links"},
      {"an endpoint that is gone is made with the newest certificate",
       [] {
         Life life = Life(50).Made();
         life.sql.endpoints.clear();
         return life.Seen();
       },
       kEndpointReady, kFalse, reason::kCreating,
       "create mirroring endpoint database_mirroring_endpoint on port 5022 with certificate "
       "Cert_SQL1_endpoint_2"},
      {"the one before stays while a managed instance holds it",
       [] { return Life(50).Switched().Link("a", {"AB12", "CD34"}).Connected("CONNECTED").Seen(); },
       kCertificateReady, kTrue, reason::kSucceeded, "", "", true},
      {"the one before stays while a link is not connected",
       [] { return Life(50).Switched().Link("a", {"CD34"}).Connected("DISCONNECTED").Seen(); },
       kCertificateReady, kTrue, reason::kSucceeded, "", "", true},
      {"the one before goes when no managed instance holds it any more",
       [] { return Life(50).Switched().Link("a", {"CD34"}).Connected("CONNECTED").Seen(); },
       kCertificateReady, kTrue, reason::kSucceeded, "drop certificate Cert_SQL1_endpoint,", "",
       true},
      {"after its end the one before goes whatever a managed instance holds",
       [] { return Life(-1).Switched().Link("a", {"AB12"}).Connected("DISCONNECTED").Seen(); },
       kCertificateReady, kTrue, reason::kSucceeded, "drop certificate Cert_SQL1_endpoint,", "",
       true},
      {"one before that somebody else made stays",
       [] {
         Life life = Life(50).Switched();
         life.replica.status.owned_objects.erase(life.replica.status.owned_objects.begin());
         return life.Seen();
       },
       kCertificateReady, kTrue, reason::kSucceeded, "", "", true},
      {"one before that serves something else, too, stays",
       [] {
         return Refused(Life(50).Switched().Seen(),
                        {ErrorKind::kInvalid, "InUse", "error 15352: cannot be dropped", ""});
       },
       kCertificateReady, kTrue, reason::kSucceeded, "", "", true},
      {"a renewal that is refused is told, and links go on",
       [] {
         return Refused(Life(59).Seen(),
                        {ErrorKind::kInvalid, "PermissionDenied", "error 262: denied", ""});
       },
       kCertificateReady, kTrue, reason::kRenewing, "create certificate",
       "could not create certificate Cert_SQL1_endpoint_2: error 262", true},
  };
}

class RenewalTable : public ::testing::TestWithParam<Row> {};

TEST_P(RenewalTable, AnswersAsTheSentenceSays) { Check(GetParam()); }

INSTANTIATE_TEST_SUITE_P(, RenewalTable, ::testing::ValuesIn(RenewalRows()), testing::CaseName);

TEST(RenewalTest, TheStatusShowsBothCertificatesAndWhenTheNextIsDue) {
  const auto shown = *PlanReplica(Life(50).Made().Link("b", {}).Seen()).status.certificate;
  EXPECT_EQ(shown.current.name, kCurrent);
  EXPECT_TRUE(shown.owned);
  EXPECT_EQ(shown.next->thumbprint, "CD34");
  EXPECT_EQ(*shown.renewal_time, Now() - 10 * kDay);
}

TEST(RenewalTest, InModePlanAnExpiredCertificateAndItsStoppedEndpointAreOneStepToApprove) {
  Life life = Life(-1).Made();
  life.sql.endpoints[0].state = "STOPPED";
  life.replica.spec.endpoint.adoption = "Alter";
  life.replica.spec.mode = "Plan";
  const auto plan = PlanReplica(life.Seen()).status.plan;
  ASSERT_TRUE(plan.has_value());
  EXPECT_FALSE(plan->hash.empty());
  EXPECT_TRUE(plan->blockers.empty());
  ASSERT_EQ(plan->steps.size(), 1U);
  EXPECT_NE(plan->steps.front().description.find(kNext), std::string::npos);
}

TEST(RenewalTest, TheSwitchStatesTheWholeEndpointAsALinkNeedsIt) {
  Life life = Life(-1).Made();
  life.sql.endpoints[0].state = "STOPPED";
  life.sql.endpoints[0].encryption = "RC4";
  life.replica.spec.endpoint.adoption = "Alter";
  const auto steps = PlanReplica(life.Seen()).steps;
  ASSERT_EQ(steps.size(), 1U);
  const auto& change = std::get<SwitchCertificate>(steps.front()).change;
  EXPECT_EQ(change.certificate.str(), kNext);
  EXPECT_EQ(change.seen_certificate.str(), kCurrent);
  EXPECT_EQ(change.encryption, "AES, RC4");
}

TEST(RenewalTest, OfAForeignCertificateNoRenewalIsAnnounced) {
  Life life(300);
  life.replica.status.owned_objects.clear();
  const auto shown = *PlanReplica(life.Seen()).status.certificate;
  EXPECT_FALSE(shown.owned);
  EXPECT_FALSE(shown.renewal_time.has_value());
}

// The process was killed between the statement and the note that it was done.
TEST(RenewalTest, ACertificateWithOurUidIsOursThoughNobodySawItMade) {
  Life life(50);
  life.sql.certificates.push_back(Next());
  life.sql.certificates[1].subject = CertificateSubject(life.replica);
  life.Own(kCertificateKind, kNext, "");
  const Plan plan = PlanReplica(life.Seen());
  EXPECT_EQ(plan.status.certificate->next->name, kNext);
  EXPECT_TRUE(plan.steps.empty());
  EXPECT_EQ(plan.status.owned_objects.back().identity, "CD34");
  life.sql.certificates[1].subject = "Certificate for somebody";
  EXPECT_EQ(std::get<CreateCertificate>(PlanReplica(life.Seen()).steps.at(0)).name.str(),
            "Cert_SQL1_endpoint_3");
}

TEST(RenewalTest, WhatWasDroppedLeavesTheJournal) {
  Life life = Life(50).Switched();
  life.sql.certificates.erase(life.sql.certificates.begin());
  const auto journal = PlanReplica(life.Seen()).status.owned_objects;
  ASSERT_EQ(journal.size(), 2U);
  EXPECT_EQ(journal[1].name, kNext);
}

// Unknown is not absent.
TEST(RenewalTest, ALinkThatCannotBeReadIsWaitedFor) {
  Observation made = Life(50).Made().Seen();
  Observation switched = Life(50).Switched().Seen();
  EXPECT_FALSE(PlanReplica(switched).steps.empty()) << "the old one would go";
  made.undecodable_links = switched.undecodable_links = {"newer"};
  EXPECT_TRUE(PlanReplica(made).steps.empty());
  EXPECT_NE(ConditionOf(PlanReplica(made), kCertificateReady).message.find("newer"),
            std::string::npos);
  EXPECT_TRUE(PlanReplica(switched).steps.empty());
}

TEST(RenewalTest, LinksAreAskedOnlyWhileThereIsMoreThanOneCertificate) {
  EXPECT_FALSE(AwaitsLinks(Life(50).replica.status));
  EXPECT_TRUE(AwaitsLinks(Life(50).Made().replica.status));
}

TEST(RenewalTest, OfManyLinksTheFirstAreNamed) {
  Life life = Life(50).Made();
  for (int i = 10; i < 25; ++i) life.Link("link" + std::to_string(i), {});
  const std::string message = ConditionOf(PlanReplica(life.Seen()), kCertificateReady).message;
  EXPECT_NE(message.find("link19 (mi-link19), 5 more"), std::string::npos) << message;
}

}  // namespace
}  // namespace milink::replica
