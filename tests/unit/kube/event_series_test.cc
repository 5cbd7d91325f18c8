#include "core/kube/event_series.h"

#include <gmock/gmock.h>

#include "core/base/time_format.h"

namespace milink::kube {
namespace {

using nlohmann::json;
using std::chrono::minutes;
using std::chrono::seconds;

class EventSeriesTest : public testing::Test {
 protected:
  EventInput Event(const std::string& reason = "Failed", const std::string& note = "it failed") {
    return {{"milink.dev/v1alpha1", "SqlServerReplica", {"ns", "sql1"}, "u1"},
            EventType::kWarning,
            reason,
            "Connect",
            note,
            now_};
  }

  TimePoint now_ = *ParseRfc3339("2026-11-21T10:00:00Z");
  std::unique_ptr<Random> random_ = MakeSeededRandom(1);
  EventSeries series_{"milink.dev/operator", "pod-1", *random_};
};

TEST_F(EventSeriesTest, AFirstEventIsAWholeObject) {
  const auto write = series_.Add(Event());
  ASSERT_TRUE(write);
  EXPECT_EQ(write->key.namespace_name, "ns");
  EXPECT_TRUE(write->key.name.starts_with("sql1."));
  json object = write->create;
  EXPECT_EQ(object.at("metadata").at("name"), write->key.name);
  object.erase("metadata");
  EXPECT_EQ(object, (json{{"eventTime", "2026-11-21T10:00:00.000000Z"},
                          {"type", "Warning"},
                          {"reason", "Failed"},
                          {"action", "Connect"},
                          {"note", "it failed"},
                          {"reportingController", "milink.dev/operator"},
                          {"reportingInstance", "pod-1"},
                          {"regarding",
                           {{"apiVersion", "milink.dev/v1alpha1"},
                            {"kind", "SqlServerReplica"},
                            {"namespace", "ns"},
                            {"name", "sql1"},
                            {"uid", "u1"}}}}));
}

TEST_F(EventSeriesTest, TheSameWithinSixMinutesGrowsASeries) {
  const auto first = series_.Add(Event());
  now_ += minutes(5);
  const auto second = series_.Add(Event());
  ASSERT_TRUE(second);
  EXPECT_TRUE(second->create.is_null());
  EXPECT_EQ(second->key, first->key);
  EXPECT_EQ(
      second->patch,
      (json{{"series", {{"count", 2}, {"lastObservedTime", "2026-11-21T10:05:00.000000Z"}}}}));
}

TEST_F(EventSeriesTest, AfterSixQuietMinutesItIsANewEvent) {
  const auto first = series_.Add(Event());
  now_ += minutes(6);
  const auto second = series_.Add(Event());
  EXPECT_FALSE(second->create.is_null());
  EXPECT_NE(second->key, first->key);
}

TEST_F(EventSeriesTest, AnythingElseIsAnotherEvent) {
  series_.Add(Event());
  EXPECT_FALSE(series_.Add(Event("Other"))->create.is_null());
  EventInput normal = Event();
  normal.type = EventType::kNormal;
  EXPECT_FALSE(series_.Add(normal)->create.is_null());
  EventInput recreated = Event();
  recreated.about.uid = "u2";
  EXPECT_FALSE(series_.Add(recreated)->create.is_null());
}

TEST_F(EventSeriesTest, TheSecondIsWrittenAtOnceAndTheRestEveryHalfHour) {
  series_.Add(Event());
  now_ += seconds(1);
  EXPECT_TRUE(series_.Add(Event()));
  for (int minute = 1; minute <= 29; ++minute) {
    now_ += minutes(1);
    EXPECT_FALSE(series_.Add(Event()));
    EXPECT_TRUE(series_.Due(now_).empty());
  }
  EXPECT_TRUE(series_.has_unsent());
  now_ += minutes(1);
  const auto due = series_.Due(now_);
  ASSERT_EQ(due.size(), 1U);
  EXPECT_EQ(due[0].patch.at("series").at("count"), 31);
  EXPECT_FALSE(series_.has_unsent());
}

TEST_F(EventSeriesTest, ASeriesThatEndsIsWrittenALastTime) {
  for (int i = 0; i < 3; ++i) series_.Add(Event());
  now_ += minutes(5);
  EXPECT_TRUE(series_.Due(now_).empty());
  now_ += minutes(1);
  const auto due = series_.Due(now_);
  ASSERT_EQ(due.size(), 1U);
  EXPECT_EQ(due[0].patch.at("series").at("count"), 3);
}

TEST_F(EventSeriesTest, AnotherNoteIsAnotherEvent) {
  const auto first = series_.Add(Event("Failed", "disk is full"));
  const auto second = series_.Add(Event("Failed", "login was refused"));
  ASSERT_TRUE(second);
  EXPECT_EQ(second->create.at("note"), "login was refused");
  const auto again = series_.Add(Event("Failed", "disk is full"));
  ASSERT_TRUE(again);
  EXPECT_EQ(again->key, first->key) << "each has a series of its own";
}

TEST_F(EventSeriesTest, NotesThatNeverRepeatCountAsTheNewestOfTen) {
  std::optional<EventWrite> last;
  for (std::size_t i = 0; i < EventSeries::kMaxNotes; ++i) {
    last = series_.Add(Event("Failed", "waited " + std::to_string(i) + " s"));
    ASSERT_TRUE(last && !last->create.is_null());
  }
  for (int i = 100; i < 200; ++i) {
    const auto write = series_.Add(Event("Failed", "waited " + std::to_string(i) + " s"));
    EXPECT_EQ(write.has_value(), i == 100);
    if (write) {
      EXPECT_EQ(write->key, last->key);
    }
  }
  EXPECT_FALSE(series_.Add(Event("Other"))->create.is_null()) << "other reasons are not affected";
  now_ += minutes(7);
  EXPECT_FALSE(series_.Add(Event("Failed", "waited 200 s"))->create.is_null());
}

TEST_F(EventSeriesTest, AnObjectMakesABurstOfEventsAndThenOneEveryFiveMinutes) {
  int made = 0;
  for (int i = 0; i < 100; ++i) made += series_.Add(Event("R" + std::to_string(i))) ? 1 : 0;
  EXPECT_EQ(made, EventSeries::kBurst);
  EXPECT_EQ(series_.limited(), 75U);
  EventInput other = Event("R0");
  other.about.uid = "u2";
  EXPECT_TRUE(series_.Add(other)) << "the limit is per object";
  now_ += seconds(299);
  EXPECT_FALSE(series_.Add(Event("Later")));
  now_ += seconds(1);
  EXPECT_TRUE(series_.Add(Event("Later")));
  EXPECT_FALSE(series_.Add(Event("Later still")));
}

TEST_F(EventSeriesTest, AJumpOfTheWallClockNeitherGrantsNorTakesEvents) {
  for (int i = 0; i < EventSeries::kBurst; ++i) series_.Add(Event("R" + std::to_string(i)));
  now_ -= std::chrono::hours(1);
  EXPECT_FALSE(series_.Add(Event("Back")));
  now_ += minutes(5);
  EXPECT_TRUE(series_.Add(Event("Later")));
}

TEST_F(EventSeriesTest, ThousandsOfObjectsTakeBoundedMemory) {
  for (int i = 0; i < 10'000; ++i) {
    EventInput event = Event();
    event.about.uid = std::to_string(i);
    EXPECT_TRUE(series_.Add(event));
    series_.Add(event);
  }
  EXPECT_LE(series_.Due(now_ + minutes(6)).size(), 4096U);
}

TEST_F(EventSeriesTest, AtTheEndEverythingIsDue) {
  for (int i = 0; i < 3; ++i) series_.Add(Event());
  EXPECT_TRUE(series_.Due(now_).empty());
  EXPECT_EQ(series_.Due(now_, true).size(), 1U);
}

TEST_F(EventSeriesTest, ADeletedEventIsReplacedByOneThatCarriesTheCount) {
  const auto first = series_.Add(Event());
  series_.Add(Event());
  const auto anew = series_.Replace(first->key);
  ASSERT_TRUE(anew);
  EXPECT_NE(anew->key, first->key);
  EXPECT_EQ(anew->create.at("note"), "it failed");
  EXPECT_EQ(anew->create.at("series").at("count"), 2);
  EXPECT_FALSE(series_.Replace(first->key)) << "it is not known any more";
}

TEST_F(EventSeriesTest, LongTextsAreCutToWhatTheServerTakes) {
  EventInput event = Event("R", std::string(5000, 'x'));
  event.about.key.name = std::string(253, 'n');
  const auto write = series_.Add(event);
  EXPECT_LE(write->create.at("note").get<std::string>().size(), 1024U);
  EXPECT_LE(write->key.name.size(), 253U);
}

TEST_F(EventSeriesTest, EventsOfObjectsWithoutNamespaceLiveInDefault) {
  EventInput event = Event();
  event.about.key.namespace_name.clear();
  const auto write = series_.Add(event);
  EXPECT_EQ(write->key.namespace_name, "default");
  EXPECT_FALSE(write->create.at("regarding").contains("namespace"));
}

}  // namespace
}  // namespace milink::kube
