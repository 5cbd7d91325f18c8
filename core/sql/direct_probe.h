// Tries TCP connections from this process, for servers that cannot try them by themselves.
//
// Thread-safe. No call waits: each trial runs on a thread of its own, which the end of the object
// waits for; a name server that does not answer may hold it up for some seconds.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/base/clock.h"
#include "core/sql/network_probe.h"

namespace milink::sql {

class DirectProbe {
 public:
  virtual ~DirectProbe() = default;

  // Nothing happens while one of this name runs.
  virtual void Start(const std::string& id, std::vector<NetworkTarget> targets) = 0;
  // The outcome, once, in the order of the targets; nothing while it runs or when unknown.
  virtual std::optional<std::vector<NetworkTrial>> Take(const std::string& id) = 0;
  virtual bool Running(const std::string& id) const = 0;
};

// `wait`: for each address of each target.
std::unique_ptr<DirectProbe> MakeDirectProbe(Duration wait = std::chrono::seconds(5));

}  // namespace milink::sql
