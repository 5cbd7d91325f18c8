// Objects of the Kubernetes API, one request each. What controllers use; the implementation is
// client.h, tests have one in memory.
//
// Thread-safe; every call has a deadline (30 s). Errors: kNotFound, kConflict (409 on
// resourceVersion or an existing name; reason "Conflict" / "AlreadyExists"), kUnauthorized
// (401, 403 "Forbidden"), kInvalid (400, 422), kThrottled (429 with Retry-After), kTransient
// (connection, 5xx). A write whose answer was lost is kTransient "OutcomeUnknown": read again.
#pragma once

#include <map>
#include <string>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "core/base/object.h"
#include "core/base/result.h"
#include "core/base/secret.h"

namespace milink::kube {

struct ResourceType {
  std::string group;  // empty for the core group
  std::string version;
  std::string plural;  // as in the URL
  std::string kind;

  bool operator==(const ResourceType&) const = default;
};

class ObjectClient {
 public:
  virtual ~ObjectClient() = default;

  virtual Result<nlohmann::json> Get(const ResourceType& type, const ObjectKey& key) = 0;
  virtual Result<nlohmann::json> Create(const ResourceType& type, const std::string& namespace_name,
                                        const nlohmann::json& object) = 0;
  // Absent is success. `uid` (may be empty) is a precondition: only that very object.
  virtual Status Delete(const ResourceType& type, const ObjectKey& key, const std::string& uid) = 0;

  // Server-side apply, forced, of the status fields which `field_manager` owns: a field that was
  // applied before and is left out now is removed. `status` is the value of `.status`.
  // Refused (kConflict) unless the object still has the version of `seen`, if that is not empty:
  // of another object of the same name, too, whose uid the server would not compare.
  virtual Result<nlohmann::json> ApplyStatus(const ResourceType& type, const ObjectMeta& seen,
                                             const std::string& field_manager,
                                             const nlohmann::json& status) = 0;
  // JSON merge patch of `.status`, refused (kConflict) unless the object still has
  // `resource_version`.
  virtual Result<nlohmann::json> MergeStatus(const ResourceType& type, const ObjectKey& key,
                                             const std::string& field_manager,
                                             const std::string& resource_version,
                                             const nlohmann::json& status) = 0;
  // `finalizers` is the whole new list. Refused (kConflict) unless the object still has the version
  // of `seen`, so that nobody else's finalizer is overwritten.
  virtual Result<nlohmann::json> SetFinalizers(const ResourceType& type, const ObjectMeta& seen,
                                               const std::vector<std::string>& finalizers) = 0;

  // JSON merge patch of the object itself, never of its status, with no condition on the version:
  // for objects that only we write (events, published plans) and single annotations.
  virtual Result<nlohmann::json> MergePatch(const ResourceType& type, const ObjectKey& key,
                                            const nlohmann::json& patch) = 0;

  // The decoded data of a core/v1 Secret or ConfigMap.
  virtual Result<std::map<std::string, Secret>> GetSecret(const ObjectKey& key) = 0;
  virtual Result<std::map<std::string, std::string>> GetConfigMap(const ObjectKey& key) = 0;
};

// Who an event is about.
struct ObjectReference {
  std::string api_version;
  std::string kind;
  ObjectKey key;
  std::string uid;
};

enum class EventType { kNormal, kWarning };

// Never blocks, never fails: events are a courtesy. Thread-safe.
class EventRecorder {
 public:
  virtual ~EventRecorder() = default;
  // `reason` and `action` in CamelCase; `note` for people, cut at 1 KiB.
  virtual void Record(const ObjectReference& about, EventType type, const std::string& reason,
                      const std::string& action, const std::string& note) = 0;
};

}  // namespace milink::kube
