// Gauges whose series come and go with objects: their text is written at every scrape from what is
// known anyway, so they cost no memory and never outlive their object.
//
// One thread.
#pragma once

#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>

namespace milink::runtime {

// A family of metrics: its name, and what it measures in words.
struct MetricFamily {
  std::string name;
  std::string help;
};

// The samples of one family of gauges, in Prometheus' text format 0.0.4.
class Samples {
 public:
  using Label = std::pair<std::string_view, std::string_view>;

  explicit Samples(const MetricFamily& family);
  void Add(std::initializer_list<Label> labels, double value);
  const std::string& text() const { return text_; }

 private:
  std::string name_;
  std::string text_;
};

}  // namespace milink::runtime
