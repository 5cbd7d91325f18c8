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

namespace milink::kube {

class Dialer {
 public:
  // `user_agent` like "milink-operator/0.1.0"; system and processor are added. kInvalid when the
  // URL, a certificate, a key or a plugin's description cannot be used. Opens nothing yet. `clock`
  // must outlive the Dialer.
  //
  // Each Dialer has its own credentials: what must never wait for the others' plugin or files, as
  // leader election, makes its own from the same access.
  // `look_up` is another one in tests only.
  static Result<std::shared_ptr<Dialer>> Make(const ClusterAccess& access,
                                              const std::string& user_agent, const Clock& clock,
                                              const Logger& logger,
                                              ConnectionTimeouts timeouts = {},
                                              NameLookup look_up = LookUpName);

  // Reports every exchange of all connections. Before the first of them; `observer` outlives the
  // Dialer's connections.
  void Observe(RequestObserver& observer) { settings_->observer = &observer; }

  // A connection that connects with its first request.
  std::unique_ptr<HttpConnection> Dial(IoLoop& loop) const;
  const std::string& default_namespace() const { return default_namespace_; }
  // "name:port" of the server, as in RequestReport.
  std::string host() const { return HostHeader(settings_->address); }

 private:
  Dialer(std::shared_ptr<ConnectionSettings> settings, std::string default_namespace)
      : settings_(std::move(settings)), default_namespace_(std::move(default_namespace)) {}

  const std::shared_ptr<ConnectionSettings> settings_;
  const std::string default_namespace_;
};

}  // namespace milink::kube
