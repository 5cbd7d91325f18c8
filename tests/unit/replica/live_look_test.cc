#include "controllers/replica/live_look.h"

#include <algorithm>
#include <functional>

#include "tests/unit/replica/controller_fixture.h"

namespace milink::replica {
namespace {

// A replica that is about to drop what it made, with a cache that shows nothing newer.
class LiveLookTest : public ReplicaControllerTest {
 protected:
  void SetUp() override {
    ReplicaControllerTest::SetUp();
    Create({{"deletionPolicy", "RemoveOwned"}});
    Settle();
    ASSERT_TRUE(objects_.Delete(kType, kKey, "").ok());
    // All is reported, so that nothing but the look is between here and the drop.
    objects_.ClearCalls();
    objects_.Fail([](const auto& call) { return call.verb == "Get"; },
                  Error{ErrorKind::kTransient, "Unavailable", "later", ""});
    for (int i = 0; i < 10 && !Looked(); ++i) {
      Reconcile();
    }
    ASSERT_TRUE(Looked());
    objects_.ClearCalls();
    hub_.ClearCalls();
    frozen_ = std::make_shared<const api::SqlServerReplica>(Stored());
  }
  bool Looked() const {
    return std::ranges::any_of(objects_.Calls(),
                               [](const auto& call) { return call.verb == "Get"; });
  }
  bool Dropped() const { return !hub_.Calls().empty(); }
  void Change(const std::function<void(nlohmann::json&)>& change) {
    nlohmann::json object = objects_.Find(kType, kKey).value();
    change(object);
    objects_.Erase(kType, kKey);
    objects_.Put(kType, object);
    for (int i = 0; i < 5; ++i) {
      Reconcile();
    }
    EXPECT_TRUE(Looked());
  }
};

TEST_F(LiveLookTest, TheSameObjectLetsTheDropHappen) {
  Change([](nlohmann::json& /*object*/) {});
  EXPECT_TRUE(Dropped());
}

TEST_F(LiveLookTest, AnotherObjectOfThatNameDropsNothing) {
  Change([](nlohmann::json& object) { object["metadata"]["uid"] = "another"; });
  EXPECT_FALSE(Dropped());
}

TEST_F(LiveLookTest, AnotherGenerationDropsNothing) {
  Change([](nlohmann::json& object) { object["metadata"]["generation"] = 99; });
  EXPECT_FALSE(Dropped());
}

TEST_F(LiveLookTest, AnObjectThatIsNotBeingDeletedDropsNothing) {
  Change([](nlohmann::json& object) { object["metadata"].erase("deletionTimestamp"); });
  EXPECT_FALSE(Dropped());
}

TEST_F(LiveLookTest, WhatWasGivenUpMeanwhileDropsNothing) {
  Change([](nlohmann::json& object) {
    object["metadata"]["annotations"][api::kAbandonAnnotation] = "true";
  });
  EXPECT_FALSE(Dropped());
}

TEST_F(LiveLookTest, AnotherJournalDropsNothing) {
  Change([](nlohmann::json& object) { object["status"].erase("ownedObjects"); });
  EXPECT_FALSE(Dropped());
}

TEST_F(LiveLookTest, WithoutAnAnswerNothingIsDropped) {
  objects_.Fail([](const auto& call) { return call.verb == "Get"; },
                Error{ErrorKind::kTransient, "Unavailable", "later", ""}, 1'000);
  const auto outcome = Reconcile();
  EXPECT_FALSE(outcome.status.ok());
  EXPECT_FALSE(Dropped());
}

TEST(IsDisruptive, WhatAltersOrDropsIs) {
  EXPECT_TRUE(IsDisruptive(Step(DropEndpoint{})));
  EXPECT_TRUE(IsDisruptive(Step(SwitchCertificate{})));
  EXPECT_TRUE(IsDisruptive(Step(AlterEndpoint{})));
  EXPECT_FALSE(IsDisruptive(Step(CreateMasterKey{})));
  EXPECT_FALSE(IsDisruptive(Step(RepairMasterKey{})));
  EXPECT_FALSE(IsDisruptive(Step(EnableTraceFlags{})));
}

}  // namespace
}  // namespace milink::replica
