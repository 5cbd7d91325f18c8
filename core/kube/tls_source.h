// The TLS settings for the next connection: new ones once the authority's file or our certificate
// has changed.
//
// Thread-safe. What cannot be used leaves the old settings in force, with a line in the log.
#pragma once

#include <memory>
#include <mutex>
#include <string>

#include "core/base/clock.h"
#include "core/base/log.h"
#include "core/kube/cluster_access.h"
#include "core/kube/credentials.h"
#include "core/kube/rotating_file.h"
#include "core/kube/tls_context.h"

namespace milink::kube {

class TlsSource {
 public:
  // kInvalid "TlsConfigInvalid" when a certificate, an authority or a key cannot be read.
  static Result<std::unique_ptr<TlsSource>> Make(const ClusterAccess& access,
                                                 const std::string& host, const Clock& clock,
                                                 const Logger& logger);

  std::shared_ptr<TlsContext> For(const Identity& identity);
  // Was `context` made for the certificate that is ours now? A new authority changes nothing.
  bool HasOurIdentity(const std::shared_ptr<TlsContext>& context) const;

 private:
  TlsSource(const ClusterAccess& access, std::string host, const Clock& clock, Logger logger,
            std::shared_ptr<TlsContext> first);
  bool TakeChanges(const Identity& identity);

  const std::string host_;
  const Clock& clock_;
  const Logger logger_;

  mutable std::mutex mutex_;
  ClusterAccess access_;  // as of the latest change
  RotatingFile ca_;
  std::shared_ptr<TlsContext> current_;
};

}  // namespace milink::kube
