// One place for everything about the SQL Server instances in use: how to reach each, its
// connections (three lanes), and its newest snapshot. The replica controller owns an instance here;
// links read its snapshot and act through it, so that cost grows with instances, not with links.
//
// Thread-safe. No call waits for another caller's statement, except a refresh for a refresh, and
// that for a moment: a lane in use is an error (kTransient, reason "LaneBusy"). It says nothing of
// the instance, and neither does "TargetChanged": what was known stays.
#pragma once

#include <functional>
#include <memory>
#include <stop_token>
#include <string>

#include "core/base/clock.h"
#include "core/base/object.h"
#include "core/base/result.h"
#include "core/sql/pending.h"
#include "core/sql/session.h"
#include "core/sql/snapshot.h"

namespace milink::sql {

// One connection each, opened when needed: a role change never queues behind a backup.
enum class Lane { kObserve, kAct };

enum class RefreshScope {
  kFast,  // one round trip (two when the version is not known yet)
  kAll,   // also the rarely changing parts: one more
};

class InstanceHub {
 public:
  virtual ~InstanceHub() = default;

  // Says how to reach the instance behind this replica. Connections are closed when it differs.
  virtual void SetTarget(const ObjectKey& replica, SqlTarget target) = 0;
  // How to reach it is not known any more: nothing new is begun (kNotFound "NoTarget") and the
  // snapshot is withdrawn. What runs ends by itself, and the outcome of a long statement can be
  // taken. SetTarget ends that.
  virtual void ForgetTarget(const ObjectKey& replica) = 0;
  // Forgets the instance: what runs is cancelled, connections closed, snapshot dropped.
  virtual void Remove(const ObjectKey& replica) = 0;

  // Reads the instance now and publishes the snapshot. After an error the old one is withdrawn:
  // what cannot be reached is unknown. Who comes while another reads gets the outcome of a read
  // that began afterwards, which all who wait share.
  virtual Result<std::shared_ptr<const InstanceSnapshot>> Refresh(const ObjectKey& replica,
                                                                  RefreshScope scope) = 0;
  // The newest snapshot, null when there is none that may be believed.
  virtual std::shared_ptr<const InstanceSnapshot> Snapshot(const ObjectKey& replica) const = 0;

  // Runs one batch on a lane. `guard` is asked immediately before sending (fencing), on any thread;
  // that of StartLong possibly after StartLong has returned: it must own what it uses. A requested
  // `stop` keeps the batch from being sent (kTransient "Stopped"), or cancels it: its outcome is
  // unknown then.
  virtual Result<SqlReply> Run(const ObjectKey& replica, Lane lane, const SqlBatch& batch,
                               Duration timeout, const std::function<Status()>& guard,
                               const std::stop_token& stop) = 0;

  // Starts a statement that may take hours (BACKUP) on a connection and thread of its own, and
  // returns at once. `id` names it; starting one again that runs, or whose outcome nobody has
  // taken, is kTransient "AlreadyRunning".
  virtual Status StartLong(const ObjectKey& replica, const std::string& id, SqlBatch batch,
                           Duration timeout, const std::function<Status()>& guard) = 0;
  // What has become of a long statement, in one look: asked for its end and for its outcome apart,
  // one that ends in between would seem lost.
  virtual Pending<Result<SqlReply>> TakeLong(const ObjectKey& replica, const std::string& id) = 0;

  // `on_change` is called, on the thread that caused it, after a snapshot was published with other
  // contents or withdrawn, and after a long statement ended.
  virtual void Subscribe(std::function<void(const ObjectKey& replica)> on_change) = 0;
};

}  // namespace milink::sql
