#include "core/base/time_format.h"

#include <optional>
#include <string>
#include <utility>

#include <gtest/gtest.h>

namespace milink {
namespace {

using std::chrono::hours;
using std::chrono::microseconds;
using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;

constexpr TimePoint kTen{seconds(1'795'255'200)};  // 2026-11-21T10:00:00Z

TEST(Rfc3339Test, WritesSecondsAndMicroseconds) {
  EXPECT_EQ(FormatRfc3339(kTen), "2026-11-21T10:00:00Z");
  EXPECT_EQ(FormatRfc3339(kTen + milliseconds(999)), "2026-11-21T10:00:00Z");
  EXPECT_EQ(FormatRfc3339Micro(kTen), "2026-11-21T10:00:00.000000Z");
  EXPECT_EQ(FormatRfc3339Micro(kTen + microseconds(1'234)), "2026-11-21T10:00:00.001234Z");
  EXPECT_EQ(FormatRfc3339(TimePoint()), "1970-01-01T00:00:00Z");
  EXPECT_EQ(FormatRfc3339(TimePoint(-milliseconds(1))), "1969-12-31T23:59:59Z");
  EXPECT_EQ(FormatRfc3339Micro(TimePoint(-milliseconds(1))), "1969-12-31T23:59:59.999000Z");
}

TEST(Rfc3339Test, ReadsTheFormsThatServersWrite) {
  struct Row {
    std::string text;
    TimePoint time;
  };
  const Row rows[] = {
      {"2026-11-21T10:00:00Z", kTen},
      {"2026-11-21t10:00:00z", kTen},
      {"2026-11-21T10:00:00.5Z", kTen + milliseconds(500)},
      {"2026-11-21T10:00:00.123456789Z", kTen + microseconds(123'456)},
      {"2026-11-21T12:00:00+02:00", kTen},
      {"2026-11-21T04:30:00.000-05:30", kTen},
      {"2024-02-29T00:00:00Z", TimePoint(seconds(1'709'164'800))},
      {"1969-12-31T23:59:59Z", TimePoint(seconds(-1))},
      {"2016-12-31T23:59:60Z", TimePoint(seconds(1'483'228'800))},
  };
  for (const auto& row : rows) {
    EXPECT_EQ(ParseRfc3339(row.text), row.time) << row.text;
  }
}

TEST(Rfc3339Test, TimesOutsideTheRangeAreTheNearestInside) {
  const std::pair<std::string, std::string> rows[] = {
      {"9999-12-31T23:59:59.9999999Z", "2262-04-11T23:47:15.000000Z"},
      {"2262-04-12T00:00:00Z", "2262-04-11T23:47:15.000000Z"},
      {"0001-01-01T00:00:00Z", "1677-09-21T00:12:44.000000Z"},
      {"0000-01-01T00:00:00+23:59", "1677-09-21T00:12:44.000000Z"},
  };
  for (const auto& [text, nearest] : rows) {
    const auto time = ParseRfc3339(text);
    ASSERT_TRUE(time) << text;
    EXPECT_EQ(FormatRfc3339Micro(*time), nearest) << text;
  }
}

TEST(Rfc3339Test, RefusesWhatIsNotATime) {
  for (const char* text : {"",
                           "2026-11-21",
                           "2026-11-21T10:00:00",
                           "2026-11-21 10:00:00Z",
                           "2026-11-21T10:00Z",
                           "2026-13-01T10:00:00Z",
                           "2026-00-01T10:00:00Z",
                           "2026-02-29T10:00:00Z",
                           "2026-11-31T10:00:00Z",
                           "2026-11-21T24:00:00Z",
                           "2026-11-21T10:60:00Z",
                           "2026-11-21T10:00:61Z",
                           "2026-11-21T10:00:00.Z",
                           "2026-11-21T10:00:00.1234567890Z",
                           "2026-11-21T10:00:00+0200",
                           "2026-11-21T10:00:00+24:00",
                           "2026-11-21T10:00:00+02:60",
                           "2026-11-21T10:00:00ZZ",
                           "2026-11-21T10:00:00Z ",
                           " 2026-11-21T10:00:00Z",
                           "-026-11-21T10:00:00Z",
                           "2026/11/21T10:00:00Z",
                           "2026-11-21T10:00:00 02:00",
                           "2026-11-21T1a:00:00Z",
                           "2026-11-21T10:00:00,5Z"}) {
    EXPECT_EQ(ParseRfc3339(text), std::nullopt) << text;
  }
}

TEST(Rfc3339Test, WhatIsWrittenIsReadBack) {
  const TimePoint time = kTen + microseconds(987'654);
  EXPECT_EQ(ParseRfc3339(FormatRfc3339Micro(time)), time);
}

TEST(DurationTest, ReadsGosForms) {
  struct Row {
    std::string text;
    Duration duration;
  };
  const Row rows[] = {
      {"0", Duration(0)},
      {"0s", Duration(0)},
      {"-0", Duration(0)},
      {"30s", seconds(30)},
      {"1h30m", minutes(90)},
      {"17520h", hours(17'520)},
      {"1h0m0.5s", hours(1) + milliseconds(500)},
      {"500ms", milliseconds(500)},
      {"1.5s", milliseconds(1'500)},
      {".5s", milliseconds(500)},
      {"1.s", seconds(1)},
      {"1500us", milliseconds(2)},
      {"1000\xc2\xb5s", milliseconds(1)},
      {"1000\xce\xbcs", milliseconds(1)},
      {"2000000ns", milliseconds(2)},
      {"-1m", -minutes(1)},
      {"+1m", minutes(1)},
      {"1m1m", minutes(2)},
      {"2562047h", hours(2'562'047)},
  };
  for (const auto& row : rows) {
    EXPECT_EQ(ParseDuration(row.text), row.duration) << row.text;
  }
}

TEST(DurationTest, RefusesWhatIsNotADuration) {
  for (const char* text : {"", "-", "+", "1", "30", "s", ".s", "1.2.3s", "1d", "1h 30m", " 1h",
                           "1h ", "--1h", "1h-30m", "1e3s", "1H", "inf", "2562048h", "1h30"}) {
    EXPECT_EQ(ParseDuration(text), std::nullopt) << text;
  }
  EXPECT_EQ(ParseDuration(std::string(400, '9') + "h"), std::nullopt);
}

TEST(DurationTest, WritesAsGoDoes) {
  struct Row {
    Duration duration;
    std::string text;
  };
  const Row rows[] = {
      {Duration(0), "0s"},           {milliseconds(1), "1ms"},
      {milliseconds(999), "999ms"},  {seconds(1), "1s"},
      {milliseconds(1'500), "1.5s"}, {seconds(60), "1m0s"},
      {seconds(90), "1m30s"},        {hours(1), "1h0m0s"},
      {hours(17'520), "17520h0m0s"}, {milliseconds(3'661'001), "1h1m1.001s"},
      {-seconds(90), "-1m30s"},      {-milliseconds(5), "-5ms"},
  };
  for (const auto& row : rows) {
    EXPECT_EQ(FormatDuration(row.duration), row.text);
    EXPECT_EQ(ParseDuration(row.text), row.duration);
  }
  EXPECT_EQ(FormatDuration(Duration::min()).front(), '-');
}

TEST(SqlDateTest, HasNoSeparators) {
  EXPECT_EQ(FormatSqlDate(kTen), "20261121");
  EXPECT_EQ(FormatSqlDate(TimePoint(seconds(1'709'164'800))), "20240229");
}

}  // namespace
}  // namespace milink
