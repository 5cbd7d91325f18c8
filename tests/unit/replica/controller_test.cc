#include "controllers/replica/controller.h"

#include "tests/unit/replica/controller_fixture.h"

namespace milink::replica {
namespace {

TEST_F(ReplicaControllerTest, AFreshInstanceIsPreparedAndReady) {
  const auto outcome = Settle();
  EXPECT_TRUE(outcome.status.ok());
  EXPECT_EQ(Condition(kReady)->status, api::ConditionStatus::kTrue);
  EXPECT_EQ(stored_.status.identity->server_name, "SQL1");
  ASSERT_EQ(hub_.Calls().size(), 3U);
  EXPECT_NE(hub_.Calls()[0].text.find("CREATE MASTER KEY"), std::string::npos);
  EXPECT_NE(hub_.Calls()[1].text.find("CREATE CERTIFICATE"), std::string::npos);
  EXPECT_NE(hub_.Calls()[2].text.find("CREATE ENDPOINT"), std::string::npos);
  EXPECT_TRUE(events_.Has("CreatedEndpoint"));
  EXPECT_TRUE(events_.Has(kReady));
  for (const auto& entry : stored_.status.owned_objects) {
    EXPECT_EQ(entry.state, api::OwnedState::kCreated) << entry.kind;
  }
  EXPECT_TRUE(stored_.status.endpoint->owned);
  EXPECT_EQ(stored_.meta.finalizers, std::vector<std::string>{api::kReplicaFinalizer});
}

TEST_F(ReplicaControllerTest, TheJournalIsWrittenBeforeTheActItRecords) {
  objects_.Fail([](const auto& call) { return call.verb == "MergeStatus"; },
                Error{ErrorKind::kConflict, "Conflict", "changed", ""}, 1000);
  Settle();
  EXPECT_TRUE(hub_.Calls().empty()) << "no statement without its entry";
}

TEST_F(ReplicaControllerTest, NoSecretReachesStatusOrEvents) {
  Settle();
  std::string seen = objects_.Find(kType, kKey)->dump();
  for (const auto& event : events_.Events()) {
    seen += event.note;
  }
  EXPECT_EQ(seen.find("Dmk-Pa55word!"), std::string::npos);
  EXPECT_EQ(seen.find("\"p1\""), std::string::npos);
}

TEST_F(ReplicaControllerTest, NothingIsWrittenWhenNothingDiffers) {
  Settle();
  objects_.ClearCalls();
  for (int i = 0; i < 10; ++i) {
    clock_.Step(std::chrono::seconds(30));
    EXPECT_TRUE(Reconcile().status.ok());
  }
  EXPECT_TRUE(objects_.Writes().empty());
  EXPECT_EQ(hub_.Calls().size(), 3U);
}

TEST_F(ReplicaControllerTest, AReconcileWaitsUntilTheCacheHasSeenItsWrite) {
  Reconcile();  // sets the finalizer
  objects_.ClearCalls();
  cache_current_ = false;
  const auto outcome = Reconcile();
  EXPECT_TRUE(objects_.Calls().empty());
  EXPECT_LE(*outcome.requeue_after, std::chrono::seconds(1));
  clock_.Step(std::chrono::seconds(6));  // a version that never comes must not hold it for ever
  Reconcile();
  ASSERT_FALSE(objects_.Calls().empty());
  EXPECT_EQ(objects_.Calls().front().verb, "Get") << "and then the cache is not believed";
}

TEST_F(ReplicaControllerTest, AMissingSecretIsAConditionAndAnEvent) {
  Create({{"credentialsSecretRef", {{"name", "absent"}}}});
  Settle();
  EXPECT_EQ(Condition(kReachable)->reason, reason::kSecretNotFound);
  EXPECT_NE(Condition(kStalled), nullptr);
  EXPECT_TRUE(events_.Has(reason::kSecretNotFound));
  EXPECT_TRUE(hub_.Refreshes().empty()) << "no connection without credentials";
}

TEST_F(ReplicaControllerTest, OfTwoResourcesThatComeAtOnceOnlyTheOlderOneBegins) {
  other_ = Stored();
  other_->meta.uid = "older";
  other_->meta.key.name = "a-sql1";
  other_->spec.host = "SQL1.corp.example";
  Settle();
  EXPECT_TRUE(hub_.Calls().empty());
  EXPECT_EQ(Condition(kReady)->reason, reason::kDuplicateInstance);
  EXPECT_TRUE(events_.Has(reason::kDuplicateInstance));
  EXPECT_FALSE(stored_.status.identity.has_value());
}

TEST_F(ReplicaControllerTest, APlanIsPublishedAndDoneOnceItIsApproved) {
  Create({{"mode", "Plan"}});
  EXPECT_TRUE(Settle().status.ok());
  EXPECT_EQ(Condition(kReady)->reason, reason::kApprovalRequired);
  EXPECT_TRUE(hub_.Calls().empty());
  EXPECT_EQ(
      std::ranges::count(events_.Events(), reason::kPlanPublished, &fakes::RecordedEvent::reason),
      1);
  const kube::ResourceType config_maps{"", "v1", "configmaps", "ConfigMap"};
  const auto published = objects_.Find(config_maps, {"prod", "sql1-plan"});
  ASSERT_TRUE(published);
  const std::string script = published->at("data").at("script.sql");
  const std::string hash = Stored().status.plan->hash;
  EXPECT_NE(script.find(hash), std::string::npos);
  EXPECT_EQ(script.find("Dmk-Pa55word!"), std::string::npos);

  objects_.ClearCalls();
  EXPECT_TRUE(Settle().status.ok());
  EXPECT_TRUE(objects_.Writes().empty());

  nlohmann::json object = *objects_.Find(kType, kKey);
  object["metadata"]["annotations"] = {{api::kApprovePlanAnnotation, hash}};
  objects_.Put(kType, object);
  EXPECT_TRUE(Settle().status.ok());
  EXPECT_EQ(Condition(kReady)->status, api::ConditionStatus::kTrue);
  EXPECT_EQ(hub_.Calls().size(), 3U);
  EXPECT_TRUE(events_.Has(reason::kPlanApproved));
  EXPECT_FALSE(stored_.status.plan);
  EXPECT_TRUE(stored_.status.approval->steps.empty());

  // Undone by somebody else: the same approval does not count again.
  server_.endpoints.clear();
  clock_.Step(std::chrono::minutes(1));
  EXPECT_TRUE(Settle().status.ok());
  EXPECT_EQ(Condition(kReady)->reason, reason::kApprovalRequired);
  EXPECT_EQ(hub_.Calls().size(), 3U);
}

TEST_F(ReplicaControllerTest, AFailedStepIsHeldBackAndTriedAgainLater) {
  answer_ = Error{ErrorKind::kInvalid, "PasswordTooWeak", "choose a stronger password", "15118"};
  Settle();
  ASSERT_EQ(hub_.Calls().size(), 1U);
  EXPECT_EQ(Condition(kReady)->reason, "PasswordTooWeak");
  EXPECT_TRUE(events_.Has("PasswordTooWeak"));
  Reconcile();
  EXPECT_EQ(hub_.Calls().size(), 1U) << "not before its time";
  answer_.reset();
  clock_.Step(std::chrono::minutes(1));
  Settle();
  EXPECT_EQ(Condition(kReady)->status, api::ConditionStatus::kTrue);
}

TEST_F(ReplicaControllerTest, AMasterKeyThatTheServerCannotOpenIsRepaired) {
  server_.master_key = {true, false};
  Settle();
  EXPECT_EQ(Condition(kReady)->status, api::ConditionStatus::kTrue);
  EXPECT_TRUE(events_.Has("RepairedMasterKey"));
  EXPECT_EQ(stored_.status.owned_objects.size(), 2U) << "the key stays somebody else's";
}

TEST_F(ReplicaControllerTest, AWrongMasterKeyPasswordIsToldAndNoticedOnceItIsCorrected) {
  server_.master_key = {true, false};
  objects_.PutSecret({"prod", "sql1-dmk"}, {{"password", "canary-wrong-key"}});
  Settle();
  EXPECT_EQ(Condition(kMasterKeyReady)->reason, "MasterKeyPasswordWrong");
  EXPECT_EQ(Condition(kReady)->reason, "MasterKeyPasswordWrong");
  EXPECT_NE(Condition(kStalled), nullptr);
  EXPECT_NE(Condition(kReady)->message.find("Secret sql1-dmk"), std::string::npos);
  std::string seen = objects_.Find(kType, kKey)->dump();
  std::vector<std::string> reasons;
  for (const auto& event : events_.Events()) {
    seen += event.note;
    reasons.push_back(event.reason);
  }
  EXPECT_EQ(seen.find("canary-wrong-key"), std::string::npos);
  EXPECT_EQ(std::ranges::count(reasons, "MasterKeyPasswordWrong"), 1) << "told once";

  objects_.PutSecret({"prod", "sql1-dmk"}, {{"password", "Dmk-Pa55word!"}});
  clock_.Step(std::chrono::minutes(1));
  Settle();
  EXPECT_EQ(Condition(kReady)->status, api::ConditionStatus::kTrue);
}

TEST_F(ReplicaControllerTest, TraceFlagsAreSwitchedOnAgainAfterARestart) {
  Create({{"traceFlags", "Enable"}});
  server_.properties.trace_flags = {};
  Settle();
  EXPECT_EQ(Condition(kReady)->status, api::ConditionStatus::kTrue);
  ASSERT_EQ(hub_.Calls().size(), 4U);
  EXPECT_NE(hub_.Calls()[3].text.find("TRACEON"), std::string::npos)
      << "what matters more is first";
  EXPECT_TRUE(events_.Has("EnabledTraceFlags"));
  EXPECT_EQ(stored_.status.trace_flags, (std::vector{1800, 9567}));
  EXPECT_EQ(stored_.status.owned_objects.size(), 3U) << "flags are nobody's";

  server_.properties.trace_flags = {};
  clock_.Step(std::chrono::seconds(30));
  Settle();
  EXPECT_EQ(hub_.Calls().size(), 5U);
  EXPECT_EQ(Condition(kReady)->status, api::ConditionStatus::kTrue);
}

TEST_F(ReplicaControllerTest, TraceFlagsAreLeftAloneUnlessTheSpecSaysSo) {
  for (const char* mode : {"Warn", "Require", "Ignore"}) {
    Create({{"traceFlags", mode}});
    server_.properties.trace_flags = {};
    Settle();
    EXPECT_TRUE(server_.properties.trace_flags.empty()) << mode;
    EXPECT_FALSE(events_.Has("EnabledTraceFlags")) << mode;
  }
}

TEST_F(ReplicaControllerTest, ACreateWhoseAnswerWasLostIsNotOwned) {
  hub_.OnRun([this](const auto& call) -> Result<sql::SqlReply> {
    (void)Serve(call.text);
    return Error{ErrorKind::kTransient, "OutcomeUnknown", "connection lost", ""};
  });
  Settle();
  EXPECT_EQ(server_.master_key.exists, true);
  EXPECT_EQ(Stored().status.owned_objects.at(0).state, api::OwnedState::kPending);
  for (int i = 0; i < 5; ++i) {
    clock_.Step(std::chrono::minutes(10));
    Settle();
  }
  EXPECT_EQ(hub_.Calls().size(), 3U) << "each statement once: the object was seen afterwards";
  EXPECT_EQ(Condition(kReady)->status, api::ConditionStatus::kTrue);
}

TEST_F(ReplicaControllerTest, ADeletedReplicaLeavesTheInstanceAlone) {
  Settle();
  hub_.ClearCalls();
  ASSERT_TRUE(objects_.Delete(kType, kKey, "").ok());
  unreachable_ = Error{ErrorKind::kTransient, "ServerUnreachable", "down", ""};
  Settle();
  EXPECT_FALSE(objects_.Find(kType, kKey).has_value());
  EXPECT_TRUE(hub_.Calls().empty());
  EXPECT_TRUE(hub_.Refreshes().empty()) << "needs no reachable system";
  EXPECT_TRUE(events_.Has("Released"));
  EXPECT_FALSE(hub_.Target(kKey).has_value());
}

TEST_F(ReplicaControllerTest, ADeletedReplicaRemovesWhatItMade) {
  Create({{"deletionPolicy", "RemoveOwned"}});
  Settle();
  ASSERT_EQ(server_.endpoints.size(), 1U);
  hub_.ClearCalls();
  ASSERT_TRUE(objects_.Delete(kType, kKey, "").ok());
  Settle();
  EXPECT_FALSE(objects_.Find(kType, kKey).has_value());
  EXPECT_TRUE(server_.endpoints.empty());
  EXPECT_TRUE(server_.certificates.empty());
  EXPECT_TRUE(server_.master_key.exists);
  EXPECT_EQ(hub_.Calls().size(), 2U) << "each statement once";
  EXPECT_TRUE(events_.Has("DroppedEndpoint"));
  EXPECT_TRUE(events_.Has("DroppedCertificate"));
}

TEST_F(ReplicaControllerTest, ARemovalWaitsForTheInstanceUntilItIsGivenUp) {
  Create({{"deletionPolicy", "RemoveOwned"}});
  Settle();
  unreachable_ = Error{ErrorKind::kTransient, "ServerUnreachable", "down", ""};
  ASSERT_TRUE(objects_.Delete(kType, kKey, "").ok());
  Settle();
  EXPECT_EQ(Condition(kReady)->reason, "DeletionBlocked");
  EXPECT_TRUE(events_.Has("DeletionBlocked"));
  auto object = *objects_.Find(kType, kKey);
  object["metadata"]["annotations"][api::kAbandonAnnotation] = "true";
  objects_.Put(kType, object);
  Settle();
  EXPECT_FALSE(objects_.Find(kType, kKey).has_value());
  EXPECT_EQ(server_.endpoints.size(), 1U);
}

TEST_F(ReplicaControllerTest, ARemovalWaitsUntilTheAddressLeadsBack) {
  Create({{"deletionPolicy", "RemoveOwned"}});
  Settle();
  const auto own = server_;
  server_ = testing::FreshInstance();
  server_.properties.server_name = "SQL9";
  hub_.ClearCalls();
  ASSERT_TRUE(objects_.Delete(kType, kKey, "").ok());
  for (int pass = 0; pass < 2; ++pass) {
    Settle();
    ASSERT_TRUE(objects_.Find(kType, kKey).has_value()) << "pass " << pass;
    EXPECT_EQ(Condition(kReady)->reason, reason::kDeletionBlocked);
    EXPECT_EQ(stored_.status.owned_objects.size(), 3U);
  }
  EXPECT_TRUE(hub_.Calls().empty());

  server_ = own;
  Settle();
  EXPECT_FALSE(objects_.Find(kType, kKey).has_value());
  EXPECT_TRUE(server_.endpoints.empty());
  EXPECT_TRUE(server_.certificates.empty());
}

TEST_F(ReplicaControllerTest, ACertificateIsStillOursOnceTheAddressLeadsBack) {
  Settle();
  const auto own = server_;
  server_ = testing::FreshInstance();
  server_.properties.server_name = "SQL9";
  clock_.Step(std::chrono::seconds(31));
  Settle();
  EXPECT_EQ(Condition(kReady)->reason, reason::kDifferentInstance);
  server_ = own;
  clock_.Step(std::chrono::seconds(31));
  Settle();
  EXPECT_EQ(Condition(kReady)->status, api::ConditionStatus::kTrue);
  EXPECT_TRUE(stored_.status.certificate->owned);
}

TEST_F(ReplicaControllerTest, ADeletedReplicaWaitsForItsLinks) {
  Settle();
  links_ = 1;
  ASSERT_TRUE(objects_.Delete(kType, kKey, "").ok());
  Settle();
  EXPECT_TRUE(objects_.Find(kType, kKey).has_value());
  EXPECT_EQ(Condition(kReady)->reason, reason::kStillInUse);
  links_ = 0;
  Settle();
  EXPECT_FALSE(objects_.Find(kType, kKey).has_value());
}

// Unknown is not absent.
TEST_F(ReplicaControllerTest, ADeletedReplicaWaitsForALinkThatCannotBeRead) {
  Create({{"deletionPolicy", "RemoveOwned"}});
  Settle();
  undecodable_links_ = {{"prod", "shop"}};
  ASSERT_TRUE(objects_.Delete(kType, kKey, "").ok());
  const auto outcome = Settle();
  EXPECT_TRUE(outcome.requeue_after.has_value());
  ASSERT_TRUE(objects_.Find(kType, kKey).has_value());
  EXPECT_EQ(server_.endpoints.size(), 1U);
  EXPECT_EQ(Condition(kReady)->reason, reason::kUndecodable);
  EXPECT_NE(Condition(kReady)->message.find("ManagedInstanceLink shop"), std::string::npos);
  undecodable_links_.clear();
  Settle();
  EXPECT_FALSE(objects_.Find(kType, kKey).has_value());
}

TEST_F(ReplicaControllerTest, AnnotatedItIsLetGoAllTheSame) {
  Create({{"deletionPolicy", "RemoveOwned"}});
  Settle();
  undecodable_links_ = {{"prod", "shop"}};
  ASSERT_TRUE(objects_.Delete(kType, kKey, "").ok());
  auto object = *objects_.Find(kType, kKey);
  object["metadata"]["annotations"][api::kAbandonAnnotation] = "true";
  objects_.Put(kType, object);
  Settle();
  EXPECT_FALSE(objects_.Find(kType, kKey).has_value());
  EXPECT_EQ(server_.endpoints.size(), 1U);
}

TEST_F(ReplicaControllerTest, AnObjectThatIsGoneIsForgotten) {
  Settle();
  objects_.Erase(kType, kKey);
  EXPECT_TRUE(Reconcile().status.ok());
  EXPECT_FALSE(hub_.Target(kKey).has_value());
}

}  // namespace
}  // namespace milink::replica
