// The caches of our two kinds, and who must look again when an object changes.
//
// Make it before the watches start. Thread-safe once started.
#pragma once

#include <vector>

#include "controllers/link/directory.h"
#include "core/api/codec.h"
#include "core/base/log.h"
#include "core/base/object.h"
#include "core/kube/informer.h"
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
  Objects(Queues queues, const Logger& log);

  kube::Informer<api::SqlServerReplica> replicas;
  kube::Informer<api::ManagedInstanceLink> links;
  link::CachedLinkDirectory directory;

  void WakeLinksOfReplica(const ObjectKey& replica);
  void WakeLinksOfInstance(const azure::ManagedInstanceRef& instance);

 private:
  void WatchReplicas();
  void WatchLinks();
  void WakeLinks(const std::vector<ObjectKey>& keys);

  Queues queues_;
};

}  // namespace milink::app
