// The caches of our two kinds, and who must look again when an object changes.
//
// Make it before the watches start. Thread-safe once started.
#pragma once

#include <string>
#include <vector>

#include "controllers/link/directory.h"
#include "core/api/codec.h"
#include "core/base/log.h"
#include "core/base/object.h"
#include "core/kube/informer_set.h"
#include "core/kube/object_client.h"
#include "core/runtime/work_queue.h"

namespace milink::app {

inline const kube::ResourceType kReplicas{api::kGroup, api::kVersion, api::kReplicaPlural,
                                          api::kReplicaKind};
inline const kube::ResourceType kLinks{api::kGroup, api::kVersion, api::kLinkPlural,
                                       api::kLinkKind};

struct Queues {
  runtime::WorkQueue& replicas;
  runtime::WorkQueue& links;
  runtime::WorkQueue& instances;  // managed instances, by link::PollKey
};

class Objects {
 public:
  // The queues outlive this.
  // `namespaces`: empty for all of them.
  Objects(Queues queues, const std::vector<std::string>& namespaces, const Logger& log);

  kube::InformerSet<api::SqlServerReplica> replicas;
  kube::InformerSet<api::ManagedInstanceLink> links;
  link::CachedLinkDirectory directory;

  void WakeLinksOfReplica(const ObjectKey& replica);
  void WakeLinksOfInstance(const azure::ManagedInstanceRef& instance);
  void WakeAllLinks();

 private:
  void WatchReplicas();
  void WatchLinks();
  void WakeLinks(const std::vector<ObjectKey>& keys);

  Queues queues_;
};

}  // namespace milink::app
