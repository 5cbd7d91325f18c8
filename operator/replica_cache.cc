#include "operator/replica_cache.h"

#include <string>
#include <utility>
#include <vector>

namespace milink::app {

replica::ReplicaCache ReplicaCacheOf(const Objects& objects, TrustedRoots& roots) {
  return {.find =
              [&objects, &roots](const ObjectKey& key) {
                static_cast<void>(roots.Now());
                return objects.replicas.Get(key);
              },
          .list = [&objects] { return objects.replicas.List(); },
          .has_reached =
              [&objects](const ObjectKey& key, const std::string& version) {
                return objects.replicas.HasReached(key, version);
              },
          .count_links =
              [&objects](const ObjectKey& key) {
                return static_cast<int>(objects.directory.LinksOfReplica(key).size());
              },
          .links =
              [&objects](const ObjectKey& key) {
                std::vector<replica::LinkPointer> found;
                for (const ObjectKey& name : objects.directory.LinksOfReplica(key)) {
                  if (auto one = objects.links.Get(name)) {
                    found.push_back(std::move(one));
                  }
                }
                return found;
              },
          .undecodable_links =
              [&objects](const std::string& namespace_name) {
                return objects.links.UndecodableIn(namespace_name);
              }};
}

}  // namespace milink::app
