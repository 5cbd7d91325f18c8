// Tries TCP connections from this process, for servers that cannot try them by themselves.
//
// Thread-safe. No call waits: each trial runs on a thread of its own, which the end of the object
// waits for; a name server that does not answer may hold it up for some seconds.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "core/base/clock.h"
#include "core/sql/network_probe.h"
#include "core/sql/pending.h"

namespace milink::sql {

class DirectProbe {
 public:
  virtual ~DirectProbe() = default;

  // Nothing happens while one of this name runs. An outcome of an earlier one that nobody has taken
  // is dropped.
  virtual void Start(const std::string& id, std::vector<NetworkTarget> targets) = 0;
  // What has become of it; an outcome is in the order of the targets.
  virtual Pending<std::vector<NetworkTrial>> Take(const std::string& id) = 0;
};

// `wait`: for each address of each target.
std::unique_ptr<DirectProbe> MakeDirectProbe(Duration wait = std::chrono::seconds(5));

}  // namespace milink::sql
