#include "core/kube/event_series.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "core/base/text.h"
#include "core/base/time_format.h"

namespace milink::kube {
namespace {

using nlohmann::json;

constexpr Duration kFoldWithin = std::chrono::minutes(6);
// A series that goes on is written at most this often.
constexpr Duration kWriteInterval = std::chrono::minutes(30);
constexpr Duration kTokenInterval = std::chrono::seconds(300);
constexpr std::size_t kMaxSeries = 4096;
constexpr std::size_t kMaxAllowances = 4096;
constexpr Duration kLookForFinished = std::chrono::minutes(1);
// Limits of the API server's validation.
constexpr std::size_t kMaxNote = 1024;
constexpr std::size_t kMaxWord = 128;
constexpr std::size_t kMaxName = 253;

json SeriesFields(std::int64_t count, TimePoint last) {
  return {{"count", count}, {"lastObservedTime", FormatRfc3339Micro(last)}};
}

}  // namespace

EventSeries::EventSeries(std::string controller, const std::string& instance, Random& random)
    : controller_(std::move(controller)), instance_(Shorten(instance, kMaxWord)), random_(random) {}

std::optional<EventWrite> EventSeries::Add(const EventInput& event) {
  const Object object{event.about.uid, event.about.key};
  const Subject subject{object, event.type, event.reason, event.action};
  if (Series* series = FindSeries(subject, event); series != nullptr) {
    ++series->count;
    series->last = event.time;
    series->unsent = true;
    return series->count == 2 ? std::optional(MakePatch(*series, event.time)) : std::nullopt;
  }
  if (!Allow(object, event.time)) {
    ++limited_;
    return std::nullopt;
  }
  DropFinished(event.time);
  Series series{
      .first = event, .key = NewKey(event.about.key), .last = event.time, .last_sent = event.time};
  EventWrite write{series.key, MakeObject(event, series.key), nullptr};
  if (size_ < kMaxSeries) {
    series_[subject].push_back(std::move(series));
    ++size_;
  }
  return write;
}

EventSeries::Series* EventSeries::FindSeries(const Subject& subject, const EventInput& event) {
  const auto found = series_.find(subject);
  if (found == series_.end()) {
    return nullptr;
  }
  Series* newest = nullptr;
  std::size_t running = 0;
  for (Series& series : found->second) {
    if (event.time - series.last >= kFoldWithin) {
      continue;
    }
    if (series.first.note == event.note) {
      return &series;
    }
    newest = &series;
    ++running;
  }
  return running >= kMaxNotes ? newest : nullptr;
}

bool EventSeries::Allow(const Object& object, TimePoint now) {
  if (allowances_.size() >= kMaxAllowances && !allowances_.contains(object)) {
    ForgetOlderHalf();
  }
  Allowance& allowance = allowances_.try_emplace(object, Allowance{kBurst, now}).first->second;
  const std::chrono::duration<double> passed = now - allowance.counted;
  const double earned = std::max(0.0, passed / kTokenInterval);
  allowance.tokens = std::min<double>(kBurst, allowance.tokens + earned);
  allowance.counted = now;
  if (allowance.tokens < 1.0) {
    return false;
  }
  allowance.tokens -= 1.0;
  return true;
}

// Half of them at once, so that a flood of objects costs each of them little.
void EventSeries::ForgetOlderHalf() {
  std::vector<TimePoint> times;
  times.reserve(allowances_.size());
  for (const auto& [object, allowance] : allowances_) {
    times.push_back(allowance.counted);
  }
  const auto middle = times.begin() + static_cast<std::ptrdiff_t>(times.size() / 2);
  std::ranges::nth_element(times, middle);
  std::erase_if(allowances_, [&](const auto& entry) { return entry.second.counted <= *middle; });
}

// Events about objects without a namespace live in "default".
ObjectKey EventSeries::NewKey(const ObjectKey& about) {
  const std::string suffix = "." + ToLowerAscii(ToHex(NewUuid(random_).substr(0, 8)));
  return {about.namespace_name.empty() ? "default" : about.namespace_name,
          about.name.substr(0, kMaxName - suffix.size()) + suffix};
}

std::vector<EventWrite> EventSeries::Due(TimePoint now, bool everything) {
  std::vector<EventWrite> writes;
  for (auto& [subject, list] : series_) {
    for (Series& series : list) {
      const bool ended = now - series.last >= kFoldWithin;
      if (series.unsent && (everything || ended || now - series.last_sent >= kWriteInterval)) {
        writes.push_back(MakePatch(series, now));
      }
    }
  }
  return writes;
}

std::optional<EventWrite> EventSeries::Replace(const ObjectKey& key) {
  for (auto& [subject, list] : series_) {
    for (Series& series : list) {
      if (series.key != key) {
        continue;
      }
      series.key = NewKey(series.first.about.key);
      json object = MakeObject(series.first, series.key);
      object["series"] = SeriesFields(series.count, series.last);
      return EventWrite{series.key, std::move(object), nullptr};
    }
  }
  return std::nullopt;
}

bool EventSeries::has_unsent() const {
  return std::ranges::any_of(series_, [](const auto& entry) {
    return std::ranges::any_of(entry.second, &Series::unsent);
  });
}

EventWrite EventSeries::MakePatch(Series& series, TimePoint now) {
  series.unsent = false;
  series.last_sent = now;
  return {series.key, nullptr, json{{"series", SeriesFields(series.count, series.last)}}};
}

json EventSeries::MakeObject(const EventInput& event, const ObjectKey& key) const {
  json regarding{{"apiVersion", event.about.api_version},
                 {"kind", event.about.kind},
                 {"name", event.about.key.name},
                 {"uid", event.about.uid}};
  if (!event.about.key.namespace_name.empty()) {
    regarding["namespace"] = event.about.key.namespace_name;
  }
  return {{"metadata", {{"namespace", key.namespace_name}, {"name", key.name}}},
          {"eventTime", FormatRfc3339Micro(event.time)},
          {"type", event.type == EventType::kNormal ? "Normal" : "Warning"},
          {"reason", Shorten(event.reason, kMaxWord)},
          {"action", Shorten(event.action, kMaxWord)},
          {"note", Shorten(event.note, kMaxNote)},
          {"reportingController", controller_},
          {"reportingInstance", instance_},
          {"regarding", std::move(regarding)}};
}

// A series that ended is a new one when it starts again; its last count was sent by Due.
void EventSeries::DropFinished(TimePoint now) {
  if (now - dropped_at_ < kLookForFinished) {
    return;
  }
  dropped_at_ = now;
  for (auto it = series_.begin(); it != series_.end();) {
    size_ -= std::erase_if(it->second, [&](const Series& series) {
      return !series.unsent && now - series.last >= kFoldWithin;
    });
    it = it->second.empty() ? series_.erase(it) : std::next(it);
  }
}

}  // namespace milink::kube
