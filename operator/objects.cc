#include "operator/objects.h"

#include <nlohmann/json.hpp>

#include "controllers/link/instance_poll.h"
#include "core/api/link_report.h"

namespace milink::app {
namespace {

// Is it more than our own status that changed?
bool ChangedByUser(const ObjectMeta& before, const ObjectMeta& after) {
  return before.generation != after.generation || before.deletion_time != after.deletion_time ||
         before.finalizers != after.finalizers || before.annotations != after.annotations;
}

// The parts of a replica by which its links decide.
bool MattersToLinks(const api::SqlServerReplica& before, const api::SqlServerReplica& after) {
  return ChangedByUser(before.meta, after.meta) ||
         before.status.conditions != after.status.conditions ||
         before.status.identity != after.status.identity ||
         before.status.certificate != after.status.certificate ||
         before.status.endpoint != after.status.endpoint;
}

// The parts of a link by which other links of its managed instance decide.
bool MattersToOthers(const api::ManagedInstanceLinkSpec& before,
                     const api::ManagedInstanceLinkSpec& after) {
  return before.managed_instance != after.managed_instance || before.replica != after.replica ||
         before.databases != after.databases;
}

int PriorityOf(bool initial_list, const ObjectMeta& meta) {
  if (meta.deletion_time) {
    return runtime::kUrgentPriority;
  }
  return initial_list ? runtime::kPeriodicPriority : runtime::kChangePriority;
}

Result<api::ManagedInstanceLink> DecodeForCache(const nlohmann::json& object) {
  auto link = api::DecodeLink(object);
  if (link.ok()) {
    api::ForgetReport(*link);
  }
  return link;
}

// A change by a user is tried at once, however often the object failed before.
template <typename Change>
void WakeAfterUser(runtime::WorkQueue& queue, const Change& change) {
  if (change.before == nullptr || ChangedByUser(change.before->meta, change.after->meta)) {
    queue.Forget(change.key);
    queue.Add(change.key, PriorityOf(change.initial_list, change.after->meta));
  }
}

}  // namespace

Objects::Objects(Queues queues, const std::vector<std::string>& namespaces, const Logger& log)
    : replicas(api::kReplicaKind, api::DecodeReplica, log, namespaces),
      links(api::kLinkKind, DecodeForCache, log, namespaces),
      directory(links, replicas),
      queues_(queues) {
  WatchReplicas();
  WatchLinks();
}

void Objects::WatchReplicas() {
  replicas.AddHandler({
      .on_change =
          [this](const auto& change) {
            WakeAfterUser(queues_.replicas, change);
            if (change.before == nullptr || MattersToLinks(*change.before, *change.after)) {
              WakeLinksOfReplica(change.key);
            }
          },
      .on_delete =
          [this](const auto& deletion) {
            queues_.replicas.Add(deletion.key);
            WakeLinksOfReplica(deletion.key);
          },
      .on_undecodable =
          [this](const ObjectKey& key, const Error& /*why*/) {
            queues_.replicas.Add(key, runtime::kPeriodicPriority);
          },
  });
}

void Objects::WatchLinks() {
  links.AddHandler({
      .on_change =
          [this](const auto& change) {
            WakeAfterUser(queues_.links, change);
            if (change.before == nullptr) {
              queues_.replicas.Add(link::ReplicaOf(*change.after), runtime::kPeriodicPriority);
              queues_.instances.Add(link::PollKey(link::InstanceOf(*change.after)));
            } else if (change.before->status.trust != change.after->status.trust) {
              // A certificate may wait for that.
              queues_.replicas.Add(link::ReplicaOf(*change.after), runtime::kPeriodicPriority);
            }
            if (change.before != nullptr &&
                MattersToOthers(change.before->spec, change.after->spec)) {
              WakeLinksOfInstance(link::InstanceOf(*change.before));
              // It may be reached as somebody else now.
              queues_.instances.Add(link::PollKey(link::InstanceOf(*change.after)));
            }
          },
      .on_delete =
          [this](const auto& deletion) {
            queues_.links.Add(deletion.key);
            // A replica that is being deleted waits for its last link, and another link may wait
            // for a database that this one had.
            queues_.replicas.Add(link::ReplicaOf(*deletion.last));
            WakeLinksOfInstance(link::InstanceOf(*deletion.last));
          },
      .on_undecodable =
          [this](const ObjectKey& key, const Error& /*why*/) {
            queues_.links.Add(key, runtime::kPeriodicPriority);
          },
  });
}

void Objects::WakeLinksOfReplica(const ObjectKey& replica) {
  WakeLinks(directory.LinksOfReplica(replica));
}

void Objects::WakeLinksOfInstance(const azure::ManagedInstanceRef& instance) {
  WakeLinks(directory.LinksOfInstance(instance));
}

void Objects::WakeAllLinks() {
  for (const auto& link : links.List()) {
    queues_.links.Add(link->meta.key, runtime::kPeriodicPriority);
  }
}

void Objects::WakeLinks(const std::vector<ObjectKey>& keys) {
  for (const auto& key : keys) {
    queues_.links.Add(key, runtime::kPeriodicPriority);
  }
}

}  // namespace milink::app
