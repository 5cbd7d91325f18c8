// What the API server may do to writes: conflicts, lost answers, objects that are replaced, and
// namespaces that end. The ids are those of the project's list of faults.
#include <algorithm>
#include <functional>
#include <string>

#include <gtest/gtest.h>

#include "controllers/link/act.h"
#include "core/api/condition.h"
#include "tests/unit/link/rig.h"

namespace milink::link {
namespace {

using gen::Rig;

const Error kConflict{ErrorKind::kConflict, "Conflict", "the object has been modified", ""};
const Error kLost{ErrorKind::kTransient, "OutcomeUnknown", "the answer was lost", ""};

auto Verb(const std::string& verb) {
  return [verb](const fakes::ObjectCall& call) { return call.verb == verb; };
}

bool Ready(const Rig& rig) {
  const auto link = rig.Link();
  const auto* ready = api::FindCondition(link.status.conditions, "Ready");
  return ready != nullptr && ready->status == api::ConditionStatus::kTrue;
}

// Works as the program does, for so long.
void Live(Rig& rig, Duration time) {
  struct Forward final : runtime::Reconciler {
    explicit Forward(Rig& target) : rig_(target) {}
    runtime::Outcome Reconcile(const ObjectKey&, const runtime::ReconcileContext&) override {
      return rig_.Reconcile();
    }
    Rig& rig_;
  };
  Forward forward(rig);
  runtime::WorkQueue queue(rig.clock, *rig.random);
  runtime::Controller workers({.name = "l", .kind = "L"}, queue, forward, Logger(), {}, rig.clock,
                              *rig.random);
  const MonotonicTime end = rig.clock.Monotonic() + time;
  queue.Add(rig.key);
  for (;;) {
    while (workers.RunOne()) {
    }
    const auto next = queue.NextReady();
    if (!next || *next > end) break;
    rig.clock.Step(std::chrono::ceil<Duration>(*next - rig.clock.Monotonic()));
  }
}

class LinkFaultTest : public ::testing::TestWithParam<const char*> {};

TEST_P(LinkFaultTest, K15AStormOfConflictsIsRiddenOutSlowly) {
  Rig rig({"sales"});
  rig.objects.Fail(Verb(GetParam()), kConflict, 1'000'000);
  Live(rig, std::chrono::minutes(1));
  const auto tried = std::ranges::count_if(rig.objects.Calls(), Verb(GetParam()));
  EXPECT_GE(tried, 5);
  EXPECT_LE(tried, 20) << "with growing delays";
  EXPECT_TRUE(rig.hub.Calls().empty());
  EXPECT_TRUE(rig.api.writes.empty());
}

TEST_P(LinkFaultTest, K15AfterTheStormAllIsDone) {
  Rig rig({"sales"});
  rig.objects.Fail(Verb(GetParam()), kConflict, 6);
  ASSERT_TRUE(rig.Settle());
  EXPECT_TRUE(Ready(rig));
}

TEST_P(LinkFaultTest, K16AWriteWhoseAnswerWasLostIsNotDoneTwice) {
  Rig calm({"sales"});
  ASSERT_TRUE(calm.Settle());
  Rig rig({"sales"});
  rig.objects.Fail(Verb(GetParam()), kLost, 3, fakes::FakeObjectClient::When::kAfter);
  ASSERT_TRUE(rig.Settle());
  EXPECT_TRUE(Ready(rig));
  EXPECT_EQ(rig.Sent(), calm.Sent());
  EXPECT_EQ(rig.api.writes, calm.api.writes);
}

// The object is deleted and made again between the look at the cache and the write.
TEST_P(LinkFaultTest, K17NothingIsWrittenToAnotherObjectOfTheSameName) {
  Rig rig({"sales"});
  rig.objects.Fail(Verb(GetParam()), kLost, 1);
  for (int i = 0; i < 50 && std::ranges::none_of(rig.objects.Calls(), Verb(GetParam())); ++i) {
    rig.Reconcile();
  }
  rig.directory.Freeze(rig.key);
  nlohmann::json object = rig.objects.Find(LinkType(), rig.key).value();
  rig.objects.Erase(LinkType(), rig.key);
  object["metadata"] = {{"name", rig.key.name}, {"namespace", rig.key.namespace_name}};
  object.erase("status");
  const auto replaced = rig.objects.Put(LinkType(), object);
  rig.hub.ClearCalls();
  rig.api.writes.clear();
  for (int i = 0; i < 5; ++i) rig.Reconcile();
  EXPECT_EQ(rig.objects.Find(LinkType(), rig.key), replaced);
  EXPECT_TRUE(rig.hub.Calls().empty());
  EXPECT_TRUE(rig.api.writes.empty());
}

INSTANTIATE_TEST_SUITE_P(Writes, LinkFaultTest,
                         ::testing::Values("SetFinalizers", "MergeStatus", "ApplyStatus"),
                         [](const auto& test) { return std::string(test.param); });

// A namespace that ends takes the replica and its Secret away as well.
TEST(LinkFault, K18AnEndingNamespaceIsNotHeldUp) {
  Rig rig({"sales"});
  ASSERT_TRUE(rig.Settle());
  rig.directory.replica = nullptr;
  rig.hub.FailRefresh({"default", "sql1"}, {ErrorKind::kTransient, "ServerUnreachable", "", ""});
  rig.DeleteByUser();
  rig.objects.ClearCalls();
  Live(rig, std::chrono::seconds(10));
  EXPECT_TRUE(rig.Gone());
  EXPECT_LE(rig.objects.Calls().size(), 2U);
}

TEST(LinkFault, K18AnUnlinkThatCannotGoOnWaitsWithoutAHotLoop) {
  Rig rig({"sales"}, "Unlink");
  ASSERT_TRUE(rig.Settle());
  rig.directory.replica = nullptr;
  rig.hub.FailRefresh({"default", "sql1"}, {ErrorKind::kTransient, "ServerUnreachable", "", ""});
  rig.api.fail_reads = Error{ErrorKind::kTransient, "Unreachable", "", ""};
  rig.DeleteByUser();
  rig.objects.ClearCalls();
  Live(rig, std::chrono::minutes(10));
  EXPECT_FALSE(rig.Gone());
  EXPECT_LE(rig.objects.Calls().size(), 60U);
  EXPECT_LE(rig.objects.Writes().size(), 3U);
}

// What cannot be undone rests on the object as the API server has it, journal included.
class LinkLiveLookTest : public ::testing::Test {
 protected:
  // An unlink that is about to drop, with a cache that shows nothing newer from then on.
  LinkLiveLookTest() {
    EXPECT_TRUE(rig_.Settle());
    rig_.DeleteByUser();
    rig_.objects.ClearCalls();
    rig_.objects.Fail(Verb("Get"), kLost, 1);
    for (int i = 0; i < 20 && !Looked(); ++i) Work();
    EXPECT_TRUE(Looked());
    rig_.directory.Freeze(rig_.key);
    rig_.objects.ClearCalls();
    rig_.api.writes.clear();
    rig_.hub.ClearCalls();
  }
  bool Looked() const { return std::ranges::any_of(rig_.objects.Calls(), Verb("Get")); }
  bool Touched() const { return !rig_.api.writes.empty() || !rig_.hub.Calls().empty(); }
  void Work() {
    rig_.Reconcile();
    rig_.Publish();
    rig_.clock.Step(std::chrono::milliseconds(300));
  }
  // Changes the object behind the cache and lets the operator work.
  void ExpectNothingDropped(const std::function<void(nlohmann::json&)>& change) {
    nlohmann::json object = rig_.objects.Find(LinkType(), rig_.key).value();
    change(object);
    rig_.objects.Erase(LinkType(), rig_.key);
    rig_.objects.Put(LinkType(), object);
    for (int i = 0; i < 5; ++i) Work();
    EXPECT_TRUE(Looked());
    EXPECT_FALSE(Touched());
  }

  Rig rig_{{"sales"}, "Unlink"};
};

TEST_F(LinkLiveLookTest, TheSameObjectLetsTheDropHappen) {
  for (int i = 0; i < 5; ++i) Work();
  EXPECT_TRUE(Touched());
}

TEST_F(LinkLiveLookTest, AnotherUidDropsNothing) {
  ExpectNothingDropped([](nlohmann::json& object) { object["metadata"]["uid"] = "another"; });
}

TEST_F(LinkLiveLookTest, AnotherGenerationDropsNothing) {
  ExpectNothingDropped([](nlohmann::json& object) { object["metadata"]["generation"] = 99; });
}

TEST_F(LinkLiveLookTest, AnObjectThatIsNotBeingDeletedDropsNothing) {
  ExpectNothingDropped(
      [](nlohmann::json& object) { object["metadata"].erase("deletionTimestamp"); });
}

TEST_F(LinkLiveLookTest, AnotherJournalDropsNothing) {
  ExpectNothingDropped([](nlohmann::json& object) { object["status"].erase("ownedObjects"); });
}

TEST(LinkDeadline, AfterAStopNoStepIsBegun) {
  Rig rig({"sales"});
  for (int i = 0; i < 20 && rig.hub.Calls().empty(); ++i) {
    std::stop_source stopped;
    stopped.request_stop();
    rig.controller->Reconcile(rig.key, {Logger(), stopped.get_token()});
  }
  EXPECT_TRUE(rig.hub.Calls().empty());
  EXPECT_TRUE(rig.api.writes.empty());
  EXPECT_FALSE(rig.objects.Writes().empty()) << "what was decided is still reported";
}

}  // namespace
}  // namespace milink::link
