#include "core/kube/dialer.h"

#include <utility>

#include "core/kube/user_agent.h"

namespace milink::kube {

Result<std::shared_ptr<Dialer>> Dialer::Make(const ClusterAccess& access,
                                             const std::string& user_agent, const Clock& clock,
                                             const Logger& logger, ConnectionTimeouts timeouts,
                                             NameLookup look_up) {
  auto address = ParseServerUrl(access.server);
  if (!address.ok()) {
    return address.error();
  }
  auto headers = FixedHeaders(UserAgent(user_agent), access.impersonate);
  if (!headers.ok()) {
    return headers.error();
  }
  auto tls = TlsSource::Make(access, address->host, clock, logger);
  if (!tls.ok()) {
    return tls.error();
  }
  auto credentials = MakeCredentialSource(access, clock, logger);
  if (!credentials.ok()) {
    return credentials.error();
  }
  for (const std::string& note : access.notes) {
    logger.Warning("Noted something odd in the cluster's configuration", {{"note", note}});
  }
  auto settings = std::make_shared<ConnectionSettings>();
  settings->address = *std::move(address);
  settings->proxy = access.proxy;
  settings->headers = *std::move(headers);
  settings->timeouts = timeouts;
  settings->names = std::make_unique<NameResolver>(std::move(look_up));
  settings->credentials = *std::move(credentials);
  settings->tls = *std::move(tls);
  settings->warnings = std::make_unique<WarningLog>(logger);
  settings->clock = &clock;
  // NOLINTNEXTLINE: the constructor is private
  return std::shared_ptr<Dialer>(new Dialer(std::move(settings), access.namespace_name));
}

std::unique_ptr<HttpConnection> Dialer::Dial(IoLoop& loop) const {
  return std::make_unique<HttpConnection>(loop, settings_);
}

}  // namespace milink::kube
