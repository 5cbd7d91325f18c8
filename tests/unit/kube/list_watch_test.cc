// The machine is told what happened; its answers are compared as one line of text each.
#include "core/kube/list_watch.h"

#include <gtest/gtest.h>

#include "core/kube/api_status.h"

namespace milink::kube {
namespace {

using nlohmann::json;
using std::chrono::milliseconds;
using std::chrono::seconds;
using Lines = std::vector<std::string>;

// Always the middle: a delay d becomes 1.5 d, the watch timeout 450 s.
class HalfRandom final : public Random {
 public:
  double Uniform() override { return 0.5; }
  std::uint64_t Bits() override { return 0; }
};

struct Describe {
  std::string operator()(const FetchPage& a) const {
    return a.continue_token.empty()
               ? "list at '" + a.resource_version + "' limit " + std::to_string(a.limit)
               : "list on from " + a.continue_token + " limit " + std::to_string(a.limit);
  }
  std::string operator()(const OpenWatch& a) const { return "watch from " + a.resource_version; }
  std::string operator()(const CloseWatch& /*a*/) const { return "close"; }
  std::string operator()(const StageItems& a) const {
    return "stage " + std::to_string(a.items.size());
  }
  std::string operator()(const DiscardStaged& /*a*/) const { return "discard"; }
  std::string operator()(const ReplaceStore& a) const { return "replace at " + a.version; }
  std::string operator()(const UpsertObject& a) const {
    return "upsert " + a.object.value("n", "");
  }
  std::string operator()(const RemoveObject& a) const {
    return "remove " + a.object.value("n", "");
  }
  std::string operator()(const NoteProgress& a) const { return "progress " + a.version; }
  std::string operator()(const ReportFailure& a) const {
    return "failed " + a.error.reason + ", wait " + std::to_string(a.delay.count()) + " ms";
  }
};

Lines Text(const WatchActions& actions) {
  Lines lines;
  for (const WatchAction& action : actions) {
    lines.push_back(std::visit(Describe{}, action));
  }
  return lines;
}

ListPage Page(const std::string& version, int items = 1, const std::string& next = "") {
  return {std::vector<json>(static_cast<std::size_t>(items), json::object()), version, next};
}

WatchEvent Event(const std::string& type, const std::string& version,
                 const std::string& name = "a") {
  return {type, {{"n", name}, {"metadata", {{"resourceVersion", version}}}}};
}

WatchEvent ErrorEvent(const std::string& reason) {
  return {"ERROR", {{"kind", "Status"}, {"reason", reason}}};
}

Error Refused(int code) { return DecodeRefusal(code, "", std::nullopt); }

Error ErrorWith(std::string_view reason) {
  return {ErrorKind::kTransient, std::string(reason), "m"};
}

class ListWatchTest : public testing::Test {
 protected:
  void Wait(milliseconds by) { now_ += by; }
  // Waits for the machine's own deadline.
  Lines WaitForTimer() {
    now_ = machine_.Deadline().value();
    return Text(machine_.OnTimer(now_));
  }
  // Through the first list, at version 10, into a running watch.
  void StartWatching() {
    machine_.Start(now_);
    machine_.OnPage(Page("10"), now_);
    machine_.OnWatchOpened(now_);
  }

  HalfRandom random_;
  MonotonicTime now_{std::chrono::hours(1)};
  ListWatch machine_{ListWatchOptions{}, random_};
};

TEST_F(ListWatchTest, ListsFromTheCacheThenWatchesFromTheListsVersion) {
  EXPECT_EQ(Text(machine_.Start(now_)), (Lines{"list at '0' limit 500"}));
  EXPECT_EQ(Text(machine_.OnPage(Page("10", 3), now_)),
            (Lines{"stage 3", "replace at 10", "watch from 10"}));
  machine_.OnWatchOpened(now_);
  EXPECT_TRUE(machine_.watching());
}

TEST_F(ListWatchTest, FollowsContinueTokensAndReplacesTheStoreOnce) {
  machine_.Start(now_);
  EXPECT_EQ(Text(machine_.OnPage(Page("10", 2, "t1"), now_)),
            (Lines{"stage 2", "list on from t1 limit 500"}));
  EXPECT_EQ(Text(machine_.OnPage(Page("10", 2, "t2"), now_)),
            (Lines{"stage 2", "list on from t2 limit 500"}));
  EXPECT_EQ(Text(machine_.OnPage(Page("10", 1), now_)),
            (Lines{"stage 1", "replace at 10", "watch from 10"}));
}

TEST_F(ListWatchTest, AContinueTokenThatExpiredLeadsToOneWholeList) {
  machine_.Start(now_);
  machine_.OnPage(Page("10", 2, "t1"), now_);
  EXPECT_EQ(Text(machine_.OnListFailed(Refused(410), now_)),
            (Lines{"discard", "list at '' limit 0"}));
  EXPECT_EQ(Text(machine_.OnListFailed(Refused(410), now_)), Lines{"failed Gone, wait 1200 ms"});
}

TEST_F(ListWatchTest, AnyOtherFailureBetweenPagesDiscardsWhatWasStagedAndBacksOff) {
  machine_.Start(now_);
  machine_.OnPage(Page("10", 2, "t1"), now_);
  EXPECT_EQ(Text(machine_.OnListFailed(Refused(500), now_)),
            (Lines{"discard", "failed InternalError, wait 1200 ms"}));
  EXPECT_EQ(WaitForTimer(), Lines{"list at '0' limit 500"});
}

TEST_F(ListWatchTest, AListThatFailsBacksOffLongerAndLongerUpToTheCap) {
  machine_.Start(now_);
  for (const int expected : {1200, 2400, 4800, 9600, 19'200, 38'400, 45'000, 45'000}) {
    EXPECT_EQ(Text(machine_.OnListFailed(Refused(403), now_)),
              Lines{"failed Forbidden, wait " + std::to_string(expected) + " ms"});
    EXPECT_EQ(WaitForTimer(), Lines{"list at '0' limit 500"});
  }
}

TEST_F(ListWatchTest, TwoMinutesWithoutFailureResetTheBackoff) {
  StartWatching();
  machine_.OnEvent(ErrorEvent("InternalError"), now_);
  WaitForTimer();
  machine_.OnPage(Page("11"), now_);
  machine_.OnWatchOpened(now_);
  Wait(seconds(120));
  EXPECT_EQ(Text(machine_.OnEvent(ErrorEvent("InternalError"), now_)),
            (Lines{"close", "failed InternalError, wait 1200 ms"}));
}

TEST_F(ListWatchTest, RetryAfterIsALowerBoundOfTheDelay) {
  machine_.Start(now_);
  EXPECT_EQ(Text(machine_.OnListFailed(DecodeRefusal(429, "", seconds(20)), now_)),
            Lines{"failed TooManyRequests, wait 20000 ms"});
}

TEST_F(ListWatchTest, ARelistAsksForTheLastVersionWithoutALimit) {
  StartWatching();
  machine_.OnEvent(Event("MODIFIED", "17"), now_);
  machine_.OnEvent(ErrorEvent("Expired"), now_);
  EXPECT_EQ(WaitForTimer(), Lines{"list at '17' limit 0"});
}

TEST_F(ListWatchTest, ARelistIsPagedWhenTheServerPagesEvenItsCache) {
  machine_.Start(now_);
  machine_.OnPage(Page("10", 1, "t1"), now_);
  machine_.OnPage(Page("10"), now_);
  machine_.OnWatchOpened(now_);
  machine_.OnEvent(ErrorEvent("Expired"), now_);
  EXPECT_EQ(WaitForTimer(), Lines{"list at '10' limit 500"});
}

TEST_F(ListWatchTest, AnUnusableVersionIsReplacedByTheMostRecentStateAtOnce) {
  for (const Error& error : {Refused(410), ErrorWith("ResourceVersionTooLarge")}) {
    ListWatch machine(ListWatchOptions{}, random_);
    machine.Start(now_);
    EXPECT_EQ(Text(machine.OnListFailed(error, now_)), Lines{"list at '' limit 500"});
    EXPECT_EQ(Text(machine.OnListFailed(error, now_)).front().substr(0, 6), "failed");
  }
}

TEST_F(ListWatchTest, AListOlderThanWhatWasSeenIsNotBelieved) {
  StartWatching();
  machine_.OnEvent(Event("MODIFIED", "100"), now_);
  machine_.OnEvent(ErrorEvent("Expired"), now_);
  WaitForTimer();
  EXPECT_EQ(Text(machine_.OnPage(Page("99"), now_)),
            (Lines{"stage 1", "discard", "failed ListFromThePast, wait 2400 ms"}));
  EXPECT_EQ(WaitForTimer(), Lines{"list at '' limit 500"});
}

TEST_F(ListWatchTest, TheMostRecentStateIsBelievedEvenWhenItsVersionIsOlder) {
  StartWatching();
  machine_.OnEvent(Event("MODIFIED", "100"), now_);
  machine_.OnEvent(ErrorEvent("Expired"), now_);
  WaitForTimer();
  EXPECT_EQ(Text(machine_.OnListFailed(ErrorWith("ResourceVersionTooLarge"), now_)),
            Lines{"list at '' limit 500"});
  EXPECT_EQ(Text(machine_.OnPage(Page("7"), now_)),
            (Lines{"stage 1", "replace at 7", "watch from 7"}));
}

TEST_F(ListWatchTest, AListWithoutVersionIsAFailure) {
  machine_.Start(now_);
  EXPECT_EQ(Text(machine_.OnPage(Page(""), now_)),
            (Lines{"stage 1", "discard", "failed ListUnversioned, wait 1200 ms"}));
}

TEST_F(ListWatchTest, EventsChangeTheStoreAndMoveTheVersion) {
  StartWatching();
  EXPECT_EQ(Text(machine_.OnEvent(Event("ADDED", "11", "x"), now_)), Lines{"upsert x"});
  EXPECT_EQ(Text(machine_.OnEvent(Event("MODIFIED", "12", "x"), now_)), Lines{"upsert x"});
  EXPECT_EQ(Text(machine_.OnEvent(Event("DELETED", "13", "x"), now_)), Lines{"remove x"});
  EXPECT_EQ(Text(machine_.OnEvent(Event("BOOKMARK", "40"), now_)), Lines{"progress 40"});
  EXPECT_EQ(Text(machine_.OnWatchEnded(now_)), Lines{"watch from 40"});
}

TEST_F(ListWatchTest, WhatIsNotUnderstoodIsReportedAndSkipped) {
  StartWatching();
  EXPECT_EQ(Text(machine_.OnEvent(Event("RENAMED", "11"), now_)),
            Lines{"failed UnknownEventType, wait 0 ms"});
  for (const json& object : {json::object(), json("text"), json{{"metadata", 5}},
                             json{{"metadata", {{"resourceVersion", 5}}}}}) {
    EXPECT_EQ(Text(machine_.OnEvent({"ADDED", object}, now_)),
              Lines{"failed EventWithoutVersion, wait 0 ms"});
  }
  EXPECT_TRUE(machine_.watching());
}

TEST_F(ListWatchTest, ACleanEndIsContinuedAtOnceWithoutAList) {
  StartWatching();
  Wait(seconds(300));
  EXPECT_EQ(Text(machine_.OnWatchEnded(now_)), Lines{"watch from 10"});
}

TEST_F(ListWatchTest, AVeryShortWatchWithoutEventsIsAFailureButNoReasonToList) {
  StartWatching();
  Wait(milliseconds(999));
  EXPECT_EQ(Text(machine_.OnWatchEnded(now_)), Lines{"failed VeryShortWatch, wait 1200 ms"});
  EXPECT_EQ(WaitForTimer(), Lines{"watch from 10"});
}

TEST_F(ListWatchTest, AShortWatchWithAnEventIsNoFailure) {
  StartWatching();
  machine_.OnEvent(Event("ADDED", "11"), now_);
  EXPECT_EQ(Text(machine_.OnWatchEnded(now_)), Lines{"watch from 11"});
}

struct StartCase {
  const char* name;
  Error error;
  std::string next;
};

class WatchStartTest : public ListWatchTest, public testing::WithParamInterface<StartCase> {};

TEST_P(WatchStartTest, DecidesBetweenWatchAndList) {
  machine_.Start(now_);
  machine_.OnPage(Page("10"), now_);
  for (int i = 0; i < 3; ++i) {
    const Lines failed = Text(machine_.OnWatchRefused(GetParam().error, now_));
    EXPECT_EQ(failed.size(), 1U);
    EXPECT_EQ(WaitForTimer(), Lines{GetParam().next});
    if (GetParam().next.starts_with("list")) {
      machine_.OnPage(Page("10"), now_);
    }
  }
}

INSTANTIATE_TEST_SUITE_P(
    Table, WatchStartTest,
    testing::Values(StartCase{"Throttled", Refused(429), "watch from 10"},
                    StartCase{"ConnectionRefused", ErrorWith(kConnectionRefused), "watch from 10"},
                    StartCase{"Expired", Refused(410), "list at '10' limit 0"},
                    StartCase{"Forbidden", Refused(403), "list at '10' limit 0"},
                    StartCase{"NotFound", Refused(404), "list at '10' limit 0"},
                    StartCase{"ServerError", Refused(500), "list at '10' limit 0"},
                    StartCase{"ConnectionLost", ErrorWith(kConnectionLost),
                              "list at '10' limit 0"}),
    [](const auto& test) { return test.param.name; });

TEST_F(ListWatchTest, AnErrorEventExpiredListsAtTheLastVersionFirst) {
  StartWatching();
  EXPECT_EQ(Text(machine_.OnEvent(ErrorEvent("Expired"), now_)),
            (Lines{"close", "failed Expired, wait 1200 ms"}));
  EXPECT_EQ(WaitForTimer(), Lines{"list at '10' limit 0"});
}

TEST_F(ListWatchTest, AnErrorEventThrottledWatchesAgain) {
  StartWatching();
  machine_.OnEvent(ErrorEvent("TooManyRequests"), now_);
  EXPECT_EQ(WaitForTimer(), Lines{"watch from 10"});
}

TEST_F(ListWatchTest, GarbledBytesCloseTheStreamAndListAgain) {
  StartWatching();
  EXPECT_EQ(Text(machine_.OnWatchGarbled(ErrorWith("WatchGarbled"), now_)),
            (Lines{"close", "failed WatchGarbled, wait 1200 ms"}));
  EXPECT_EQ(WaitForTimer(), Lines{"list at '10' limit 0"});
}

TEST_F(ListWatchTest, ASilentConnectionIsCutAfter75SecondsAndContinued) {
  StartWatching();
  Wait(seconds(60));
  machine_.OnBytes(now_);
  EXPECT_EQ(machine_.Deadline(), now_ + seconds(75));
  Wait(seconds(74));
  EXPECT_EQ(Text(machine_.OnTimer(now_)), Lines{});
  Wait(seconds(1));
  EXPECT_EQ(Text(machine_.OnTimer(now_)), (Lines{"close", "watch from 10"}));
}

TEST_F(ListWatchTest, AServerWithoutBookmarksIsCutOnlyAtItsTimeoutAfterThreeSilentWatches) {
  StartWatching();
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(machine_.Deadline(), now_ + seconds(75));
    WaitForTimer();
    machine_.OnWatchOpened(now_);
  }
  EXPECT_EQ(machine_.Deadline(), now_ + seconds(455));
  machine_.OnEvent(Event("BOOKMARK", "11"), now_);
  EXPECT_EQ(machine_.Deadline(), now_ + seconds(75));
}

TEST_F(ListWatchTest, AWatchOlderThanItsTimeoutIsCutEvenWhenBytesCome) {
  StartWatching();
  Wait(seconds(454));
  machine_.OnBytes(now_);
  EXPECT_EQ(machine_.Deadline(), now_ + seconds(1));
  EXPECT_EQ(WaitForTimer(), (Lines{"close", "watch from 10"}));
}

TEST_F(ListWatchTest, TheTimeoutIsSpreadBetweenItsBounds) {
  const auto random = MakeSeededRandom(7);
  int lowest = 10'000;
  int highest = 0;
  for (int i = 0; i < 200; ++i) {
    ListWatch machine(ListWatchOptions{}, *random);
    machine.Start(now_);
    const auto open = std::get<OpenWatch>(machine.OnPage(Page("10"), now_).back());
    lowest = std::min(lowest, open.timeout_seconds);
    highest = std::max(highest, open.timeout_seconds);
  }
  EXPECT_GE(lowest, 300);
  EXPECT_LT(lowest, 320);
  EXPECT_LE(highest, 600);
  EXPECT_GT(highest, 580);
}

TEST_F(ListWatchTest, NewsOfAStreamThatWasGivenUpAreIgnored) {
  StartWatching();
  machine_.OnEvent(ErrorEvent("Expired"), now_);
  EXPECT_EQ(Text(machine_.OnEvent(Event("ADDED", "11"), now_)), Lines{});
  EXPECT_EQ(Text(machine_.OnWatchEnded(now_)), Lines{});
  EXPECT_EQ(Text(machine_.OnWatchGarbled(ErrorWith("x"), now_)), Lines{});
  EXPECT_EQ(Text(machine_.OnPage(Page("12"), now_)), Lines{});
  EXPECT_EQ(Text(machine_.OnListFailed(Refused(500), now_)), Lines{});
  EXPECT_EQ(Text(machine_.OnWatchRefused(Refused(500), now_)), Lines{});
}

}  // namespace
}  // namespace milink::kube
