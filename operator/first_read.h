// Nothing is decided before all objects are known.
#pragma once

#include <functional>
#include <stop_token>
#include <vector>

#include "core/base/clock.h"
#include "core/base/result.h"
#include "core/kube/watch_task.h"
#include "operator/objects.h"

namespace milink::app {

// Blocks until the first lists are complete, a stop is requested (which is no error), or `limit` is
// over: kTransient "NotSynced", whose detail says what keeps each watch that is not complete.
Status AwaitFirstRead(const Objects& objects,
                      const std::function<std::vector<kube::WatchHealth>()>& watches,
                      const Clock& clock, Duration limit, const std::stop_token& stop);

}  // namespace milink::app
