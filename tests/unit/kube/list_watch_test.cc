#include "core/kube/list_watch.h"

#include "tests/unit/kube/list_watch_rig.h"

namespace milink::kube {
namespace {

using nlohmann::json;
using std::chrono::milliseconds;
using std::chrono::seconds;

const Duration kSilence = ListWatchOptions().silence_limit;

TEST_F(ListWatchTest, ListsFromTheCacheThenWatchesFromTheListsVersion) {
  EXPECT_EQ(Text(machine_.Start(now_)), (Lines{"list at '0' limit 500"}));
  EXPECT_EQ(Text(machine_.OnPage(Page("10"), now_)), (Lines{"replace at 10", "watch from 10"}));
  machine_.OnWatchOpened(now_);
  EXPECT_TRUE(machine_.watching());
}

TEST_F(ListWatchTest, FollowsContinueTokensAndReplacesTheStoreOnce) {
  machine_.Start(now_);
  EXPECT_EQ(Text(machine_.OnPage(Page("10", "t1"), now_)), Lines{"list on from t1 limit 500"});
  EXPECT_EQ(Text(machine_.OnPage(Page("10", "t2"), now_)), Lines{"list on from t2 limit 500"});
  EXPECT_EQ(Text(machine_.OnPage(Page("10"), now_)), (Lines{"replace at 10", "watch from 10"}));
}

TEST_F(ListWatchTest, AContinueTokenThatExpiredLeadsToOneWholeList) {
  machine_.Start(now_);
  machine_.OnPage(Page("10", "t1"), now_);
  EXPECT_EQ(Text(machine_.OnListFailed(Refused(410), now_)),
            (Lines{"discard", "list at '' limit 0"}));
  EXPECT_EQ(Text(machine_.OnListFailed(Refused(410), now_)),
            (Lines{"discard", "failed Gone, wait 1200 ms"}));
}

TEST_F(ListWatchTest, AnyOtherFailureBetweenPagesDiscardsWhatWasStagedAndBacksOff) {
  machine_.Start(now_);
  machine_.OnPage(Page("10", "t1"), now_);
  EXPECT_EQ(Text(machine_.OnListFailed(Refused(500), now_)),
            (Lines{"discard", "failed InternalError, wait 1200 ms"}));
  EXPECT_EQ(WaitForTimer(), Lines{"list at '0' limit 500"});
}

TEST_F(ListWatchTest, AListThatFailsBacksOffLongerAndLongerUpToTheCap) {
  machine_.Start(now_);
  for (const int expected : {1200, 2400, 4800, 9600, 19'200, 38'400, 45'000, 45'000}) {
    EXPECT_EQ(Text(machine_.OnListFailed(Refused(403), now_)),
              (Lines{"discard", "failed Forbidden, wait " + std::to_string(expected) + " ms"}));
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
            (Lines{"discard", "failed TooManyRequests, wait 20000 ms"}));
}

TEST_F(ListWatchTest, ARelistAsksForTheLastVersionWithoutALimit) {
  StartWatching();
  machine_.OnEvent(Event("MODIFIED", "17"), now_);
  machine_.OnEvent(ErrorEvent("Expired"), now_);
  EXPECT_EQ(WaitForTimer(), Lines{"list at '17' limit 0"});
}

TEST_F(ListWatchTest, ARelistIsPagedWhenTheServerPagesEvenItsCache) {
  machine_.Start(now_);
  machine_.OnPage(Page("10", "t1"), now_);
  machine_.OnPage(Page("10"), now_);
  machine_.OnWatchOpened(now_);
  machine_.OnEvent(ErrorEvent("Expired"), now_);
  EXPECT_EQ(WaitForTimer(), Lines{"list at '10' limit 500"});
}

TEST_F(ListWatchTest, AnUnusableVersionIsReplacedByTheMostRecentStateAtOnce) {
  for (const Error& error : {Refused(410), ErrorWith("ResourceVersionTooLarge")}) {
    ListWatch machine(Options(false), random_);
    machine.Start(now_);
    EXPECT_EQ(Text(machine.OnListFailed(error, now_)), (Lines{"discard", "list at '' limit 500"}));
    EXPECT_EQ(Text(machine.OnListFailed(error, now_)).back().substr(0, 6), "failed");
  }
}

TEST_F(ListWatchTest, AListOlderThanWhatWasSeenIsNotBelieved) {
  StartWatching();
  machine_.OnEvent(Event("MODIFIED", "100"), now_);
  machine_.OnEvent(ErrorEvent("Expired"), now_);
  WaitForTimer();
  EXPECT_EQ(Text(machine_.OnPage(Page("99"), now_)),
            (Lines{"failed ListFromThePast, wait 0 ms", "discard", "list at '' limit 500"}));
}

TEST_F(ListWatchTest, TheMostRecentStateIsBelievedEvenWhenItsVersionIsOlder) {
  StartWatching();
  machine_.OnEvent(Event("MODIFIED", "100"), now_);
  machine_.OnEvent(ErrorEvent("Expired"), now_);
  WaitForTimer();
  EXPECT_EQ(Text(machine_.OnListFailed(ErrorWith("ResourceVersionTooLarge"), now_)),
            (Lines{"discard", "list at '' limit 500"}));
  EXPECT_EQ(Text(machine_.OnPage(Page("7"), now_)), (Lines{"replace at 7", "watch from 7"}));
}

TEST_F(ListWatchTest, AListThatCannotBeComparedIsReadAgainInItsMostRecentState) {
  StartWatching();
  machine_.OnEvent(ErrorEvent("Expired"), now_);
  WaitForTimer();
  EXPECT_EQ(Text(machine_.OnPage(Page("x11"), now_)),
            (Lines{"failed ListFromThePast, wait 0 ms", "discard", "list at '' limit 500"}));
  EXPECT_EQ(Text(machine_.OnPage(Page("x11"), now_)), (Lines{"replace at x11", "watch from x11"}));
}

TEST_F(ListWatchTest, AListWithoutVersionIsAFailure) {
  machine_.Start(now_);
  EXPECT_EQ(Text(machine_.OnPage(Page(""), now_)),
            (Lines{"discard", "failed ListUnversioned, wait 1200 ms"}));
}

TEST_F(ListWatchTest, EventsChangeTheStoreAndMoveTheVersion) {
  StartWatching();
  EXPECT_EQ(Text(machine_.OnEvent(Event("ADDED", "11", "x"), now_)), Lines{"upsert x"});
  EXPECT_EQ(Text(machine_.OnEvent(Event("MODIFIED", "12", "x"), now_)), Lines{"upsert x"});
  EXPECT_EQ(Text(machine_.OnEvent(Event("DELETED", "13", "x"), now_)), Lines{"remove x"});
  EXPECT_EQ(Text(machine_.OnEvent(Event("BOOKMARK", "40"), now_)), Lines{"progress 40"});
  EXPECT_EQ(Text(machine_.OnWatchEnded(now_)), Lines{"watch from 40"});
}

// A store that was restored from a backup counts again from where that was made.
TEST_F(ListWatchTest, ABookmarkFromThePastMakesItReadTheMostRecentState) {
  StartWatching();
  machine_.OnEvent(Event("MODIFIED", "100"), now_);
  EXPECT_EQ(Text(machine_.OnEvent(Event("BOOKMARK", "99"), now_)),
            (Lines{"close", "failed WatchFromThePast, wait 1200 ms"}));
  EXPECT_EQ(WaitForTimer(), Lines{"list at '' limit 500"});
  EXPECT_EQ(Text(machine_.OnPage(Page("99"), now_)), (Lines{"replace at 99", "watch from 99"}));
}

TEST_F(ListWatchTest, WhatIsNotUnderstoodIsReportedAndSkipped) {
  StartWatching();
  EXPECT_EQ(Text(machine_.OnEvent(Event("RENAMED", "11"), now_)),
            Lines{"skipped UnknownEventType"});
  for (const json& object : {json::object(), json("text"), json{{"metadata", 5}},
                             json{{"metadata", {{"resourceVersion", 5}}}}}) {
    EXPECT_EQ(Text(machine_.OnEvent({"ADDED", object}, now_)),
              Lines{"skipped ObjectWithoutVersion"});
  }
  EXPECT_EQ(Text(machine_.OnEvent({"ADDED", {{"kind", "Table"}, {"rows", json::array()}}}, now_)),
            Lines{"skipped UnexpectedKind"});
  EXPECT_EQ(Text(machine_.OnEvent(Event("MODIFIED", "9"), now_)),
            Lines{"skipped EventFromThePast"});
  EXPECT_EQ(Text(machine_.OnEvent(Event("MODIFIED", "10"), now_)),
            Lines{"skipped EventFromThePast"});
  EXPECT_EQ(machine_.last_version(), "10");
  EXPECT_TRUE(machine_.watching());
}

TEST_F(ListWatchTest, ItemsOfAListAreStagedAndNonsenseIsSkipped) {
  machine_.Start(now_);
  EXPECT_EQ(Text(machine_.OnListItem(Event("", "5", "x").object)), Lines{"stage x"});
  EXPECT_EQ(Text(machine_.OnListItem(json{{"kind", "Widget"}})),
            Lines{"skipped ObjectWithoutVersion"});
  EXPECT_EQ(Text(machine_.OnListItem(json{{"kind", "Gadget"}})), Lines{"skipped UnexpectedKind"});
}

// A page of a list, asked for some time ago, of which an item has just come.
struct PageCase {
  const char* name;
  seconds age;
  seconds patience;
};

class PagePatienceTest : public testing::TestWithParam<PageCase> {};

TEST_P(PagePatienceTest, IsForTheNextItemWithinALimitForAll) {
  EXPECT_EQ(PagePatience(GetParam().age, ListWatchOptions{}), GetParam().patience);
}

INSTANTIATE_TEST_SUITE_P(
    Table, PagePatienceTest,
    testing::Values(PageCase{"JustAskedFor", seconds(0), seconds(72)},
                    PageCase{"ASlowServerThatGoesOnAfterAMinute", seconds(61), seconds(72)},
                    PageCase{"AfterThreeMinutesStill", seconds(168), seconds(72)},
                    PageCase{"TheLastMinute", seconds(180), seconds(60)},
                    PageCase{"AListWithoutEnd", seconds(240), seconds(0)},
                    PageCase{"Overdue", seconds(300), seconds(0)}),
    [](const auto& test) { return test.param.name; });

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

TEST_F(ListWatchTest, ASilentConnectionIsCutWithin75SecondsAndContinued) {
  StartWatching();
  Wait(seconds(60));
  machine_.OnBytes(now_);
  EXPECT_EQ(machine_.Deadline(), now_ + kSilence);
  Wait(kSilence - milliseconds(1));
  EXPECT_EQ(Text(machine_.OnTimer(now_)), Lines{});
  Wait(milliseconds(1));
  EXPECT_EQ(Text(machine_.OnTimer(now_)), (Lines{"close", "watch from 10"}));
}

TEST_F(ListWatchTest, AnEventThatDripsInIsCutLikeSilence) {
  StartWatching();
  const MonotonicTime first = now_ + seconds(10);
  for (int i = 0; i < 80; ++i) {
    Wait(seconds(1));
    if (i >= 9) {
      machine_.OnBytes(now_);
    }
    EXPECT_EQ(Text(machine_.OnTimer(now_)), Lines{});
  }
  EXPECT_EQ(machine_.Deadline(), first + kSilence);
  EXPECT_EQ(WaitForTimer(), (Lines{"close", "watch from 10"}));
}

// A server whose store was restored opens a watch at a version that it does not have, and is
// silent.
TEST_F(ListWatchTest, TwoSilentWatchesOfAServerThatSendsBookmarksMakeItListAgain) {
  StartWatching();
  machine_.OnEvent(Event("BOOKMARK", "100"), now_);
  EXPECT_EQ(WaitForTimer(), (Lines{"close", "watch from 100"}));
  machine_.OnWatchOpened(now_);
  EXPECT_EQ(WaitForTimer(), (Lines{"close", "failed WatchSilent, wait 1200 ms"}));
  EXPECT_EQ(WaitForTimer(), Lines{"list at '100' limit 0"});
  EXPECT_EQ(Text(machine_.OnListFailed(ErrorWith("ResourceVersionTooLarge"), now_)),
            (Lines{"discard", "list at '' limit 500"}));
  EXPECT_EQ(Text(machine_.OnPage(Page("90"), now_)), (Lines{"replace at 90", "watch from 90"}));
}

TEST_F(ListWatchTest, AShortWatchThatRepeatsOldNewsIsAFailure) {
  StartWatching();
  machine_.OnEvent(Event("BOOKMARK", "10"), now_);
  EXPECT_EQ(Text(machine_.OnWatchEnded(now_)), Lines{"failed VeryShortWatch, wait 1200 ms"});
}

TEST_F(ListWatchTest, EveryTenHoursAllObjectsAreReplayed) {
  StartWatching();
  const MonotonicTime start = now_;
  int replays = 0;
  while (now_ < start + std::chrono::hours(25)) {
    now_ = machine_.Deadline().value();
    for (const WatchAction& action : machine_.OnTimer(now_)) {
      replays += std::holds_alternative<ReplayStore>(action) ? 1 : 0;
      if (std::holds_alternative<OpenWatch>(action)) {
        machine_.OnWatchOpened(now_);
      }
    }
  }
  EXPECT_EQ(replays, 2);
}

TEST_F(ListWatchTest, AServerWithoutBookmarksIsCutOnlyAtItsTimeoutAfterThreeSilentWatches) {
  StartWatching();
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(machine_.Deadline(), now_ + kSilence);
    WaitForTimer();
    machine_.OnWatchOpened(now_);
  }
  EXPECT_EQ(machine_.Deadline(), now_ + seconds(455));
  machine_.OnEvent(Event("BOOKMARK", "11"), now_);
  EXPECT_EQ(machine_.Deadline(), now_ + kSilence);
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
    ListWatch machine(Options(false), *random);
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
