// The InstanceHub over real connections.
//
// Thread-safe. Every call runs on its caller's thread; only long statements have threads of their
// own. Change notices are given without any lock held.
#pragma once

#include <atomic>
#include <functional>
#include <list>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "core/sql/instance_entry.h"
#include "core/sql/instance_hub.h"

namespace milink::sql {

class SqlInstanceHub final : public InstanceHub {
 public:
  // Both must outlive the hub.
  SqlInstanceHub(SqlConnector& connector, const Clock& clock, SqlInstanceHubOptions options = {});
  // Shuts down. REQUIRES: no call is in progress or will come.
  ~SqlInstanceHub() override;
  SqlInstanceHub(const SqlInstanceHub&) = delete;
  SqlInstanceHub& operator=(const SqlInstanceHub&) = delete;

  // Cancels every running statement, waits for its end and refuses new ones (InstanceClosed). The
  // outcome of what was cancelled is unknown.
  void Shutdown();

  void SetTarget(const ObjectKey& replica, SqlTarget target) override;
  void ForgetTarget(const ObjectKey& replica) override;
  void Remove(const ObjectKey& replica) override;
  Result<std::shared_ptr<const InstanceSnapshot>> Refresh(const ObjectKey& replica,
                                                          RefreshScope scope) override;
  std::shared_ptr<const InstanceSnapshot> Snapshot(const ObjectKey& replica) const override;
  Result<SqlReply> Run(const ObjectKey& replica, Lane lane, const SqlBatch& batch, Duration timeout,
                       const std::function<Status()>& guard, const std::stop_token& stop) override;
  Status StartLong(const ObjectKey& replica, const std::string& id, SqlBatch batch,
                   Duration timeout, const std::function<Status()>& guard) override;
  Pending<Result<SqlReply>> TakeLong(const ObjectKey& replica, const std::string& id) override;
  void Subscribe(std::function<void(const ObjectKey& replica)> on_change) override;

 private:
  struct LongThread {
    std::shared_ptr<InstanceEntry> entry;
    std::shared_ptr<std::atomic<bool>> ended;
    std::thread thread;
  };

  std::shared_ptr<InstanceEntry> Find(const ObjectKey& replica) const;
  void Notify(const ObjectKey& replica);
  void JoinEnded();

  SqlConnector& connector_;
  const Clock& clock_;
  const SqlInstanceHubOptions options_;
  std::atomic<std::uint64_t> version_ = 0;

  mutable std::mutex mutex_;
  bool stopping_ = false;
  std::map<ObjectKey, std::shared_ptr<InstanceEntry>> entries_;
  std::list<LongThread> threads_;
  std::vector<std::function<void(const ObjectKey&)>> subscribers_;
};

}  // namespace milink::sql
