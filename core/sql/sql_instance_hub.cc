#include "core/sql/sql_instance_hub.h"

#include <utility>

namespace milink::sql {
namespace {

Error NoTarget(const ObjectKey& replica) {
  return Error{ErrorKind::kNotFound, "NoTarget",
               "no SQL Server instance is known for " + ToString(replica), ""};
}

}  // namespace

SqlInstanceHub::SqlInstanceHub(SqlConnector& connector, const Clock& clock,
                               SqlInstanceHubOptions options)
    : connector_(connector), clock_(clock), options_(options) {}

SqlInstanceHub::~SqlInstanceHub() { Shutdown(); }

void SqlInstanceHub::Shutdown() {
  std::map<ObjectKey, std::shared_ptr<InstanceEntry>> entries;
  std::list<LongThread> threads;
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
    entries.swap(entries_);
    threads.swap(threads_);
  }
  for (const auto& [replica, entry] : entries) {
    entry->Close();
  }
  for (const auto& [replica, entry] : entries) {
    entry->WaitUntilIdle();
  }
  for (auto& thread : threads) {
    thread.entry->WaitUntilIdle();  // of an instance that was removed before
    thread.thread.join();
  }
}

std::shared_ptr<InstanceEntry> SqlInstanceHub::Find(const ObjectKey& replica) const {
  const std::lock_guard lock(mutex_);
  const auto found = entries_.find(replica);
  return found == entries_.end() ? nullptr : found->second;
}

void SqlInstanceHub::SetTarget(const ObjectKey& replica, SqlTarget target) {
  std::shared_ptr<InstanceEntry> entry;
  {
    const std::lock_guard lock(mutex_);
    if (stopping_) {
      return;
    }
    auto& known = entries_[replica];
    if (known == nullptr) {
      known = std::make_shared<InstanceEntry>(connector_, clock_, options_, std::move(target));
      return;
    }
    entry = known;
  }
  if (entry->SetTarget(std::move(target))) {
    Notify(replica);
  }
}

void SqlInstanceHub::ForgetTarget(const ObjectKey& replica) {
  const auto entry = Find(replica);
  if (entry != nullptr && entry->ForgetTarget()) {
    Notify(replica);
  }
}

void SqlInstanceHub::Remove(const ObjectKey& replica) {
  std::shared_ptr<InstanceEntry> entry;
  {
    const std::lock_guard lock(mutex_);
    const auto found = entries_.find(replica);
    if (found == entries_.end()) {
      return;
    }
    entry = std::move(found->second);
    entries_.erase(found);
  }
  const bool had_snapshot = entry->Snapshot() != nullptr;
  entry->Close();
  JoinEnded();
  if (had_snapshot) {
    Notify(replica);
  }
}

Result<std::shared_ptr<const InstanceSnapshot>> SqlInstanceHub::Refresh(const ObjectKey& replica,
                                                                        RefreshScope scope) {
  const auto entry = Find(replica);
  if (entry == nullptr) {
    return NoTarget(replica);
  }
  auto refreshed = entry->Refresh(scope, [this] { return ++version_; });
  if (refreshed.changed) {
    Notify(replica);
  }
  return std::move(refreshed.outcome);
}

std::shared_ptr<const InstanceSnapshot> SqlInstanceHub::Snapshot(const ObjectKey& replica) const {
  const auto entry = Find(replica);
  return entry == nullptr ? nullptr : entry->Snapshot();
}

Result<SqlReply> SqlInstanceHub::Run(const ObjectKey& replica, Lane lane, const SqlBatch& batch,
                                     Duration timeout, const std::function<Status()>& guard,
                                     const std::stop_token& stop) {
  const auto entry = Find(replica);
  return entry == nullptr ? Result<SqlReply>(NoTarget(replica))
                          : entry->Run(lane, batch, timeout, guard, stop);
}

Status SqlInstanceHub::StartLong(const ObjectKey& replica, const std::string& id, SqlBatch batch,
                                 Duration timeout, const std::function<Status()>& guard) {
  const auto entry = Find(replica);
  if (entry == nullptr) {
    return NoTarget(replica);
  }
  // Asked twice: here, so that the caller hears of a refusal, and immediately before sending.
  if (auto allowed = guard ? guard() : OkStatus(); !allowed.ok()) {
    return allowed;
  }
  JoinEnded();
  const std::lock_guard lock(mutex_);
  if (stopping_) {
    return Error{ErrorKind::kTransient, "InstanceClosed", "the operator is stopping", ""};
  }
  if (auto begun = entry->BeginLong(id); !begun.ok()) {
    return begun;
  }
  auto ended = std::make_shared<std::atomic<bool>>(false);
  auto work = [this, entry, ended, replica, id, batch = std::move(batch), timeout, guard] {
    entry->RunLong(id, batch, timeout, guard);
    Notify(replica);
    *ended = true;
  };
  threads_.push_back({entry, ended, std::thread(std::move(work))});
  return OkStatus();
}

Pending<Result<SqlReply>> SqlInstanceHub::TakeLong(const ObjectKey& replica,
                                                   const std::string& id) {
  const auto entry = Find(replica);
  return entry == nullptr ? Pending<Result<SqlReply>>() : entry->TakeLong(id);
}

void SqlInstanceHub::Subscribe(std::function<void(const ObjectKey& replica)> on_change) {
  const std::lock_guard lock(mutex_);
  subscribers_.push_back(std::move(on_change));
}

void SqlInstanceHub::Notify(const ObjectKey& replica) {
  std::vector<std::function<void(const ObjectKey&)>> subscribers;
  {
    const std::lock_guard lock(mutex_);
    subscribers = subscribers_;
  }
  for (const auto& subscriber : subscribers) {
    subscriber(replica);
  }
}

void SqlInstanceHub::JoinEnded() {
  std::list<LongThread> ended;
  {
    const std::lock_guard lock(mutex_);
    for (auto thread = threads_.begin(); thread != threads_.end();) {
      const auto next = std::next(thread);
      if (*thread->ended) {
        ended.splice(ended.end(), threads_, thread);
      }
      thread = next;
    }
  }
  for (auto& thread : ended) {
    thread.thread.join();
  }
}

}  // namespace milink::sql
