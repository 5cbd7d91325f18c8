// Builders of our two kinds: a test says only the fields it is about.
//
//   const auto replica = gen::Replica("sql1", gen::Suspended(), [](auto& r) { r.spec.port = 14330;
//   }); const auto link = gen::Link("sales", gen::Databases({"sales", "crm"}), gen::Generation(2));
//
// A change is anything callable with the object. Plain values, no thread rule.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/api/managed_instance_link.h"
#include "core/api/sql_server_replica.h"

namespace milink::gen {

// As a user would first apply them, decoded: namespace "default", generation 1, defaults in place,
// nothing in the status. The replica has a password for a master key; the link one database,
// "sales", on the replica "sql1".
api::SqlServerReplica PlainReplica(const std::string& name);
api::ManagedInstanceLink PlainLink(const std::string& name);

template <typename... Changes>
api::SqlServerReplica Replica(const std::string& name, const Changes&... changes) {
  api::SqlServerReplica object = PlainReplica(name);
  (changes(object), ...);
  return object;
}

template <typename... Changes>
api::ManagedInstanceLink Link(const std::string& name, const Changes&... changes) {
  api::ManagedInstanceLink object = PlainLink(name);
  (changes(object), ...);
  return object;
}

// A database of a link's spec with the names that its groups get by default.
api::ManagedInstanceLinkSpec::Database Database(const std::string& name);

// Changes for either kind.
inline auto InNamespace(std::string name) {
  return [name](auto& object) { object.meta.key.namespace_name = name; };
}
inline auto Uid(std::string uid) {
  return [uid](auto& object) { object.meta.uid = uid; };
}
inline auto Generation(std::int64_t generation) {
  return [generation](auto& object) { object.meta.generation = generation; };
}
inline auto Finalizer(std::string name) {
  return [name](auto& object) { object.meta.finalizers.push_back(name); };
}
inline auto Annotation(std::string key, std::string value) {
  return [key, value](auto& object) { object.meta.annotations[key] = value; };
}
inline auto DeletedAt(TimePoint time) {
  return [time](auto& object) { object.meta.deletion_time = time; };
}
inline auto Suspended() {
  return [](auto& object) { object.spec.suspend = true; };
}
inline auto Owned(std::string side, std::string kind, std::string name, std::string identity) {
  return [=](auto& object) {
    object.status.owned_objects.push_back(
        {side, kind, name, identity,
         identity.empty() ? api::OwnedState::kPending : api::OwnedState::kCreated});
  };
}
inline auto WithCondition(std::string type, api::ConditionStatus status, std::string reason) {
  return [=](auto& object) {
    object.status.conditions.push_back({.type = type,
                                        .status = status,
                                        .reason = reason,
                                        .message = "as the test wants it",
                                        .observed_generation = object.meta.generation,
                                        .last_transition = {}});
  };
}

// Changes for a link.
inline auto Databases(std::vector<std::string> names) {
  return [names](api::ManagedInstanceLink& link) {
    link.spec.databases.clear();
    for (const std::string& name : names) link.spec.databases.push_back(Database(name));
  };
}
inline auto OfReplica(std::string name) {
  return [name](api::ManagedInstanceLink& link) { link.spec.replica = name; };
}

}  // namespace milink::gen
