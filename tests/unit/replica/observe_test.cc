#include "controllers/replica/observe.h"

#include "core/api/error_reasons.h"
#include "tests/unit/replica/controller_fixture.h"

namespace milink::replica {
namespace {

class ReplicaObserveTest : public ReplicaControllerTest {};

TEST_F(ReplicaObserveTest, TheInstanceIsReadOnceAnInterval) {
  Settle();
  hub_.ClearCalls();
  hub_.Publish(kKey, server_);
  const auto reads = hub_.Refreshes().size();
  Reconcile();
  EXPECT_EQ(hub_.Refreshes().size(), reads) << "woken early: what is known is enough";
  clock_.Step(std::chrono::seconds(30));
  Reconcile();
  EXPECT_EQ(hub_.Refreshes().size(), reads + 1);
}

class BusyInstanceTest : public ReplicaObserveTest,
                         public ::testing::WithParamInterface<const char*> {
 protected:
  const Error busy_{ErrorKind::kTransient, GetParam(), "another reads it", ""};
};

// A link reads the instance, too: that its read and ours coincide is no news of the instance.
TEST_P(BusyInstanceTest, WhileAnotherReadsItWhatIsKnownHolds) {
  Settle();
  objects_.ClearCalls();
  const auto events = events_.Events().size();
  clock_.Step(std::chrono::seconds(30));
  unreachable_ = busy_;
  const auto outcome = Reconcile();
  EXPECT_TRUE(outcome.status.ok());
  EXPECT_LE(*outcome.requeue_after, std::chrono::seconds(1)) << "and it is looked at again soon";
  EXPECT_TRUE(objects_.Writes().empty()) << "so that no link is woken";
  EXPECT_EQ(events_.Events().size(), events);
  EXPECT_NE(hub_.Snapshot(kKey), nullptr);
  unreachable_.reset();
  server_.endpoints.clear();
  clock_.Step(std::chrono::seconds(1));
  Settle();
  EXPECT_EQ(server_.endpoints.size(), 1U);
}

TEST_P(BusyInstanceTest, AnInstanceThatWasNeverReadIsNotCalledUnreachable) {
  Reconcile();  // sets the finalizer
  unreachable_ = busy_;
  const auto outcome = Reconcile();
  EXPECT_EQ(*outcome.requeue_after, std::chrono::seconds(1));
  EXPECT_EQ(Condition(kReachable), nullptr);
}

// What was read before a step does not show its effect: the step would be made once more.
TEST_P(BusyInstanceTest, AStepWhoseEffectWasNotReadYetIsNotRepeated) {
  const auto run = [this](const auto& call) {
    unreachable_ = busy_;
    clock_.Step(std::chrono::seconds(1));
    return Serve(call.text);
  };
  hub_.OnRun(run);
  for (int i = 0; i < 10; ++i) {
    Reconcile();
  }
  EXPECT_EQ(hub_.Calls().size(), 1U);
}

TEST_P(BusyInstanceTest, WhatIsRemovedIsNotDecidedByWhatWasKnown) {
  Create({{"deletionPolicy", "RemoveOwned"}});
  Settle();
  hub_.ClearCalls();
  ASSERT_TRUE(objects_.Delete(kType, kKey, "").ok());
  unreachable_ = busy_;
  for (int i = 0; i < 5; ++i) {
    EXPECT_EQ(*Reconcile().requeue_after, std::chrono::seconds(1));
  }
  EXPECT_TRUE(hub_.Calls().empty());
  unreachable_.reset();
  Settle();
  EXPECT_FALSE(objects_.Find(kType, kKey).has_value());
}

INSTANTIATE_TEST_SUITE_P(Reasons, BusyInstanceTest,
                         ::testing::Values(reason::kLaneBusy, reason::kTargetChanged),
                         [](const auto& test) { return std::string(test.param); });

TEST_F(ReplicaObserveTest, ARefusedLoginWaitsAndLooksForANewPassword) {
  unreachable_ = Error{ErrorKind::kUnauthorized, "LoginFailed", "Login failed for user 'sa'", "",
                       std::chrono::minutes(10)};
  const auto outcome = Settle();
  EXPECT_EQ(Condition(kReachable)->reason, "LoginFailed");
  EXPECT_EQ(*outcome.requeue_after, std::chrono::seconds(54)) << "the Secret, not the login";
  objects_.PutSecret({"prod", "sql1-login"}, {{"username", "sa"}, {"password", "p2"}});
  unreachable_.reset();
  clock_.Step(*outcome.requeue_after);
  Settle();
  EXPECT_EQ(hub_.Target(kKey)->password.Reveal(), "p2");
  EXPECT_EQ(Condition(kReady)->status, api::ConditionStatus::kTrue);
}

// Neither suspended, nor being deleted, nor still without anything that could break.
TEST_F(ReplicaObserveTest, ARenewalWaitsForActiveLinksOnly) {
  Settle();
  server_.certificates.front().not_after = clock_.Now() + std::chrono::hours(24 * 50);
  const auto link = [](const char* name) {
    auto made = std::make_shared<api::ManagedInstanceLink>();
    made->meta.key = {"prod", name};
    made->spec.managed_instance.name = "mi";
    made->status.records.emplace_back();
    return made;
  };
  const auto suspended = link("suspended");
  suspended->spec.suspend = true;
  const auto deleting = link("deleting");
  deleting->meta.deletion_time = clock_.Now();
  const auto fresh = link("fresh");
  fresh->status.records.clear();
  const auto active = link("active");
  link_objects_ = {suspended, deleting, fresh, active};
  clock_.Step(std::chrono::seconds(31));
  Settle();
  EXPECT_NE(Condition(kCertificateReady)->message.find("trust it: active (mi); on"),
            std::string::npos)
      << Condition(kCertificateReady)->message;

  active->status.trust.emplace().sql_thumbprints = {Stored().status.certificate->next->thumbprint};
  Settle();
  EXPECT_EQ(Stored().status.certificate->current.name, "Cert_SQL1_endpoint_2");
  EXPECT_EQ(Condition(kReady)->status, api::ConditionStatus::kTrue);
}

}  // namespace
}  // namespace milink::replica
