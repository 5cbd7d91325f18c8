// Folds repeated events into series, as events.k8s.io/v1 wants them: what is the same within six
// minutes is one Event object whose series.count grows. Decides only; sends nothing.
//
// Not thread-safe.
#pragma once

#include <cstdint>
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
  // `controller` like "milink.dev/operator", `instance` like the pod's name.
  EventSeries(std::string controller, const std::string& instance, Random& random);

  // Nothing: folded, and to be sent later with Due.
  std::optional<EventWrite> Add(const EventInput& event);
  // Series with counts that were not sent and are due at `now`; all of them with `everything`.
  std::vector<EventWrite> Due(TimePoint now, bool everything = false);
  // The Event object of `key` is gone: the next event of its series makes a new one.
  void Forget(const ObjectKey& key);
  bool has_unsent() const;

 private:
  using Identity = std::tuple<EventType, std::string, std::string, std::string, ObjectKey>;
  struct Series {
    ObjectKey key;  // of the Event object
    std::int64_t count = 1;
    TimePoint last;       // event
    TimePoint last_sent;  // write
    bool unsent = false;
  };

  nlohmann::json MakeObject(const EventInput& event, const ObjectKey& key) const;
  static EventWrite MakePatch(Series& series, TimePoint now);
  void DropFinished(TimePoint now);

  const std::string controller_;
  const std::string instance_;
  Random& random_;
  std::map<Identity, Series> series_;
};

}  // namespace milink::kube
