#include "core/runtime/metrics.h"

#include <mutex>
#include <sstream>
#include <utility>

#include <prometheus/counter.h>
#include <prometheus/family.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>
#include <prometheus/text_serializer.h>

namespace milink::runtime {

void Counter::Increment(double by) const {
  if (counter_ != nullptr) {
    counter_->Increment(by);
  }
}

void Gauge::Set(double value) const {
  if (gauge_ != nullptr) {
    gauge_->Set(value);
  }
}

void Gauge::Add(double by) const {
  if (gauge_ != nullptr) {
    gauge_->Increment(by);
  }
}

void Histogram::Observe(double value) const {
  if (histogram_ != nullptr) {
    histogram_->Observe(value);
  }
}

struct Metrics::State {
  prometheus::Registry registry;
  std::mutex mutex;
  std::vector<std::function<void()>> refreshes;
  struct Source {
    std::vector<MetricFamily> families;
    std::function<void(std::vector<Samples>&)> collect;
  };
  std::vector<Source> sources;
};

Metrics::Metrics() : state_(std::make_unique<State>()) {}
Metrics::~Metrics() = default;

Counter Metrics::AddCounter(const std::string& name, const std::string& help,
                            const Labels& labels) {
  auto& family = prometheus::BuildCounter().Name(name).Help(help).Register(state_->registry);
  return Counter(&family.Add(labels));
}

Gauge Metrics::AddGauge(const std::string& name, const std::string& help, const Labels& labels) {
  auto& family = prometheus::BuildGauge().Name(name).Help(help).Register(state_->registry);
  return Gauge(&family.Add(labels));
}

Histogram Metrics::AddHistogram(const std::string& name, const std::string& help,
                                const std::vector<double>& bounds, const Labels& labels) {
  auto& family = prometheus::BuildHistogram().Name(name).Help(help).Register(state_->registry);
  return Histogram(&family.Add(labels, bounds));
}

void Metrics::AddCounterOf(const std::string& name, const std::string& help, const Labels& labels,
                           std::function<std::uint64_t()> read) {
  OnScrape([counter = AddCounter(name, help, labels), read = std::move(read),
            last = std::uint64_t{0}]() mutable {
    const std::uint64_t now = read();
    counter.Increment(static_cast<double>(now - last));
    last = now;
  });
}

void Metrics::AddGauges(std::vector<MetricFamily> families,
                        std::function<void(std::vector<Samples>&)> collect) {
  const std::lock_guard lock(state_->mutex);
  state_->sources.push_back({std::move(families), std::move(collect)});
}

void Metrics::OnScrape(std::function<void()> refresh) {
  const std::lock_guard lock(state_->mutex);
  state_->refreshes.push_back(std::move(refresh));
}

std::string Metrics::Serialize() const {
  const std::lock_guard lock(state_->mutex);
  for (const auto& refresh : state_->refreshes) {
    refresh();
  }
  std::ostringstream out;
  prometheus::TextSerializer().Serialize(out, state_->registry.Collect());
  std::string text = out.str();
  for (const auto& source : state_->sources) {
    std::vector<Samples> samples(source.families.begin(), source.families.end());
    source.collect(samples);
    for (const Samples& family : samples) {
      text += family.text();
    }
  }
  return text;
}

std::vector<double> ExponentialBounds(double first, double factor, int count) {
  std::vector<double> bounds;
  for (double bound = first; count > 0; --count, bound *= factor) {
    bounds.push_back(bound);
  }
  return bounds;
}

}  // namespace milink::runtime
