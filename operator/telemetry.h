// The operator's own metrics: what is known of the objects and of the machinery, asked for at every
// scrape. docs/metrics.md describes each of them; a test compares the two.
#pragma once

#include <functional>
#include <vector>

#include "core/azure/instance_cache.h"
#include "core/base/clock.h"
#include "core/kube/events.h"
#include "core/kube/watch_task.h"
#include "core/runtime/metrics.h"
#include "core/sql/instance_hub.h"
#include "operator/objects.h"

namespace milink::app {

// What the metrics are read from.
struct TelemetrySources {
  const Objects& objects;
  const sql::InstanceHub& hub;
  const azure::InstanceCache& instances;
  std::function<kube::EventCounts()> events;
  std::function<std::vector<kube::WatchHealth>()> watches;
  const Clock& clock;
};

// All that is referenced outlives the last scrape of `metrics`.
void AddTelemetry(runtime::Metrics& metrics, const TelemetrySources& sources);

}  // namespace milink::app
