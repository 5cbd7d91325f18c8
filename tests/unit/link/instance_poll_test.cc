#include "controllers/link/instance_poll.h"

#include <gtest/gtest.h>

#include "core/api/codec.h"
#include "tests/fakes/fake_clock.h"
#include "tests/fakes/fake_managed_instance_api.h"
#include "tests/gen/manifests.h"

namespace milink::link {
namespace {

class Poll : public testing::Test {
 protected:
  Poll()
      : links_("ManagedInstanceLink", api::DecodeLink, Logger()),
        replicas_("SqlServerReplica", api::DecodeReplica, Logger()),
        directory_(links_, replicas_),
        poll_(cache_, directory_, clock_, {}) {
    links_.parts().front().second->Upsert(Manifest());
    instance_ = InstanceOf(*directory_.FindLink({"default", "a"}));
  }

  static nlohmann::json Manifest() {
    return milink::gen::AsStored(milink::gen::LinkManifest("a", {"sales"}));
  }
  runtime::Outcome Run() { return poll_.Reconcile(PollKey(instance_), {}); }
  int ReadsOf(Duration later) {
    clock_.Step(later);
    const int before = api_.reads;
    Run();
    return api_.reads - before;
  }

  fakes::FakeClock clock_;
  fakes::FakeManagedInstanceApi api_;
  azure::InstanceCache cache_{api_, clock_};
  kube::InformerSet<api::ManagedInstanceLink> links_;
  kube::InformerSet<api::SqlServerReplica> replicas_;
  CachedLinkDirectory directory_;
  InstancePoll poll_;
  azure::ManagedInstanceRef instance_;
};

TEST_F(Poll, TheKeyKeepsTheInstanceAndTheIdentity) {
  EXPECT_EQ(InstanceOfKey(PollKey(instance_)), instance_);
  instance_.cloud = "AzureChina";
  instance_.identity = {azure::IdentityKind::kClientSecret, "c", "t", "ns", "login"};
  EXPECT_EQ(InstanceOfKey(PollKey(instance_)), instance_);
  instance_.identity = {.kind = azure::IdentityKind::kManagedIdentity};
  EXPECT_EQ(InstanceOfKey(PollKey(instance_)), instance_);
}

TEST_F(Poll, AnIdentityThatNoLinkUsesAnyMoreIsForgotten) {
  Run();
  nlohmann::json changed = Manifest();
  changed["metadata"]["resourceVersion"] = "2";
  changed["spec"]["managedInstance"]["credentials"] = {{"type", "ManagedIdentity"}};
  links_.parts().front().second->Upsert(changed);
  EXPECT_FALSE(Run().requeue_after.has_value());
  EXPECT_EQ(cache_.Snapshot(instance_), nullptr);
  instance_ = InstanceOf(*directory_.FindLink({"default", "a"}));
  EXPECT_TRUE(Run().requeue_after.has_value());
  EXPECT_NE(cache_.Snapshot(instance_), nullptr);
}

TEST_F(Poll, NothingIsReadForLinksThatMayNotHaveTheOperatorsIdentity) {
  InstancePoll limited(cache_, directory_, clock_, {},
                       azure::IdentityLimits(std::vector<azure::IdentityRule>{{"other", ""}}));
  EXPECT_FALSE(limited.Reconcile(PollKey(instance_), {}).requeue_after.has_value());
  EXPECT_EQ(api_.reads, 0);
}

TEST_F(Poll, ReadsEverythingFirstAndOneListPerIntervalThen) {
  EXPECT_EQ(ReadsOf(Duration(0)), 6);
  EXPECT_EQ(ReadsOf(std::chrono::seconds(30)), 1);
  EXPECT_EQ(ReadsOf(std::chrono::seconds(30)), 1);
}

TEST_F(Poll, ReadsEverythingEveryTenMinutes) {
  EXPECT_EQ(ReadsOf(Duration(0)), 6);
  EXPECT_EQ(ReadsOf(std::chrono::minutes(10)), 6);
}

TEST_F(Poll, LooksForARightThatIsMissingAtEveryInterval) {
  const Error no_right{ErrorKind::kUnauthorized, "AuthorizationFailed", "no right", ""};
  api_.refused = {{azure::InstancePart::kTrustCertificates, no_right}};
  EXPECT_EQ(ReadsOf(Duration(0)), 6);
  EXPECT_EQ(ReadsOf(std::chrono::seconds(30)), 6);
  api_.refused.clear();
  EXPECT_EQ(ReadsOf(std::chrono::seconds(30)), 6);
  EXPECT_EQ(ReadsOf(std::chrono::seconds(30)), 1);
}

TEST_F(Poll, DoesNotLookForTheRightToListRightsAllTheTime) {
  const Error no_right{ErrorKind::kUnauthorized, "AuthorizationFailed", "no right", ""};
  api_.refused = {{azure::InstancePart::kPermissions, no_right}};
  EXPECT_EQ(ReadsOf(Duration(0)), 6);
  EXPECT_EQ(ReadsOf(std::chrono::seconds(30)), 1);
}

TEST_F(Poll, DoesNotReadAgainWhatALinkHasJustRead) {
  EXPECT_EQ(ReadsOf(Duration(0)), 6);
  EXPECT_EQ(ReadsOf(std::chrono::seconds(10)), 0);
}

TEST_F(Poll, K21ReadsEverythingWhenTheClockHasJumpedAndGoesOnFromThere) {
  EXPECT_EQ(ReadsOf(Duration(0)), 6);
  for (const auto jump : {-std::chrono::hours(1), std::chrono::hours(1)}) {
    clock_.SetNow(clock_.Now() + jump);
    EXPECT_EQ(ReadsOf(Duration(0)), 6);
    EXPECT_EQ(ReadsOf(std::chrono::seconds(10)), 0);
    EXPECT_EQ(ReadsOf(std::chrono::seconds(20)), 1);
  }
}

TEST_F(Poll, ForgetsAnInstanceWithoutLinks) {
  Run();
  links_.parts().front().second->Remove(Manifest());
  const auto outcome = Run();
  EXPECT_FALSE(outcome.requeue_after.has_value());
  EXPECT_EQ(cache_.Snapshot(instance_), nullptr);
}

TEST_F(Poll, AnUnreachableInstanceIsTriedAgainAfterTheInterval) {
  api_.fail_reads = Error{ErrorKind::kTransient, "Unreachable", "no route", ""};
  const auto outcome = Run();
  EXPECT_TRUE(outcome.status.ok());
  EXPECT_EQ(outcome.requeue_after, Duration(std::chrono::seconds(30)));
}

TEST_F(Poll, ThrottlingIsObeyed) {
  Error error{ErrorKind::kThrottled, "TooManyRequests", "", ""};
  error.retry_after = std::chrono::minutes(2);
  api_.fail_reads = error;
  EXPECT_EQ(Run().requeue_after, Duration(std::chrono::minutes(2)));
}

}  // namespace
}  // namespace milink::link
