// Carries out one step of a replica's plan. Thin: the decision is the planner's.
#pragma once

#include <functional>
#include <optional>

#include "controllers/replica/steps.h"
#include "core/base/object.h"
#include "core/base/result.h"
#include "core/base/secret.h"
#include "core/sql/instance_hub.h"

namespace milink::replica {

// The batch of a step. `password` is for the steps that NeedsPassword() names.
Result<sql::SqlBatch> BatchOf(const Step& step, const std::optional<Secret>& password);

struct ActResult {
  // The change was made by this very statement. False without an error: it was made already.
  // kConflict ObjectChanged: what it would change is not as it was seen any more.
  bool done = false;
  std::optional<Error> error;
};

// Blocking, at most a minute. After it the instance must be observed again, whatever it says.
ActResult Act(sql::InstanceHub& hub, const ObjectKey& replica, const Step& step,
              const std::optional<Secret>& password, const std::function<Status()>& guard);

}  // namespace milink::replica
