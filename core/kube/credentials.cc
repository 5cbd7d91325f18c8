#include "core/kube/credentials.h"

#include <mutex>
#include <utility>

#include "core/kube/exec_credentials.h"
#include "core/kube/process.h"
#include "core/kube/rotating_file.h"
#include "core/kube/token_source.h"

namespace milink::kube {
namespace {

// Token and certificate, each fixed or from a file.
class FileCredentials final : public CredentialSource {
 public:
  FileCredentials(const ClusterAccess& access, const Clock& clock, const Logger& logger)
      : clock_(clock),
        token_(access, clock, logger),
        certificate_(access.client_certificate_file, access.client_certificate_pem,
                     clock.Monotonic()),
        key_(access.client_key_file, std::string(access.client_key_pem.Reveal()),
             clock.Monotonic()) {}

  std::optional<IdentityResult> Get(OnIdentity /*later*/) override {
    Secret token = token_.Get();
    const std::lock_guard lock(mutex_);
    const MonotonicTime now = clock_.Monotonic();
    const std::string& certificate = certificate_.Read(now);
    const std::string& key = key_.Read(now);
    if (!current_ || !current_->token.SameAs(token) || current_->certificate_pem != certificate ||
        current_->key_pem.Reveal() != key) {
      current_ =
          std::make_shared<const Identity>(Identity{std::move(token), certificate, Secret(key)});
    }
    return IdentityResult(current_);
  }
  void Refused(MonotonicTime request_start) override { token_.Refused(request_start); }

 private:
  const Clock& clock_;
  TokenSource token_;
  std::mutex mutex_;
  RotatingFile certificate_;
  RotatingFile key_;
  std::shared_ptr<const Identity> current_;
};

}  // namespace

Result<std::unique_ptr<CredentialSource>> MakeCredentialSource(const ClusterAccess& access,
                                                               const Clock& clock,
                                                               const Logger& logger) {
  const bool has_token = !access.token.empty() || !access.token_file.empty();
  if (access.plugin && !has_token) {
    return ExecCredentials::Make(access, RunProcess, clock, logger);
  }
  return std::unique_ptr<CredentialSource>(
      std::make_unique<FileCredentials>(access, clock, logger));
}

}  // namespace milink::kube
