// The bearer token of this program: fixed, or read from a file that the kubelet rewrites.
//
// Thread-safe. A file is read again when 50 s have passed, and after the server refused its token.
// One that cannot be read, or is empty, leaves the old token in use and is tried again in a second.
// Source: k8s.io/client-go transport/token_source.go (period 60 s, leeway 10 s).
#pragma once

#include <mutex>
#include <string>

#include "core/base/clock.h"
#include "core/base/log.h"
#include "core/base/secret.h"
#include "core/kube/cluster_access.h"

namespace milink::kube {

class TokenSource {
 public:
  TokenSource(const ClusterAccess& access, const Clock& clock, Logger logger);

  // Empty when no token is configured, or none could be read yet.
  Secret Get();
  // A request that began at `request_start` was answered 401: read the file again for the next
  // one, unless that happened since.
  void Refused(MonotonicTime request_start);

 private:
  const std::string file_;
  const Clock& clock_;
  const Logger logger_;

  std::mutex mutex_;
  Secret token_;
  MonotonicTime read_at_;  // when token_ came from the file
  MonotonicTime next_read_;
  bool is_failing_ = false;
};

}  // namespace milink::kube
