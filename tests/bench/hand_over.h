// How long nobody works when the leader goes.
#pragma once

#include "tests/bench/cluster.h"

namespace milink::bench {

// Prints the figures: the next one leads after a kill (several, since it depends on the moment),
// and after an orderly end. Takes about two minutes.
void MeasureHandOver(Cluster& cluster);

}  // namespace milink::bench
