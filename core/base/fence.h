// May this process still change anything outside of itself? Asked at every edge that sends a change
// (Kubernetes, SQL Server, Azure), immediately before sending.
//
// Thread-safe and quick: no I/O, no lock that is held for long.
#pragma once

#include "core/base/result.h"

namespace milink {

class Fence {
 public:
  virtual ~Fence() = default;
  // kConflict "NotLeader": no. Nothing may be sent; whoever leads now decides anew.
  virtual Status Check() const = 0;
};

// For a process that shares its work with nobody.
class OpenFence final : public Fence {
 public:
  Status Check() const override { return OkStatus(); }
};

}  // namespace milink
