#include "core/kube/event_series.h"

#include <algorithm>
#include <utility>

#include "core/base/text.h"
#include "core/base/time_format.h"

namespace milink::kube {
namespace {

using nlohmann::json;

constexpr Duration kFoldWithin = std::chrono::minutes(6);
// A series that goes on is written at most this often.
constexpr Duration kWriteInterval = std::chrono::seconds(10);
constexpr std::size_t kMaxSeries = 4096;
// Limits of the API server's validation.
constexpr std::size_t kMaxNote = 1024;
constexpr std::size_t kMaxWord = 128;
constexpr std::size_t kMaxName = 253;

std::string EventName(const std::string& object, Random& random) {
  const std::string suffix = "." + ToLowerAscii(ToHex(NewUuid(random).substr(0, 8)));
  return object.substr(0, kMaxName - suffix.size()) + suffix;
}

}  // namespace

EventSeries::EventSeries(std::string controller, const std::string& instance, Random& random)
    : controller_(std::move(controller)), instance_(Shorten(instance, kMaxWord)), random_(random) {}

std::optional<EventWrite> EventSeries::Add(const EventInput& event) {
  const Identity identity{event.type, event.reason, event.action, event.about.uid, event.about.key};
  const auto it = series_.find(identity);
  if (it != series_.end() && event.time - it->second.last < kFoldWithin) {
    Series& series = it->second;
    ++series.count;
    series.last = event.time;
    series.unsent = true;
    if (event.time - series.last_sent < kWriteInterval) {
      return std::nullopt;
    }
    return MakePatch(series, event.time);
  }
  DropFinished(event.time);
  Series series;
  // Events about objects without a namespace live in "default".
  series.key = {event.about.key.namespace_name.empty() ? "default" : event.about.key.namespace_name,
                EventName(event.about.key.name, random_)};
  series.last = event.time;
  series.last_sent = event.time;
  EventWrite write{series.key, MakeObject(event, series.key), nullptr};
  if (series_.size() < kMaxSeries) {
    series_.insert_or_assign(identity, std::move(series));
  }
  return write;
}

std::vector<EventWrite> EventSeries::Due(TimePoint now, bool everything) {
  std::vector<EventWrite> writes;
  for (auto& [identity, series] : series_) {
    if (series.unsent && (everything || now - series.last_sent >= kWriteInterval)) {
      writes.push_back(MakePatch(series, now));
    }
  }
  return writes;
}

void EventSeries::Forget(const ObjectKey& key) {
  std::erase_if(series_, [&](const auto& entry) { return entry.second.key == key; });
}

bool EventSeries::has_unsent() const {
  return std::ranges::any_of(series_, [](const auto& entry) { return entry.second.unsent; });
}

EventWrite EventSeries::MakePatch(Series& series, TimePoint now) {
  series.unsent = false;
  series.last_sent = now;
  const json fields{{"count", series.count}, {"lastObservedTime", FormatRfc3339Micro(series.last)}};
  return {series.key, nullptr, json{{"series", fields}}};
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
  std::erase_if(series_, [&](const auto& entry) {
    return !entry.second.unsent && now - entry.second.last >= kFoldWithin;
  });
}

}  // namespace milink::kube
