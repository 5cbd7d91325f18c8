#include "core/kube/exec_credentials.h"

#include <utility>

#include <unistd.h>

namespace milink::kube {
namespace {

constexpr Duration kRestAfterFailure = std::chrono::seconds(5);
constexpr int kHintsPerHour = 10;

bool HasTerminal() { return ::isatty(STDIN_FILENO) == 1; }

}  // namespace

Result<std::unique_ptr<CredentialSource>> ExecCredentials::Make(const ClusterAccess& access,
                                                                ProcessRunner run,
                                                                const Clock& clock,
                                                                const Logger& logger) {
  if (Status valid = CheckPlugin(*access.plugin); !valid.ok()) {
    return std::move(valid).error();
  }
  if (access.plugin->interaction == PluginInteraction::kAlways && !HasTerminal()) {
    return Error{ErrorKind::kInvalid, "PluginConfigInvalid",
                 "the credential plugin " + access.plugin->command +
                     " wants to talk to a person (interactiveMode Always), and there is none"};
  }
  // NOLINTNEXTLINE: the constructor is private
  return std::unique_ptr<CredentialSource>(
      new ExecCredentials(access, std::move(run), clock, logger));
}

ExecCredentials::ExecCredentials(ClusterAccess access, ProcessRunner run, const Clock& clock,
                                 Logger logger)
    : access_(std::move(access)),
      plugin_(*access_.plugin),
      run_(std::move(run)),
      clock_(clock),
      logger_(std::move(logger)) {}

bool ExecCredentials::Valid() const { return current_ && (!expires_ || clock_.Now() < *expires_); }

Result<std::shared_ptr<const Identity>> ExecCredentials::Get() {
  const std::lock_guard lock(mutex_);
  if (Valid() && !refused_) {
    return current_;
  }
  const MonotonicTime now = clock_.Monotonic();
  const bool rests = failure_ && now - failed_at_ < kRestAfterFailure;
  if (!rests) {
    Result<PluginAnswer> answer = Ask();
    if (answer.ok()) {
      current_ = std::make_shared<const Identity>(std::move(answer->identity));
      expires_ = answer->expires;
      asked_at_ = clock_.Monotonic();
      refused_ = false;
      failure_.reset();
      return current_;
    }
    failure_ = std::move(answer).error();
    failed_at_ = clock_.Monotonic();
    logger_.Warning("A credential plugin failed",
                    {{"command", plugin_.command}, {"error", ToString(*failure_)}});
  }
  if (Valid()) {
    return current_;
  }
  return *failure_;
}

void ExecCredentials::Refused(MonotonicTime request_start) {
  const std::lock_guard lock(mutex_);
  if (current_ && asked_at_ <= request_start) {
    refused_ = true;
  }
}

Result<PluginAnswer> ExecCredentials::Ask() {
  const bool interactive = plugin_.interaction != PluginInteraction::kNever && HasTerminal();
  ProcessRequest request;
  request.program = plugin_.command;
  request.arguments = plugin_.arguments;
  request.environment = plugin_.environment;
  request.environment.emplace_back("KUBERNETES_EXEC_INFO", ExecInfo(access_, plugin_, interactive));
  request.gives_terminal = interactive;
  Result<ProcessOutput> output = run_(request, clock_);
  if (!output.ok()) {
    if (output.error().reason == "ProgramMissing") {
      GiveHint();
    }
    return std::move(output).error();
  }
  auto answer = output->exit_code == 0
                    ? ParsePluginAnswer(output->out, plugin_.api_version)
                    : Result<PluginAnswer>(Error{ErrorKind::kTransient, "PluginFailed",
                                                 "the credential plugin " + plugin_.command +
                                                     " ended with exit code " +
                                                     std::to_string(output->exit_code)});
  WipeMemory(output->out);
  return answer;
}

void ExecCredentials::GiveHint() {
  const MonotonicTime now = clock_.Monotonic();
  if (plugin_.install_hint.empty()) {
    return;
  }
  if (hints_ == 0 || now - hints_since_ >= std::chrono::hours(1)) {
    hints_ = 0;
    hints_since_ = now;
  }
  if (++hints_ <= kHintsPerHour) {
    logger_.Warning("A credential plugin is not installed",
                    {{"command", plugin_.command}, {"hint", plugin_.install_hint}});
  }
}

}  // namespace milink::kube
