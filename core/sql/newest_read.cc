#include "core/sql/newest_read.h"

#include <utility>

namespace milink::sql {

Refreshed NewestRead::Publish(Result<InstanceSnapshot> read, RefreshScope scope,
                              std::uint64_t sequence,
                              const std::function<std::uint64_t()>& next_version) {
  scope_ = scope;
  sequence_ = sequence;
  if (!read.ok()) {
    const bool withdrawn = Withdraw();
    error_ = read.error();
    return {std::move(read).error(), withdrawn};
  }
  error_.reset();
  auto fresh = std::make_shared<InstanceSnapshot>(*std::move(read));
  fresh->version = next_version();
  const bool read_slow = fresh->slow_read_at != TimePoint();
  if (!read_slow && snapshot_ != nullptr) {
    fresh->files = snapshot_->files;
    fresh->encryptions = snapshot_->encryptions;
    fresh->slow_read_at = snapshot_->slow_read_at;
  }
  const bool changed = snapshot_ == nullptr || !SameContents(*snapshot_, *fresh);
  snapshot_ = std::move(fresh);
  return {snapshot_, changed};
}

std::optional<Result<SnapshotPtr>> NewestRead::After(std::uint64_t sequence,
                                                     RefreshScope scope) const {
  const bool fits = sequence_ > sequence && (scope == RefreshScope::kFast || scope_ == scope);
  if (fits && snapshot_ != nullptr) {
    return Result<SnapshotPtr>(snapshot_);
  }
  return fits && error_ ? std::optional<Result<SnapshotPtr>>(*error_) : std::nullopt;
}

bool NewestRead::Withdraw() { return std::exchange(snapshot_, nullptr) != nullptr; }

}  // namespace milink::sql
