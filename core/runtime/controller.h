// A pool of workers that run one kind's reconcile, and the one place that turns an outcome into
// requeue, metric and log line.
//
// Contract as in controller-runtime: a reconcile gets a key and never learns what woke it; an error
// is tried again with growing delays; a terminal error is not; a success may say when to look
// again.
#pragma once

#include <chrono>
#include <optional>
#include <stop_token>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "core/base/clock.h"
#include "core/base/log.h"
#include "core/base/object.h"
#include "core/base/random.h"
#include "core/base/result.h"
#include "core/runtime/deadlines.h"
#include "core/runtime/engine_metrics.h"
#include "core/runtime/work_queue.h"

namespace milink::runtime {

// How a reconcile ended and when to run the next one.
struct Outcome {
  // Failed: tried again with backoff, not before the error's retry_after.
  Status status;
  // After success: look again. Spread by the controller so that objects do not move in step.
  std::optional<Duration> requeue_after = std::nullopt;
  // With a failed status: a repetition is pointless until the object changes.
  bool terminal = false;
  // Of the next look. Nothing: as this one while it comes soon, because then work is under way that
  // a person or a deletion waits for; else periodic.
  std::optional<int> requeue_priority = std::nullopt;

  static Outcome Success() { return {}; }
  static Outcome RequeueAfter(Duration delay) { return {.status = {}, .requeue_after = delay}; }
  static Outcome Failure(Error error) { return {.status = std::move(error)}; }
  static Outcome Terminal(Error error) { return {.status = std::move(error), .terminal = true}; }
};

// What a reconcile is handed besides the key.
struct ReconcileContext {
  Logger log;  // carries controller, kind, namespace, name and reconcileID
  // Requested when the run is over its time or the process cannot wait any longer: start nothing
  // new, return.
  std::stop_token stop;
};

// Called by several workers at once, but never twice at a time for one key. Blocking is fine for
// one request; anything longer is a requeue_after.
class Reconciler {
 public:
  virtual ~Reconciler() = default;
  virtual Outcome Reconcile(const ObjectKey& key, const ReconcileContext& context) = 0;
};

struct ControllerOptions {
  std::string name;  // of the controller, in metrics and logs
  std::string kind;  // of its objects, in logs
  int workers = 16;  // reconciles wait for other systems, not for the processor
  // requeue_after is spread over [1 - jitter, 1 + jitter) times itself.
  double requeue_jitter = 0.1;
  // A run that takes longer is counted and asked to give up. Zero: it may take for ever.
  Duration reconcile_timeout = std::chrono::minutes(5);
};

class Controller {
 public:
  // All references outlive the controller; `random` is thread-safe as always.
  Controller(ControllerOptions options, WorkQueue& queue, Reconciler& reconciler, const Logger& log,
             ControllerMetrics metrics, const Clock& clock, Random& random);
  // Stops, and waits for the workers however long they take.
  ~Controller();
  Controller(const Controller&) = delete;
  Controller& operator=(const Controller&) = delete;

  void Start();
  // Takes no more keys, lets running reconciles finish for up to `grace`, then asks them to give
  // up. Keys that still wait are dropped: the next start sees their objects again. False: some
  // still ran after `grace`.
  bool Stop(Duration grace);

  // Runs one ready key on the calling thread. False when none is ready.
  bool RunOne();
  // After a jump of an injected clock: runs over their time are asked to give up.
  void CheckDeadlines() { deadlines_.Check(); }

 private:
  void Work();
  void Run(const WorkQueue::Item& item);
  // With the deadline and the end of the process as its stop.
  Outcome CallInTime(const ObjectKey& key, const Logger& log);
  Outcome Call(const ObjectKey& key, const ReconcileContext& context);
  void Apply(const WorkQueue::Item& item, const Outcome& outcome, const Logger& log);
  void ApplyFailure(const WorkQueue::Item& item, const Outcome& outcome, const Logger& log);
  Duration Spread(Duration delay);

  const ControllerOptions options_;
  WorkQueue& queue_;
  Reconciler& reconciler_;
  const Logger log_;
  const ControllerMetrics metrics_;
  const Clock& clock_;
  Random& random_;
  std::stop_source stop_;
  Deadlines deadlines_;
  std::vector<std::jthread> workers_;
};

}  // namespace milink::runtime
