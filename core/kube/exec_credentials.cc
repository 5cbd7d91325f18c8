#include "core/kube/exec_credentials.h"

#include <algorithm>
#include <utility>

#include <unistd.h>

namespace milink::kube {
namespace {

constexpr Duration kRestAfterFailure = std::chrono::seconds(5);
constexpr Duration kShortestRest = std::chrono::seconds(5);  // between two renewals
// How long before its end a credential is renewed, when it does not live for short.
constexpr Duration kRenewal = std::chrono::minutes(5);
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

bool ExecCredentials::Rests() const {
  return !runs_ && failure_ && clock_.Monotonic() - failed_at_ < kRestAfterFailure;
}

void ExecCredentials::WantRun() {
  if (std::exchange(runs_, true)) {
    return;
  }
  if (!thread_.joinable()) {
    thread_ = std::jthread([this](const std::stop_token& stop) { Serve(stop); });
  }
  wanted_.notify_one();
}

std::optional<IdentityResult> ExecCredentials::Get(OnIdentity later) {
  const std::lock_guard lock(mutex_);
  const bool serves = Valid() && !refused_;
  const bool is_fresh = serves && (!renew_at_ || clock_.Now() < *renew_at_);
  const bool rests = Rests();
  if (!is_fresh && !rests) {
    WantRun();
  }
  if (serves || (rests && Valid())) {
    return IdentityResult(current_);
  }
  if (rests) {
    return IdentityResult(*failure_);
  }
  waiting_.push_back(std::move(later));
  return std::nullopt;
}

void ExecCredentials::Serve(const std::stop_token& stop) {
  std::unique_lock lock(mutex_);
  while (wanted_.wait(lock, stop, [this] { return runs_; }) && !stop.stop_requested()) {
    lock.unlock();
    Result<PluginAnswer> answer = Ask(stop);
    if (stop.stop_requested()) {
      return;
    }
    lock.lock();
    const IdentityResult identity = Keep(std::move(answer));
    runs_ = false;
    const auto waiting = std::exchange(waiting_, {});
    lock.unlock();
    for (const OnIdentity& later : waiting) {
      later(identity);
    }
    lock.lock();
  }
}

IdentityResult ExecCredentials::Keep(Result<PluginAnswer> answer) {
  if (!answer.ok()) {
    failure_ = std::move(answer).error();
    failed_at_ = clock_.Monotonic();
    logger_.Warning("A credential plugin failed",
                    {{"command", plugin_.command}, {"error", ToString(*failure_)}});
    return Valid() ? IdentityResult(current_) : IdentityResult(*failure_);
  }
  current_ = std::make_shared<const Identity>(std::move(answer->identity));
  expires_ = answer->expires;
  renew_at_.reset();
  if (expires_) {
    // A plugin may print what it printed before: each time it is asked again a fifth before the
    // end.
    const TimePoint now = clock_.Now();
    renew_at_ = std::max(*expires_ - std::min<TimePoint::duration>((*expires_ - now) / 5, kRenewal),
                         now + kShortestRest);
  }
  asked_at_ = clock_.Monotonic();
  refused_ = false;
  failure_.reset();
  return current_;
}

void ExecCredentials::Refused(MonotonicTime request_start) {
  const std::lock_guard lock(mutex_);
  if (current_ && asked_at_ <= request_start) {
    refused_ = true;
  }
}

Result<PluginAnswer> ExecCredentials::Ask(const std::stop_token& stop) {
  const bool interactive = plugin_.interaction != PluginInteraction::kNever && HasTerminal();
  ProcessRequest request;
  request.program = plugin_.command;
  request.arguments = plugin_.arguments;
  request.environment = plugin_.environment;
  request.environment.emplace_back("KUBERNETES_EXEC_INFO", ExecInfo(access_, plugin_, interactive));
  request.gives_terminal = interactive;
  request.stop = stop;
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
