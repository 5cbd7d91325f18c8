// What the API server may do to writes: conflicts, lost answers, objects that are replaced, and
// namespaces that end. The ids are those of the project's list of faults.
#include <gtest/gtest.h>

#include "tests/unit/replica/controller_fixture.h"

namespace milink::replica {
namespace {

const Error kConflict{ErrorKind::kConflict, "Conflict", "the object has been modified", ""};
const Error kLost{ErrorKind::kTransient, "OutcomeUnknown", "the answer was lost", ""};

class ReplicaFaultTest : public ReplicaControllerTest {
 protected:
  static auto Verb(const std::string& verb) {
    return [verb](const fakes::ObjectCall& call) { return call.verb == verb; };
  }
  // Works as the program does, for so long.
  void Live(Duration time) {
    const MonotonicTime end = clock_.Monotonic() + time;
    queue_.Add(kKey);
    for (;;) {
      while (workers_.RunOne()) {
      }
      const auto next = queue_.NextReady();
      if (!next || *next > end) {
        break;
      }
      clock_.Step(std::chrono::ceil<Duration>(*next - clock_.Monotonic()));
    }
    clock_.Step(std::chrono::duration_cast<Duration>(end - clock_.Monotonic()));
  }
  void ExpectPrepared() {
    EXPECT_EQ(Condition(kReady)->status, api::ConditionStatus::kTrue);
    EXPECT_EQ(hub_.Calls().size(), 3U) << "each object made once";
    for (const auto& entry : stored_.status.owned_objects) {
      EXPECT_EQ(entry.state, api::OwnedState::kCreated) << entry.kind;
    }
  }

  runtime::WorkQueue queue_{clock_, *random_};
  runtime::Controller workers_{
      {.name = "r", .kind = "R"}, queue_, controller_, Logger(), {}, clock_, *random_};
};

class ReplicaWriteFaultTest : public ReplicaFaultTest,
                              public ::testing::WithParamInterface<const char*> {};

TEST_P(ReplicaWriteFaultTest, K15AStormOfConflictsIsRiddenOutSlowly) {
  objects_.Fail(Verb(GetParam()), kConflict, 1'000'000);
  Live(std::chrono::minutes(1));
  const auto tried = std::ranges::count_if(objects_.Calls(), Verb(GetParam()));
  EXPECT_GE(tried, 5);
  EXPECT_LE(tried, 20) << "with growing delays";
  EXPECT_TRUE(hub_.Calls().empty());
}

TEST_P(ReplicaWriteFaultTest, K15AfterTheStormAllIsDone) {
  objects_.Fail(Verb(GetParam()), kConflict, 6);
  Live(std::chrono::minutes(2));
  ExpectPrepared();
}

TEST_P(ReplicaWriteFaultTest, K16AWriteWhoseAnswerWasLostIsNotDoneTwice) {
  objects_.Fail(Verb(GetParam()), kLost, 3, fakes::FakeObjectClient::When::kAfter);
  Live(std::chrono::minutes(2));
  ExpectPrepared();
}

TEST_P(ReplicaWriteFaultTest, K17NothingLastingIsWrittenToAnotherObjectOfTheSameName) {
  // The cache still shows the first object at the moment in which it would write.
  objects_.Fail(Verb(GetParam()), kLost, 1);
  for (int i = 0; i < 50 && std::ranges::none_of(objects_.Calls(), Verb(GetParam())); ++i) {
    Reconcile();
  }
  frozen_ = std::make_shared<const api::SqlServerReplica>(Stored());
  objects_.Erase(kType, kKey);
  Create(nlohmann::json::object());
  const auto replaced = *objects_.Find(kType, kKey);
  for (int i = 0; i < 5; ++i) {
    const auto outcome = Reconcile();
    EXPECT_FALSE(outcome.status.ok());
    EXPECT_EQ(outcome.status.error().kind, ErrorKind::kConflict);
  }
  auto after = *objects_.Find(kType, kKey);
  if (GetParam() == std::string("ApplyStatus")) {
    // The one write without a precondition; the object's own reconcile replaces all of it.
    after.erase("status");
    after["metadata"]["resourceVersion"] = replaced["metadata"]["resourceVersion"];
  }
  EXPECT_EQ(after, replaced);
  frozen_ = nullptr;
  Settle();
  EXPECT_EQ(Condition(kReady)->status, api::ConditionStatus::kTrue);
}

INSTANTIATE_TEST_SUITE_P(Writes, ReplicaWriteFaultTest,
                         ::testing::Values("SetFinalizers", "MergeStatus", "ApplyStatus"),
                         [](const auto& test) { return std::string(test.param); });

// A namespace that ends takes the Secrets away first and makes no new objects.
TEST_F(ReplicaFaultTest, K18AnEndingNamespaceIsNotHeldUp) {
  Live(std::chrono::minutes(1));
  objects_.Fail([](const auto& call) { return call.verb == "GetSecret"; },
                {ErrorKind::kNotFound, "NotFound", "gone", ""}, 1'000);
  unreachable_ = Error{ErrorKind::kTransient, "ServerUnreachable", "down", ""};
  ASSERT_TRUE(objects_.Delete(kType, kKey, "").ok());
  objects_.ClearCalls();
  Live(std::chrono::seconds(10));
  EXPECT_FALSE(objects_.Find(kType, kKey).has_value());
  EXPECT_LE(objects_.Calls().size(), 2U);
}

TEST_F(ReplicaFaultTest, K18AnEndingNamespaceWithLinksIsWaitedForWithoutAHotLoop) {
  Live(std::chrono::minutes(1));
  links_ = 1;
  objects_.Fail([](const auto& call) { return call.verb == "GetSecret"; },
                {ErrorKind::kNotFound, "NotFound", "gone", ""}, 1'000);
  ASSERT_TRUE(objects_.Delete(kType, kKey, "").ok());
  objects_.ClearCalls();
  Live(std::chrono::minutes(10));
  EXPECT_LE(objects_.Calls().size(), 60U);
  EXPECT_LE(objects_.Writes().size(), 2U);
}

}  // namespace
}  // namespace milink::replica
