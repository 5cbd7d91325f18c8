// Who we are towards the API server at this moment. Fixed, read from files that are replaced while
// we run, or printed by a credential plugin.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "core/base/clock.h"
#include "core/base/log.h"
#include "core/base/result.h"
#include "core/base/secret.h"
#include "core/kube/cluster_access.h"

namespace milink::kube {

struct Identity {
  Secret token;                 // empty: none
  std::string certificate_pem;  // empty: none
  Secret key_pem;
};

// An error when there is nothing to identify with.
using IdentityResult = Result<std::shared_ptr<const Identity>>;

// Thread-safe.
class CredentialSource {
 public:
  using OnIdentity = std::function<void(IdentityResult)>;

  virtual ~CredentialSource() = default;
  // May read a file, and never waits. Nothing: a plugin runs first; `later` is told what came of
  // it, once and on another thread, unless the source goes away before. It does not own the source.
  virtual std::optional<IdentityResult> Get(OnIdentity later) = 0;
  // A request that began at `request_start` was answered 401: get new ones for the next request,
  // unless that happened since.
  virtual void Refused(MonotonicTime request_start) = 0;
};

// The source that `access` asks for. kInvalid when the plugin's description is wrong.
Result<std::unique_ptr<CredentialSource>> MakeCredentialSource(const ClusterAccess& access,
                                                               const Clock& clock,
                                                               const Logger& logger);

}  // namespace milink::kube
