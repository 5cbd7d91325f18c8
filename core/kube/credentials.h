// Who we are towards the API server at this moment. Fixed, read from files that are replaced while
// we run, or printed by a credential plugin.
#pragma once

#include <memory>
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

// Thread-safe.
class CredentialSource {
 public:
  virtual ~CredentialSource() = default;
  // May read a file; with a plugin, may run it and wait for it. An error when there is nothing to
  // identify with.
  virtual Result<std::shared_ptr<const Identity>> Get() = 0;
  // A request that began at `request_start` was answered 401: get new ones for the next request,
  // unless that happened since.
  virtual void Refused(MonotonicTime request_start) = 0;
};

// The source that `access` asks for. kInvalid when the plugin's description is wrong.
Result<std::unique_ptr<CredentialSource>> MakeCredentialSource(const ClusterAccess& access,
                                                               const Clock& clock,
                                                               const Logger& logger);

}  // namespace milink::kube
