#include "core/kube/tls_source.h"

#include <utility>

namespace milink::kube {

Result<std::unique_ptr<TlsSource>> TlsSource::Make(const ClusterAccess& access,
                                                   const std::string& host, const Clock& clock,
                                                   const Logger& logger) {
  auto first = TlsContext::Make(access, host);
  if (!first.ok()) {
    return first.error();
  }
  // NOLINTNEXTLINE: the constructor is private
  return std::unique_ptr<TlsSource>(new TlsSource(access, host, clock, logger, *std::move(first)));
}

TlsSource::TlsSource(const ClusterAccess& access, std::string host, const Clock& clock,
                     Logger logger, std::shared_ptr<TlsContext> first)
    : host_(std::move(host)),
      clock_(clock),
      logger_(std::move(logger)),
      access_(access),
      ca_(access.ca_file, access.ca_pem, clock.Monotonic()),
      current_(std::move(first)) {}

bool TlsSource::TakeChanges(const Identity& identity) {
  const std::string& ca = ca_.Read(clock_.Monotonic());
  if (ca == access_.ca_pem && identity.certificate_pem == access_.client_certificate_pem &&
      identity.key_pem.SameAs(access_.client_key_pem)) {
    return false;
  }
  access_.ca_pem = ca;
  access_.client_certificate_pem = identity.certificate_pem;
  access_.client_key_pem = identity.key_pem;
  return true;
}

std::shared_ptr<TlsContext> TlsSource::For(const Identity& identity) {
  const std::lock_guard lock(mutex_);
  // Also after a failure only once per change: the same bytes fail again.
  if (TakeChanges(identity)) {
    auto made = TlsContext::Make(access_, host_);
    if (made.ok()) {
      current_ = *std::move(made);
      logger_.Info("Took new certificates for the Kubernetes API server");
    } else {
      logger_.Warning("Kept the old certificates for the Kubernetes API server",
                      {{"error", ToString(made.error())}});
    }
  }
  return current_;
}

bool TlsSource::HasOurIdentity(const std::shared_ptr<TlsContext>& context) const {
  const std::lock_guard lock(mutex_);
  return context == current_ ||
         context->client_certificate_pem() == current_->client_certificate_pem();
}

}  // namespace milink::kube
