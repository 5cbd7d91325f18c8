#include "core/sql/instance_reader.h"

#include <utility>

namespace milink::sql {

Result<InstanceSnapshot> InstanceReader::Read(SqlSession& session, bool fresh, RefreshScope scope) {
  if (fresh || !dialect_) {
    if (auto known = AskDialect(session); !known.ok()) {
      return known.error();
    }
  }
  const auto fast = session.Run(FastBatch(*dialect_), timeout_);
  auto snapshot = fast.ok() ? ReadFast(*fast, *dialect_) : Result<InstanceSnapshot>(fast.error());
  if (!snapshot.ok() || scope == RefreshScope::kFast || !dialect_->groups) {
    return snapshot;
  }
  if (auto slow = ReadSlowParts(session, *snapshot); !slow.ok()) {
    return slow.error();
  }
  return snapshot;
}

// A server may come back with another version.
Status InstanceReader::AskDialect(SqlSession& session) {
  dialect_.reset();
  const auto probe = session.Run(VersionProbeBatch(), timeout_);
  const auto dialect = probe.ok() ? ReadDialect(*probe) : Result<CatalogDialect>(probe.error());
  if (!dialect.ok()) {
    return dialect.error();
  }
  dialect_ = *dialect;
  return OkStatus();
}

Status InstanceReader::ReadSlowParts(SqlSession& session, InstanceSnapshot& snapshot) {
  const auto slow = session.Run(SlowBatch(), timeout_);
  auto parts = slow.ok() ? ReadSlow(*slow) : Result<RareParts>(slow.error());
  if (!parts.ok()) {
    return parts.error();
  }
  snapshot.files = std::move(parts->files);
  snapshot.encryptions = std::move(parts->encryptions);
  snapshot.slow_read_at = clock_.Now();
  return OkStatus();
}

}  // namespace milink::sql
