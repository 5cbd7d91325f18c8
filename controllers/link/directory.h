// What the link controller reads from the caches of the API server, and the index by which a change
// of a replica or of a managed instance finds its links.
//
// Thread-safe.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "core/api/managed_instance_link.h"
#include "core/api/sql_server_replica.h"
#include "core/azure/models.h"
#include "core/base/object.h"
#include "core/kube/informer_set.h"

namespace milink::link {

using LinkPointer = std::shared_ptr<const api::ManagedInstanceLink>;
using ReplicaPointer = std::shared_ptr<const api::SqlServerReplica>;

// With the identity that the link names.
azure::ManagedInstanceRef InstanceOf(const api::ManagedInstanceLink& link);
ObjectKey ReplicaOf(const api::ManagedInstanceLink& link);
// What links have in common that one test of the network serves: replica, instance, and as whom the
// instance is asked, in Azure and by T-SQL.
std::string NetworkPairOf(const api::ManagedInstanceLink& link);

class LinkDirectory {
 public:
  virtual ~LinkDirectory() = default;

  virtual LinkPointer FindLink(const ObjectKey& key) const = 0;        // null: no such object
  virtual ReplicaPointer FindReplica(const ObjectKey& key) const = 0;  // null: no such object
  // Other links that use the same managed instance or the same replica.
  virtual std::vector<LinkPointer> Sharing(const api::ManagedInstanceLink& link) const = 0;
  // Kind and name of the objects of a namespace that this version of the operator cannot read: what
  // they use is not known.
  virtual std::vector<std::string> Undecodable(const std::string& namespace_name) const = 0;
  // Has the cache of links seen the write that made `resource_version`?
  virtual bool HasReached(const ObjectKey& link, const std::string& resource_version) const = 0;
};

// Over the informers. Make it before the watch driver starts; it outlives the driver.
class CachedLinkDirectory final : public LinkDirectory {
 public:
  CachedLinkDirectory(kube::InformerSet<api::ManagedInstanceLink>& links,
                      const kube::InformerSet<api::SqlServerReplica>& replicas);

  LinkPointer FindLink(const ObjectKey& key) const override { return links_.Get(key); }
  ReplicaPointer FindReplica(const ObjectKey& key) const override { return replicas_.Get(key); }
  std::vector<LinkPointer> Sharing(const api::ManagedInstanceLink& link) const override;
  std::vector<std::string> Undecodable(const std::string& namespace_name) const override;
  bool HasReached(const ObjectKey& link, const std::string& resource_version) const override {
    return links_.HasReached(link, resource_version);
  }

  // Whom to wake after a change.
  std::vector<ObjectKey> LinksOfReplica(const ObjectKey& replica) const;
  // Whatever identity they use.
  std::vector<ObjectKey> LinksOfInstance(const azure::ManagedInstanceRef& instance) const;

 private:
  // Null: was not there before; is gone now.
  void Index(const LinkPointer& before, const LinkPointer& after);
  void Take(const api::ManagedInstanceLink& link);
  std::vector<ObjectKey> Lookup(const std::string& key) const;

  kube::InformerSet<api::ManagedInstanceLink>& links_;
  const kube::InformerSet<api::SqlServerReplica>& replicas_;
  mutable std::mutex mutex_;
  // By replica ("replica/<ns>/<name>") and by instance ("instance/<id>"); ascending by key. There
  // are very many links: no key is here a second time, and none has a node of its own.
  std::map<std::string, std::vector<LinkPointer>> index_;
};

}  // namespace milink::link
