// Instances in memory for tests of controllers: a test puts snapshots in and says what batches
// answer, and reads afterwards what was asked. Thread-safe; handlers are called without the lock.
#pragma once

#include <algorithm>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <stop_token>
#include <string>
#include <utility>
#include <vector>

#include "core/sql/instance_hub.h"

namespace milink::fakes {

class FakeInstanceHub final : public sql::InstanceHub {
 public:
  struct Call {
    ObjectKey replica;
    sql::Lane lane = sql::Lane::kAct;
    std::string text;  // as sent, secrets included
    std::string shown;
    std::stop_token stop = {};
  };
  using RunHandler = std::function<Result<sql::SqlReply>(const Call&)>;
  using SnapshotPtr = std::shared_ptr<const sql::InstanceSnapshot>;
  using RefreshHandler = std::function<Result<SnapshotPtr>(const ObjectKey&, sql::RefreshScope)>;

  // -- Set up by the test

  // Published at once, as if the instance had been read; subscribers are told.
  void Publish(const ObjectKey& replica, sql::InstanceSnapshot snapshot) {
    {
      const std::lock_guard lock(mutex_);
      snapshot.version = ++version_;
      snapshots_[replica] = std::make_shared<const sql::InstanceSnapshot>(std::move(snapshot));
      refresh_errors_.erase(replica);
    }
    Notify(replica);
  }
  // The instance cannot be read from now on, until the next Publish.
  void FailRefresh(const ObjectKey& replica, Error error) {
    {
      const std::lock_guard lock(mutex_);
      snapshots_.erase(replica);
      refresh_errors_.insert_or_assign(replica, std::move(error));
    }
    Notify(replica);
  }
  // Decides what a refresh returns, in place of the published snapshot. What it returns is
  // published.
  void OnRefresh(RefreshHandler handler) {
    const std::lock_guard lock(mutex_);
    on_refresh_ = std::move(handler);
  }
  // Answers every batch; without it each succeeds with an empty reply.
  void OnRun(RunHandler handler) {
    const std::lock_guard lock(mutex_);
    on_run_ = std::move(handler);
  }
  // A statement that was started ends with this outcome; subscribers are told.
  void FinishLong(const ObjectKey& replica, const std::string& id, Result<sql::SqlReply> outcome) {
    {
      const std::lock_guard lock(mutex_);
      running_.erase({replica, id});
      finished_.insert_or_assign({replica, id}, std::move(outcome));
    }
    Notify(replica);
  }

  // Asks a long statement's guard again, as its thread does before sending, however late.
  Status AskGuard(const ObjectKey& replica, const std::string& id) const {
    std::function<Status()> guard;
    {
      const std::lock_guard lock(mutex_);
      guard = long_guards_.at({replica, id});
    }
    return guard ? guard() : OkStatus();
  }

  // -- Read by the test

  std::vector<Call> Calls() const {
    const std::lock_guard lock(mutex_);
    return calls_;
  }
  std::vector<Call> LongCalls() const {
    const std::lock_guard lock(mutex_);
    return long_calls_;
  }
  std::vector<std::pair<ObjectKey, sql::RefreshScope>> Refreshes() const {
    const std::lock_guard lock(mutex_);
    return refreshes_;
  }
  std::optional<sql::SqlTarget> Target(const ObjectKey& replica) const {
    const std::lock_guard lock(mutex_);
    const auto found = targets_.find(replica);
    return found == targets_.end() ? std::nullopt : std::optional(found->second);
  }
  bool LongRunning(const ObjectKey& replica, const std::string& id) const {
    const std::lock_guard lock(mutex_);
    return running_.contains({replica, id});
  }
  void ClearCalls() {
    const std::lock_guard lock(mutex_);
    calls_.clear();
    long_calls_.clear();
    refreshes_.clear();
  }

  // -- InstanceHub

  void SetTarget(const ObjectKey& replica, sql::SqlTarget target) override {
    const std::lock_guard lock(mutex_);
    targets_.insert_or_assign(replica, std::move(target));
  }

  void ForgetTarget(const ObjectKey& replica) override {
    const std::lock_guard lock(mutex_);
    targets_.erase(replica);
    snapshots_.erase(replica);
  }

  void Remove(const ObjectKey& replica) override {
    const std::lock_guard lock(mutex_);
    targets_.erase(replica);
    snapshots_.erase(replica);
    refresh_errors_.erase(replica);
  }

  Result<SnapshotPtr> Refresh(const ObjectKey& replica, sql::RefreshScope scope) override {
    RefreshHandler handler;
    {
      const std::lock_guard lock(mutex_);
      refreshes_.emplace_back(replica, scope);
      handler = on_refresh_;
    }
    if (!handler) {
      return Published(replica);
    }
    Result<SnapshotPtr> outcome = handler(replica, scope);
    {
      const std::lock_guard lock(mutex_);
      if (outcome.ok()) {
        snapshots_.insert_or_assign(replica, *outcome);
      } else if (!SaysNothing(outcome.error())) {
        snapshots_.erase(replica);
      }
    }
    return outcome;
  }

  SnapshotPtr Snapshot(const ObjectKey& replica) const override {
    const std::lock_guard lock(mutex_);
    const auto found = snapshots_.find(replica);
    return found == snapshots_.end() ? nullptr : found->second;
  }

  Result<sql::SqlReply> Run(const ObjectKey& replica, sql::Lane lane, const sql::SqlBatch& batch,
                            Duration /*timeout*/, const std::function<Status()>& guard,
                            const std::stop_token& stop) override {
    if (guard) {
      if (auto allowed = guard(); !allowed.ok()) {
        return allowed.error();
      }
    }
    const Call call{replica, lane, std::string(batch.text.Reveal()), batch.shown, stop};
    RunHandler handler;
    {
      const std::lock_guard lock(mutex_);
      calls_.push_back(call);
      handler = on_run_;
    }
    return handler ? handler(call) : Result<sql::SqlReply>(sql::SqlReply{});
  }

  Status StartLong(const ObjectKey& replica, const std::string& id, sql::SqlBatch batch,
                   Duration /*timeout*/, const std::function<Status()>& guard) override {
    if (guard) {
      if (auto allowed = guard(); !allowed.ok()) {
        return allowed;
      }
    }
    const std::lock_guard lock(mutex_);
    if (finished_.contains({replica, id}) || !running_.insert({replica, id}).second) {
      return Error{ErrorKind::kTransient, "AlreadyRunning", "statement " + id + " is running", ""};
    }
    long_calls_.push_back(
        {replica, sql::Lane::kAct, std::string(batch.text.Reveal()), std::move(batch.shown)});
    long_guards_.insert_or_assign({replica, id}, guard);
    return OkStatus();
  }

  sql::Pending<Result<sql::SqlReply>> TakeLong(const ObjectKey& replica,
                                               const std::string& id) override {
    const std::lock_guard lock(mutex_);
    const auto found = finished_.find({replica, id});
    if (found == finished_.end()) {
      return {running_.contains({replica, id}), std::nullopt};
    }
    sql::Pending<Result<sql::SqlReply>> ended{false, std::move(found->second)};
    finished_.erase(found);
    return ended;
  }

  void Subscribe(std::function<void(const ObjectKey& replica)> on_change) override {
    const std::lock_guard lock(mutex_);
    subscribers_.push_back(std::move(on_change));
  }

 private:
  using LongKey = std::pair<ObjectKey, std::string>;

  static bool SaysNothing(const Error& error) {
    return error.reason == "LaneBusy" || error.reason == "TargetChanged";
  }

  Result<SnapshotPtr> Published(const ObjectKey& replica) const {
    const std::lock_guard lock(mutex_);
    if (const auto error = refresh_errors_.find(replica); error != refresh_errors_.end()) {
      return error->second;
    }
    const auto found = snapshots_.find(replica);
    if (found == snapshots_.end()) {
      return Error{ErrorKind::kNotFound, "NoTarget",
                   "no instance is known for " + ToString(replica), ""};
    }
    return found->second;
  }

  void Notify(const ObjectKey& replica) {
    std::vector<std::function<void(const ObjectKey&)>> subscribers;
    {
      const std::lock_guard lock(mutex_);
      subscribers = subscribers_;
    }
    for (const auto& subscriber : subscribers) {
      subscriber(replica);
    }
  }

  mutable std::mutex mutex_;
  std::uint64_t version_ = 0;
  std::map<ObjectKey, sql::SqlTarget> targets_;
  std::map<ObjectKey, SnapshotPtr> snapshots_;
  std::map<ObjectKey, Error> refresh_errors_;
  std::map<LongKey, Result<sql::SqlReply>> finished_;
  std::map<LongKey, std::function<Status()>> long_guards_;
  std::set<LongKey> running_;
  std::vector<Call> calls_;
  std::vector<Call> long_calls_;
  std::vector<std::pair<ObjectKey, sql::RefreshScope>> refreshes_;
  std::vector<std::function<void(const ObjectKey&)>> subscribers_;
  RefreshHandler on_refresh_;
  RunHandler on_run_;
};

}  // namespace milink::fakes
