// The controller of ManagedInstanceLink: observe, plan, write down, act.
//
// Thread-safe; runtime::Controller never runs one key twice at a time.
#pragma once

#include "controllers/link/facts.h"
#include "controllers/link/plan/plan.h"
#include "controllers/link/systems.h"
#include "core/base/log.h"
#include "core/runtime/controller.h"

namespace milink::link {

class LinkController final : public runtime::Reconciler {
 public:
  explicit LinkController(LinkSystems systems) : systems_(std::move(systems)) {}

  runtime::Outcome Reconcile(const ObjectKey& key,
                             const runtime::ReconcileContext& context) override;

 private:
  // Null: gone. kConflict ObjectChanged: our last write has not come back yet.
  Result<LinkPointer> CurrentLink(const ObjectKey& key);
  runtime::Outcome CarryOut(const Observation& seen, const Plan& plan,
                            const runtime::ReconcileContext& context);
  runtime::Outcome Begin(const Observation& seen, const Plan& plan);
  runtime::Outcome Finalize(const Observation& seen, const Plan& plan);
  // What follows a write to the API server.
  runtime::Outcome Written(const LinkPointer& link, const Result<std::string>& version);
  void TellNotes(const Observation& seen, const Plan& plan) const;

  LinkSystems systems_;
  FactStore facts_;
};

}  // namespace milink::link
