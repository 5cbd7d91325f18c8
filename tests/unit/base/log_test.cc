#include "core/base/log.h"

#include <algorithm>
#include <cmath>
#include <memory>
#include <string>
#include <type_traits>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "core/base/secret.h"
#include "tests/fakes/log_collector.h"

namespace milink {
namespace {

using nlohmann::json;
using ::testing::MatchesRegex;
using ::testing::SizeIs;

static_assert(!std::is_constructible_v<LogField, std::string_view, Secret>,
              "a credential must not become a field of a log line");

// What one call writes to stderr.
template <typename Call>
std::string Written(LogFormat format, LogLevel level, const Call& call) {
  ::testing::internal::CaptureStderr();
  call(Logger(MakeStderrSink(format, level)));
  return ::testing::internal::GetCapturedStderr();
}

TEST(LogTest, ALineIsOneJsonObject) {
  const std::string line = Written(LogFormat::kJson, LogLevel::kInfo, [](const Logger& log) {
    log.Info("Created the endpoint", {{"port", 5022}, {"name", "mirroring"}, {"owned", true}});
  });
  const json parsed = json::parse(line);
  EXPECT_EQ(parsed.at("level"), "info");
  EXPECT_EQ(parsed.at("msg"), "Created the endpoint");
  EXPECT_EQ(parsed.at("port"), 5022);
  EXPECT_EQ(parsed.at("name"), "mirroring");
  EXPECT_EQ(parsed.at("owned"), true);
  EXPECT_THAT(parsed.at("time").get<std::string>(),
              MatchesRegex("[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\\.[0-9]{3}Z"));
}

TEST(LogTest, AnyTextSurvivesJson) {
  const std::string texts[] = {
      "quote \" backslash \\",      "line\nbreak\ttab", "brace {} %v %l",
      std::string("zero\0byte", 9), "\x1b[31m",         "Gr\xc3\xbc\xc3\x9f"};
  for (const auto& text : texts) {
    const std::string line = Written(LogFormat::kJson, LogLevel::kInfo, [&](const Logger& log) {
      log.Info(text, {{"value", text}, {text, 1}});
    });
    EXPECT_EQ(std::count(line.begin(), line.end(), '\n'), 1) << line;
    const json parsed = json::parse(line, nullptr, false);
    ASSERT_FALSE(parsed.is_discarded()) << line;
    EXPECT_EQ(parsed.at("msg"), text);
    EXPECT_EQ(parsed.at("value"), text);
    EXPECT_EQ(parsed.at(text), 1);
  }
}

TEST(LogTest, BytesThatAreNoUtf8AreReplaced) {
  const std::string line = Written(LogFormat::kJson, LogLevel::kInfo, [](const Logger& log) {
    log.Info("Read", {{"value", "a\xff"}});
  });
  EXPECT_EQ(json::parse(line).at("value"), "a\xef\xbf\xbd");
}

TEST(LogTest, TextLinesCannotBeForged) {
  const std::string line = Written(LogFormat::kText, LogLevel::kInfo, [](const Logger& log) {
    log.Info("Read", {{"value", "a\nb"}, {"count", 3}});
  });
  EXPECT_THAT(line, MatchesRegex("[0-9TZ.:-]+ info +Read value=\"a\\\\nb\" count=3\n"));
}

TEST(LogTest, LinesBelowTheLevelAreDropped) {
  const std::string lines = Written(LogFormat::kText, LogLevel::kWarning, [](const Logger& log) {
    log.Debug("one");
    log.Info("two");
    log.Warning("three");
    log.Error("four");
  });
  EXPECT_EQ(std::count(lines.begin(), lines.end(), '\n'), 2) << lines;
}

TEST(LogTest, TheLevelMayChangeAtAnyTime) {
  ::testing::internal::CaptureStderr();
  const auto sink = MakeStderrSink(LogFormat::kText, LogLevel::kInfo);
  const Logger log = Logger(sink).With({{"made", "before"}});
  log.Debug("one");
  sink->SetLevel(LogLevel::kDebug);
  log.Debug("two");
  sink->SetLevel(LogLevel::kWarning);
  log.Info("three");
  EXPECT_THAT(::testing::internal::GetCapturedStderr(),
              MatchesRegex("[0-9TZ.:-]+ debug +two made=\"before\"\n"));
}

TEST(LogTest, FractionsAreNumbers) {
  const std::string line = Written(LogFormat::kJson, LogLevel::kInfo, [](const Logger& log) {
    log.Info("Took", {{"seconds", 0.0625}, {"broken", std::nan("")}});
  });
  EXPECT_EQ(json::parse(line).at("seconds"), 0.0625);
  EXPECT_EQ(json::parse(line).at("broken"), "nan") << "JSON has no such number";
}

TEST(LogTest, FieldsOfALoggerAreOnEveryLine) {
  const auto sink = std::make_shared<fakes::LogCollector>();
  const Logger base{sink};
  const Logger link = base.With({{"kind", "Link"}}).With({{"name", "sales"}});
  link.Info("Looked", {{"databases", 2}});
  base.Error("Failed");
  ASSERT_THAT(sink->Lines(), SizeIs(2));
  EXPECT_EQ(sink->Lines()[0].Field("kind"), "Link");
  EXPECT_EQ(sink->Lines()[0].Field("name"), "sales");
  EXPECT_EQ(sink->Lines()[0].Field("databases"), "2");
  EXPECT_THAT(sink->Lines()[1].fields, SizeIs(0));
  EXPECT_EQ(sink->Lines()[1].level, LogLevel::kError);
}

TEST(LogTest, ALoggerWithoutASinkDropsEverything) {
  const Logger log;
  log.With({{"a", 1}}).Error("Nobody hears this");
  SUCCEED() << "nothing to crash on";
}

}  // namespace
}  // namespace milink
