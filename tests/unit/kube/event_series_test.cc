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

TEST_F(EventSeriesTest, QuickRepetitionsAreSentTogether) {
  series_.Add(Event());
  for (int i = 0; i < 5; ++i) {
    now_ += seconds(1);
    EXPECT_FALSE(series_.Add(Event()));
  }
  EXPECT_TRUE(series_.has_unsent());
  EXPECT_TRUE(series_.Due(now_).empty());
  now_ += seconds(5);
  const auto due = series_.Due(now_);
  ASSERT_EQ(due.size(), 1U);
  EXPECT_EQ(due[0].patch.at("series").at("count"), 6);
  EXPECT_FALSE(series_.has_unsent());
}

TEST_F(EventSeriesTest, AtTheEndEverythingIsDue) {
  series_.Add(Event());
  series_.Add(Event());
  EXPECT_EQ(series_.Due(now_, true).size(), 1U);
}

TEST_F(EventSeriesTest, AForgottenEventIsMadeAnew) {
  const auto first = series_.Add(Event());
  series_.Forget(first->key);
  EXPECT_FALSE(series_.Add(Event())->create.is_null());
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
