#include "tests/fakes/fake_object_client.h"

#include <utility>

namespace milink::fakes {
namespace {

using nlohmann::json;

constexpr const char* kSomeTime = "2026-11-21T10:00:00Z";

std::string KindKey(const kube::ResourceType& type) { return type.group + "/" + type.plural; }

ObjectKey KeyOf(const json& object) {
  const json& meta = object.at("metadata");
  return {meta.value("namespace", ""), meta.value("name", "")};
}

Error Conflict(const std::string& what) {
  return {ErrorKind::kConflict, "Conflict", "the object was changed by somebody else: " + what, ""};
}

// Takes out of `target` what `formerly` had and `now` no longer has.
void RemoveLeftOut(json& target, const json& formerly, const json& now) {
  if (!target.is_object() || !formerly.is_object()) {
    return;
  }
  for (const auto& [field, old_value] : formerly.items()) {
    if (!target.contains(field)) {
      continue;
    }
    if (!now.is_object() || !now.contains(field)) {
      target.erase(field);
    } else {
      RemoveLeftOut(target[field], old_value, now.at(field));
    }
  }
}

}  // namespace

template <typename T>
Result<T> FakeObjectClient::Run(ObjectCall call, const std::function<Result<T>()>& effect) {
  const std::lock_guard lock(mutex_);
  calls_.push_back(call);
  if (auto error = TakeFault(call, When::kBefore)) {
    return *std::move(error);
  }
  Result<T> result = effect();
  if (auto error = TakeFault(call, When::kAfter)) {
    return *std::move(error);
  }
  return result;
}

std::optional<Error> FakeObjectClient::TakeFault(const ObjectCall& call, When when) {
  for (Fault& fault : faults_) {
    if (fault.times > 0 && fault.when == when && fault.matches(call)) {
      --fault.times;
      return fault.error;
    }
  }
  return std::nullopt;
}

std::string FakeObjectClient::NextVersion() { return std::to_string(++version_); }

json FakeObjectClient::Put(const kube::ResourceType& type, json object) {
  const std::lock_guard lock(mutex_);
  const StoreKey where{KindKey(type), KeyOf(object)};
  const auto existing = objects_.find(where);
  json& meta = object["metadata"];
  if (existing == objects_.end()) {
    if (!meta.contains("uid")) {
      meta["uid"] = "uid-" + std::to_string(version_ + 1);
    }
    if (!meta.contains("generation")) {
      meta["generation"] = 1;
    }
    if (!meta.contains("creationTimestamp")) {
      meta["creationTimestamp"] = kSomeTime;
    }
  } else {
    const json& old = existing->second.object;
    const bool spec_changed = old.value("spec", json()) != object.value("spec", json());
    json merged_meta = old.at("metadata");
    merged_meta.update(meta);
    merged_meta["generation"] = old.at("metadata").value("generation", 1) + (spec_changed ? 1 : 0);
    meta = std::move(merged_meta);
    if (!object.contains("status") && old.contains("status")) {
      object["status"] = old.at("status");
    }
  }
  meta["resourceVersion"] = NextVersion();
  object["apiVersion"] = type.group.empty() ? type.version : type.group + "/" + type.version;
  object["kind"] = type.kind;
  objects_[where].object = object;
  return object;
}

void FakeObjectClient::Erase(const kube::ResourceType& type, const ObjectKey& key) {
  const std::lock_guard lock(mutex_);
  objects_.erase({KindKey(type), key});
}

void FakeObjectClient::PutSecret(const ObjectKey& key,
                                 const std::map<std::string, std::string>& data) {
  const std::lock_guard lock(mutex_);
  secrets_[key] = data;
}

void FakeObjectClient::PutConfigMap(const ObjectKey& key,
                                    const std::map<std::string, std::string>& data) {
  const std::lock_guard lock(mutex_);
  config_maps_[key] = data;
}

void FakeObjectClient::Fail(std::function<bool(const ObjectCall&)> matches, Error error, int times,
                            When when) {
  const std::lock_guard lock(mutex_);
  faults_.push_back({std::move(matches), std::move(error), times, when});
}

std::vector<ObjectCall> FakeObjectClient::Calls() const {
  const std::lock_guard lock(mutex_);
  return calls_;
}

std::vector<ObjectCall> FakeObjectClient::Writes() const {
  std::vector<ObjectCall> writes = Calls();
  std::erase_if(writes, [](const ObjectCall& call) { return !call.IsWrite(); });
  return writes;
}

void FakeObjectClient::ClearCalls() {
  const std::lock_guard lock(mutex_);
  calls_.clear();
}

std::optional<json> FakeObjectClient::Find(const kube::ResourceType& type,
                                           const ObjectKey& key) const {
  const std::lock_guard lock(mutex_);
  const auto it = objects_.find({KindKey(type), key});
  return it == objects_.end() ? std::nullopt : std::optional(it->second.object);
}

Result<FakeObjectClient::Stored*> FakeObjectClient::Lookup(const kube::ResourceType& type,
                                                           const ObjectKey& key) {
  const auto it = objects_.find({KindKey(type), key});
  if (it == objects_.end()) {
    return Error{ErrorKind::kNotFound, "NotFound",
                 type.plural + " \"" + ToString(key) + "\" not found", ""};
  }
  return &it->second;
}

// Like the real server: a write that changes nothing makes no new version.
json FakeObjectClient::Commit(Stored& stored, json changed) {
  if (changed != stored.object) {
    changed["metadata"]["resourceVersion"] = NextVersion();
    stored.object = std::move(changed);
  }
  return stored.object;
}

Result<json> FakeObjectClient::Get(const kube::ResourceType& type, const ObjectKey& key) {
  return Run<json>({"Get", type.plural, key, nullptr}, [&]() -> Result<json> {
    const auto stored = Lookup(type, key);
    return stored.ok() ? Result<json>((*stored)->object) : stored.error();
  });
}

Result<json> FakeObjectClient::Create(const kube::ResourceType& type,
                                      const std::string& namespace_name, const json& object) {
  json made = object;
  made["metadata"]["namespace"] = namespace_name;
  const ObjectKey key = KeyOf(made);
  return Run<json>({"Create", type.plural, key, object}, [&]() -> Result<json> {
    if (Lookup(type, key).ok()) {
      return Error{ErrorKind::kConflict, "AlreadyExists",
                   type.plural + " \"" + ToString(key) + "\" already exists", ""};
    }
    json& meta = made["metadata"];
    meta["resourceVersion"] = NextVersion();
    meta["uid"] = "uid-" + std::to_string(version_);
    meta["generation"] = 1;
    meta["creationTimestamp"] = kSomeTime;
    made.erase("status");
    objects_[{KindKey(type), key}].object = made;
    return made;
  });
}

Status FakeObjectClient::Delete(const kube::ResourceType& type, const ObjectKey& key,
                                const std::string& uid) {
  return Run<void>({"Delete", type.plural, key, nullptr}, [&]() -> Status {
    const auto stored = Lookup(type, key);
    if (!stored.ok()) {
      return OkStatus();
    }
    json object = (*stored)->object;
    json& meta = object["metadata"];
    if (!uid.empty() && meta.value("uid", "") != uid) {
      return Conflict("another uid");
    }
    if (meta.value("finalizers", json::array()).empty()) {
      objects_.erase({KindKey(type), key});
    } else if (!meta.contains("deletionTimestamp")) {
      meta["deletionTimestamp"] = kSomeTime;
      meta["generation"] = meta.value("generation", 1) + 1;
      Commit(**stored, std::move(object));
    }
    return OkStatus();
  });
}

Result<json> FakeObjectClient::ApplyStatus(const kube::ResourceType& type, const ObjectMeta& seen,
                                           const std::string& field_manager, const json& status) {
  return Run<json>({"ApplyStatus", type.plural, seen.key, status}, [&]() -> Result<json> {
    const auto found = Lookup(type, seen.key);
    if (!found.ok()) {
      return found.error();
    }
    Stored& stored = **found;
    json object = stored.object;
    if (!seen.resource_version.empty() &&
        object.at("metadata").at("resourceVersion") != seen.resource_version) {
      return Conflict("resourceVersion");
    }
    if (!object.contains("status")) {
      object["status"] = json::object();
    }
    json& target = object["status"];
    RemoveLeftOut(target, stored.applied[field_manager], status);
    target.merge_patch(status);
    stored.applied[field_manager] = status;
    return Commit(stored, std::move(object));
  });
}

Result<json> FakeObjectClient::MergeStatus(const kube::ResourceType& type, const ObjectKey& key,
                                           const std::string& /*field_manager*/,
                                           const std::string& resource_version,
                                           const json& status) {
  return Run<json>({"MergeStatus", type.plural, key, status}, [&]() -> Result<json> {
    const auto found = Lookup(type, key);
    if (!found.ok()) {
      return found.error();
    }
    json object = (*found)->object;
    if (object.at("metadata").at("resourceVersion") != resource_version) {
      return Conflict("resourceVersion");
    }
    object.merge_patch(json{{"status", status}});
    return Commit(**found, std::move(object));
  });
}

Result<json> FakeObjectClient::SetFinalizers(const kube::ResourceType& type, const ObjectMeta& seen,
                                             const std::vector<std::string>& finalizers) {
  return Run<json>({"SetFinalizers", type.plural, seen.key, finalizers}, [&]() -> Result<json> {
    const auto found = Lookup(type, seen.key);
    if (!found.ok()) {
      return found.error();
    }
    json object = (*found)->object;
    if (object.at("metadata").at("resourceVersion") != seen.resource_version) {
      return Conflict("resourceVersion");
    }
    if (finalizers.empty()) {
      object["metadata"].erase("finalizers");
    } else {
      object["metadata"]["finalizers"] = finalizers;
    }
    json result = Commit(**found, std::move(object));
    if (finalizers.empty() && result.at("metadata").contains("deletionTimestamp")) {
      objects_.erase({KindKey(type), seen.key});
    }
    return result;
  });
}

Result<json> FakeObjectClient::MergePatch(const kube::ResourceType& type, const ObjectKey& key,
                                          const json& patch) {
  return Run<json>({"MergePatch", type.plural, key, patch}, [&]() -> Result<json> {
    const auto found = Lookup(type, key);
    if (!found.ok()) {
      return found.error();
    }
    json object = (*found)->object;
    object.merge_patch(patch);
    return Commit(**found, std::move(object));
  });
}

Result<std::map<std::string, Secret>> FakeObjectClient::GetSecret(const ObjectKey& key) {
  using Data = std::map<std::string, Secret>;
  return Run<Data>({"GetSecret", "secrets", key, nullptr}, [&]() -> Result<Data> {
    const auto it = secrets_.find(key);
    if (it == secrets_.end()) {
      return Error{ErrorKind::kNotFound, "NotFound", "secrets \"" + ToString(key) + "\" not found",
                   ""};
    }
    Data data;
    for (const auto& [name, value] : it->second) {
      data.emplace(name, Secret(value));
    }
    return data;
  });
}

Result<std::map<std::string, std::string>> FakeObjectClient::GetConfigMap(const ObjectKey& key) {
  using Data = std::map<std::string, std::string>;
  return Run<Data>({"GetConfigMap", "configmaps", key, nullptr}, [&]() -> Result<Data> {
    const auto it = config_maps_.find(key);
    if (it == config_maps_.end()) {
      return Error{ErrorKind::kNotFound, "NotFound",
                   "configmaps \"" + ToString(key) + "\" not found", ""};
    }
    return it->second;
  });
}

}  // namespace milink::fakes
