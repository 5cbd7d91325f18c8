// Credentials that another program prints: exec plugins of a kubeconfig.
//
// Thread-safe. One thread at a time runs the plugin; the others wait for it. What it printed serves
// until it expires or the server refuses it. After a failure the plugin is left alone for a few
// seconds, and what it printed before serves on while it is valid.
#pragma once

#include <memory>
#include <mutex>
#include <optional>

#include "core/kube/credentials.h"
#include "core/kube/exec_protocol.h"
#include "core/kube/process.h"

namespace milink::kube {

class ExecCredentials final : public CredentialSource {
 public:
  // `access` has a plugin. Nothing is run yet.
  static Result<std::unique_ptr<CredentialSource>> Make(const ClusterAccess& access,
                                                        ProcessRunner run, const Clock& clock,
                                                        const Logger& logger);

  // Errors: kTransient or kInvalid, "Plugin..." or those of process.h.
  Result<std::shared_ptr<const Identity>> Get() override;
  void Refused(MonotonicTime request_start) override;

 private:
  ExecCredentials(ClusterAccess access, ProcessRunner run, const Clock& clock, Logger logger);

  bool Valid() const;
  Result<PluginAnswer> Ask();
  void GiveHint();

  const ClusterAccess access_;
  const CredentialPlugin& plugin_;
  const ProcessRunner run_;
  const Clock& clock_;
  const Logger logger_;

  std::mutex mutex_;
  std::shared_ptr<const Identity> current_;  // empty: none yet
  std::optional<TimePoint> expires_;
  MonotonicTime asked_at_;
  bool refused_ = false;
  std::optional<Error> failure_;  // of the latest run
  MonotonicTime failed_at_;
  int hints_ = 0;  // given since hints_since_
  MonotonicTime hints_since_;
};

}  // namespace milink::kube
