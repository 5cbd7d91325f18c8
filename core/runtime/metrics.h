// Counters, gauges and histograms in Prometheus' text format.
//
// Metrics is thread-safe, and so are the handles; a handle is a cheap value and must not outlive
// the Metrics it came from. A handle made by default drops everything. Names: upstream's where
// upstream has the metric, else the prefix milink_; base units; no label per object except where
// the series are written from the objects at every scrape (AddGauges).
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "core/runtime/samples.h"

namespace prometheus {
class Counter;
class Gauge;
class Histogram;
}  // namespace prometheus

namespace milink::runtime {

using Labels = std::map<std::string, std::string>;

class Counter {
 public:
  Counter() = default;
  void Increment(double by = 1.0) const;

 private:
  friend class Metrics;
  explicit Counter(prometheus::Counter* counter) : counter_(counter) {}
  prometheus::Counter* counter_ = nullptr;
};

class Gauge {
 public:
  Gauge() = default;
  void Set(double value) const;
  void Add(double by) const;

 private:
  friend class Metrics;
  explicit Gauge(prometheus::Gauge* gauge) : gauge_(gauge) {}
  prometheus::Gauge* gauge_ = nullptr;
};

class Histogram {
 public:
  Histogram() = default;
  void Observe(double value) const;

 private:
  friend class Metrics;
  explicit Histogram(prometheus::Histogram* histogram) : histogram_(histogram) {}
  prometheus::Histogram* histogram_ = nullptr;
};

class Metrics {
 public:
  Metrics();
  ~Metrics();
  Metrics(const Metrics&) = delete;
  Metrics& operator=(const Metrics&) = delete;

  // The series exists, at zero, from here on. The same name and labels give the same series.
  Counter AddCounter(const std::string& name, const std::string& help, const Labels& labels = {});
  Gauge AddGauge(const std::string& name, const std::string& help, const Labels& labels = {});
  // `bounds`: upper bounds of the buckets, ascending, without infinity.
  Histogram AddHistogram(const std::string& name, const std::string& help,
                         const std::vector<double>& bounds, const Labels& labels = {});
  // A counter that somebody else keeps: `read` is asked at every scrape and never goes back.
  void AddCounterOf(const std::string& name, const std::string& help, const Labels& labels,
                    std::function<std::uint64_t()> read);
  // Gauges that are written anew at every scrape. `collect` gets one Samples per family, in the
  // order of `families`.
  void AddGauges(std::vector<MetricFamily> families,
                 std::function<void(std::vector<Samples>&)> collect);

  // Run before every Serialize, for values that are cheaper to ask for than to keep. What it and
  // the functions above use outlives the last Serialize.
  void OnScrape(std::function<void()> refresh);

  // Text format 0.0.4. Series are in the order in which they were added, those of AddGauges last.
  std::string Serialize() const;
  static constexpr const char* kContentType = "text/plain; version=0.0.4; charset=utf-8";

 private:
  struct State;
  std::unique_ptr<State> state_;
};

// `count` bounds: first, first * factor, ..
std::vector<double> ExponentialBounds(double first, double factor, int count);

}  // namespace milink::runtime
