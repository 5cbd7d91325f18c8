// What this process remembers of its links, and how it comes to know it.
//
// The free functions are plain changes of one link's facts. FactStore is thread-safe.
#pragma once

#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <string>

#include "controllers/link/observation.h"
#include "controllers/link/plan/plan.h"
#include "core/base/boxed.h"
#include "core/base/object.h"
#include "core/base/random.h"

namespace milink::link {

// A step that ended at once took effect.
void NoteSuccess(ProcessFacts& facts, const Step& step, TimePoint now);
// The instance has the certificate of encryption; it is not sent again for a while.
void NoteTdeUpload(ProcessFacts& facts, const std::string& thumbprint, TimePoint now);
// SQL Server was asked for a chain.
void NoteChain(ProcessFacts& facts, const ValidateChain& step, bool validated);
// It was refused, or its outcome is unknown: held back for a while, longer each time.
void NoteFailure(ProcessFacts& facts, const std::string& key, const Error& error, TimePoint now,
                 std::int64_t generation, Random& random);
// Refused outright: nothing was begun. A busy instance may be busy with this very request.
bool IsRefusal(ErrorKind kind);
// The object of a step came to be by our request.
void NoteMade(ProcessFacts& facts, const ObjectRef& made);
// Nothing came of this request: what it was to make is there already, or may not be made.
void NoteRefused(ProcessFacts& facts, const Step& step);
// The journal was written: what became pending there is not confirmed any more.
void NoteJournal(ProcessFacts& facts, const api::ManagedInstanceLinkStatus& before,
                 const api::ManagedInstanceLinkStatus& written);
// Takes up operations that the journal names and this process does not know, forgets those that
// are over, and notes since when databases are disconnected. Where the clock was set back, nothing
// waits longer from now on than it was to wait.
void Refresh(ProcessFacts& facts, const Observation& seen);

// A write of ours that the cache has not shown yet.
struct AwaitedWrite {
  std::string version;
  TimePoint since;
};

// What one pass leaves to the next.
struct PassMemory {
  Boxed<AwaitedWrite> awaited;
  Freshness freshness;
  std::optional<TimePoint> first_seen;  // by this process
  TimePoint sql_changed_at;             // when the last statement for this link had ended
};

class FactStore {
 public:
  // A copy. Another object of the same name (UID) inherits no facts.
  ProcessFacts Get(const ObjectMeta& link, const ObjectKey& replica);
  void Update(const ObjectMeta& link, const ObjectKey& replica,
              const std::function<void(ProcessFacts&)>& change);
  // What replicas share is forgotten when `replica` is another object than before (UID), or null.
  void Meet(const ObjectKey& key, const api::SqlServerReplica* replica);
  PassMemory Memory(const ObjectKey& link);
  void Remember(const ObjectKey& link, PassMemory memory);
  void Forget(const ObjectKey& link);

 private:
  struct Known {
    std::string uid;
    ProcessFacts facts;
  };
  struct Entry {
    Boxed<Known> known;  // nothing, as of most links
    PassMemory memory;
  };

  struct Shared {     // by the links of a replica
    std::string uid;  // of the replica
    std::set<std::string> issuers;
    std::map<std::string, bool> chains;
  };

  ProcessFacts CopyLocked(const ObjectMeta& link) const;

  mutable std::mutex mutex_;
  std::map<ObjectKey, Entry> links_;
  std::map<ObjectKey, Shared> shared_;  // by replica
};

}  // namespace milink::link
