#include "controllers/link/directory.h"

#include <algorithm>
#include <array>
#include <functional>
#include <set>

#include "core/base/text.h"

namespace milink::link {
namespace {

std::string ReplicaIndexKey(const ObjectKey& replica) { return "replica/" + ToString(replica); }

// Azure compares ids without regard to case.
std::string InstanceIndexKey(const azure::ManagedInstanceRef& instance) {
  return "instance/" + ToLowerAscii(instance.Id().str());
}

std::array<std::string, 2> IndexKeys(const api::ManagedInstanceLink& link) {
  return {ReplicaIndexKey(ReplicaOf(link)), InstanceIndexKey(InstanceOf(link))};
}

std::vector<LinkPointer>::iterator Position(std::vector<LinkPointer>& links, const ObjectKey& key) {
  return std::ranges::lower_bound(
      links, key, std::less(),
      [](const LinkPointer& link) -> const auto& { return link->meta.key; });
}

// In the place of what is there: a replay tells of every link once more.
void Put(std::vector<LinkPointer>& links, const LinkPointer& link) {
  const auto place = Position(links, link->meta.key);
  if (place != links.end() && (*place)->meta.key == link->meta.key) {
    *place = link;
  } else {
    links.insert(place, link);
  }
}

bool Erase(std::vector<LinkPointer>& links, const ObjectKey& key) {
  const auto found = Position(links, key);
  if (found == links.end() || (*found)->meta.key != key) return false;
  links.erase(found);
  return true;
}

}  // namespace

azure::ManagedInstanceRef InstanceOf(const api::ManagedInstanceLink& link) {
  const auto& instance = link.spec.managed_instance;
  azure::ManagedInstanceRef ref{.subscription_id = instance.subscription_id,
                                .resource_group = instance.resource_group,
                                .name = instance.name,
                                .cloud = instance.cloud};
  if (instance.credentials) {
    const bool has_secret = !instance.credentials->secret.empty();
    ref.identity = {.kind = azure::ParseIdentityKind(instance.credentials->type),
                    .client_id = instance.credentials->client_id,
                    .tenant_id = instance.credentials->tenant_id,
                    .namespace_name = has_secret ? link.meta.key.namespace_name : std::string(),
                    .secret = instance.credentials->secret};
  }
  return ref;
}

std::string NetworkPairOf(const api::ManagedInstanceLink& link) {
  return ToString(ReplicaOf(link)) + "|" + InstanceOf(link).Key() + "|" +
         link.spec.managed_instance.sql_credentials_secret;
}

ObjectKey ReplicaOf(const api::ManagedInstanceLink& link) {
  return {link.meta.key.namespace_name, link.spec.replica};
}

CachedLinkDirectory::CachedLinkDirectory(kube::InformerSet<api::ManagedInstanceLink>& links,
                                         const kube::InformerSet<api::SqlServerReplica>& replicas)
    : links_(links), replicas_(replicas) {
  links_.AddHandler(
      {.on_change = [this](const auto& change) { Index(change.before, change.after); },
       .on_delete = [this](const auto& deletion) { Index(deletion.last, nullptr); },
       .on_undecodable = nullptr,
       .on_synced = nullptr,
       .wants_update = nullptr});
}

std::vector<LinkPointer> CachedLinkDirectory::Sharing(const api::ManagedInstanceLink& link) const {
  std::set<ObjectKey> keys;
  for (const ObjectKey& key : LinksOfReplica(ReplicaOf(link))) keys.insert(key);
  for (const ObjectKey& key : LinksOfInstance(InstanceOf(link))) keys.insert(key);
  keys.erase(link.meta.key);
  std::vector<LinkPointer> found;
  for (const ObjectKey& key : keys) {
    if (LinkPointer other = links_.Get(key); other != nullptr) found.push_back(std::move(other));
  }
  return found;
}

std::vector<std::string> CachedLinkDirectory::Undecodable(const std::string& namespace_name) const {
  std::vector<std::string> names;
  for (const ObjectKey& key : links_.UndecodableIn(namespace_name)) {
    names.push_back("ManagedInstanceLink " + key.name);
  }
  for (const ObjectKey& key : replicas_.UndecodableIn(namespace_name)) {
    names.push_back("SqlServerReplica " + key.name);
  }
  return names;
}

std::vector<ObjectKey> CachedLinkDirectory::LinksOfReplica(const ObjectKey& replica) const {
  return Lookup(ReplicaIndexKey(replica));
}

std::vector<ObjectKey> CachedLinkDirectory::LinksOfInstance(
    const azure::ManagedInstanceRef& instance) const {
  return Lookup(InstanceIndexKey(instance));
}

std::vector<ObjectKey> CachedLinkDirectory::Lookup(const std::string& key) const {
  const std::lock_guard lock(mutex_);
  const auto found = index_.find(key);
  if (found == index_.end()) return {};
  std::vector<ObjectKey> keys;
  keys.reserve(found->second.size());
  for (const LinkPointer& link : found->second) keys.push_back(link->meta.key);
  return keys;
}

// In one go: who looks a link up in the meantime must find it.
void CachedLinkDirectory::Index(const LinkPointer& before, const LinkPointer& after) {
  const std::lock_guard lock(mutex_);
  if (before != nullptr) Take(*before);
  if (after != nullptr) {
    for (const std::string& key : IndexKeys(*after)) Put(index_[key], after);
  }
}

void CachedLinkDirectory::Take(const api::ManagedInstanceLink& link) {
  bool found = true;
  for (const std::string& key : IndexKeys(link)) {
    const auto place = index_.find(key);
    found = place != index_.end() && Erase(place->second, link.meta.key) && found;
    if (place != index_.end() && place->second.empty()) index_.erase(place);
  }
  if (found) return;
  // The last state of a deleted link may name others than the one that was seen before.
  for (auto& [key, links] : index_) Erase(links, link.meta.key);
  std::erase_if(index_, [](const auto& entry) { return entry.second.empty(); });
}

}  // namespace milink::link
