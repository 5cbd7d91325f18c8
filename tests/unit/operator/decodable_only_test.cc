#include "operator/decodable_only.h"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "core/api/codec.h"
#include "core/api/reasons.h"
#include "core/base/time_format.h"
#include "operator/objects.h"
#include "tests/fakes/fake_clock.h"
#include "tests/fakes/fake_object_client.h"
#include "tests/gen/manifests.h"

namespace milink::app {
namespace {

const ObjectKey kUnread{"default", "shop"};

class Counting final : public runtime::Reconciler {
 public:
  runtime::Outcome Reconcile(const ObjectKey& /*key*/,
                             const runtime::ReconcileContext& /*context*/) override {
    ++calls;
    return runtime::Outcome::Success();
  }
  int calls = 0;
};

class DecodableOnlyTest : public ::testing::Test {
 protected:
  DecodableOnlyTest() {
    objects_.Put(kLinks, gen::LinkManifest("shop", {"sales"}));
    const auto meta = ParseObjectMeta(*objects_.Find(kLinks, kUnread));
    const auto applied = objects_.ApplyStatus(
        kLinks, *meta, api::kStatusManager,
        {{"phase", "Replicating"}, {"conditions", nlohmann::json::array({Condition("True")})}});
    EXPECT_TRUE(applied.ok());
    objects_.ClearCalls();
  }
  static nlohmann::json Condition(const std::string& status) {
    return {{"type", "Ready"},         {"status", status},
            {"reason", "Whatever"},    {"message", "m"},
            {"observedGeneration", 1}, {"lastTransitionTime", "2026-01-01T00:00:00Z"}};
  }
  runtime::Outcome Reconcile() { return gate_.Reconcile(kUnread, {}); }
  nlohmann::json Ready() {
    return objects_.Find(kLinks, kUnread)->at("status").at("conditions").at(0);
  }

  fakes::FakeClock clock_;
  fakes::FakeObjectClient objects_;
  fakes::FakeEventRecorder events_;
  Counting controller_;
  std::optional<Error> why_ =
      Error{ErrorKind::kInvalid, "InvalidObject", "spec.deletionPolicy: Explode is unknown", ""};
  DecodableOnly gate_{controller_, kLinks,  [this](const ObjectKey&) { return why_; },
                      objects_,    events_, clock_};
};

TEST_F(DecodableOnlyTest, WhatCanBeReadGoesToTheController) {
  why_.reset();
  EXPECT_TRUE(Reconcile().status.ok());
  EXPECT_EQ(controller_.calls, 1);
  EXPECT_TRUE(objects_.Calls().empty());
}

TEST_F(DecodableOnlyTest, WhatCannotBeReadIsToldAndNotWorkedOn) {
  EXPECT_TRUE(Reconcile().status.ok());
  EXPECT_EQ(controller_.calls, 0);
  EXPECT_EQ(Ready().at("status"), "False");
  EXPECT_EQ(Ready().at("reason"), api::reason::kUndecodable);
  EXPECT_NE(Ready().at("message").get<std::string>().find("Explode"), std::string::npos);
  EXPECT_EQ(Ready().at("observedGeneration"), 1);
  EXPECT_EQ(Ready().at("lastTransitionTime"), FormatRfc3339(clock_.Now()));
  EXPECT_EQ(objects_.Find(kLinks, kUnread)->at("status").at("phase"), "Replicating");
  ASSERT_EQ(events_.Events().size(), 1U);
  EXPECT_EQ(events_.Events()[0].about.key, kUnread);
  EXPECT_EQ(events_.Events()[0].about.kind, api::kLinkKind);
}

TEST_F(DecodableOnlyTest, ItIsToldOnceForEachVersionOfTheObject) {
  for (int i = 0; i < 5; ++i) {
    EXPECT_GE(*Reconcile().requeue_after, std::chrono::minutes(1));
    clock_.Step(std::chrono::minutes(5));
  }
  EXPECT_EQ(objects_.Writes().size(), 1U);
  EXPECT_EQ(events_.Events().size(), 1U);
  const auto since = Ready().at("lastTransitionTime");
  auto object = *objects_.Find(kLinks, kUnread);
  object["spec"]["deletionPolicy"] = "Retain";
  objects_.Put(kLinks, object);
  Reconcile();
  EXPECT_EQ(objects_.Writes().size(), 2U);
  EXPECT_EQ(Ready().at("observedGeneration"), 2);
  EXPECT_EQ(Ready().at("lastTransitionTime"), since) << "it was False before";
}

TEST_F(DecodableOnlyTest, WhoCanReadItAgainTakesTheConditionBack) {
  Reconcile();
  const auto meta = ParseObjectMeta(*objects_.Find(kLinks, kUnread));
  ASSERT_TRUE(objects_
                  .ApplyStatus(kLinks, *meta, api::kStatusManager,
                               {{"conditions", nlohmann::json::array({Condition("True")})}})
                  .ok());
  EXPECT_EQ(Ready().at("status"), "True");
}

TEST_F(DecodableOnlyTest, AnObjectWithoutStatusIsTold) {
  auto object = *objects_.Find(kLinks, kUnread);
  objects_.Erase(kLinks, kUnread);
  object.erase("status");
  objects_.Put(kLinks, object);
  EXPECT_TRUE(Reconcile().status.ok());
  EXPECT_EQ(Ready().at("reason"), api::reason::kUndecodable);
}

TEST_F(DecodableOnlyTest, OneThatIsGoneIsNoFailureAndARefusalIs) {
  objects_.Fail([](const auto& call) { return call.verb == "ApplyStatus"; },
                {ErrorKind::kConflict, "Conflict", "changed", ""});
  EXPECT_FALSE(Reconcile().status.ok());
  EXPECT_TRUE(events_.Events().empty());
  objects_.Erase(kLinks, kUnread);
  EXPECT_TRUE(Reconcile().status.ok());
}

}  // namespace
}  // namespace milink::app
