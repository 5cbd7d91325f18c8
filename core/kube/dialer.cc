#include "core/kube/dialer.h"

namespace milink::kube {

Result<std::shared_ptr<Dialer>> Dialer::Make(const ClusterAccess& access, std::string user_agent,
                                             const Clock& clock, const Logger& logger) {
  auto address = ParseServerUrl(access.server);
  if (!address.ok()) {
    return address.error();
  }
  auto tls = TlsContext::Make(access, address->host);
  if (!tls.ok()) {
    return tls.error();
  }
  auto settings = std::make_shared<const ConnectionSettings>(
      ConnectionSettings{*std::move(address), *std::move(tls), std::move(user_agent)});
  // NOLINTNEXTLINE: the constructor is private
  return std::shared_ptr<Dialer>(new Dialer(access, std::move(settings), clock, logger));
}

std::unique_ptr<HttpConnection> Dialer::Dial(IoLoop& loop) const {
  return std::make_unique<HttpConnection>(loop, settings_);
}

}  // namespace milink::kube
