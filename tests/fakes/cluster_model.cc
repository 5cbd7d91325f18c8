#include "tests/fakes/cluster_model.h"

#include <algorithm>
#include <utility>

namespace milink::fakes {
namespace {

using nlohmann::json;

constexpr const char* kSomeTime = "2026-11-21T10:00:00Z";

ObjectKey KeyOf(const json& object) {
  const json& meta = object.at("metadata");
  return {meta.value("namespace", ""), meta.value("name", "")};
}

std::string ApiVersion(const kube::ResourceType& type) {
  return type.group.empty() ? type.version : type.group + "/" + type.version;
}

ModelAnswer Conflict(const std::string& what) {
  return Refusal(409, "Conflict", "the object has been modified: another " + what);
}

// Preconditions: what the writer says it saw.
std::optional<ModelAnswer> Violated(const json& claim, const json& meta) {
  for (const char* field : {"uid", "resourceVersion"}) {
    const std::string claimed = claim.is_object() ? claim.value(field, "") : "";
    if (!claimed.empty() && claimed != meta.value(field, "")) {
      return Conflict(field);
    }
  }
  return std::nullopt;
}

// What a write to `subresource` may change; the rest stays as it was.
json Restrict(const json& before, json after, const std::string& subresource) {
  json result = subresource == "status" ? before : after;
  const json& status_from = subresource == "status" ? after : before;
  result.erase("status");
  if (status_from.contains("status")) {
    result["status"] = status_from.at("status");
  }
  json& meta = result["metadata"];
  const json& old = before.at("metadata");
  for (const char* kept : {"uid", "name", "namespace", "creationTimestamp", "deletionTimestamp",
                           "generation", "resourceVersion"}) {
    meta.erase(kept);
    if (old.contains(kept)) {
      meta[kept] = old.at(kept);
    }
  }
  return result;
}

}  // namespace

ModelAnswer Refusal(int code, const std::string& reason, const std::string& message,
                    int retry_after) {
  json status{{"kind", "Status"},   {"apiVersion", "v1"}, {"status", "Failure"},
              {"message", message}, {"reason", reason},   {"code", code}};
  if (retry_after > 0) {
    status["details"]["retryAfterSeconds"] = retry_after;
  }
  return {code, std::move(status)};
}

ModelAnswer VersionTooLarge() {
  ModelAnswer answer = Refusal(504, "Timeout", "Too large resource version", 1);
  answer.body["details"]["causes"] = json::array({{{"reason", "ResourceVersionTooLarge"}}});
  return answer;
}

void ClusterModel::Serve(const Type& type) {
  const std::lock_guard lock(mutex_);
  served_.insert_or_assign(Name(type), type);
}

void ClusterModel::Unserve(const Type& type) {
  const std::lock_guard lock(mutex_);
  served_.erase(Name(type));
}

std::optional<kube::ResourceType> ClusterModel::Served(const std::string& group,
                                                       const std::string& plural) const {
  const std::lock_guard lock(mutex_);
  const auto it = served_.find(group + "/" + plural);
  return it == served_.end() ? std::nullopt : std::optional(it->second);
}

json* ClusterModel::Find(const Type& type, const ObjectKey& key) {
  Store& store = stores_[Name(type)];
  const auto it = store.find(key);
  return it == store.end() ? nullptr : &it->second;
}

ModelAnswer ClusterModel::Absent(const Type& type, const ObjectKey& key) const {
  return Refusal(404, "NotFound", type.plural + " \"" + key.name + "\" not found");
}

json ClusterModel::Add(const Type& type, json object) {
  json& meta = object["metadata"];
  const std::string version = std::to_string(++head_);
  meta["resourceVersion"] = version;
  if (!meta.contains("uid")) {
    meta["uid"] = "uid-" + version;
  }
  meta["generation"] = meta.value("generation", 1);
  meta["creationTimestamp"] = kSomeTime;
  object["apiVersion"] = ApiVersion(type);
  object["kind"] = type.kind;
  const ObjectKey key = KeyOf(object);
  stores_[Name(type)].insert_or_assign(key, object);
  history_.push_back({head_, "ADDED", Name(type), key, object});
  changed_.notify_all();
  return object;
}

void ClusterModel::Remove(const Type& type, const ObjectKey& key) {
  Store& store = stores_[Name(type)];
  const auto it = store.find(key);
  if (it == store.end()) {
    return;
  }
  json object = std::move(it->second);
  store.erase(it);
  object["metadata"]["resourceVersion"] = std::to_string(++head_);
  history_.push_back({head_, "DELETED", Name(type), key, std::move(object)});
  changed_.notify_all();
}

// Like the real server: a write that changes nothing makes no new version, and a deleted object
// goes with its last finalizer.
ModelAnswer ClusterModel::Commit(const Type& type, const ObjectKey& key, json changed) {
  json& stored = stores_[Name(type)].at(key);
  if (changed == stored) {
    return {200, stored};
  }
  json& meta = changed["metadata"];
  if (changed.value("spec", json()) != stored.value("spec", json())) {
    meta["generation"] = meta.value("generation", 1) + 1;
  }
  meta["resourceVersion"] = std::to_string(++head_);
  stored = std::move(changed);
  const json result = stored;
  history_.push_back({head_, "MODIFIED", Name(type), key, result});
  changed_.notify_all();
  const json& now = result.at("metadata");
  if (now.contains("deletionTimestamp") && now.value("finalizers", json::array()).empty()) {
    Remove(type, key);
  }
  return {200, result};
}

json ClusterModel::Put(const Type& type, json object) {
  const std::lock_guard lock(mutex_);
  const ObjectKey key = KeyOf(object);
  const json* existing = Find(type, key);
  if (existing == nullptr) {
    return Add(type, std::move(object));
  }
  json merged = *existing;
  json meta = merged.at("metadata");
  meta.update(object.at("metadata"));
  merged.update(object);
  merged["metadata"] = std::move(meta);
  return Commit(type, key, std::move(merged)).body;
}

void ClusterModel::Erase(const Type& type, const ObjectKey& key) {
  const std::lock_guard lock(mutex_);
  Remove(type, key);
}

ModelAnswer ClusterModel::Get(const Type& type, const ObjectKey& key, Revision visible) const {
  const std::lock_guard lock(mutex_);
  const Store store = StoreAt(Name(type), visible);
  const auto it = store.find(key);
  return it == store.end() ? Absent(type, key) : ModelAnswer{200, it->second};
}

ModelAnswer ClusterModel::Create(const Type& type, const std::string& namespace_name, json object) {
  const std::lock_guard lock(mutex_);
  json& meta = object["metadata"];
  if (!namespace_name.empty()) {
    meta["namespace"] = namespace_name;
  }
  if (meta.value("name", "").empty()) {
    meta["name"] = meta.value("generateName", "") + std::to_string(head_);
  }
  const ObjectKey key = KeyOf(object);
  if (Find(type, key) != nullptr) {
    return Refusal(409, "AlreadyExists", type.plural + " \"" + key.name + "\" already exists");
  }
  meta.erase("uid");
  if (object.contains("spec")) {
    object.erase("status");  // of a kind with a status subresource
  }
  return {201, Add(type, std::move(object))};
}

ModelAnswer ClusterModel::Update(const Type& type, const ObjectKey& key, const json& object,
                                 const std::string& subresource) {
  const std::lock_guard lock(mutex_);
  const json* stored = Find(type, key);
  if (stored == nullptr) {
    return Absent(type, key);
  }
  if (auto violated = Violated(object.value("metadata", json()), stored->at("metadata"))) {
    return *violated;
  }
  return Commit(type, key, Restrict(*stored, object, subresource));
}

ModelAnswer ClusterModel::Patch(const Type& type, const ObjectKey& key, const json& patch,
                                const std::string& subresource, bool create) {
  const std::lock_guard lock(mutex_);
  const json* stored = Find(type, key);
  if (stored == nullptr && create && subresource.empty()) {
    json object = patch;
    object["metadata"]["name"] = key.name;
    if (!key.namespace_name.empty()) {
      object["metadata"]["namespace"] = key.namespace_name;
    }
    return {201, Add(type, std::move(object))};
  }
  if (stored == nullptr) {
    return Absent(type, key);
  }
  if (auto violated = Violated(patch.value("metadata", json()), stored->at("metadata"))) {
    return *violated;
  }
  json merged = *stored;
  merged.merge_patch(patch);
  return Commit(type, key, Restrict(*stored, std::move(merged), subresource));
}

ModelAnswer ClusterModel::Delete(const Type& type, const ObjectKey& key, const json& options) {
  const std::lock_guard lock(mutex_);
  const json* stored = Find(type, key);
  if (stored == nullptr) {
    return Absent(type, key);
  }
  const json claim = options.is_object() ? options.value("preconditions", json()) : json();
  if (auto violated = Violated(claim, stored->at("metadata"))) {
    return *violated;
  }
  json object = *stored;
  json& meta = object["metadata"];
  if (meta.value("finalizers", json::array()).empty()) {
    Remove(type, key);
    return {200, std::move(object)};
  }
  if (!meta.contains("deletionTimestamp")) {
    meta["deletionTimestamp"] = kSomeTime;
    meta["generation"] = meta.value("generation", 1) + 1;
  }
  return Commit(type, key, std::move(object));
}

ClusterModel::Store ClusterModel::StoreAt(const std::string& resource, Revision visible) const {
  if (visible >= head_) {
    const auto it = stores_.find(resource);
    return it == stores_.end() ? Store() : it->second;
  }
  Store store;
  for (const ModelEvent& event : history_) {
    if (event.revision > visible || event.resource != resource) {
      continue;
    }
    if (event.type == "DELETED") {
      store.erase(event.key);
    } else {
      store.insert_or_assign(event.key, event.object);
    }
  }
  return store;
}

// A continue token is "<revision>|<namespace>/<name>": the snapshot, and the last key given out.
ModelAnswer ClusterModel::List(const Type& type, const ModelListQuery& query,
                               Revision visible) const {
  const std::lock_guard lock(mutex_);
  const Revision seen = std::min(visible, head_);
  const bool cached = !query.version.empty();
  Revision at = cached ? seen : head_;  // without a version: a quorum read, however the cache lags
  ObjectKey after;
  if (!query.continue_token.empty()) {
    const auto bar = query.continue_token.find('|');
    const auto slash = query.continue_token.find('/');
    at = std::stoll(query.continue_token.substr(0, bar));
    after = {query.continue_token.substr(bar + 1, slash - bar - 1),
             query.continue_token.substr(slash + 1)};
    if (at < compacted_) {
      return Refusal(410, "Expired", "The provided continue parameter is too old");
    }
  } else if (cached && std::stoll(query.version) > seen) {
    return VersionTooLarge();
  }
  const bool limited =
      query.limit > 0 && (!cached || query.pages_its_cache || !query.continue_token.empty());
  json items = json::array();
  std::string next;
  for (const auto& [key, object] : StoreAt(Name(type), at)) {
    const bool wanted = query.namespace_name.empty() || query.namespace_name == key.namespace_name;
    if (!wanted || key <= after) {
      continue;
    }
    if (limited && items.size() == static_cast<std::size_t>(query.limit)) {
      const ObjectKey last = KeyOf(items.back());
      next = std::to_string(at) + "|" + last.namespace_name + "/" + last.name;
      break;
    }
    items.push_back(object);
  }
  return {200,
          {{"kind", type.kind + "List"},
           {"apiVersion", ApiVersion(type)},
           {"metadata", {{"resourceVersion", std::to_string(at)}, {"continue", next}}},
           {"items", std::move(items)}}};
}

std::optional<std::vector<ModelEvent>> ClusterModel::EventsAfter(const Type& type,
                                                                 const std::string& namespace_name,
                                                                 Revision from,
                                                                 Revision visible) const {
  const std::lock_guard lock(mutex_);
  if (from < compacted_) {
    return std::nullopt;
  }
  std::vector<ModelEvent> events;
  const auto first = std::ranges::upper_bound(history_, from, {}, &ModelEvent::revision);
  for (auto it = first; it != history_.end() && it->revision <= visible; ++it) {
    const bool wanted = namespace_name.empty() || namespace_name == it->key.namespace_name;
    if (wanted && it->resource == Name(type)) {
      events.push_back(*it);
    }
  }
  return events;
}

std::map<ObjectKey, json> ClusterModel::Objects(const Type& type, Revision visible) const {
  const std::lock_guard lock(mutex_);
  return StoreAt(Name(type), visible);
}

void ClusterModel::Compact() {
  const std::lock_guard lock(mutex_);
  compacted_ = ++head_;  // a write elsewhere, so that the present is old too
}

Revision ClusterModel::head() const {
  const std::lock_guard lock(mutex_);
  return head_;
}

void ClusterModel::WaitForChange(Revision seen, Duration patience) const {
  std::unique_lock lock(mutex_);
  changed_.wait_for(lock, patience, [&] { return head_ > seen; });
}

}  // namespace milink::fakes
