// What this process alone knows of each replica. Lost at a restart, which only delays things.
//
// Thread-safe.
#pragma once

#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <string>

#include "controllers/replica/steps.h"
#include "core/base/clock.h"
#include "core/base/error.h"
#include "core/base/object.h"

namespace milink::replica {

struct Facts {
  std::string uid;                    // of the object they belong to
  std::set<std::string> confirmed;    // "kind/name" that this process saw created
  std::optional<FailedStep> failed;   // the last step, if it was refused
  std::int64_t error_generation = 0;  // a changed spec is tried at once
  int attempts = 0;
  MonotonicTime retry_at;
  TimePoint acted_at;      // when the last step had ended: what was read before is no news of it
  std::string last_write;  // resourceVersion of our last write
  MonotonicTime written_at;
};

class Memory {
 public:
  // The facts of this very object; empty when another one had the name.
  Facts Get(const ObjectMeta& meta) const;
  void Put(const ObjectMeta& meta, Facts facts);
  void Forget(const ObjectKey& key);

 private:
  mutable std::mutex mutex_;
  std::map<ObjectKey, Facts> facts_;
};

}  // namespace milink::replica
