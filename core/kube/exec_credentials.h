// Credentials that another program prints: exec plugins of a kubeconfig.
//
// Thread-safe. The plugin runs on a thread of its own, once for all who wait for it. What it
// printed serves until it expires or the server refuses it, and is renewed before it expires while
// it still serves. After a failure the plugin is left alone for a few seconds, and what it printed
// before serves on while it is valid.
#pragma once

#include <condition_variable>
#include <memory>
#include <mutex>
#include <optional>
#include <stop_token>
#include <thread>
#include <vector>

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
  std::optional<IdentityResult> Get(OnIdentity later) override;
  void Refused(MonotonicTime request_start) override;

 private:
  ExecCredentials(ClusterAccess access, ProcessRunner run, const Clock& clock, Logger logger);

  void Serve(const std::stop_token& stop);
  Result<PluginAnswer> Ask(const std::stop_token& stop);
  void GiveHint();
  // These need mutex_.
  bool Valid() const;
  bool Rests() const;
  void WantRun();
  IdentityResult Keep(Result<PluginAnswer> answer);

  const ClusterAccess access_;
  const CredentialPlugin& plugin_;
  const ProcessRunner run_;
  const Clock& clock_;
  const Logger logger_;

  int hints_ = 0;  // given since hints_since_; both are the thread's own
  MonotonicTime hints_since_;

  std::mutex mutex_;
  std::condition_variable_any wanted_;
  bool runs_ = false;  // or is about to
  std::vector<OnIdentity> waiting_;
  std::shared_ptr<const Identity> current_;  // empty: none yet
  std::optional<TimePoint> expires_;
  std::optional<TimePoint> renew_at_;  // earlier than that
  MonotonicTime asked_at_;
  bool refused_ = false;
  std::optional<Error> failure_;  // of the latest run
  MonotonicTime failed_at_;
  std::jthread thread_;  // the last: it ends before the rest goes away
};

}  // namespace milink::kube
