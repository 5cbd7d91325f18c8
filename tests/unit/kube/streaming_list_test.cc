// Streaming lists of ListWatch: the collection and the watch after it are one request.
#include "core/kube/list_watch.h"
#include "tests/unit/kube/list_watch_rig.h"

namespace milink::kube {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

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

TEST_F(StreamingListTest, AServerThatCallsItInvalidIsNotAskedAgainForAnHour) {
  for (const int code : {400, 422}) {
    ListWatch machine(Options(true), random_);
    machine.Start(now_);
    EXPECT_EQ(Text(machine.OnWatchRefused(Refused(code), now_)).back(), "list at '0' limit 500");
    machine.OnPage(Page("10"), now_);
    machine.OnWatchOpened(now_);
    machine.OnEvent(ErrorEvent("Expired"), now_);
    EXPECT_EQ(Text(machine.OnTimer(*machine.Deadline())), Lines{"list at '10' limit 0"});
    machine.OnPage(Page("11"), now_);
    machine.OnWatchOpened(now_);
    machine.OnEvent(ErrorEvent("Expired"), now_ + std::chrono::hours(1));
    EXPECT_EQ(Text(machine.OnTimer(*machine.Deadline())), Lines{"stream at '11'"});
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

TEST_F(StreamingListTest, AServerThatStalledOnceStreamsAgainAfterAnHour) {
  Open();
  Timer();
  EXPECT_EQ(Timer().back(), "list at '0' limit 500");
  const auto relist_after = [this](Duration delay) {
    stream_.OnPage(Page("10"), now_);
    Open();
    now_ += delay;
    Expire();
    return Timer();
  };
  EXPECT_EQ(relist_after(std::chrono::minutes(59)), Lines{"list at '10' limit 0"});
  EXPECT_EQ(relist_after(std::chrono::minutes(1)), Lines{"stream at '10'"});
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
