// What /healthz and /readyz look at: is the process sound, and does it know its objects?
#pragma once

#include <functional>
#include <vector>

#include "core/base/clock.h"
#include "core/base/result.h"
#include "core/kube/watch_task.h"
#include "core/runtime/health_server.h"
#include "operator/objects.h"

namespace milink::app {

// What the checks ask, on the server's threads.
struct HealthSources {
  const Objects& objects;
  std::function<std::vector<kube::WatchHealth>()> watches;
  std::function<Status()> watch_loop;  // does the thread of the watches still work?
  std::function<Status()> leadership;  // null: this process works alone
  const Clock& clock;
};

// Before the server starts. All that is referenced outlives it.
void AddHealthChecks(runtime::HealthServer& health, const HealthSources& sources);

}  // namespace milink::app
