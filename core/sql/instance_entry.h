// One instance inside the hub: its target, lanes, login pause, snapshot and long statements.
//
// Thread-safe. A lane is busy from Acquire to release; connecting, sending and disconnecting happen
// without the lock. One refresh reads at a time.
#pragma once

#include <array>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>
#include <utility>

#include "core/base/clock.h"
#include "core/base/fence.h"
#include "core/base/result.h"
#include "core/sql/instance_hub.h"
#include "core/sql/instance_reader.h"
#include "core/sql/login_pause.h"
#include "core/sql/long_statements.h"
#include "core/sql/newest_read.h"
#include "core/sql/session.h"
#include "core/sql/snapshot.h"

namespace milink::sql {

struct SqlInstanceHubOptions {
  Duration connect_timeout = std::chrono::seconds(15);
  Duration observe_timeout = std::chrono::seconds(60);
  // After a refused login nobody tries again before this time, unless the target changes: servers
  // lock logins that fail too often.
  Duration login_pause = std::chrono::minutes(10);
  // An older idle connection is replaced before a statement that must not fail for its sake.
  Duration idle_limit = std::chrono::minutes(2);
  // How long a refresh waits for another one: a server that hangs must not hold every worker.
  Duration refresh_wait = std::chrono::seconds(2);
  int refresh_waiters = 3;
  // Asked before every batch that may change something; outlives the hub. Null: always open.
  const Fence* fence = nullptr;
};

class InstanceEntry {
 public:
  using Guard = std::function<Status()>;

  InstanceEntry(SqlConnector& connector, const Clock& clock, const SqlInstanceHubOptions& options,
                SqlTarget target);

  // True when a snapshot was withdrawn, because the new target is another address.
  bool SetTarget(SqlTarget target);
  // Nothing new is begun until the next SetTarget. True when a snapshot was withdrawn.
  bool ForgetTarget();

  Refreshed Refresh(RefreshScope scope, const std::function<std::uint64_t()>& next_version);
  SnapshotPtr Snapshot() const;

  Result<SqlReply> Run(Lane lane, const SqlBatch& batch, Duration timeout, const Guard& guard,
                       const std::stop_token& stop);

  // Reserves the name; kTransient AlreadyRunning.
  Status BeginLong(const std::string& id);
  // Runs a reserved statement to its end on a connection of its own and keeps the outcome.
  void RunLong(const std::string& id, const SqlBatch& batch, Duration timeout, const Guard& guard);
  Pending<Result<SqlReply>> TakeLong(const std::string& id);

  // Cancels what runs and refuses everything from now on.
  void Close();
  // Cancels again until nothing runs. REQUIRES: Close() was called.
  void WaitUntilIdle();

 private:
  // A connection and who uses it.
  struct Slot {
    bool busy = false;
    std::unique_ptr<SqlSession> idle;  // kept between uses
    SqlSession* running = nullptr;     // may be cancelled
    std::uint64_t generation = 0;      // of the target that it was opened for
    MonotonicTime last_used;
  };
  // A session taken out of its slot for one use.
  struct Use {
    std::unique_ptr<SqlSession> session;
    std::uint64_t generation = 0;
    std::uint64_t sequence = 0;
    bool fresh = true;
  };

  Slot& SlotOf(Lane lane) { return lanes_.at(static_cast<std::size_t>(lane)); }
  std::optional<Error> WhyRefused() const;  // of what would begin now. REQUIRES: the lock
  Result<Use> Acquire(Slot& slot);
  Result<Use> Connected(Use use);
  Result<std::unique_ptr<SqlSession>> Connect(const SqlTarget& target, std::uint64_t generation);
  std::optional<Error> WhyNoLogin();
  Status MaySend(const Guard& guard) const;
  Status MarkRunning(Slot& slot, SqlSession& session);
  void Release(Slot& slot, Use use);
  struct Report {
    std::uint64_t sequence = 0;    // of acquisition: what was read later is newer. 0: not acquired
    std::uint64_t generation = 0;  // of the target at that time
    TimePoint began;
    bool died_unnoticed = false;  // the connection had been lost before this use
  };
  // Acquires, connects, calls `work` and releases.
  template <typename Work>
  auto OnSlot(Slot& slot, Report& report, const Work& work) -> decltype(work(std::declval<Use&>()));

  // Whoever reads; lets the next one do so at its end.
  class Turn {
   public:
    explicit Turn(InstanceEntry& entry) : entry_(entry) {}
    ~Turn();
    Turn(const Turn&) = delete;
    Turn& operator=(const Turn&) = delete;

   private:
    InstanceEntry& entry_;
  };
  // Nothing: it is the caller's turn to read.
  std::optional<Result<SnapshotPtr>> AwaitTurn(RefreshScope scope);
  Refreshed ReadAndPublish(RefreshScope scope, const std::function<std::uint64_t()>& next_version);
  Result<InstanceSnapshot> Read(RefreshScope scope, Report& report);
  Refreshed Publish(Result<InstanceSnapshot> read, RefreshScope scope, const Report& report,
                    const std::function<std::uint64_t()>& next_version);

  SqlConnector& connector_;
  const Clock& clock_;
  const SqlInstanceHubOptions options_;

  std::mutex connecting_;  // one login at a time, so that a wrong password is tried once
  mutable std::mutex mutex_;
  std::condition_variable idle_;
  bool closed_ = false;
  SqlTarget target_;
  bool forgotten_ = false;  // `target_` must not be used
  std::uint64_t generation_ = 1;
  LoginPause login_pause_;
  using IdleSessions = std::array<std::unique_ptr<SqlSession>, 2>;
  IdleSessions NewGeneration();  // REQUIRES: the lock, which must be gone when the result goes
  std::array<Slot, 2> lanes_;
  InstanceReader reader_;  // belongs to whoever holds the observe lane
  std::uint64_t sequence_ = 0;
  bool reading_ = false;  // a refresh is under way
  int waiting_ = 0;       // for it
  NewestRead newest_;
  LongStatements long_statements_;
  std::map<std::string, Slot> long_slots_;  // of those that run, by the same name
};

}  // namespace milink::sql
