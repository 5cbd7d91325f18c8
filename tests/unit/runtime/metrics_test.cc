#include "core/runtime/metrics.h"

#include <map>
#include <string>
#include <thread>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace milink::runtime {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

TEST(MetricsTest, ASeriesExistsAtZeroBeforeItIsUsed) {
  Metrics metrics;
  metrics.AddCounter("milink_failovers_total", "Failovers", {{"type", "planned"}});
  const std::string text = metrics.Serialize();
  EXPECT_THAT(text, HasSubstr("# HELP milink_failovers_total Failovers\n"));
  EXPECT_THAT(text, HasSubstr("# TYPE milink_failovers_total counter\n"));
  EXPECT_THAT(text, HasSubstr("milink_failovers_total{type=\"planned\"} 0\n"));
}

TEST(MetricsTest, TheSameNameAndLabelsAreTheSameSeries) {
  Metrics metrics;
  metrics.AddCounter("milink_a_total", "A").Increment();
  metrics.AddCounter("milink_a_total", "A").Increment(2);
  EXPECT_THAT(metrics.Serialize(), HasSubstr("milink_a_total 3\n"));
}

TEST(MetricsTest, AGaugeIsSetAndMoved) {
  Metrics metrics;
  const Gauge gauge = metrics.AddGauge("milink_links", "Links");
  gauge.Set(5);
  gauge.Add(-2);
  EXPECT_THAT(metrics.Serialize(), HasSubstr("milink_links 3\n"));
}

TEST(MetricsTest, AHistogramCountsIntoItsBuckets) {
  Metrics metrics;
  const Histogram histogram = metrics.AddHistogram("milink_seconds", "Seconds", {0.1, 1});
  histogram.Observe(0.05);
  histogram.Observe(0.5);
  histogram.Observe(5);
  const std::string text = metrics.Serialize();
  EXPECT_THAT(text, HasSubstr("milink_seconds_count 3\n"));
  EXPECT_THAT(text, HasSubstr("milink_seconds_bucket{le=\"0.1\"} 1\n"));
  EXPECT_THAT(text, HasSubstr("milink_seconds_bucket{le=\"1\"} 2\n"));
  EXPECT_THAT(text, HasSubstr("milink_seconds_bucket{le=\"+Inf\"} 3\n"));
}

TEST(MetricsTest, LabelValuesAreEscaped) {
  Metrics metrics;
  metrics.AddGauge("milink_info", "Info", {{"text", "a\"b\\c\nd"}});
  EXPECT_THAT(metrics.Serialize(), HasSubstr(R"(milink_info{text="a\"b\\c\nd"} 0)"));
}

TEST(MetricsTest, GaugesOfObjectsComeAndGoWithThem) {
  Metrics metrics;
  std::map<std::string, double> links{{"a", 1}, {"b", 0}};
  metrics.AddGauges({{"milink_link_ready", "Is the link ready?"}, {"milink_links", "Links"}},
                    [&](std::vector<Samples>& samples) {
                      for (const auto& [name, ready] : links)
                        samples[0].Add({{"name", name}}, ready);
                      samples[1].Add({}, static_cast<double>(links.size()));
                    });
  EXPECT_EQ(metrics.Serialize(),
            "# HELP milink_link_ready Is the link ready?\n"
            "# TYPE milink_link_ready gauge\n"
            "milink_link_ready{name=\"a\"} 1\n"
            "milink_link_ready{name=\"b\"} 0\n"
            "# HELP milink_links Links\n"
            "# TYPE milink_links gauge\n"
            "milink_links 2\n");
  links.erase("a");
  EXPECT_THAT(metrics.Serialize(), Not(HasSubstr("name=\"a\"")));
  links.clear();
  EXPECT_THAT(metrics.Serialize(), HasSubstr("# TYPE milink_link_ready gauge\n"));
}

TEST(MetricsTest, ACounterOfSomebodyElseIsReadAtEveryScrape) {
  Metrics metrics;
  std::uint64_t dropped = 3;
  metrics.AddCounterOf("milink_dropped_total", "Dropped", {{"cause", "full"}},
                       [&] { return dropped; });
  EXPECT_THAT(metrics.Serialize(), HasSubstr("milink_dropped_total{cause=\"full\"} 3\n"));
  dropped = 5;
  EXPECT_THAT(metrics.Serialize(), HasSubstr("milink_dropped_total{cause=\"full\"} 5\n"));
}

TEST(MetricsTest, ValuesAreRefreshedForEveryScrape) {
  Metrics metrics;
  const Gauge gauge = metrics.AddGauge("milink_age_seconds", "Age");
  int scrapes = 0;
  metrics.OnScrape([&] { gauge.Set(++scrapes); });
  EXPECT_THAT(metrics.Serialize(), HasSubstr("milink_age_seconds 1\n"));
  EXPECT_THAT(metrics.Serialize(), HasSubstr("milink_age_seconds 2\n"));
}

TEST(MetricsTest, HandlesMadeByDefaultDropEverything) {
  Counter().Increment();
  Gauge().Set(1);
  Histogram().Observe(1);
  SUCCEED() << "nothing to crash on";
}

TEST(MetricsTest, CountsFromManyThreadsAddUp) {
  Metrics metrics;
  const Counter counter = metrics.AddCounter("milink_a_total", "A");
  metrics.AddGauges({{"milink_b", "B"}},
                    [](std::vector<Samples>& samples) { samples[0].Add({{"name", "a"}}, 1); });
  std::vector<std::jthread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] {
      for (int n = 0; n < 500; ++n) {
        counter.Increment();
      }
      metrics.Serialize();
    });
  }
  threads.clear();
  EXPECT_THAT(metrics.Serialize(), HasSubstr("milink_a_total 2000\n"));
}

TEST(ExponentialBoundsTest, EachIsTheOneBeforeTimesTheFactor) {
  EXPECT_THAT(ExponentialBounds(1, 10, 3), ElementsAre(1, 10, 100));
  EXPECT_THAT(ExponentialBounds(1, 10, 0), ElementsAre());
}

}  // namespace
}  // namespace milink::runtime
