// What the API server may do to writes: conflicts, lost answers, objects that are replaced, and
// namespaces that end. The ids are those of the project's list of faults.
#include <set>
#include <tuple>

#include <gtest/gtest.h>

#include "tests/fakes/log_collector.h"
#include "tests/fakes/write_refusals.h"
#include "tests/unit/replica/controller_fixture.h"

namespace milink::replica {
namespace {

const Error kConflict{ErrorKind::kConflict, "Conflict", "the object has been modified", ""};
const Error kLost{ErrorKind::kTransient, "OutcomeUnknown", "the answer was lost", ""};

class ReplicaFaultTest : public ReplicaControllerTest {
 protected:
  // Of one object; the empty name means any.
  static auto Verb(const std::string& verb, const std::string& name = "") {
    return [verb, name](const fakes::ObjectCall& call) {
      return call.verb == verb && (name.empty() || call.key.name == name);
    };
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

  std::shared_ptr<fakes::LogCollector> log_ = std::make_shared<fakes::LogCollector>();
  runtime::WorkQueue queue_{clock_, *random_};
  runtime::Controller workers_{
      {.name = "r", .kind = "R"}, queue_, controller_, Logger(log_), {}, clock_, *random_};
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

TEST_P(ReplicaWriteFaultTest, K17NothingIsWrittenToAnotherObjectOfTheSameName) {
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
  EXPECT_EQ(*objects_.Find(kType, kKey), replaced);
  frozen_ = nullptr;
  Settle();
  EXPECT_EQ(Condition(kReady)->status, api::ConditionStatus::kTrue);
}

INSTANTIATE_TEST_SUITE_P(Writes, ReplicaWriteFaultTest,
                         ::testing::Values("SetFinalizers", "MergeStatus", "ApplyStatus"),
                         [](const auto& test) { return std::string(test.param); });

using DeniedWrite = std::tuple<const char*, fakes::WriteRefusal>;

std::string NameOfDenied(const ::testing::TestParamInfo<DeniedWrite>& test) {
  return std::get<0>(test.param) + std::get<1>(test.param).name;
}

class ReplicaDenialTest : public ReplicaFaultTest,
                          public ::testing::WithParamInterface<DeniedWrite> {
 protected:
  void Deny(int times) {
    objects_.Fail(Verb(verb_, kKey.name), refusal_.error, times, refusal_.when);
  }
  std::ptrdiff_t Tried() const {
    return std::ranges::count_if(objects_.Calls(), Verb(verb_, kKey.name));
  }
  // What the log says of failed passes, and is of this refusal.
  std::ptrdiff_t Logged() const {
    return std::ranges::count_if(log_->Lines("Failed to reconcile"), [&](const auto& line) {
      return line.Field("error") == refusal_.error.message;
    });
  }

  const std::string verb_ = std::get<0>(GetParam());
  const fakes::WriteRefusal refusal_ = std::get<1>(GetParam());
};

TEST_P(ReplicaDenialTest, K19ItIsToldAndTriedEverMoreSlowlyAndOtherReplicasGoOn) {
  Deny(1'000'000);
  const ObjectKey other{"prod", "sql2"};
  nlohmann::json object = *objects_.Find(kType, kKey);
  object["metadata"] = {{"namespace", other.namespace_name}, {"name", other.name}};
  object["spec"]["host"] = "sql2.corp.example";
  objects_.Put(kType, object);
  queue_.Add(other);
  Live(std::chrono::minutes(10));
  EXPECT_GE(Tried(), 8);
  EXPECT_LE(Tried(), 20) << "with growing delays";
  EXPECT_EQ(Logged(), Tried()) << "one line for each";
  // Where no more than its reports are denied it has pinned the instance, and the other is told so.
  const bool pinned = verb_ == "ApplyStatus";
  EXPECT_EQ(hub_.Calls().empty(), pinned);
  for (const auto& call : hub_.Calls()) {
    EXPECT_EQ(call.replica, other) << "nothing is done that was not written down";
  }
  const auto ready = api::DecodeReplica(*objects_.Find(kType, other));
  const auto* condition = api::FindCondition(ready->status.conditions, kReady);
  ASSERT_NE(condition, nullptr);
  EXPECT_EQ(condition->status == api::ConditionStatus::kTrue, !pinned) << condition->message;
  std::set<std::string> told;
  for (const auto& event : events_.Events()) {
    if (event.about.key == kKey) {
      EXPECT_TRUE(told.insert(event.reason + event.note).second) << event.reason;
    }
  }
}

TEST_P(ReplicaDenialTest, K19WhenItIsAllowedAgainAllIsDone) {
  Deny(8);
  Live(std::chrono::minutes(2));
  EXPECT_GE(Tried(), 9);
  EXPECT_EQ(Logged(), 8);
  ExpectPrepared();
}

INSTANTIATE_TEST_SUITE_P(Writes, ReplicaDenialTest,
                         ::testing::Combine(::testing::Values("SetFinalizers", "MergeStatus",
                                                              "ApplyStatus"),
                                            ::testing::ValuesIn(fakes::DeniedWrites())),
                         NameOfDenied);

class ReplicaReleaseDenialTest : public ReplicaFaultTest,
                                 public ::testing::WithParamInterface<fakes::WriteRefusal> {};

TEST_P(ReplicaReleaseDenialTest, K19TheFinalizerIsTakenOffWhenThatIsAllowed) {
  Live(std::chrono::minutes(1));
  ASSERT_TRUE(objects_.Delete(kType, kKey, "").ok());
  objects_.ClearCalls();
  objects_.Fail(Verb("SetFinalizers"), GetParam().error, 8);
  Live(std::chrono::minutes(1));
  EXPECT_FALSE(objects_.Find(kType, kKey).has_value());
  EXPECT_EQ(objects_.Writes().size(), 9U);
}

INSTANTIATE_TEST_SUITE_P(Refusals, ReplicaReleaseDenialTest,
                         ::testing::ValuesIn(fakes::DeniedWrites()),
                         [](const auto& test) { return test.param.name; });

class ReplicaTimeoutTest : public ReplicaFaultTest,
                           public ::testing::WithParamInterface<DeniedWrite> {};

TEST_P(ReplicaTimeoutTest, K19WhatTookEffectThoughItTimedOutIsNotWrittenAgain) {
  const std::string verb = std::get<0>(GetParam());
  const fakes::WriteRefusal& refusal = std::get<1>(GetParam());
  objects_.Fail(Verb(verb), refusal.error, 1'000'000, refusal.when);
  Live(std::chrono::minutes(10));
  ExpectPrepared();
  objects_.ClearCalls();
  Live(std::chrono::minutes(10));
  EXPECT_TRUE(objects_.Writes().empty());
}

INSTANTIATE_TEST_SUITE_P(Writes, ReplicaTimeoutTest,
                         ::testing::Combine(::testing::Values("SetFinalizers", "MergeStatus",
                                                              "ApplyStatus"),
                                            ::testing::ValuesIn(fakes::TimedOutWrites())),
                         NameOfDenied);

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

class ReplicaReadFaultTest : public ReplicaFaultTest, public ::testing::WithParamInterface<Error> {
 protected:
  std::ptrdiff_t Reads(const std::string& verb) const {
    return std::ranges::count_if(objects_.Calls(), Verb(verb));
  }
};

TEST_P(ReplicaReadFaultTest, AnObjectThatCannotBeReadLiveIsTriedEverMoreSlowly) {
  Reconcile();  // sets the finalizer, and never sees it
  cache_current_ = false;
  objects_.ClearCalls();
  objects_.Fail(Verb("Get"), GetParam(), 1'000'000);
  Live(std::chrono::hours(1));
  EXPECT_GE(Reads("Get"), 8);
  EXPECT_LE(Reads("Get"), 40);
  EXPECT_TRUE(objects_.Writes().empty());
}

TEST_P(ReplicaReadFaultTest, AChangeWhoseObjectCannotBeReadIsTriedEverMoreSlowly) {
  Create({{"deletionPolicy", "RemoveOwned"}});
  Settle();
  ASSERT_TRUE(objects_.Delete(kType, kKey, "").ok());
  objects_.ClearCalls();
  hub_.ClearCalls();
  objects_.Fail(Verb("Get"), GetParam(), 1'000'000);
  Live(std::chrono::hours(1));
  EXPECT_GE(Reads("Get"), 8);
  EXPECT_LE(Reads("Get"), 40);
  EXPECT_TRUE(hub_.Calls().empty());
}

TEST_P(ReplicaReadFaultTest, ASecretThatCannotBeReadIsTriedAtTheUsualPace) {
  Settle();
  objects_.ClearCalls();
  objects_.Fail(Verb("GetSecret"), GetParam(), 1'000'000);
  Live(std::chrono::hours(1));
  EXPECT_GE(Reads("GetSecret"), 50);
  EXPECT_LE(Reads("GetSecret"), 150);
  EXPECT_LE(objects_.Writes().size(), 4U);
}

INSTANTIATE_TEST_SUITE_P(Errors, ReplicaReadFaultTest,
                         ::testing::Values(Error{ErrorKind::kTransient, "ServerUnreachable", ""},
                                           Error{ErrorKind::kUnauthorized, "Forbidden", ""}),
                         [](const auto& test) { return test.param.reason; });

}  // namespace
}  // namespace milink::replica
