// What the API server may do to writes: conflicts, lost answers, objects that are replaced, and
// namespaces that end. The ids are those of the project's list of faults.
#include <algorithm>
#include <functional>
#include <set>
#include <string>
#include <tuple>

#include <gtest/gtest.h>

#include "controllers/link/act.h"
#include "core/api/condition.h"
#include "tests/fakes/log_collector.h"
#include "tests/fakes/write_refusals.h"
#include "tests/gen/manifests.h"
#include "tests/unit/link/rig.h"

namespace milink::link {
namespace {

using gen::Rig;

const Error kConflict{ErrorKind::kConflict, "Conflict", "the object has been modified", ""};
const Error kLost{ErrorKind::kTransient, "OutcomeUnknown", "the answer was lost", ""};

auto Verb(const std::string& verb) {
  return [verb](const fakes::ObjectCall& call) { return call.verb == verb; };
}

auto WriteTo(const ObjectKey& key, const std::string& verb) {
  return
      [key, verb](const fakes::ObjectCall& call) { return call.verb == verb && call.key == key; };
}

bool Ready(const Rig& rig, const ObjectKey& key = {"default", "link"}) {
  const auto link = rig.Link(key);
  const auto* ready = api::FindCondition(link.status.conditions, "Ready");
  return ready != nullptr && ready->status == api::ConditionStatus::kTrue;
}

// Queue and worker around the controller, as in the program.
class Workplace final : public runtime::Reconciler {
 public:
  explicit Workplace(Rig& rig, const Logger& log = Logger())
      : rig_(rig),
        queue_(rig.clock, *rig.random),
        worker_({.name = "l", .kind = "L"}, queue_, *this, log, {}, rig.clock, *rig.random) {}

  void Add(const ObjectKey& key) { queue_.Add(key); }
  void Live(Duration time) {
    const MonotonicTime end = rig_.clock.Monotonic() + time;
    for (;;) {
      while (worker_.RunOne()) {
      }
      const auto next = queue_.NextReady();
      if (!next || *next > end) break;
      rig_.clock.Step(std::chrono::ceil<Duration>(*next - rig_.clock.Monotonic()));
    }
    rig_.clock.Step(std::chrono::duration_cast<Duration>(end - rig_.clock.Monotonic()));
  }

 private:
  runtime::Outcome Reconcile(const ObjectKey& key, const runtime::ReconcileContext&) override {
    return rig_.Reconcile(key);
  }

  Rig& rig_;
  runtime::WorkQueue queue_;
  runtime::Controller worker_;
};

// Works as the program does, for so long.
void Live(Rig& rig, Duration time) {
  Workplace work(rig);
  work.Add(rig.key);
  work.Live(time);
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

using DeniedWrite = std::tuple<const char*, fakes::WriteRefusal>;

std::string NameOfDenied(const ::testing::TestParamInfo<DeniedWrite>& test) {
  return std::get<0>(test.param) + std::get<1>(test.param).name;
}

class LinkDenialTest : public ::testing::TestWithParam<DeniedWrite> {
 protected:
  // Of the link that is denied its writes; the other one, of database hr, is not.
  void Deny(int times) {
    rig_.objects.Fail(WriteTo(rig_.key, verb_), refusal_.error, times, refusal_.when);
  }
  std::ptrdiff_t Tried() const {
    return std::ranges::count_if(rig_.objects.Calls(), WriteTo(rig_.key, verb_));
  }
  void AddOther() {
    rig_.objects.Put(LinkType(), milink::gen::LinkManifest(other_.name, {"hr"}));
    rig_.sql.databases.push_back(gen::Database("hr"));
    rig_.sql.files.emplace(DatabaseName("hr"), gen::Files());
    rig_.Publish();
  }
  // What the log says of failed passes, and is of this refusal.
  std::ptrdiff_t Logged() const {
    return std::ranges::count_if(log_->Lines("Failed to reconcile"), [&](const auto& line) {
      return line.Field("error") == refusal_.error.message;
    });
  }

  // The first report goes with the finalizer; where it fails, the next pass makes it.
  std::ptrdiff_t Untold() const { return verb_ == "ApplyStatus" ? 1 : 0; }

  const std::string verb_ = std::get<0>(GetParam());
  const fakes::WriteRefusal refusal_ = std::get<1>(GetParam());
  const ObjectKey other_{"default", "other"};
  Rig rig_{{"sales"}};
  std::shared_ptr<fakes::LogCollector> log_ = std::make_shared<fakes::LogCollector>();
  Workplace work_{rig_, Logger(log_)};
};

TEST_P(LinkDenialTest, K19ItIsToldAndTriedEverMoreSlowlyAndOtherLinksGoOn) {
  Deny(1'000'000);
  AddOther();
  work_.Add(rig_.key);
  for (int i = 0; i < 40; ++i) {  // ten minutes; what is read anew wakes the link that may work
    work_.Add(other_);
    work_.Live(std::chrono::seconds(15));
    rig_.Publish();
  }
  EXPECT_GE(Tried(), 8);
  EXPECT_LE(Tried(), 40) << "with delays that grow from each write that was allowed";
  EXPECT_EQ(Logged(), Tried() - Untold()) << "one line for each";
  EXPECT_TRUE(Ready(rig_, other_));
  for (const std::string& sent : rig_.Sent()) EXPECT_EQ(sent.find("sales"), std::string::npos);
  for (const std::string& sent : rig_.api.writes) EXPECT_EQ(sent.find("sales"), std::string::npos);
  std::set<std::string> told;
  for (const auto& event : rig_.events.Events()) {
    const bool news = told.insert(event.about.key.name + event.reason + event.note).second;
    EXPECT_TRUE(news || event.about.key == other_) << event.reason;
  }
}

TEST_P(LinkDenialTest, K19WhenItIsAllowedAgainAllIsDone) {
  Deny(8);
  work_.Add(rig_.key);
  work_.Live(std::chrono::minutes(1));
  EXPECT_GE(Tried(), 9);
  EXPECT_EQ(Logged(), 8 - Untold());
  ASSERT_TRUE(rig_.Settle());
  EXPECT_TRUE(Ready(rig_));
}

INSTANTIATE_TEST_SUITE_P(Writes, LinkDenialTest,
                         ::testing::Combine(::testing::Values("SetFinalizers", "MergeStatus",
                                                              "ApplyStatus"),
                                            ::testing::ValuesIn(fakes::DeniedWrites())),
                         NameOfDenied);

class LinkReleaseDenialTest : public ::testing::TestWithParam<fakes::WriteRefusal> {};

TEST_P(LinkReleaseDenialTest, K19TheFinalizerIsTakenOffWhenThatIsAllowed) {
  Rig rig({"sales"});
  ASSERT_TRUE(rig.Settle());
  rig.DeleteByUser();
  rig.objects.ClearCalls();
  rig.objects.Fail(Verb("SetFinalizers"), GetParam().error, 8);
  const auto told = rig.events.Events().size();
  Live(rig, std::chrono::milliseconds(500));
  EXPECT_FALSE(rig.Gone());
  EXPECT_EQ(rig.events.Events().size(), told) << "nothing was left before it was let go";
  Live(rig, std::chrono::minutes(1));
  EXPECT_TRUE(rig.Gone());
  EXPECT_EQ(rig.objects.Calls().size(), 9U);
  EXPECT_TRUE(rig.events.Has("LeftInPlace"));
}

INSTANTIATE_TEST_SUITE_P(Refusals, LinkReleaseDenialTest,
                         ::testing::ValuesIn(fakes::DeniedWrites()),
                         [](const auto& test) { return test.param.name; });

class LinkTimeoutTest : public ::testing::TestWithParam<DeniedWrite> {};

TEST_P(LinkTimeoutTest, K19WhatTookEffectThoughItTimedOutIsNotWrittenAgain) {
  const std::string verb = std::get<0>(GetParam());
  const fakes::WriteRefusal& refusal = std::get<1>(GetParam());
  Rig calm({"sales"});
  ASSERT_TRUE(calm.Settle());
  Rig rig({"sales"});
  rig.objects.Fail(Verb(verb), refusal.error, 1'000'000, refusal.when);
  ASSERT_TRUE(rig.Settle());
  EXPECT_TRUE(Ready(rig));
  EXPECT_EQ(rig.Sent(), calm.Sent());
  EXPECT_EQ(rig.api.writes, calm.api.writes);
  EXPECT_LE(std::ranges::count_if(rig.objects.Calls(), Verb(verb)),
            std::ranges::count_if(calm.objects.Calls(), Verb(verb)) + 1);
}

INSTANTIATE_TEST_SUITE_P(Writes, LinkTimeoutTest,
                         ::testing::Combine(::testing::Values("SetFinalizers", "MergeStatus",
                                                              "ApplyStatus"),
                                            ::testing::ValuesIn(fakes::TimedOutWrites())),
                         NameOfDenied);

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
  bool Looked() const { return Looks() > 0; }
  std::ptrdiff_t Looks() const { return std::ranges::count_if(rig_.objects.Calls(), Verb("Get")); }
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

// The API server refuses to show the object, for hours.
TEST_F(LinkLiveLookTest, WhileTheObjectCannotBeReadItIsAskedForEverMoreSlowly) {
  rig_.directory.Thaw();
  rig_.objects.Fail(Verb("Get"), kLost, 1'000);
  const int reads = rig_.api.reads;
  Live(rig_, std::chrono::hours(1));
  EXPECT_FALSE(Touched());
  EXPECT_GE(Looks(), 10);
  EXPECT_LE(Looks(), 40);
  EXPECT_LE(rig_.api.reads - reads, 4 * Looks()) << "each pass reads the other side once";
}

TEST_F(LinkLiveLookTest, WhenTheObjectCanBeReadAgainTheDropIsMade) {
  rig_.directory.Thaw();
  rig_.objects.Fail(Verb("Get"), kLost, 8);
  for (int i = 0; i < 8; ++i) {
    Live(rig_, std::chrono::seconds(30));
    rig_.Publish();
  }
  EXPECT_TRUE(Touched());
}

TEST_F(LinkLiveLookTest, K07K22ACacheThatLagsIsWaitedForWithoutAHotLoop) {
  nlohmann::json object = rig_.objects.Find(LinkType(), rig_.key).value();
  object["metadata"]["generation"] = 99;
  rig_.objects.Erase(LinkType(), rig_.key);
  rig_.objects.Put(LinkType(), object);
  Live(rig_, std::chrono::minutes(1));
  EXPECT_FALSE(Touched());
  EXPECT_GE(Looks(), 10);
  EXPECT_LE(Looks(), 35);
  rig_.objects.Erase(LinkType(), rig_.key);
  Live(rig_, std::chrono::minutes(1));
  EXPECT_FALSE(Touched());
  EXPECT_LE(Looks(), 70) << "nor for one that is gone";
}

// What is read of the API server beside the live look: the object when the cache stays behind, and
// all of it when its status is to be written.
class LinkReadFaultTest : public ::testing::TestWithParam<Error> {
 protected:
  LinkReadFaultTest() { EXPECT_TRUE(rig_.Settle()); }
  // Another state of SQL Server, which is to be reported.
  void Degrade() {
    rig_.sql.groups.clear();
    rig_.Publish();
    rig_.objects.ClearCalls();
  }
  std::ptrdiff_t Reads() const { return std::ranges::count_if(rig_.objects.Calls(), Verb("Get")); }

  Rig rig_{{"sales"}};
};

TEST_P(LinkReadFaultTest, AStatusThatCannotBeComparedIsTriedEverMoreSlowly) {
  Degrade();
  rig_.objects.Fail(Verb("Get"), GetParam(), 1'000'000);
  Live(rig_, std::chrono::hours(1));
  EXPECT_GE(Reads(), 8);
  EXPECT_LE(Reads(), 40);
  EXPECT_TRUE(rig_.objects.Writes().empty());
}

TEST_P(LinkReadFaultTest, AnObjectThatCannotBeReadLiveIsTriedEverMoreSlowly) {
  Degrade();
  rig_.directory.Freeze(rig_.key);
  Live(rig_, std::chrono::seconds(1));  // writes, and never sees it
  ASSERT_FALSE(rig_.objects.Writes().empty());
  rig_.objects.ClearCalls();
  rig_.objects.Fail(Verb("Get"), GetParam(), 1'000'000);
  Live(rig_, std::chrono::hours(1));
  EXPECT_GE(Reads(), 8);
  EXPECT_LE(Reads(), 40);
  EXPECT_TRUE(rig_.objects.Writes().empty());
}

INSTANTIATE_TEST_SUITE_P(Errors, LinkReadFaultTest,
                         ::testing::Values(Error{ErrorKind::kTransient, "ServerUnreachable", ""},
                                           Error{ErrorKind::kUnauthorized, "Forbidden", ""}),
                         [](const auto& test) { return test.param.reason; });

TEST(LinkFault, K07K22ACacheThatShowsAnotherObjectIsWaitedForWithoutAHotLoop) {
  Rig rig({"sales"});
  ASSERT_TRUE(rig.Settle());
  rig.directory.Freeze(rig.key);
  nlohmann::json object = rig.objects.Find(LinkType(), rig.key).value();
  object["metadata"]["uid"] = "another";
  rig.objects.Erase(LinkType(), rig.key);
  rig.objects.Put(LinkType(), object);
  rig.sql.groups.clear();
  rig.Publish();
  rig.objects.ClearCalls();
  Live(rig, std::chrono::hours(1));
  EXPECT_LE(rig.objects.Calls().size(), 40U);
  EXPECT_TRUE(rig.objects.Writes().empty());
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
