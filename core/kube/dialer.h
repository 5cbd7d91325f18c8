// Opens connections to one cluster: everything that all of them share. Thread-safe.
#pragma once

#include <memory>
#include <string>
#include <utility>

#include "core/base/clock.h"
#include "core/base/log.h"
#include "core/base/result.h"
#include "core/kube/cluster_access.h"
#include "core/kube/http_connection.h"
#include "core/kube/token_source.h"

namespace milink::kube {

class Dialer {
 public:
  // `user_agent` like "milink-operator/0.1.0". kInvalid when the URL, a certificate or a key
  // cannot be read. Opens nothing yet. `clock` must outlive the Dialer.
  static Result<std::shared_ptr<Dialer>> Make(const ClusterAccess& access, std::string user_agent,
                                              const Clock& clock, const Logger& logger);

  // A connection that connects with its first request.
  std::unique_ptr<HttpConnection> Dial(IoLoop& loop) const;
  TokenSource& tokens() { return tokens_; }
  const std::string& default_namespace() const { return default_namespace_; }

 private:
  Dialer(const ClusterAccess& access, std::shared_ptr<const ConnectionSettings> settings,
         const Clock& clock, Logger logger)
      : settings_(std::move(settings)),
        default_namespace_(access.namespace_name),
        tokens_(access, clock, std::move(logger)) {}

  std::shared_ptr<const ConnectionSettings> settings_;
  std::string default_namespace_;
  TokenSource tokens_;
};

}  // namespace milink::kube
