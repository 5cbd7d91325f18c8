// What is known of the long statements of an instance: that one runs, or how it ended, until
// somebody has taken that.
//
// Not thread-safe: a lock of its owner guards it.
#pragma once

#include <map>
#include <optional>
#include <string>

#include "core/base/result.h"
#include "core/sql/pending.h"
#include "core/sql/session.h"

namespace milink::sql {

class LongStatements {
 public:
  // kTransient AlreadyRunning: one of that name runs, or its outcome was not taken yet.
  Status Begin(const std::string& id);
  void End(const std::string& id, Result<SqlReply> outcome);
  // An outcome is given away once; the name is free then.
  Pending<Result<SqlReply>> Take(const std::string& id);

 private:
  std::map<std::string, std::optional<Result<SqlReply>>> outcomes_;  // nothing while it runs
};

}  // namespace milink::sql
