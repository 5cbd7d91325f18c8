// The newest snapshot of every managed instance in use, read once per interval however many links
// it has.
//
// Thread-safe. Refresh() runs on the caller's thread; a second one for the same instance at the
// same time is kTransient "RefreshRunning", and what it asked for is read by the first one, after
// what it is reading now.
#pragma once

#include <functional>
#include <memory>

#include "core/azure/managed_instance_api.h"
#include "core/azure/models.h"
#include "core/base/clock.h"
#include "core/base/result.h"

namespace milink::azure {

enum class RefreshScope {
  kLinks,  // the list of links: one request
  kAll,    // also instance, certificates, rights, databases: five more
};

class InstanceCache {
 public:
  explicit InstanceCache(ManagedInstanceApi& api, const Clock& clock);
  ~InstanceCache();
  InstanceCache(const InstanceCache&) = delete;
  InstanceCache& operator=(const InstanceCache&) = delete;

  // kLinks becomes kAll when nothing was read yet, and when the right to read links came or went.
  // After an error the snapshot is withdrawn and the error kept for LastError(). A part that this
  // identity may not read is no error: it is among the snapshot's `refused` ones.
  Result<std::shared_ptr<const ManagedInstanceSnapshot>> Refresh(const ManagedInstanceRef& instance,
                                                                 RefreshScope scope);
  std::shared_ptr<const ManagedInstanceSnapshot> Snapshot(const ManagedInstanceRef& instance) const;
  std::optional<Error> LastError(const ManagedInstanceRef& instance) const;
  void Forget(const ManagedInstanceRef& instance);

  // Called, on the refreshing thread, after a snapshot was published with other contents or
  // withdrawn.
  void Subscribe(std::function<void(const ManagedInstanceRef&)> on_change);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace milink::azure
