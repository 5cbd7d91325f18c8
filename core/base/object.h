// What every Kubernetes object has: its key and its metadata. Shared by the client, which knows no
// kind of ours, and by our kinds, which do not know the client.
#pragma once

#include <compare>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "core/base/clock.h"
#include "core/base/result.h"

namespace milink {

struct ObjectKey {
  std::string namespace_name;  // empty for cluster-scoped kinds
  std::string name;

  auto operator<=>(const ObjectKey&) const = default;
  bool operator==(const ObjectKey&) const = default;
};

// "namespace/name", or "name" when there is no namespace.
std::string ToString(const ObjectKey& key);

struct ObjectMeta {
  ObjectKey key;
  std::string uid;
  std::string resource_version;
  std::int64_t generation = 0;
  std::optional<TimePoint> creation_time;
  std::optional<TimePoint> deletion_time;  // set: being deleted, held by finalizers
  std::map<std::string, std::string> annotations;
  std::vector<std::string> finalizers;

  bool operator==(const ObjectMeta&) const = default;
};

// Reads `metadata` of a whole object. kInvalid when name, uid or resourceVersion is missing.
Result<ObjectMeta> ParseObjectMeta(const nlohmann::json& object);

// Is version `a` older than `b`? Nothing when the two cannot be compared.
// Source: OPERATOR-ENGINE X-2 (KEP 5504): digits without leading zero, longer is newer.
std::optional<bool> IsOlderVersion(const std::string& a, const std::string& b);

}  // namespace milink

template <>
struct std::hash<milink::ObjectKey> {
  std::size_t operator()(const milink::ObjectKey& key) const noexcept {
    return std::hash<std::string>()(key.namespace_name) * 31U + std::hash<std::string>()(key.name);
  }
};
