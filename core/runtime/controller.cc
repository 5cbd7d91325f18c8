#include "core/runtime/controller.h"

#include <exception>
#include <utility>

namespace milink::runtime {
namespace {

// A defect in a reconcile must not end the process: it becomes an error like others.
Error Unexpected(std::string_view what) {
  return Error{ErrorKind::kInternal, "UnexpectedException",
               "the reconcile ended with an exception; this is a defect", std::string(what)};
}

// A look that comes later than this is one at an interval, whatever woke the object before.
constexpr Duration kSoon = std::chrono::seconds(5);

int NextPriority(const Outcome& outcome, int current) {
  const bool soon = *outcome.requeue_after <= kSoon;
  return outcome.requeue_priority.value_or(soon ? current : kPeriodicPriority);
}

double InSeconds(Duration delay) { return std::chrono::duration<double>(delay).count(); }

}  // namespace

Controller::Controller(ControllerOptions options, WorkQueue& queue, Reconciler& reconciler,
                       const Logger& log, ControllerMetrics metrics, const Clock& clock,
                       Random& random)
    : options_(std::move(options)),
      queue_(queue),
      reconciler_(reconciler),
      log_(log.With({{"controller", options_.name}, {"kind", options_.kind}})),
      metrics_(metrics),
      clock_(clock),
      random_(random),
      deadlines_(clock) {
  metrics_.SetWorkers(options_.workers);
}

Controller::~Controller() { Stop(Duration::zero()); }

void Controller::Start() {
  log_.Info("Started workers", {{"workers", options_.workers}});
  for (int i = 0; i < options_.workers; ++i) {
    workers_.emplace_back([this] { Work(); });
  }
}

bool Controller::Stop(Duration grace) {
  queue_.Abort();
  const bool finished = queue_.WaitIdle(grace);
  if (!finished) {
    log_.Warning("Reconciles were still running after the grace period",
                 {{"graceSeconds", InSeconds(grace)}, {"running", queue_.Stats().running}});
  }
  stop_.request_stop();
  return finished;
}

void Controller::Work() {
  while (const auto item = queue_.Get()) {
    Run(*item);
  }
}

bool Controller::RunOne() {
  const auto item = queue_.TryGet();
  if (item) {
    Run(*item);
  }
  return item.has_value();
}

void Controller::Run(const WorkQueue::Item& item) {
  const Logger log = log_.With({{"namespace", item.key.namespace_name},
                                {"name", item.key.name},
                                {"reconcileID", NewUuid(random_)}});
  metrics_.Active(1);
  const MonotonicTime start = clock_.Monotonic();
  const Outcome outcome = CallInTime(item.key, log);
  const std::chrono::duration<double> took = clock_.Monotonic() - start;
  metrics_.Took(took);
  if (options_.reconcile_timeout > Duration::zero() && took >= options_.reconcile_timeout) {
    metrics_.Timeout();
  }
  Apply(item, outcome, log.With({{"durationSeconds", took.count()}}));
  metrics_.Active(-1);
  queue_.Done(item.key);
}

Outcome Controller::CallInTime(const ObjectKey& key, const Logger& log) {
  std::stop_source run;
  const std::stop_callback at_the_end(stop_.get_token(), [&run] { run.request_stop(); });
  if (options_.reconcile_timeout <= Duration::zero()) {
    return Call(key, {log, run.get_token()});
  }
  const auto watched = deadlines_.Watch(run, options_.reconcile_timeout);
  return Call(key, {log, run.get_token()});
}

Outcome Controller::Call(const ObjectKey& key, const ReconcileContext& context) {
  try {
    return reconciler_.Reconcile(key, context);
  } catch (const std::exception& e) {
    metrics_.Panic();
    return Outcome::Failure(Unexpected(e.what()));
  } catch (...) {
    metrics_.Panic();
    return Outcome::Failure(Unexpected("not a std::exception"));
  }
}

// Exactly one line of the log tells how a run ended.
void Controller::Apply(const WorkQueue::Item& item, const Outcome& outcome, const Logger& log) {
  if (!outcome.status.ok()) {
    metrics_.Reconciled(ReconcileResult::kError);
    ApplyFailure(item, outcome, log.With({{"result", ToString(ReconcileResult::kError)}}));
    return;
  }
  queue_.Forget(item.key);
  if (!outcome.requeue_after) {
    metrics_.Reconciled(ReconcileResult::kSuccess);
    log.Debug("Reconciled", {{"result", ToString(ReconcileResult::kSuccess)}});
    return;
  }
  metrics_.Reconciled(ReconcileResult::kRequeueAfter);
  const Duration delay = Spread(*outcome.requeue_after);
  queue_.AddAfter(item.key, delay, NextPriority(outcome, item.priority));
  log.Debug("Reconciled", {{"result", ToString(ReconcileResult::kRequeueAfter)},
                           {"againInSeconds", InSeconds(delay)}});
}

void Controller::ApplyFailure(const WorkQueue::Item& item, const Outcome& outcome,
                              const Logger& log) {
  const Error& error = outcome.status.error();
  const Logger about = log.With({{"errorKind", ToString(error.kind)},
                                 {"reason", error.reason},
                                 {"error", error.message},
                                 {"detail", error.detail}});
  if (outcome.terminal) {
    metrics_.TerminalError();
    queue_.Forget(item.key);
    about.Error("Gave up until the object changes");
    return;
  }
  // A failure keeps the priority of the key.
  const Duration delay =
      queue_.AddRateLimited(item.key, item.priority, error.retry_after.value_or(Duration::zero()));
  const int failures = queue_.Failures(item.key);
  if (error.kind == ErrorKind::kConflict) {
    // Part of normal life with several writers.
    about.Info("Met a conflict", {{"failures", failures}, {"againInSeconds", InSeconds(delay)}});
  } else {
    about.Error("Failed to reconcile",
                {{"failures", failures}, {"againInSeconds", InSeconds(delay)}});
  }
}

Duration Controller::Spread(Duration delay) {
  const double factor = 1.0 + options_.requeue_jitter * (2.0 * random_.Uniform() - 1.0);
  return Duration(static_cast<Duration::rep>(static_cast<double>(delay.count()) * factor));
}

}  // namespace milink::runtime
