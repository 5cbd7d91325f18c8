// The newest outcome of reading an instance: a snapshot, or why there is none that may be believed.
//
// Not thread-safe: a lock of its owner guards it.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>

#include "core/base/error.h"
#include "core/base/result.h"
#include "core/sql/instance_hub.h"
#include "core/sql/snapshot.h"

namespace milink::sql {

using SnapshotPtr = std::shared_ptr<const InstanceSnapshot>;

struct Refreshed {
  Result<SnapshotPtr> outcome;
  bool changed = false;  // other contents, or withdrawn
};

class NewestRead {
 public:
  // Takes the place of the one before, from which a snapshot without slow parts takes them.
  // `sequence` grows with the times at which reads begin; `next_version` is asked for a snapshot's.
  Refreshed Publish(Result<InstanceSnapshot> read, RefreshScope scope, std::uint64_t sequence,
                    const std::function<std::uint64_t()>& next_version);
  // The outcome of a read of that scope which began after `sequence`; nothing: there was none.
  std::optional<Result<SnapshotPtr>> After(std::uint64_t sequence, RefreshScope scope) const;

  const SnapshotPtr& snapshot() const { return snapshot_; }  // may be null
  // True when there was a snapshot.
  bool Withdraw();
  // An error says nothing of another target; a snapshot may.
  void ForgetError() { error_.reset(); }

 private:
  SnapshotPtr snapshot_;
  std::optional<Error> error_;  // why the newest outcome is no snapshot
  std::uint64_t sequence_ = 0;
  RefreshScope scope_ = RefreshScope::kFast;
};

}  // namespace milink::sql
