// A store of all objects of one kind, kept current by a watch, with handlers for its changes.
//
//   Informer<SqlServerReplica> replicas("SqlServerReplica", DecodeReplica, logger);
//   replicas.AddHandler({.on_change = ..., .on_delete = ...});     // before the driver starts
//   driver.Add(spec, replicas);
//
// Threads: AddHandler before the watch driver starts; the ObjectSink side and all handlers run on
// the driver's thread; everything else may be called from any thread. Objects are immutable
// snapshots. A handler is called after the store was changed, without a lock: it may read the
// store, and must not block.
//
// An object that cannot be decoded (another version of the CRD wrote it) is counted, logged and
// reported; its last good snapshot stays, since unknown is not absent.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <exception>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <shared_mutex>
#include <string>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

#include "core/base/log.h"
#include "core/base/object.h"
#include "core/base/result.h"
#include "core/kube/object_set.h"
#include "core/kube/object_sink.h"

namespace milink::kube {

// Takes out what no controller reads and what makes up half of an object: managedFields and
// kubectl's copy of the last applied manifest.
void DropBookkeeping(nlohmann::json& object);

// T has a public member `meta` of type ObjectMeta.
template <typename T>
class Informer final : public ObjectSink {
 public:
  using Pointer = std::shared_ptr<const T>;
  using Decode = std::function<Result<T>(const nlohmann::json&)>;

  struct Change {
    ObjectKey key;
    Pointer before;             // null: the object is new
    Pointer after;              // never null
    bool initial_list = false;  // part of the first list, or of a replay: not news
  };
  struct Deletion {
    ObjectKey key;
    Pointer last;             // the last snapshot seen
    bool was_missed = false;  // noticed by a later list: `last` may not be its final state
  };
  // Unset members are not called.
  struct Handler {
    std::function<void(const Change&)> on_change;
    std::function<void(const Deletion&)> on_delete;
    // For each version of the object; a list repeats it.
    std::function<void(const ObjectKey&, const Error&)> on_undecodable;
    std::function<void()> on_synced;  // once, after the first list went to all handlers
    // Asked for updates of the same object (UID); no: this handler does not hear of it.
    std::function<bool(const T& before, const T& after)> wants_update;
  };

  Informer(std::string kind, Decode decode, const Logger& logger)
      : kind_(std::move(kind)),
        decode_(std::move(decode)),
        logger_(logger.With({{"kind", kind_}})) {}

  void AddHandler(Handler handler) { handlers_.push_back(std::move(handler)); }

  // Null when there is no such object.
  Pointer Get(const ObjectKey& key) const {
    const std::shared_lock lock(mutex_);
    return objects_.Find(key);
  }
  // All objects, in no order.
  std::vector<Pointer> List() const {
    const std::shared_lock lock(mutex_);
    return {objects_.begin(), objects_.end()};
  }
  std::size_t size() const {
    const std::shared_lock lock(mutex_);
    return objects_.size();
  }

  // The first list went to all handlers.
  bool synced() const { return synced_; }
  // False after `timeout`.
  bool WaitSynced(Duration timeout) const {
    std::unique_lock lock(sync_mutex_);
    return sync_changed_.wait_for(lock, timeout, [this] { return synced_.load(); });
  }

  // Has this store seen the write that made `resource_version` (of this kind)? A reconcile that
  // follows a write waits for this, so that it never decides on the state before its own write.
  // False also when the two versions cannot be compared: then read live.
  bool HasReached(const ObjectKey& key, const std::string& resource_version) const {
    const std::shared_lock lock(mutex_);
    if (const Pointer object = objects_.Find(key);
        object != nullptr && object->meta.resource_version == resource_version) {
      return true;
    }
    const auto older = IsOlderVersion(version_, resource_version);
    return older.has_value() && !*older;
  }

  // Objects as they are now which could not be decoded, with the reason.
  std::map<ObjectKey, Error> Undecodable() const {
    const std::shared_lock lock(mutex_);
    return undecodable_;
  }
  // Why this object, as it is now, could not be decoded; nothing: it could, or there is none.
  std::optional<Error> WhyUndecodable(const ObjectKey& key) const {
    const std::shared_lock lock(mutex_);
    const auto found = undecodable_.find(key);
    return found == undecodable_.end() ? std::nullopt : std::optional(found->second);
  }
  // All failures to decode since the start, for a metric.
  std::uint64_t undecodable_total() const { return undecodable_total_; }

  // ObjectSink
  void Stage(nlohmann::json item) override;
  void Unstage(nlohmann::json object) override {
    if (const Result<ObjectMeta> meta = ParseObjectMeta(object); meta.ok()) {
      staged_.Take(meta->key);
      staged_undecodable_.erase(meta->key);
    }
  }
  void DiscardStaged() override {
    staged_.Clear();
    staged_undecodable_.clear();
  }
  void Replace(const std::string& version) override;
  void Upsert(nlohmann::json json) override;
  void Remove(nlohmann::json json) override;
  void Progress(const std::string& version) override {
    const std::unique_lock lock(mutex_);
    version_ = version;
  }
  void Replay() override {
    for (const Pointer& object : List()) {
      TellChange(object->meta.key, nullptr, object, /*initial_list=*/true);
    }
  }

 private:
  struct Decoded {
    ObjectKey key;   // empty name: not even metadata could be read
    Pointer object;  // null: see error
    std::optional<Error> error;
    std::string version;
  };

  Pointer Unchanged(const ObjectMeta& meta) const;
  // `meta` is of `json`.
  Decoded DecodeObject(nlohmann::json json, const Result<ObjectMeta>& meta);
  Result<T> CallDecode(const nlohmann::json& json) const;
  void TellChange(const ObjectKey& key, const Pointer& before, const Pointer& after,
                  bool initial_list) const;
  void TellDeletion(const ObjectKey& key, const Pointer& last, bool was_missed) const;
  void TellUndecodable(const ObjectKey& key, const Error& error) const;
  void MarkSynced();

  const std::string kind_;
  const Decode decode_;
  const Logger logger_;
  std::vector<Handler> handlers_;

  mutable std::shared_mutex mutex_;  // objects_, undecodable_, version_
  ObjectSet<T> objects_;
  std::map<ObjectKey, Error> undecodable_;
  std::string version_;

  ObjectSet<T> staged_;  // the driver's thread only
  std::map<ObjectKey, Error> staged_undecodable_;

  std::atomic<std::uint64_t> undecodable_total_{0};
  std::atomic<bool> synced_{false};
  mutable std::mutex sync_mutex_;
  mutable std::condition_variable sync_changed_;
};

// The snapshot that the store has of this very version, so that a relist makes no second one.
template <typename T>
typename Informer<T>::Pointer Informer<T>::Unchanged(const ObjectMeta& meta) const {
  const Pointer known = Get(meta.key);
  const bool same =
      known && known->meta.uid == meta.uid && known->meta.resource_version == meta.resource_version;
  return same ? known : nullptr;
}

template <typename T>
void Informer<T>::Stage(nlohmann::json item) {
  const Result<ObjectMeta> meta = ParseObjectMeta(item);
  if (meta.ok()) {
    if (const Pointer earlier = staged_.Find(meta->key);
        earlier != nullptr &&
        IsOlderVersion(meta->resource_version, earlier->meta.resource_version).value_or(false)) {
      return;  // an old event once more
    }
    staged_undecodable_.erase(meta->key);
    if (const Pointer known = Unchanged(*meta)) {
      staged_.Put(known);
      return;
    }
  }
  Decoded decoded = DecodeObject(std::move(item), meta);
  if (decoded.object) {
    staged_.Put(std::move(decoded.object));
  } else if (!decoded.key.name.empty()) {
    staged_undecodable_.insert_or_assign(decoded.key, *decoded.error);
  }
}

template <typename T>
Result<T> Informer<T>::CallDecode(const nlohmann::json& json) const {
  try {
    return decode_(json);
  } catch (const std::exception& e) {
    return Error{ErrorKind::kInvalid, "Undecodable", "the object has an unexpected form", e.what()};
  }
}

template <typename T>
typename Informer<T>::Decoded Informer<T>::DecodeObject(nlohmann::json json,
                                                        const Result<ObjectMeta>& meta) {
  Decoded out;
  DropBookkeeping(json);
  if (meta.ok()) {
    out.key = meta->key;
    out.version = meta->resource_version;
    Result<T> object = CallDecode(json);
    if (object.ok()) {
      out.object = std::make_shared<const T>(*std::move(object));
      return out;
    }
    out.error = std::move(object).error();
  } else {
    out.error = meta.error();
  }
  ++undecodable_total_;
  logger_.Warning("Skipped an object that could not be decoded",
                  {{"object", ToString(out.key)}, {"error", ToString(*out.error)}});
  return out;
}

template <typename T>
void Informer<T>::Replace(const std::string& version) {
  ObjectSet<T> before;
  std::vector<Pointer> now;
  {
    const std::unique_lock lock(mutex_);
    // An undecodable object still exists: it keeps the snapshot it had.
    for (const auto& [key, error] : staged_undecodable_) {
      if (const Pointer known = objects_.Find(key)) {
        staged_.Put(known);
      }
    }
    before = std::exchange(objects_, std::exchange(staged_, {}));
    undecodable_ = std::exchange(staged_undecodable_, {});
    version_ = version;
    now.assign(objects_.begin(), objects_.end());
  }
  for (const Pointer& object : now) {
    const ObjectKey& key = object->meta.key;
    TellChange(key, before.Take(key), object, !synced_);
  }
  for (const Pointer& object : before) {
    TellDeletion(object->meta.key, object, true);
  }
  for (const auto& [key, error] : Undecodable()) {
    TellUndecodable(key, error);
  }
  MarkSynced();
}

template <typename T>
void Informer<T>::Upsert(nlohmann::json json) {
  const Result<ObjectMeta> meta = ParseObjectMeta(json);
  const Decoded decoded = DecodeObject(std::move(json), meta);
  if (decoded.key.name.empty()) {
    return;
  }
  Pointer before;
  {
    const std::unique_lock lock(mutex_);
    version_ = decoded.version;
    if (decoded.object) {
      undecodable_.erase(decoded.key);
      before = objects_.Put(decoded.object);
    } else {
      undecodable_.insert_or_assign(decoded.key, *decoded.error);
    }
  }
  if (decoded.object) {
    TellChange(decoded.key, before, decoded.object, false);
  } else {
    TellUndecodable(decoded.key, *decoded.error);
  }
}

template <typename T>
void Informer<T>::Remove(nlohmann::json json) {
  const Result<ObjectMeta> meta = ParseObjectMeta(json);
  if (!meta.ok()) {
    logger_.Warning("Skipped a deletion without metadata", {{"error", ToString(meta.error())}});
    return;
  }
  Pointer last;
  {
    const std::unique_lock lock(mutex_);
    version_ = meta->resource_version;
    undecodable_.erase(meta->key);
    last = objects_.Take(meta->key);
  }
  if (!last) {
    return;  // never seen, or seen as deleted already
  }
  // The event has the final state; where that cannot be decoded the last snapshot must do.
  DropBookkeeping(json);
  Result<T> final_state = CallDecode(json);
  TellDeletion(meta->key,
               final_state.ok() ? std::make_shared<const T>(*std::move(final_state)) : last, false);
}

template <typename T>
void Informer<T>::TellChange(const ObjectKey& key, const Pointer& before, const Pointer& after,
                             bool initial_list) const {
  if (before && before->meta.uid != after->meta.uid) {
    // Deleted and created again while nobody looked: another object with the same name.
    TellDeletion(key, before, true);
    TellChange(key, nullptr, after, initial_list);
    return;
  }
  // A list repeats what a watch had shown.
  if (before && before->meta.resource_version == after->meta.resource_version) {
    return;
  }
  for (const Handler& handler : handlers_) {
    const bool wanted = !before || !handler.wants_update || handler.wants_update(*before, *after);
    if (handler.on_change && wanted) {
      handler.on_change({key, before, after, initial_list});
    }
  }
}

template <typename T>
void Informer<T>::TellDeletion(const ObjectKey& key, const Pointer& last, bool was_missed) const {
  for (const Handler& handler : handlers_) {
    if (handler.on_delete) {
      handler.on_delete({key, last, was_missed});
    }
  }
}

template <typename T>
void Informer<T>::TellUndecodable(const ObjectKey& key, const Error& error) const {
  for (const Handler& handler : handlers_) {
    if (handler.on_undecodable) {
      handler.on_undecodable(key, error);
    }
  }
}

template <typename T>
void Informer<T>::MarkSynced() {
  {
    const std::lock_guard lock(sync_mutex_);
    if (synced_.exchange(true)) {
      return;
    }
  }
  sync_changed_.notify_all();
  for (const Handler& handler : handlers_) {
    if (handler.on_synced) {
      handler.on_synced();
    }
  }
}

}  // namespace milink::kube
