#include "controllers/link/controller.h"

#include <algorithm>
#include <stop_token>

#include <gtest/gtest.h>

#include "controllers/link/act.h"
#include "controllers/link/reasons.h"
#include "core/api/codec.h"
#include "core/api/condition.h"
#include "tests/gen/manifests.h"
#include "tests/unit/link/rig.h"

namespace milink::link {
namespace {

using gen::Rig;

std::string ReadyReason(const Rig& rig) {
  const auto link = rig.Link();
  const auto* ready = api::FindCondition(link.status.conditions, "Ready");
  return ready == nullptr ? "" : ready->reason;
}

std::vector<std::string> Verbs(const Rig& rig) {
  std::vector<std::string> verbs;
  for (const auto& call : rig.objects.Writes()) verbs.push_back(call.verb);
  return verbs;
}

TEST(LinkController, AStatementEndsWithTheRunThatIsAskedToStop) {
  Rig rig({"sales"});
  std::stop_source run;
  while (rig.hub.Calls().empty()) {
    static_cast<void>(rig.controller->Reconcile(rig.key, {Logger(), run.get_token()}));
  }
  run.request_stop();
  EXPECT_TRUE(rig.hub.Calls().front().stop.stop_requested());
}

TEST(LinkController, BringsALinkUp) {
  Rig rig({"sales", "hr"});
  ASSERT_TRUE(rig.Settle());
  EXPECT_EQ(ReadyReason(rig), "Replicating");
  EXPECT_EQ(rig.Link().status.summary->databases, "2/2");
  EXPECT_TRUE(rig.events.Has("Replicating"));
}

azure::IdentityLimits OnlyFor(const std::string& name, const std::string& prefix) {
  return azure::IdentityLimits(std::vector<azure::IdentityRule>{{name, prefix}});
}

std::string AuthorizedReason(const Rig& rig) {
  const auto link = rig.Link();
  const auto* found =
      api::FindCondition(link.status.conditions, api::condition_type::kAzureAuthorized);
  return found == nullptr ? "" : found->reason;
}

TEST(LinkController, AsksAzureNothingForALinkThatMayNotHaveTheOperatorsIdentity) {
  Rig rig({"sales"});
  rig.limits = OnlyFor("other", "");
  rig.Restart();
  for (int i = 0; i < 5; ++i) rig.Reconcile();
  EXPECT_EQ(rig.api.reads, 0);
  EXPECT_TRUE(rig.api.writes.empty());
  EXPECT_EQ(AuthorizedReason(rig), "IdentityNotAllowed");
}

// What another link of the same instance has read must not serve this one.
TEST(LinkController, SeesNothingThatOthersReadWithAnIdentityItMayNotHave) {
  Rig rig({"sales"});
  ASSERT_TRUE(rig.Settle());
  rig.limits = OnlyFor("*", "/subscriptions/none");
  rig.Restart();
  rig.api.reads = 0;
  rig.Reconcile();
  rig.Reconcile();
  EXPECT_EQ(rig.api.reads, 0);
  EXPECT_EQ(AuthorizedReason(rig), "IdentityNotAllowed");
  EXPECT_EQ(rig.Link().status.databases.size(), 1U);
}

TEST(LinkController, TheLimitsAreNotForALinkWithASecretOfItsOwn) {
  Rig rig({"sales"});
  rig.limits = OnlyFor("other", "");
  auto manifest = rig.objects.Find(LinkType(), rig.key).value();
  manifest["spec"]["managedInstance"]["credentials"] = {{"type", "ClientSecret"},
                                                        {"clientId", "c"},
                                                        {"tenantId", "t"},
                                                        {"secretRef", {{"name", "login"}}}};
  rig.objects.Put(LinkType(), manifest);
  rig.Restart();
  EXPECT_TRUE(rig.Settle());
  EXPECT_EQ(ReadyReason(rig), "Replicating");
}

TEST(LinkController, FirstSetsTheFinalizerAndReportsAndTouchesNothingElse) {
  Rig rig({"sales"});
  rig.Reconcile();
  EXPECT_EQ(Verbs(rig), (std::vector<std::string>{"SetFinalizers", "ApplyStatus"}));
  EXPECT_TRUE(rig.hub.Calls().empty());
  EXPECT_TRUE(rig.api.writes.empty());
}

TEST(LinkController, WritesTheJournalBeforeEveryCreate) {
  Rig rig({"sales"});
  rig.on_batch = [&rig](const std::string& text) -> Result<sql::SqlReply> {
    if (text.find("CREATE AVAILABILITY GROUP") != std::string::npos) {
      const std::string kind = text.find("(DISTRIBUTED)") != std::string::npos
                                   ? "DistributedAvailabilityGroup"
                                   : "AvailabilityGroup";
      bool journalled = false;
      for (const auto& entry : rig.Link().status.owned_objects) {
        journalled = journalled || (entry.kind == kind && entry.state == api::OwnedState::kPending);
      }
      EXPECT_TRUE(journalled) << text;
    }
    return sql::SqlReply{};
  };
  ASSERT_TRUE(rig.Settle());
  EXPECT_EQ(ReadyReason(rig), "Replicating");
}

TEST(LinkController, DoesNotActWhenTheJournalCouldNotBeWritten) {
  Rig rig({"sales"});
  rig.objects.Fail([](const auto& call) { return call.verb == "MergeStatus"; },
                   {ErrorKind::kConflict, "Conflict", "changed", ""}, 3);
  for (int i = 0; i < 4; ++i) rig.Reconcile();
  EXPECT_TRUE(rig.hub.Calls().empty());
  EXPECT_TRUE(rig.api.writes.empty());
  ASSERT_TRUE(rig.Settle());
  EXPECT_EQ(ReadyReason(rig), "Replicating");
}

TEST(LinkController, WaitsUntilTheCacheHasSeenItsOwnWrite) {
  Rig rig({"sales"});
  rig.directory.Freeze(rig.key);
  rig.Reconcile();
  const auto writes = rig.objects.Writes().size();
  for (int i = 0; i < 3; ++i) {
    const auto outcome = rig.Reconcile();
    EXPECT_TRUE(outcome.status.ok());
    EXPECT_TRUE(outcome.requeue_after.has_value());
  }
  EXPECT_EQ(rig.objects.Writes().size(), writes);
  rig.directory.Thaw();
  rig.Reconcile();
  EXPECT_GT(rig.objects.Writes().size(), writes);
}

TEST(LinkController, ReadsLiveWhenTheCacheStaysBehind) {
  Rig rig({"sales"});
  rig.directory.Freeze(rig.key);
  rig.Reconcile();
  rig.clock.Step(std::chrono::seconds(6));
  rig.objects.ClearCalls();
  rig.Reconcile();
  ASSERT_FALSE(rig.objects.Calls().empty());
  EXPECT_EQ(rig.objects.Calls().front().verb, "Get");
}

TEST(LinkController, K21ItsPatienceEndsThoughTheClockIsSetBack) {
  Rig rig({"sales"});
  rig.directory.Freeze(rig.key);
  rig.Reconcile();
  rig.clock.SetNow(rig.clock.Now() - std::chrono::hours(1));
  rig.objects.ClearCalls();
  rig.Reconcile();
  ASSERT_FALSE(rig.objects.Calls().empty());
  EXPECT_EQ(rig.objects.Calls().front().verb, "Get");
}

TEST(LinkController, AConvergedLinkCostsNothing) {
  Rig rig({"sales", "hr"});
  ASSERT_TRUE(rig.Settle());
  rig.objects.ClearCalls();
  rig.hub.ClearCalls();
  const int reads = rig.api.reads;
  for (int i = 0; i < 10; ++i) {
    const auto outcome = rig.Reconcile();
    EXPECT_TRUE(outcome.status.ok());
    EXPECT_FALSE(outcome.requeue_after.has_value());
    rig.clock.Step(std::chrono::seconds(30));
  }
  EXPECT_TRUE(rig.objects.Calls().empty());
  EXPECT_TRUE(rig.hub.Calls().empty());
  EXPECT_TRUE(rig.hub.Refreshes().empty());
  EXPECT_EQ(rig.api.reads, reads);
}

TEST(LinkController, ARestartChangesNothing) {
  Rig rig({"sales"});
  ASSERT_TRUE(rig.Settle());
  rig.objects.ClearCalls();
  rig.hub.ClearCalls();
  rig.Restart();
  rig.Reconcile();
  EXPECT_TRUE(rig.objects.Writes().empty());
  EXPECT_TRUE(rig.hub.Calls().empty());
}

// A new process that has not read SQL Server yet.
struct Restarted : Rig {
  Restarted() : Rig({"sales"}) {
    EXPECT_TRUE(Settle());
    hub.Remove({"default", "sql1"});
    objects.ClearCalls();
    Restart();
  }
};

TEST(LinkController, AfterARestartTheLastReportHoldsUntilBothSidesAreRead) {
  Restarted rig;
  const auto events = rig.events.Events().size();
  for (int i = 0; i < 5; ++i) {
    EXPECT_TRUE(rig.Reconcile().requeue_after.has_value());
    rig.clock.Step(std::chrono::seconds(5));
  }
  rig.Publish();
  ASSERT_TRUE(rig.Settle());
  EXPECT_TRUE(rig.objects.Writes().empty());
  EXPECT_EQ(rig.events.Events().size(), events);
}

TEST(LinkController, WhatCannotBeReadForHalfAMinuteAfterARestartIsReportedUnknown) {
  Restarted rig;
  rig.Reconcile();
  rig.clock.Step(std::chrono::seconds(31));
  rig.Reconcile();
  const auto link = rig.Link();
  const auto* ready = api::FindCondition(link.status.conditions, "Ready");
  ASSERT_NE(ready, nullptr);
  EXPECT_EQ(ready->status, api::ConditionStatus::kUnknown);
}

// The cache has no more than a digest of what was reported.
TEST(LinkController, ANewReportKeepsOfTheLastOneWhatCannotBeSeenAndWhenTheRestChanged) {
  Rig rig({"sales"});
  ASSERT_TRUE(rig.Settle());
  const auto before = rig.Link().status;
  ASSERT_TRUE(before.trust.has_value());
  rig.hub.Remove({"default", "sql1"});
  rig.clock.Step(std::chrono::minutes(1));
  rig.Reconcile();
  const auto now = rig.Link().status;
  EXPECT_NE(now, before);
  EXPECT_EQ(now.trust, before.trust);
  const auto* rights = api::FindCondition(before.conditions, "AzureAuthorized");
  const auto* rights_now = api::FindCondition(now.conditions, "AzureAuthorized");
  ASSERT_TRUE(rights != nullptr && rights_now != nullptr);
  EXPECT_EQ(*rights_now, *rights);
}

TEST(LinkController, AReplicaThatIsNotReadyIsReportedAtOnceAfterARestart) {
  Restarted rig;
  api::SqlServerReplica replica = gen::Replica();
  replica.status.conditions = {
      {"Ready", api::ConditionStatus::kFalse, "ConnectionFailed", "no route", 1, gen::Start()}};
  rig.directory.replica = std::make_shared<const api::SqlServerReplica>(replica);
  rig.Reconcile();
  EXPECT_FALSE(rig.objects.Writes().empty());
}

TEST(LinkController, OneMoreLinkOnAPreparedPairStaysWithinItsBudget) {
  Rig rig({"sales"});
  ASSERT_TRUE(rig.Settle());
  nlohmann::json object = rig.objects.Find(LinkType(), rig.key).value();
  object["spec"]["databases"].push_back({{"name", "hr"}});
  rig.objects.Put(LinkType(), object);
  rig.sql.databases.push_back(gen::Database("hr"));
  rig.sql.files.emplace(DatabaseName("hr"), gen::Files());
  rig.Publish();
  rig.hub.ClearCalls();
  const std::size_t azure_writes = rig.api.writes.size();
  const int azure_reads = rig.api.reads - rig.shared_reads;
  ASSERT_TRUE(rig.Settle());
  EXPECT_EQ(rig.Link().status.summary->databases, "2/2");
  const std::size_t sql_trips = rig.hub.Calls().size() + rig.hub.Refreshes().size();
  RecordProperty("sql_round_trips", static_cast<int>(sql_trips));
  EXPECT_LE(sql_trips, 8U);
  EXPECT_EQ(rig.api.writes.size() - azure_writes, 1U);
  // The poll that saw the end, and the list of links after it.
  RecordProperty("azure_reads", rig.api.reads - rig.shared_reads - azure_reads);
  EXPECT_LE(rig.api.reads - rig.shared_reads - azure_reads, 2);
}

TEST(LinkController, ARefusedStatementIsToldOnceAndTriedAgainLater) {
  Rig rig({"sales"});
  int refused = 0;
  rig.on_batch = [&](const std::string& text) -> Result<sql::SqlReply> {
    if (text.find("CREATE AVAILABILITY GROUP") == std::string::npos || refused == 2) {
      return sql::SqlReply{};
    }
    ++refused;
    return Error{ErrorKind::kInvalid, "NoFullBackup", "1475: no backup", ""};
  };
  ASSERT_TRUE(rig.Settle() || refused > 0);
  int told = 0;
  for (const auto& event : rig.events.Events()) told += event.reason == "NoFullBackup" ? 1 : 0;
  EXPECT_GE(told, 1);
  for (int i = 0; i < 80 && refused < 2; ++i) {
    rig.Reconcile();
    rig.clock.Step(std::chrono::seconds(10));
    rig.Publish();
  }
  EXPECT_EQ(refused, 2);
  ASSERT_TRUE(rig.Settle());
  rig.clock.Step(std::chrono::minutes(6));
  rig.Publish();
  ASSERT_TRUE(rig.Settle());
  EXPECT_EQ(ReadyReason(rig), "Replicating");
}

// All of an instance is read every ten minutes, which is long for a link that is down.
TEST(LinkController, ARotatedCertificateIsImportedAsSoonAsAConnectionIsLost) {
  Rig rig({"sales"});
  ASSERT_TRUE(rig.Settle());
  rig.clock.Step(std::chrono::minutes(3));
  rig.api.endpoint_certificate.thumbprint = std::string(40, 'E');
  ASSERT_TRUE(rig.Settle());
  const std::size_t before = rig.Sent().size();
  EXPECT_EQ(ReadyReason(rig), "Replicating");

  rig.sql.groups.back().replicas.at(1).connected_state = "DISCONNECTED";
  rig.Publish();
  for (int i = 0; i < 12; ++i) {
    rig.Reconcile();
    rig.clock.Step(std::chrono::seconds(1));
    rig.Publish();
  }
  std::vector<std::string> sent = rig.Sent();
  sent.erase(sent.begin(), sent.begin() + static_cast<std::ptrdiff_t>(before));
  EXPECT_EQ(sent, (std::vector<std::string>{std::string("DROP OTHER ") + gen::kFqdn,
                                            std::string("CREATE OTHER ") + gen::kFqdn}));
}

TEST(LinkController, ADropThatFoundSomethingElseIsNoSuccess) {
  Rig rig({"sales"});
  ASSERT_TRUE(rig.Settle());
  rig.clock.Step(std::chrono::minutes(3));
  rig.api.endpoint_certificate.thumbprint = std::string(40, 'E');
  rig.sql.groups.back().replicas.at(1).connected_state = "DISCONNECTED";
  rig.Publish();
  int dropped = 0;
  rig.on_batch = [&](const std::string& text) -> Result<sql::SqlReply> {
    if (text.find("DROP CERTIFICATE") == std::string::npos) return sql::SqlReply{};
    ++dropped;
    return sql::SqlReply{{{{"left_alone"}, {{"1"}}}}, {}};
  };
  for (int i = 0; i < 12; ++i) {
    rig.Reconcile();
    rig.clock.Step(std::chrono::seconds(1));
    rig.Publish();
  }
  EXPECT_GE(dropped, 1);
  EXPECT_LE(dropped, 4) << "held back, longer each time";
  for (const auto& event : rig.events.Events()) {
    EXPECT_NE(event.action + " " + event.reason, "DropCertificate Succeeded");
  }
}

TEST(LinkController, ALongOutageCostsFewReadsOfTheInstance) {
  Rig rig({"sales"});
  ASSERT_TRUE(rig.Settle());
  rig.clock.Step(std::chrono::minutes(3));
  rig.sql.groups.back().replicas.at(1).connected_state = "DISCONNECTED";
  const int before = rig.api.reads;
  for (int i = 0; i < 600; ++i) {
    rig.Publish();
    rig.Reconcile();
    rig.clock.Step(std::chrono::seconds(6));
  }
  constexpr int kReadsOfAll = 6;
  EXPECT_GE(rig.api.reads - before, 3 * kReadsOfAll);
  EXPECT_LE(rig.api.reads - before, 12 * kReadsOfAll) << "in an hour";
}

TEST(LinkController, SendsNothingWhenTheObjectChangedMeanwhile) {
  Rig rig({"sales"});
  // The cache moves on between the decision and the sending.
  int looks = 0;
  rig.directory.on_find = [&] {
    if (++looks % 2 == 1) return;  // the first look of a pass
    nlohmann::json object = rig.objects.Find(LinkType(), rig.key).value();
    object["spec"]["suspend"] = true;
    rig.objects.Put(LinkType(), object);
  };
  for (int i = 0; i < 6; ++i) {
    rig.Reconcile();
    rig.clock.Step(std::chrono::seconds(1));
  }
  EXPECT_GT(looks, 1);
  EXPECT_TRUE(rig.hub.Calls().empty());
  EXPECT_TRUE(rig.api.writes.empty());
}

// A read that began before a statement ended may be published after it.
TEST(LinkController, DoesNotRepeatAStatementThatItsSnapshotDoesNotShowYet) {
  Rig rig({"sales"});
  const auto before = rig.hub.Snapshot({"default", "sql1"});
  bool outdated = true;
  rig.hub.OnRefresh([&](const ObjectKey&,
                        sql::RefreshScope) -> Result<std::shared_ptr<const sql::InstanceSnapshot>> {
    if (outdated) return before;
    rig.sql.read_at = rig.clock.Now();
    return std::make_shared<const sql::InstanceSnapshot>(rig.sql);
  });
  for (int i = 0; i < 20; ++i) {
    rig.clock.Step(std::chrono::milliseconds(100));
    rig.Reconcile();
  }
  std::vector<std::string> sent;
  for (const auto& call : rig.hub.Calls()) sent.push_back(call.text);
  EXPECT_FALSE(sent.empty());
  std::sort(sent.begin(), sent.end());
  EXPECT_EQ(std::adjacent_find(sent.begin(), sent.end()), sent.end());
  outdated = false;
  ASSERT_TRUE(rig.Settle());
  EXPECT_EQ(ReadyReason(rig), "Replicating");
}

TEST(LinkController, UnlinksInTheRightOrder) {
  Rig rig({"sales"}, "Unlink");
  ASSERT_TRUE(rig.Settle());
  rig.hub.ClearCalls();
  rig.on_batch = [&](const std::string& text) -> Result<sql::SqlReply> {
    EXPECT_TRUE(rig.api.links.empty()) << "the link in Azure goes first: " << text;
    return sql::SqlReply{};
  };
  rig.DeleteByUser();
  ASSERT_TRUE(rig.Settle());
  EXPECT_TRUE(rig.Gone());
  const auto sent = rig.Sent();
  ASSERT_GE(sent.size(), 2U);
  EXPECT_EQ(sent[0], "DROP GROUP DAG_sales");
  EXPECT_EQ(sent[1], "DROP GROUP AG_sales");
  EXPECT_TRUE(rig.sql.groups.empty());
  EXPECT_TRUE(rig.api.trust_certificates.empty());
  EXPECT_TRUE(rig.events.Has("Unlinked"));
}

TEST(LinkController, DropsOnlyAfterALiveLookAtTheObject) {
  Rig rig({"sales"}, "Unlink");
  ASSERT_TRUE(rig.Settle());
  rig.DeleteByUser();
  rig.objects.Fail([](const auto& call) { return call.verb == "Get"; },
                   {ErrorKind::kTransient, "ServerUnreachable", "no answer", ""}, 1'000);
  for (int i = 0; i < 10; ++i) {
    rig.Reconcile();
    rig.clock.Step(std::chrono::seconds(2));
    rig.Publish();
  }
  for (const std::string& write : rig.api.writes)
    EXPECT_FALSE(write.starts_with("DELETE")) << write;
}

// Lives until the link replicates or so many minutes are over.
void LiveWithPolls(Rig& rig, std::chrono::minutes time) {
  const MonotonicTime end = rig.clock.Monotonic() + time;
  while (ReadyReason(rig) != "Replicating" && rig.clock.Monotonic() < end) {
    rig.Reconcile();
    rig.clock.Step(std::chrono::seconds(10));
    rig.Publish();
    static_cast<void>(rig.instances.Refresh(InstanceOf(rig.Link()), azure::RefreshScope::kLinks));
  }
}

TEST(LinkController, WhatMayNotBeAskedForIsNamedAndHoldsNothingUpForEver) {
  Rig rig({"sales"});
  rig.api.fail_polls = Error{ErrorKind::kUnauthorized, "AuthorizationFailed", "may not read", ""};
  LiveWithPolls(rig, std::chrono::minutes(5));
  const auto link = rig.Link();
  const auto* trust = api::FindCondition(link.status.conditions, "TrustEstablished");
  ASSERT_NE(trust, nullptr);
  EXPECT_NE(trust->message.find("Microsoft.Sql/locations/*/read: may not read"), std::string::npos)
      << trust->message;
  LiveWithPolls(rig, std::chrono::minutes(40));
  EXPECT_EQ(ReadyReason(rig), "Replicating");
  EXPECT_EQ(rig.api.writes,
            (std::vector<std::string>{"PUT certificate Cert_SQL1_endpoint", "PUT link DAG_sales"}));
}

// A 400 is one of the reading.
TEST(LinkController, APollThatIsRefusedSendsNothingAgain) {
  Rig rig({"sales"});
  rig.api.fail_polls = Error{ErrorKind::kInvalid, "InvalidRequestContent", "no", ""};
  LiveWithPolls(rig, std::chrono::minutes(10));
  EXPECT_EQ(rig.api.writes, std::vector<std::string>{"PUT certificate Cert_SQL1_endpoint"});
  const int reads = rig.api.reads;
  LiveWithPolls(rig, std::chrono::minutes(10));
  EXPECT_LE(rig.api.reads - reads, 60 + 4) << "one list in ten seconds, and few polls";
  rig.api.fail_polls.reset();
  LiveWithPolls(rig, std::chrono::minutes(10));
  EXPECT_EQ(ReadyReason(rig), "Replicating");
}

// Of the certificates this process has a list that is ten minutes old.
TEST(LinkController, ACertificateThatSomebodyReplacedMeanwhileIsLeftAloneAndTold) {
  Rig rig({"sales"}, "Unlink");
  ASSERT_TRUE(rig.Settle());
  ASSERT_EQ(rig.api.trust_certificates.size(), 1U);
  rig.api.trust_certificates.front().thumbprint = "EE";  // another server's, of the same name
  rig.DeleteByUser();
  ASSERT_TRUE(rig.Settle());
  EXPECT_TRUE(rig.Gone());
  EXPECT_EQ(rig.api.trust_certificates.size(), 1U);
  EXPECT_EQ(std::ranges::count(rig.api.writes, "DELETE certificate Cert_SQL1_endpoint"), 0);
  EXPECT_TRUE(std::ranges::any_of(rig.events.Events(), [](const auto& event) {
    return event.reason == reason::kLeftInPlace &&
           event.note.find("another certificate has that name now (thumbprint EE") !=
               std::string::npos;
  }));
}

TEST(LinkController, ACertificateThatSomebodyRemovedIsNotDeletedAgain) {
  Rig rig({"sales"}, "Unlink");
  ASSERT_TRUE(rig.Settle());
  rig.api.trust_certificates.clear();
  rig.DeleteByUser();
  ASSERT_TRUE(rig.Settle());
  EXPECT_TRUE(rig.Gone());
  EXPECT_EQ(std::ranges::count(rig.api.writes, "DELETE certificate Cert_SQL1_endpoint"), 0);
}

TEST(LinkController, ACertificateThatTheServerLeftAloneIsNotToldAsDropped) {
  Rig rig({"sales"}, "Unlink");
  ASSERT_TRUE(rig.Settle());
  rig.on_batch = [](const std::string& text) -> Result<sql::SqlReply> {
    sql::SqlReply reply;
    if (text.find("DROP CERTIFICATE [sqlmi1") != std::string::npos) {
      reply.sets.emplace_back().columns = {"left_alone"};
    }
    return reply;
  };
  rig.DeleteByUser();
  ASSERT_TRUE(rig.Settle());
  const auto told = [&](const char* reason, const std::string& text) {
    return std::ranges::any_of(rig.events.Events(), [&](const auto& event) {
      return event.reason == reason && event.note.find(text) != std::string::npos;
    });
  };
  EXPECT_TRUE(told(reason::kLeftInPlace, "could not drop certificate sqlmi1"));
  EXPECT_FALSE(told(reason::kSucceeded, "drop certificate sqlmi1"));
}

// Reading takes longer than what is dropped may be old.
TEST(LinkController, ASlowManagedInstanceKeepsNothingFromBeingUnlinked) {
  Rig rig({"sales"}, "Unlink");
  ASSERT_TRUE(rig.Settle());
  rig.DeleteByUser();
  rig.api.during_read = [&rig] { rig.clock.Step(std::chrono::seconds(8)); };
  for (int i = 0; i < 60 && !rig.Gone(); ++i) {
    const auto outcome = rig.Reconcile();
    rig.clock.Step(outcome.requeue_after.value_or(std::chrono::seconds(2)));
    rig.Publish();
  }
  EXPECT_TRUE(rig.Gone());
  EXPECT_TRUE(rig.api.links.empty());
}

TEST(LinkController, RetainNeedsNoSystem) {
  Rig rig({"sales"});
  ASSERT_TRUE(rig.Settle());
  rig.hub.FailRefresh({"default", "sql1"}, {ErrorKind::kTransient, "ServerUnreachable", "", ""});
  rig.api.fail_reads = Error{ErrorKind::kTransient, "Unreachable", "", ""};
  rig.DeleteByUser();
  rig.Reconcile();
  EXPECT_TRUE(rig.Gone());
  EXPECT_TRUE(rig.events.Has("LeftInPlace"));
}

// With a test of the network that is in this state; empty: one that is asked for.
nlohmann::json TestedLinkObject(Rig& rig, const std::string& state) {
  nlohmann::json object = rig.objects.Find(LinkType(), rig.key).value();
  object["spec"]["preparation"]["networkTest"] = "Warn";
  object["spec"]["managedInstance"]["sqlCredentialsSecretRef"] = {{"name", "mi-login"}};
  if (state.empty()) {
    object["metadata"]["annotations"][api::kTestNetworkAnnotation] = "1";
  } else {
    object["status"]["networkTest"] = {{"state", state}};
  }
  rig.objects.PutSecret({"default", "mi-login"}, {{"username", "u"}, {"password", "p"}});
  return object;
}

TEST(LinkController, ALinkThatIsDeletedAfterACrashTakesItsJobsAlong) {
  Rig rig({"sales"});
  ASSERT_TRUE(rig.Settle());
  rig.objects.Put(LinkType(), TestedLinkObject(rig, "Running"));
  rig.hub.Remove({"default", "sql1"});  // not read yet by the new process
  rig.hub.OnRefresh(nullptr);
  auto ready = std::make_shared<api::SqlServerReplica>(*rig.directory.replica);
  ready->status.conditions = {{.type = "Ready", .status = api::ConditionStatus::kTrue}};
  rig.directory.replica = ready;
  rig.Restart();
  rig.DeleteByUser();
  rig.Reconcile();
  EXPECT_FALSE(rig.Gone());
  EXPECT_TRUE(rig.hub.LongCalls().empty());

  rig.Publish();
  for (int i = 0; i < 10 && rig.hub.LongCalls().size() < 2; ++i) rig.Reconcile();
  const auto calls = rig.hub.LongCalls();
  ASSERT_EQ(calls.size(), 2U);
  EXPECT_FALSE(rig.Gone());
  for (const auto& call : calls) {
    EXPECT_NE(call.text.find("sp_delete_job"), std::string::npos);
    EXPECT_EQ(call.text.find("sp_add_job"), std::string::npos);
  }
  const ObjectKey instance = calls[1].replica;
  const std::string pair = instance.name.substr(instance.name.find(':') + 1);
  sql::SqlReply done;
  done.sets = {{{"network_job_state"}, {{"Finished"}}}};
  rig.hub.FinishLong({"default", "sql1"}, "network/RemoveFromSqlServer/" + pair, done);
  rig.hub.FinishLong(instance, "network/RemoveFromInstance/" + pair, done);
  rig.Reconcile();
  EXPECT_TRUE(rig.Gone());
  EXPECT_FALSE(rig.hub.Target(instance).has_value());
}

TEST(LinkController, ALinkThatIsGoneLeavesNoLogin) {
  Rig rig({"sales"});
  ASSERT_TRUE(rig.Settle());
  rig.objects.Put(LinkType(), TestedLinkObject(rig, ""));
  for (int i = 0; i < 20 && rig.hub.LongCalls().empty(); ++i) rig.Reconcile();
  ASSERT_EQ(rig.hub.LongCalls().size(), 1U);
  const ObjectKey instance = rig.hub.LongCalls().front().replica;
  const std::string pair = instance.name.substr(instance.name.find(':') + 1);
  rig.objects.Erase(LinkType(), rig.key);
  EXPECT_TRUE(rig.Reconcile().requeue_after.has_value());
  EXPECT_TRUE(rig.hub.Target(instance).has_value());
  rig.hub.FinishLong(instance, "network/Node/" + pair, sql::SqlReply{});
  EXPECT_FALSE(rig.Reconcile().requeue_after.has_value());
  EXPECT_FALSE(rig.hub.Target(instance).has_value());
}

TEST(LinkController, AReplicaInAnotherShardIsFoundThere) {
  Rig rig({"sales"});
  nlohmann::json replica = milink::gen::ReplicaManifest("sql1");
  replica["metadata"]["labels"][api::kShardLabel] = "blue";
  rig.objects.Put({api::kGroup, api::kVersion, api::kReplicaPlural, api::kReplicaKind}, replica);
  rig.directory.replica = nullptr;
  rig.hub.Remove({"default", "sql1"});
  rig.Reconcile();
  rig.Reconcile();
  EXPECT_EQ(ReadyReason(rig), "ReplicaNotInShard");
  EXPECT_TRUE(rig.Sent().empty());
  EXPECT_TRUE(rig.api.writes.empty());
}

// The label is forgotten: the cache never shows it, and nothing wakes the link.
TEST(LinkController, AReplicaCreatedAfterItsLinkInAnotherShardIsFoundThere) {
  Rig rig({"sales"});
  rig.directory.replica = nullptr;
  rig.hub.Remove({"default", "sql1"});
  ASSERT_TRUE(rig.Settle());
  EXPECT_EQ(ReadyReason(rig), "ReplicaNotFound");
  nlohmann::json replica = milink::gen::ReplicaManifest("sql1");
  replica["metadata"]["labels"][api::kShardLabel] = "blue";
  rig.objects.Put({api::kGroup, api::kVersion, api::kReplicaPlural, api::kReplicaKind}, replica);
  const auto outcome = rig.Reconcile();
  EXPECT_EQ(ReadyReason(rig), "ReplicaNotInShard");
  ASSERT_TRUE(outcome.requeue_after.has_value());
  EXPECT_LE(*outcome.requeue_after, std::chrono::seconds(60));
}

TEST(LinkController, AFailedLookForAReplicaIsNotItsAbsence) {
  Rig rig({"sales"});
  rig.directory.replica = nullptr;
  rig.hub.Remove({"default", "sql1"});
  rig.objects.Fail([](const auto& call) { return call.plural == api::kReplicaPlural; },
                   {ErrorKind::kThrottled, "TooManyRequests", "come back later", ""}, 1'000);
  rig.Reconcile();
  rig.Reconcile();
  const auto conditions = rig.Link().status.conditions;
  const api::Condition* replica = api::FindCondition(conditions, "ReplicaReady");
  ASSERT_NE(replica, nullptr);
  EXPECT_EQ(replica->status, api::ConditionStatus::kUnknown);
  EXPECT_EQ(replica->reason, "TooManyRequests");
}

TEST(LinkController, ForgetsAnObjectThatIsGone) {
  Rig rig({"sales"});
  rig.objects.Erase(LinkType(), rig.key);
  const auto outcome = rig.Reconcile();
  EXPECT_TRUE(outcome.status.ok());
  EXPECT_TRUE(rig.objects.Writes().empty());
}

TEST(LinkController, AFailingApiServerIsAFailureOfThePass) {
  Rig rig({"sales"});
  rig.objects.Fail([](const auto& call) { return call.IsWrite(); },
                   {ErrorKind::kTransient, "ServerUnreachable", "no answer", ""}, 1);
  EXPECT_FALSE(rig.Reconcile().status.ok());
}

TEST(LinkController, TakesAPermittedBackupOnAThreadOfItsOwn) {
  Rig rig({"sales"});
  rig.sql.databases.front().log_chain_started = false;
  nlohmann::json object = rig.objects.Find(LinkType(), rig.key).value();
  object["spec"]["preparation"]["initialBackup"] = {{"policy", "IfMissing"}, {"path", "/backup"}};
  rig.objects.Put(LinkType(), object);
  rig.Publish();
  ASSERT_TRUE(rig.Settle());
  ASSERT_EQ(rig.hub.LongCalls().size(), 1U);
  const std::string id = "backup/" + rig.Link().meta.uid + "/sales";
  ASSERT_TRUE(rig.hub.LongRunning({"default", "sql1"}, id));
  EXPECT_EQ(ReadyReason(rig), "BackingUp");
  rig.sql.databases.front().log_chain_started = true;
  rig.hub.FinishLong({"default", "sql1"}, id, sql::SqlReply{});
  ASSERT_TRUE(rig.Settle());
  EXPECT_EQ(ReadyReason(rig), "Replicating");
}

TEST(LinkController, ABackupAsksAfterThePassWhetherItMayStillStart) {
  Rig rig({"sales"});
  rig.sql.databases.front().log_chain_started = false;
  nlohmann::json object = rig.objects.Find(LinkType(), rig.key).value();
  object["spec"]["preparation"]["initialBackup"] = {{"policy", "IfMissing"}, {"path", "/backup"}};
  rig.objects.Put(LinkType(), object);
  rig.Publish();
  for (int i = 0; i < 20 && rig.hub.LongCalls().empty(); ++i) rig.Reconcile();
  ASSERT_EQ(rig.hub.LongCalls().size(), 1U);
  const ObjectKey replica{"default", "sql1"};
  const std::string id = "backup/" + rig.Link().meta.uid + "/sales";
  EXPECT_TRUE(rig.hub.AskGuard(replica, id).ok());
  rig.clock.Step(std::chrono::minutes(5));
  EXPECT_EQ(rig.hub.AskGuard(replica, id).error().reason, "ObjectChanged");
  rig.clock.Step(-std::chrono::minutes(5));
  const TimePoint decided = rig.clock.Now();
  rig.clock.SetNow(decided - std::chrono::hours(1));
  EXPECT_EQ(rig.hub.AskGuard(replica, id).error().reason, "ObjectChanged") << "of unknown age";
  rig.clock.SetNow(decided);
  EXPECT_TRUE(rig.hub.AskGuard(replica, id).ok());
  rig.DeleteByUser();
  EXPECT_EQ(rig.hub.AskGuard(replica, id).error().reason, "ObjectChanged");
}

// The wall clock is set by so many hours.
class LinkClockJump : public testing::TestWithParam<int> {
 protected:
  static void Jump(Rig& rig) { rig.clock.SetNow(rig.clock.Now() + std::chrono::hours(GetParam())); }
  // A read is a little old when it is there.
  static void ReadSlowly(Rig& rig) {
    rig.hub.OnRefresh(
        [&rig](const ObjectKey&,
               sql::RefreshScope) -> Result<std::shared_ptr<const sql::InstanceSnapshot>> {
          rig.sql.read_at = rig.clock.Now();
          rig.clock.Step(std::chrono::milliseconds(1));
          return std::make_shared<const sql::InstanceSnapshot>(rig.sql);
        });
  }
  // Works until the link is ready, with the jump before pass number `jump`. The replica's
  // controller reads SQL Server as always; of the managed instance this link alone reads.
  static void ComeUp(Rig& rig, int jump) {
    const MonotonicTime end = rig.clock.Monotonic() + std::chrono::minutes(10);
    for (int pass = 0; ReadyReason(rig) != "Replicating" && rig.clock.Monotonic() < end; ++pass) {
      if (pass == jump) Jump(rig);
      const auto outcome = rig.Reconcile();
      rig.clock.Step(outcome.requeue_after.value_or(std::chrono::seconds(2)));
      rig.Publish();
    }
  }
};

TEST_P(LinkClockJump, K21WheneverItHappensTheLinkComesUpInTimeAndNothingIsDoneTwice) {
  Rig calm({"sales"});
  ComeUp(calm, -1);
  for (int jump = 0; jump < 30; ++jump) {
    Rig rig({"sales"});
    ReadSlowly(rig);
    ComeUp(rig, jump);
    EXPECT_EQ(ReadyReason(rig), "Replicating") << "jump at pass " << jump;
    EXPECT_EQ(rig.Sent(), calm.Sent()) << "jump at pass " << jump;
    EXPECT_EQ(rig.api.writes, calm.api.writes) << "jump at pass " << jump;
  }
}

TEST_P(LinkClockJump, K21NothingIsTakenAwayBeforeBothSidesAreReadAgain) {
  Rig rig({"sales"}, "Unlink");
  ASSERT_TRUE(rig.Settle());
  ReadSlowly(rig);
  rig.DeleteByUser();
  Jump(rig);
  rig.hub.ClearCalls();
  const std::size_t writes = rig.api.writes.size();
  const int reads = rig.api.reads;
  for (int i = 0; i < 10 && rig.api.writes.size() == writes; ++i) {
    EXPECT_TRUE(rig.hub.Calls().empty());
    rig.Reconcile();
  }
  ASSERT_GT(rig.api.writes.size(), writes);
  EXPECT_EQ(rig.api.writes[writes], "DELETE link DAG_sales");
  EXPECT_FALSE(rig.hub.Refreshes().empty());
  EXPECT_GT(rig.api.reads, reads);
}

INSTANTIATE_TEST_SUITE_P(Hours, LinkClockJump, testing::Values(-1, 1), [](const auto& test) {
  return std::string(test.param < 0 ? "Back" : "Forth");
});

// DNS leads elsewhere for a while: nothing of ours is there, and nothing of ours is gone.
TEST(LinkController, AnotherServerBehindTheAddressTakesNothingApart) {
  Rig rig({"sales"}, "Unlink");
  ASSERT_TRUE(rig.Settle());
  const auto own = rig.sql;
  const auto journal = rig.Link().status.owned_objects;
  const std::size_t asked = rig.api.writes.size();
  const std::size_t sent = rig.Sent().size();
  rig.sql = sql::InstanceSnapshot();
  rig.sql.properties.server_name = "SQL9";
  rig.Publish();
  ASSERT_TRUE(rig.Settle());
  const auto reason_of = [&](const char* type) {
    const auto status = rig.Link().status;
    const auto* condition = api::FindCondition(status.conditions, type);
    return condition == nullptr ? std::string() : condition->reason;
  };
  EXPECT_EQ(reason_of("Ready"), reason::kDifferentInstance);
  EXPECT_NE(reason_of("LinkEstablished"), reason::kLinkLost);

  rig.DeleteByUser();
  ASSERT_TRUE(rig.Settle());
  ASSERT_FALSE(rig.Gone());
  EXPECT_EQ(reason_of("Ready"), reason::kDeletionBlocked);
  EXPECT_EQ(rig.Link().status.owned_objects, journal);
  EXPECT_EQ(rig.api.writes.size(), asked);
  EXPECT_EQ(rig.Sent().size(), sent);

  rig.sql = own;
  rig.Publish();
  ASSERT_TRUE(rig.Settle());
  EXPECT_TRUE(rig.Gone());
  EXPECT_TRUE(rig.sql.groups.empty());
  EXPECT_TRUE(rig.api.links.empty());
}

TEST(LinkController, TellsOnceWhatItWaitsForOfItsReplica) {
  Rig rig({"sales"});
  const auto told = [&](const std::string& reason) {
    int count = 0;
    for (const auto& event : rig.events.Events()) count += event.reason == reason ? 1 : 0;
    return count;
  };
  rig.directory.replica = nullptr;
  for (int i = 0; i < 3; ++i) rig.Reconcile();
  EXPECT_EQ(told("ReplicaNotFound"), 1);
  auto replica = gen::Replica();
  replica.status.conditions.clear();
  rig.directory.replica = std::make_shared<const api::SqlServerReplica>(replica);
  for (int i = 0; i < 3; ++i) rig.Reconcile();
  EXPECT_EQ(told("ReplicaNotFound"), 1);
  EXPECT_EQ(told("ReplicaNotReady"), 1);
  rig.directory.replica = std::make_shared<const api::SqlServerReplica>(gen::Replica());
  ASSERT_TRUE(rig.Settle());
  EXPECT_EQ(told("ReplicaNotReady"), 1);
}

}  // namespace
}  // namespace milink::link
