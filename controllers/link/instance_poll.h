// The one owner of each managed instance's snapshot: reads the instance once per interval, however
// many links it has. Run by a runtime::Controller of its own, with one key per instance.
//
// Thread-safe.
#pragma once

#include "controllers/link/directory.h"
#include "core/azure/identity_limits.h"
#include "core/azure/instance_cache.h"
#include "core/base/clock.h"
#include "core/runtime/controller.h"

namespace milink::link {

// The key under which an instance, as one identity sees it, stands in the queue, and back.
ObjectKey PollKey(const azure::ManagedInstanceRef& instance);
azure::ManagedInstanceRef InstanceOfKey(const ObjectKey& key);

struct InstancePollIntervals {
  Duration links = std::chrono::seconds(30);  // one request
  Duration all = std::chrono::minutes(10);    // five more; meanwhile only while a right is missing
};

class InstancePoll final : public runtime::Reconciler {
 public:
  // `directory` tells whether an instance still has links; without any it is forgotten.
  // `limits` whether they may have it.
  InstancePoll(azure::InstanceCache& cache, const CachedLinkDirectory& directory,
               const Clock& clock, InstancePollIntervals intervals,
               azure::IdentityLimits limits = {})
      : cache_(cache),
        directory_(directory),
        clock_(clock),
        intervals_(intervals),
        limits_(std::move(limits)) {}

  runtime::Outcome Reconcile(const ObjectKey& key,
                             const runtime::ReconcileContext& context) override;

 private:
  // Is there a link that asks as this identity, and may?
  bool IsWanted(const azure::ManagedInstanceRef& instance) const;

  azure::InstanceCache& cache_;
  const CachedLinkDirectory& directory_;
  const Clock& clock_;
  const InstancePollIntervals intervals_;
  const azure::IdentityLimits limits_;
};

}  // namespace milink::link
