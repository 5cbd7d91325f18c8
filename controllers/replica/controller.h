// Reconciles SqlServerReplica objects: observe, plan, write what is to be recorded, act once,
// observe again.
//
// Thread-safe for different keys, as runtime::Reconciler wants it.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "controllers/replica/memory.h"
#include "controllers/replica/observation.h"
#include "controllers/replica/plan/plan.h"
#include "controllers/replica/target.h"
#include "core/api/managed_instance_link.h"
#include "core/api/sql_server_replica.h"
#include "core/base/clock.h"
#include "core/kube/object_client.h"
#include "core/runtime/controller.h"
#include "core/sql/instance_hub.h"

namespace milink::replica {

using ReplicaPointer = std::shared_ptr<const api::SqlServerReplica>;
using LinkPointer = std::shared_ptr<const api::ManagedInstanceLink>;

// What the controller reads from the caches of Kubernetes objects.
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

class ReplicaController final : public runtime::Reconciler {
 public:
  // All references outlive the controller.
  ReplicaController(ReplicaCache cache, kube::ObjectClient& objects, kube::EventRecorder& events,
                    sql::InstanceHub& hub, const Clock& clock, Random& random);

  runtime::Outcome Reconcile(const ObjectKey& key,
                             const runtime::ReconcileContext& context) override;

 private:
  // One pass over one object, with what it changes.
  struct Pass {
    ReplicaPointer replica;
    Facts facts;
    std::optional<Error> login_error;  // see Observation
    bool postponed = false;            // the instance is being read by another: look again soon
  };

  // Null: gone. kConflict ObjectChanged: our last write has not come back yet.
  Result<ReplicaPointer> Current(const ObjectKey& key);
  Observation Observe(Pass& pass);
  Result<std::shared_ptr<const sql::InstanceSnapshot>> ReadInstance(Pass& pass);
  Result<std::shared_ptr<const sql::InstanceSnapshot>> Refresh(const api::SqlServerReplica& replica,
                                                               sql::RefreshScope scope);
  std::vector<LinkTrust> TrustOfLinks(const ObjectKey& replica) const;
  std::vector<std::string> SameInstance(const api::SqlServerReplica& replica,
                                        const sql::InstanceProperties& instance) const;
  runtime::Outcome Carry(Pass& pass, const Observation& observed, const Plan& plan,
                         const runtime::ReconcileContext& context);
  Status Publish(const Pass& pass, const Plan& plan);
  Status WriteJournal(Pass& pass, const Plan& plan);
  Status WriteStatus(Pass& pass, const Plan& plan);
  runtime::Outcome RunStep(Pass& pass, const Step& step, const runtime::ReconcileContext& context);
  runtime::Outcome Finish(const Pass& pass, const Plan& plan);
  Status SetFinalizer(Pass& pass, bool present);
  void NoteWrite(Pass& pass, const nlohmann::json& written) const;

  ReplicaCache cache_;
  kube::ObjectClient& objects_;
  kube::EventRecorder& events_;
  sql::InstanceHub& hub_;
  const Clock& clock_;
  Random& random_;
  TargetReader targets_;
  Memory memory_;
};

}  // namespace milink::replica
