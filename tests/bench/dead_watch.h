// How long an informer believes in a watch whose peer has died without a word.
#pragma once

#include <future>

#include "core/kube/cluster_access.h"

namespace milink::bench {

// Seconds from the silence to the new connection, with the engine's own settings; takes over a
// minute on a thread of its own. Throws (from get) when it is not noticed within five minutes.
std::future<double> MeasureDeadWatch(const kube::ClusterAccess& access);

}  // namespace milink::bench
