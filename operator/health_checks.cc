#include "operator/health_checks.h"

#include <string>

namespace milink::app {
namespace {

using WatchCheck = Status (*)(const kube::WatchHealth&, MonotonicTime, Duration);

// A process that hears nothing of its objects looks well and does nothing.
Status CheckWatches(const HealthSources& sources, WatchCheck check) {
  constexpr Duration kWindow = std::chrono::minutes(5);
  for (const kube::WatchHealth& watch : sources.watches()) {
    if (Status one = check(watch, sources.clock.Monotonic(), kWindow); !one.ok()) {
      return one;
    }
  }
  return OkStatus();
}

template <typename Informers>
Status CheckSynced(const Informers& informers, const char* kind) {
  return informers.synced()
             ? OkStatus()
             : Status(Error{ErrorKind::kTransient, "NotSynced",
                            std::string("the first list of ") + kind + " is not complete", ""});
}

}  // namespace

void AddHealthChecks(runtime::HealthServer& health, const HealthSources& sources) {
  health.AddLiveCheck("ping", [] { return OkStatus(); });
  health.AddLiveCheck("watches", [sources] {
    const Status loop = sources.watch_loop();
    return loop.ok() ? CheckWatches(sources, kube::CheckHeard) : loop;
  });
  if (sources.leadership) {
    health.AddLiveCheck("leader-election", sources.leadership);
  }
  health.AddReadyCheck("sqlserverreplicas", [&objects = sources.objects] {
    return CheckSynced(objects.replicas, api::kReplicaKind);
  });
  health.AddReadyCheck("managedinstancelinks", [&objects = sources.objects] {
    return CheckSynced(objects.links, api::kLinkKind);
  });
  health.AddReadyCheck("watches", [sources] { return CheckWatches(sources, kube::CheckFresh); });
}

}  // namespace milink::app
