// Reads an instance over one connection: which batches are sent for a snapshot, and when the
// version is asked for.
//
// Not thread-safe: it belongs to whoever holds the lane that it reads over.
#pragma once

#include <optional>

#include "core/base/clock.h"
#include "core/base/result.h"
#include "core/sql/catalog.h"
#include "core/sql/instance_hub.h"
#include "core/sql/session.h"
#include "core/sql/snapshot.h"

namespace milink::sql {

class InstanceReader {
 public:
  // `timeout` is for each batch.
  InstanceReader(const Clock& clock, Duration timeout) : clock_(clock), timeout_(timeout) {}

  // `fresh`: nothing was read over this session yet. `version` and `read_at` are left to the
  // caller; `slow_read_at` is set when the slow parts were read. Errors: of the session and of the
  // readers in catalog.h.
  Result<InstanceSnapshot> Read(SqlSession& session, bool fresh, RefreshScope scope);

 private:
  Status AskDialect(SqlSession& session);
  Status ReadSlowParts(SqlSession& session, InstanceSnapshot& snapshot);

  const Clock& clock_;
  const Duration timeout_;
  std::optional<CatalogDialect> dialect_;  // nothing: not known
};

}  // namespace milink::sql
