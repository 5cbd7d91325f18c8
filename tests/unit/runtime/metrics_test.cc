#include "core/runtime/metrics.h"

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

TEST(MetricsTest, SeriesOfASetComeAndGo) {
  Metrics metrics;
  GaugeSet ready = metrics.AddGaugeSet("milink_link_ready", "Is the link ready?");
  ready.Set({{"name", "a"}}, 1);
  ready.Set({{"name", "b"}}, 1);
  ready.Set({{"name", "b"}}, 0);
  ready.Remove({{"name", "a"}});
  ready.Remove({{"name", "never seen"}});
  const std::string text = metrics.Serialize();
  EXPECT_THAT(text, Not(HasSubstr("name=\"a\"")));
  EXPECT_THAT(text, HasSubstr("milink_link_ready{name=\"b\"} 0\n"));
  ready.Set({{"name", "a"}}, 7);
  EXPECT_THAT(metrics.Serialize(), HasSubstr("milink_link_ready{name=\"a\"} 7\n"));
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
  GaugeSet set;
  set.Set({{"name", "a"}}, 1);
  set.Remove({{"name", "a"}});
  SUCCEED() << "nothing to crash on";
}

TEST(MetricsTest, CountsFromManyThreadsAddUp) {
  Metrics metrics;
  const Counter counter = metrics.AddCounter("milink_a_total", "A");
  GaugeSet set = metrics.AddGaugeSet("milink_b", "B");
  std::vector<std::jthread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&, name = std::to_string(i)] {
      for (int n = 0; n < 500; ++n) {
        counter.Increment();
        set.Set({{"name", name}}, n);
        set.Remove({{"name", name}});
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
