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
  std::string operator()(const OpenWatch& a) const {
    return a.initial_events ? "stream at '" + a.resource_version + "'"
                            : "watch from " + a.resource_version;
  }
  std::string operator()(const CloseWatch& /*a*/) const { return "close"; }
  std::string operator()(const StageObject& a) const { return "stage " + a.object.value("n", ""); }
  std::string operator()(const UnstageObject& a) const {
    return "unstage " + a.object.value("n", "");
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
  std::string operator()(const ReplayStore& /*a*/) const { return "replay"; }
  std::string operator()(const ReportSkipped& a) const { return "skipped " + a.error.reason; }
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

ListPage Page(const std::string& version, const std::string& next = "") { return {version, next}; }

WatchEvent Event(const std::string& type, const std::string& version,
                 const std::string& name = "a") {
  return {type, {{"n", name}, {"kind", "Widget"}, {"metadata", {{"resourceVersion", version}}}}};
}

WatchEvent EndBookmark(const std::string& version) {
  WatchEvent event = Event("BOOKMARK", version);
  event.object["metadata"]["annotations"]["k8s.io/initial-events-end"] = "true";
  return event;
}

ListWatchOptions Options(bool streaming_lists) {
  ListWatchOptions options;
  options.kind = "Widget";
  options.streaming_lists = streaming_lists;
  return options;
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
  ListWatch machine_{Options(/*streaming_lists=*/false), random_};
};

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

TEST_F(ListWatchTest, AnEventThatDripsInIsCutLikeSilence) {
  StartWatching();
  const MonotonicTime first = now_ + seconds(10);
  for (int i = 0; i < 84; ++i) {
    Wait(seconds(1));
    if (i >= 9) {
      machine_.OnBytes(now_);
    }
    EXPECT_EQ(Text(machine_.OnTimer(now_)), Lines{});
  }
  EXPECT_EQ(machine_.Deadline(), first + seconds(75));
  EXPECT_EQ(WaitForTimer(), (Lines{"close", "watch from 10"}));
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

// --- Streaming lists (WL-1 to WL-7)
// ---------------------------------------------------------------

class StreamingListTest : public ListWatchTest {
 protected:
  StreamingListTest() { EXPECT_EQ(Text(stream_.Start(now_)), Lines{"stream at ''"}); }
  void Open() { EXPECT_EQ(Text(stream_.OnWatchOpened(now_)), Lines{}); }
  Lines Tell(WatchEvent event) { return Text(stream_.OnEvent(std::move(event), now_)); }
  Lines Timer() {
    now_ = stream_.Deadline().value();
    return Text(stream_.OnTimer(now_));
  }
  void Sync(const std::string& version) {
    Open();
    EXPECT_EQ(Tell(EndBookmark(version)), Lines{"replace at " + version});
  }
  void Expire() { Tell(ErrorEvent("Expired")); }

  ListWatch stream_{Options(/*streaming_lists=*/true), random_};
};

TEST_F(StreamingListTest, CollectsUntilTheEndBookmarkAndGoesOnWithTheSameStream) {
  Open();
  EXPECT_EQ(Tell(Event("ADDED", "7", "x")), Lines{"stage x"});
  EXPECT_EQ(Tell(Event("MODIFIED", "9", "x")), Lines{"stage x"});
  EXPECT_EQ(Tell(Event("ADDED", "3", "y")), Lines{"stage y"}) << "in no order of versions";
  EXPECT_EQ(Tell(Event("DELETED", "10", "y")), Lines{"unstage y"});
  EXPECT_EQ(Tell(Event("BOOKMARK", "10")), Lines{}) << "not the end";
  EXPECT_EQ(Tell(EndBookmark("11")), Lines{"replace at 11"});
  EXPECT_EQ(Tell(Event("MODIFIED", "12", "x")), Lines{"upsert x"});
  EXPECT_EQ(Text(stream_.OnWatchEnded(now_)), Lines{"watch from 12"});
}

TEST_F(StreamingListTest, AnExpiredWatchStreamsAgainFromTheLastVersion) {
  Sync("11");
  Expire();
  EXPECT_EQ(Timer(), Lines{"stream at '11'"});
}

TEST_F(StreamingListTest, AStreamThatEndsEarlyIsDiscardedAndBegunAgainThreeTimes) {
  for (const char* next : {"stream at ''", "stream at ''", "list at '0' limit 500"}) {
    Open();
    Tell(Event("ADDED", "7", "x"));
    EXPECT_EQ(Text(stream_.OnWatchEnded(now_)).front(), "discard");
    EXPECT_EQ(Timer(), Lines{next});
  }
  EXPECT_EQ(Text(stream_.OnPage(Page("10"), now_)), (Lines{"replace at 10", "watch from 10"}));
  stream_.OnWatchOpened(now_);
  Expire();
  EXPECT_EQ(Timer(), Lines{"stream at '10'"}) << "the next sync tries the stream again";
}

TEST_F(StreamingListTest, GarbledBytesAreABrokenStream) {
  Open();
  EXPECT_EQ(Text(stream_.OnWatchGarbled(ErrorWith("WatchGarbled"), now_)),
            (Lines{"close", "discard", "failed WatchGarbled, wait 1200 ms"}));
  EXPECT_EQ(Timer(), Lines{"stream at ''"});
}

TEST_F(StreamingListTest, ThrottledOrRefusedStreamsAgainLater) {
  for (const Error& error : {Refused(429), ErrorWith(kConnectionRefused)}) {
    EXPECT_EQ(Text(stream_.OnWatchRefused(error, now_)).front(), "discard");
    EXPECT_EQ(Timer(), Lines{"stream at ''"});
  }
  Open();
  Tell(ErrorEvent("TooManyRequests"));
  EXPECT_EQ(Timer(), Lines{"stream at ''"});
}

TEST_F(StreamingListTest, AnUnusableVersionStreamsTheMostRecentStateAtOnce) {
  Sync("11");
  Expire();
  Timer();
  EXPECT_EQ(Text(stream_.OnWatchRefused(Refused(410), now_)), (Lines{"discard", "stream at ''"}));
  EXPECT_EQ(Text(stream_.OnWatchRefused(Refused(410), now_)).back().substr(0, 6), "failed");
  Timer();
  Open();
  EXPECT_EQ(Tell(ErrorEvent("Expired")).back().substr(0, 6), "failed") << "no loop";
}

TEST_F(StreamingListTest, AServerThatCallsItInvalidIsNotAskedAgain) {
  for (const int code : {400, 422}) {
    ListWatch machine(Options(true), random_);
    machine.Start(now_);
    EXPECT_EQ(Text(machine.OnWatchRefused(Refused(code), now_)).back(), "list at '0' limit 500");
    machine.OnPage(Page("10"), now_);
    machine.OnWatchOpened(now_);
    machine.OnEvent(ErrorEvent("Expired"), now_);
    EXPECT_EQ(Text(machine.OnTimer(*machine.Deadline())), Lines{"list at '10' limit 0"});
  }
}

TEST_F(StreamingListTest, AnyOtherRefusalListsAtOnceAndBacksOffWhenThatFailsToo) {
  EXPECT_EQ(Text(stream_.OnWatchRefused(Refused(404), now_)),
            (Lines{"discard", "failed PathUnknown, wait 0 ms", "list at '0' limit 500"}));
  EXPECT_EQ(Text(stream_.OnListFailed(Refused(404), now_)),
            (Lines{"discard", "failed PathUnknown, wait 1200 ms"}));
  EXPECT_EQ(Timer(), Lines{"list at '0' limit 500"}) << "one request for each wait";
}

TEST_F(StreamingListTest, AnErrorWithinTheStreamListsAtOnce) {
  Open();
  EXPECT_EQ(
      Tell(ErrorEvent("InternalError")),
      (Lines{"close", "discard", "failed InternalError, wait 0 ms", "list at '0' limit 500"}));
}

TEST_F(StreamingListTest, AMissingEndIsComplainedOfThenListed) {
  Open();
  EXPECT_EQ(Timer(), Lines{"failed StreamingListWithoutEnd, wait 0 ms"});
  Tell(Event("ADDED", "7", "x"));
  EXPECT_EQ(Timer(), Lines{"failed StreamingListWithoutEnd, wait 0 ms"}) << "objects still come";
  EXPECT_EQ(Timer(), (Lines{"close", "discard", "failed StreamingListWithoutEnd, wait 0 ms",
                            "list at '0' limit 500"}));
}

TEST_F(StreamingListTest, AStreamFromThePastIsNotBelieved) {
  Sync("100");
  Expire();
  Timer();
  Open();
  Tell(Event("ADDED", "7", "x"));
  EXPECT_EQ(Tell(EndBookmark("99")),
            (Lines{"failed ListFromThePast, wait 0 ms", "close", "discard", "stream at ''"}));
  Open();
  EXPECT_EQ(Tell(EndBookmark("99")), Lines{"replace at 99"}) << "the most recent state is";
}

}  // namespace
}  // namespace milink::kube
