// Reconciles SqlServerReplica objects: observe, plan, write what is to be recorded, act once,
// observe again.
//
// Thread-safe for different keys, as runtime::Reconciler wants it.
#pragma once

#include <stop_token>
#include <string>

#include "controllers/replica/act.h"
#include "controllers/replica/cache.h"
#include "controllers/replica/memory.h"
#include "controllers/replica/observe.h"
#include "controllers/replica/plan/plan.h"
#include "controllers/replica/target.h"
#include "core/api/sql_server_replica.h"
#include "core/base/clock.h"
#include "core/base/log.h"
#include "core/kube/object_client.h"
#include "core/runtime/controller.h"
#include "core/sql/instance_hub.h"

namespace milink::replica {

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
  };

  // Null: gone. kConflict ObjectChanged: our last write has not come back yet.
  Result<ReplicaPointer> Current(const ObjectKey& key);
  runtime::Outcome CarryOut(Pass& pass, const Look& look, const Plan& plan,
                            const runtime::ReconcileContext& context);
  Status Report(Pass& pass, const Plan& plan);
  Status Publish(const Pass& pass, const Plan& plan);
  runtime::Outcome RunStep(Pass& pass, const Step& step, const runtime::ReconcileContext& context);
  Status CheckUnchanged(const api::SqlServerReplica& replica, const std::stop_token& stop) const;
  void NoteResult(Pass& pass, const Step& step, const ActResult& result, const Logger& log);
  runtime::Outcome Finish(const Pass& pass, const Plan& plan);
  Status SetFinalizer(Pass& pass, bool present);
  void NoteWrite(Facts& facts, std::string version) const;

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
