// What the controller reads from the caches of Kubernetes objects.
//
// Thread-safe, as the caches are.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "core/api/managed_instance_link.h"
#include "core/api/sql_server_replica.h"
#include "core/base/object.h"

namespace milink::replica {

using ReplicaPointer = std::shared_ptr<const api::SqlServerReplica>;
using LinkPointer = std::shared_ptr<const api::ManagedInstanceLink>;

struct ReplicaCache {
  std::function<ReplicaPointer(const ObjectKey&)> find;  // null: no such object
  std::function<std::vector<ReplicaPointer>()> list;     // of all namespaces
  // Has the cache seen this version of the object?
  std::function<bool(const ObjectKey&, const std::string& version)> has_reached;
  std::function<int(const ObjectKey&)> count_links;  // links that refer to the replica
  // The same ones themselves; asked only while a certificate is being renewed.
  std::function<std::vector<LinkPointer>(const ObjectKey&)> links;
  // Links of a namespace that this version cannot read: whom they refer to is not known.
  std::function<std::vector<ObjectKey>(const std::string& namespace_name)> undecodable_links;
};

}  // namespace milink::replica
