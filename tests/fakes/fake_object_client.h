// A Kubernetes API server in memory, for tests of controllers: the part of it that ObjectClient
// shows. Versions grow with every change and not without one; finalizers hold a deleted object;
// applied fields have owners. Nothing is validated: schemas and CEL are for the real server.
//
// Thread-safe.
#pragma once

#include <algorithm>
#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "core/kube/object_client.h"

namespace milink::fakes {

// One request, as a test asserts on it.
struct ObjectCall {
  std::string verb;  // Get Create Delete ApplyStatus MergeStatus SetFinalizers MergePatch
                     // GetSecret GetConfigMap
  std::string plural;
  ObjectKey key;
  nlohmann::json body;  // what was sent; null for reads and deletes

  bool IsWrite() const { return !verb.starts_with("Get"); }
};

class FakeObjectClient final : public kube::ObjectClient {
 public:
  // When a fault happens: before the call took effect, or after it with the answer lost.
  enum class When { kBefore, kAfter };

  // Puts an object as a user would with kubectl: uid, resourceVersion, generation and
  // creationTimestamp are filled in where missing; the generation grows when the spec changed.
  // Returns the stored object.
  nlohmann::json Put(const kube::ResourceType& type, nlohmann::json object);
  // Gone at once, whatever its finalizers say.
  void Erase(const kube::ResourceType& type, const ObjectKey& key);
  void PutSecret(const ObjectKey& key, const std::map<std::string, std::string>& data);
  void PutConfigMap(const ObjectKey& key, const std::map<std::string, std::string>& data);

  // Answers the next calls that `matches` says yes to, `times` times, with `error`.
  void Fail(std::function<bool(const ObjectCall&)> matches, Error error, int times = 1,
            When when = When::kBefore);

  std::vector<ObjectCall> Calls() const;
  std::vector<ObjectCall> Writes() const;
  void ClearCalls();
  std::optional<nlohmann::json> Find(const kube::ResourceType& type, const ObjectKey& key) const;

  // kube::ObjectClient
  Result<nlohmann::json> Get(const kube::ResourceType& type, const ObjectKey& key) override;
  Result<nlohmann::json> Create(const kube::ResourceType& type, const std::string& namespace_name,
                                const nlohmann::json& object) override;
  Status Delete(const kube::ResourceType& type, const ObjectKey& key,
                const std::string& uid) override;
  Result<nlohmann::json> ApplyStatus(const kube::ResourceType& type, const ObjectMeta& seen,
                                     const std::string& field_manager,
                                     const nlohmann::json& status) override;
  Result<nlohmann::json> MergeStatus(const kube::ResourceType& type, const ObjectKey& key,
                                     const std::string& field_manager,
                                     const std::string& resource_version,
                                     const nlohmann::json& status) override;
  Result<nlohmann::json> SetFinalizers(const kube::ResourceType& type, const ObjectMeta& seen,
                                       const std::vector<std::string>& finalizers) override;
  Result<nlohmann::json> MergePatch(const kube::ResourceType& type, const ObjectKey& key,
                                    const nlohmann::json& patch) override;
  Result<std::map<std::string, Secret>> GetSecret(const ObjectKey& key) override;
  Result<std::map<std::string, std::string>> GetConfigMap(const ObjectKey& key) override;

 private:
  struct Stored {
    nlohmann::json object;
    std::map<std::string, nlohmann::json> applied;  // status by field manager, as last applied
  };
  struct Fault {
    std::function<bool(const ObjectCall&)> matches;
    Error error;
    int times;
    When when;
  };
  using StoreKey = std::pair<std::string, ObjectKey>;  // "group/plural" and the object

  // Notes the call and runs `effect` under the lock, with the faults around it.
  template <typename T>
  Result<T> Run(ObjectCall call, const std::function<Result<T>()>& effect);
  std::optional<Error> TakeFault(const ObjectCall& call, When when);
  Result<Stored*> Lookup(const kube::ResourceType& type, const ObjectKey& key);
  nlohmann::json Commit(Stored& stored, nlohmann::json changed);
  std::string NextVersion();

  mutable std::mutex mutex_;
  std::map<StoreKey, Stored> objects_;
  std::map<ObjectKey, std::map<std::string, std::string>> secrets_;
  std::map<ObjectKey, std::map<std::string, std::string>> config_maps_;
  std::vector<Fault> faults_;
  std::vector<ObjectCall> calls_;
  std::uint64_t version_ = 100;
};

struct RecordedEvent {
  kube::ObjectReference about;
  kube::EventType type;
  std::string reason;
  std::string action;
  std::string note;
};

class FakeEventRecorder final : public kube::EventRecorder {
 public:
  void Record(const kube::ObjectReference& about, kube::EventType type, const std::string& reason,
              const std::string& action, const std::string& note) override {
    const std::lock_guard lock(mutex_);
    events_.push_back({about, type, reason, action, note});
  }
  std::vector<RecordedEvent> Events() const {
    const std::lock_guard lock(mutex_);
    return events_;
  }
  bool Has(const std::string& reason) const {
    const std::lock_guard lock(mutex_);
    return std::ranges::any_of(events_, [&](const auto& e) { return e.reason == reason; });
  }

 private:
  mutable std::mutex mutex_;
  std::vector<RecordedEvent> events_;
};

}  // namespace milink::fakes
