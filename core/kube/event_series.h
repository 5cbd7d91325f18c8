// Folds repeated events into series, as events.k8s.io/v1 wants them, and limits how many Event
// objects there are about one object. Decides only; sends nothing.
//
// The same event within six minutes of its last one is one Event object whose series.count grows.
// The second occurrence is written at once, later ones every 30 minutes and when the series ends.
// client-go leaves the note out of what makes two events the same; here another note is another
// event, because it tells a person something new. Notes that never repeat (a count, a time) must
// not fill the store: of one kind of event about one object the first ten notes of a running
// series get an Event object, later ones count as the newest of these.
// About one object 25 Event objects may be made in a burst, then one every five minutes.
// Source of the figures: client-go tools/events/event_broadcaster.go (series) and
// tools/record/events_cache.go (similar events, burst and rate).
//
// Not thread-safe.
#pragma once

#include <cstdint>
#include <list>
#include <map>
#include <optional>
#include <string>
#include <tuple>
#include <vector>

#include <nlohmann/json.hpp>

#include "core/base/clock.h"
#include "core/base/random.h"
#include "core/kube/object_client.h"

namespace milink::kube {

struct EventInput {
  ObjectReference about;
  EventType type = EventType::kNormal;
  std::string reason;
  std::string action;
  std::string note;
  TimePoint time;
};

// What to send: a new Event object, or a patch of the one at `key`.
struct EventWrite {
  ObjectKey key;
  nlohmann::json create;  // null: patch
  nlohmann::json patch;   // the series so far; null for a first event
};

class EventSeries {
 public:
  static constexpr std::size_t kMaxNotes = 10;
  static constexpr int kBurst = 25;

  // `controller` like "milink.dev/operator", `instance` like the pod's name.
  EventSeries(std::string controller, const std::string& instance, Random& random);

  // Nothing: folded, and to be sent later with Due; or over the limit of its object.
  std::optional<EventWrite> Add(const EventInput& event);
  // Series with counts that were not sent and are due at `now`; all of them with `everything`.
  std::vector<EventWrite> Due(TimePoint now, bool everything = false);
  // The Event object of `key` was deleted: a new one that carries the series on. Nothing when the
  // series is not known any more.
  std::optional<EventWrite> Replace(const ObjectKey& key);
  bool has_unsent() const;
  // Events that were over the limit, since the start.
  std::uint64_t limited() const { return limited_; }

 private:
  // Who an event is about: uid and name.
  using Object = std::pair<std::string, ObjectKey>;
  using Subject = std::tuple<Object, EventType, std::string, std::string>;  // reason, action
  struct Series {
    EventInput first;
    ObjectKey key;  // of the Event object
    std::int64_t count = 1;
    TimePoint last;       // event
    TimePoint last_sent;  // write
    bool unsent = false;
  };
  // Tokens come back one every five minutes.
  struct Allowance {
    double tokens = kBurst;
    TimePoint counted;
  };

  // The running series that the event belongs to; null: it starts one.
  Series* FindSeries(const Subject& subject, const EventInput& event);
  bool Allow(const Object& object, TimePoint now);
  ObjectKey NewKey(const ObjectKey& about);
  nlohmann::json MakeObject(const EventInput& event, const ObjectKey& key) const;
  static EventWrite MakePatch(Series& series, TimePoint now);
  void ForgetOlderHalf();
  void DropFinished(TimePoint now);

  const std::string controller_;
  const std::string instance_;
  Random& random_;
  std::map<Subject, std::list<Series>> series_;  // oldest first
  std::size_t size_ = 0;                         // of all lists
  TimePoint dropped_at_;                         // when finished series were looked for
  std::map<Object, Allowance> allowances_;
  std::uint64_t limited_ = 0;
};

}  // namespace milink::kube
