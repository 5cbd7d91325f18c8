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

struct GaugeSet::State {
  prometheus::Family<prometheus::Gauge>* family = nullptr;
  std::mutex mutex;
  std::map<Labels, prometheus::Gauge*> series;
};

GaugeSet::GaugeSet() = default;
GaugeSet::~GaugeSet() = default;
GaugeSet::GaugeSet(GaugeSet&&) noexcept = default;
GaugeSet& GaugeSet::operator=(GaugeSet&&) noexcept = default;
GaugeSet::GaugeSet(prometheus::Family<prometheus::Gauge>* family)
    : state_(std::make_unique<State>()) {
  state_->family = family;
}

void GaugeSet::Set(const Labels& labels, double value) {
  if (state_ == nullptr) {
    return;
  }
  const std::lock_guard lock(state_->mutex);
  auto& gauge = state_->series[labels];
  if (gauge == nullptr) {
    gauge = &state_->family->Add(labels);
  }
  gauge->Set(value);
}

void GaugeSet::Remove(const Labels& labels) {
  if (state_ == nullptr) {
    return;
  }
  const std::lock_guard lock(state_->mutex);
  if (const auto it = state_->series.find(labels); it != state_->series.end()) {
    state_->family->Remove(it->second);
    state_->series.erase(it);
  }
}

struct Metrics::State {
  prometheus::Registry registry;
  std::mutex mutex;
  std::vector<std::function<void()>> refreshes;
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

GaugeSet Metrics::AddGaugeSet(const std::string& name, const std::string& help) {
  return GaugeSet(&prometheus::BuildGauge().Name(name).Help(help).Register(state_->registry));
}

void Metrics::OnScrape(std::function<void()> refresh) {
  const std::lock_guard lock(state_->mutex);
  state_->refreshes.push_back(std::move(refresh));
}

std::string Metrics::Serialize() const {
  {
    const std::lock_guard lock(state_->mutex);
    for (const auto& refresh : state_->refreshes) {
      refresh();
    }
  }
  std::ostringstream out;
  prometheus::TextSerializer().Serialize(out, state_->registry.Collect());
  return out.str();
}

std::vector<double> ExponentialBounds(double first, double factor, int count) {
  std::vector<double> bounds;
  for (double bound = first; count > 0; --count, bound *= factor) {
    bounds.push_back(bound);
  }
  return bounds;
}

}  // namespace milink::runtime
