// What an API server keeps, without its wire: objects of any kind, their versions, and the history
// that lists and watches are answered from. Faults of the wire are in hostile_api_server.h.
//
// Writes follow the real server's rules: versions grow with each change and only then, generations
// with each change of spec, finalizers hold a deleted object, resourceVersion and uid in a write
// are preconditions. Nothing is validated and selectors are ignored. Server-side apply is a merge;
// its conflicts are injected as faults.
//
// Several API servers of one cluster, some lagging, are several numbers `visible`: the newest
// revision that the server in question has heard of. kHead: it does not lag.
//
// Thread-safe.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <limits>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "core/base/clock.h"
#include "core/kube/object_client.h"

namespace milink::fakes {

using Revision = std::int64_t;
inline constexpr Revision kHead = std::numeric_limits<Revision>::max();

struct ModelAnswer {
  int code = 200;
  nlohmann::json body;  // an object, a list, or a Status

  bool ok() const { return code < 300; }
};

// A metav1.Status. `retry_after` of 0: none.
ModelAnswer Refusal(int code, const std::string& reason, const std::string& message,
                    int retry_after = 0);
// The 504 for a version that the server has not reached.
ModelAnswer VersionTooLarge();

struct ModelEvent {
  Revision revision = 0;
  std::string type;      // ADDED, MODIFIED, DELETED
  std::string resource;  // "group/plural"
  ObjectKey key;
  nlohmann::json object;  // with DELETED the last state, at the version of the deletion
};

struct ModelListQuery {
  std::string namespace_name;  // empty: all
  std::string version;         // "", "0" or a revision
  int limit = 0;
  std::string continue_token;
  bool pages_its_cache = false;  // a limit counts for "0" and for a revision too
};

class ClusterModel {
 public:
  using Type = kube::ResourceType;

  // The kind exists from here on (its CRD is installed), or no more.
  void Serve(const Type& type);
  void Unserve(const Type& type);
  std::optional<Type> Served(const std::string& group, const std::string& plural) const;

  // As a user who always wins: creates or replaces; metadata that is not given is kept.
  nlohmann::json Put(const Type& type, nlohmann::json object);
  // Gone at once, whatever its finalizers say. Absent is fine.
  void Erase(const Type& type, const ObjectKey& key);

  // As requests. `subresource` is empty or "status".
  ModelAnswer Get(const Type& type, const ObjectKey& key, Revision visible = kHead) const;
  ModelAnswer Create(const Type& type, const std::string& namespace_name, nlohmann::json object);
  ModelAnswer Update(const Type& type, const ObjectKey& key, const nlohmann::json& object,
                     const std::string& subresource = "");
  // A merge patch. `create`: an absent object is created, as apply does.
  ModelAnswer Patch(const Type& type, const ObjectKey& key, const nlohmann::json& patch,
                    const std::string& subresource = "", bool create = false);
  ModelAnswer Delete(const Type& type, const ObjectKey& key, const nlohmann::json& options);

  ModelAnswer List(const Type& type, const ModelListQuery& query, Revision visible = kHead) const;
  // What happened after `from`, up to `visible`. Nothing: `from` is compacted away (410).
  std::optional<std::vector<ModelEvent>> EventsAfter(const Type& type,
                                                     const std::string& namespace_name,
                                                     Revision from, Revision visible = kHead) const;
  std::map<ObjectKey, nlohmann::json> Objects(const Type& type, Revision visible = kHead) const;

  // Forgets the history up to and with the present: continue tokens and watches from before expire.
  void Compact();
  Revision head() const;
  // Returns when the head has passed `seen`, or after `patience`.
  void WaitForChange(Revision seen, Duration patience) const;

 private:
  using Store = std::map<ObjectKey, nlohmann::json>;

  static std::string Name(const Type& type) { return type.group + "/" + type.plural; }
  Store StoreAt(const std::string& resource, Revision visible) const;
  nlohmann::json* Find(const Type& type, const ObjectKey& key);
  ModelAnswer Absent(const Type& type, const ObjectKey& key) const;
  ModelAnswer Commit(const Type& type, const ObjectKey& key, nlohmann::json changed);
  nlohmann::json Add(const Type& type, nlohmann::json object);
  void Remove(const Type& type, const ObjectKey& key);

  mutable std::mutex mutex_;
  mutable std::condition_variable changed_;
  std::map<std::string, Type> served_;
  std::map<std::string, Store> stores_;
  std::vector<ModelEvent> history_;
  Revision head_ = 100;
  Revision compacted_ = 0;
};

}  // namespace milink::fakes
