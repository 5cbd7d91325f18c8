// What all connections to a cluster share. The parts are thread-safe.
#pragma once

#include <memory>
#include <optional>

#include "core/base/clock.h"
#include "core/kube/cluster_access.h"
#include "core/kube/credentials.h"
#include "core/kube/name_resolver.h"
#include "core/kube/request_headers.h"
#include "core/kube/request_observer.h"
#include "core/kube/resource_path.h"
#include "core/kube/tls_source.h"
#include "core/kube/warning_log.h"

namespace milink::kube {

// Source of the defaults: k8s.io/client-go transport/cache.go.
struct ConnectionTimeouts {
  Duration connect = std::chrono::seconds(30);  // name, TCP and the proxy's tunnel
  Duration address = std::chrono::seconds(2);   // each address of a name, at least; Go's net.Dialer
  Duration handshake = std::chrono::seconds(10);  // TLS
};

struct ConnectionSettings {
  ServerAddress address;
  std::optional<ProxyAddress> proxy;
  HeaderList headers;
  ConnectionTimeouts timeouts;
  std::unique_ptr<NameResolver> names;
  std::unique_ptr<CredentialSource> credentials;
  std::unique_ptr<TlsSource> tls;
  std::unique_ptr<WarningLog> warnings;
  RequestObserver* observer = nullptr;  // may be absent
  const Clock* clock = nullptr;
};

}  // namespace milink::kube
