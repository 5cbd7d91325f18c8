#include "core/runtime/engine_metrics.h"

#include <utility>

namespace milink::runtime {
namespace {

// client-go's buckets of both queue histograms: 10 ns to 1000 s.
std::vector<double> QueueBounds() { return ExponentialBounds(1e-8, 10, 12); }

// controller-runtime's buckets of the reconcile time.
std::vector<double> ReconcileBounds() {
  return {0.005, 0.01, 0.025, 0.05, 0.1,  0.15, 0.2,  0.25, 0.3, 0.35, 0.4, 0.45, 0.5, 0.6,
          0.7,   0.8,  0.9,   1.0,  1.25, 1.5,  1.75, 2.0,  2.5, 3.0,  3.5, 4.0,  4.5, 5,
          6,     7,    8,     9,    10,   15,   20,   25,   30,  40,   50,  60};
}

constexpr std::array<std::string_view, 4> kResultNames{"success", "error", "requeue",
                                                       "requeue_after"};

Labels QueueLabels(const std::string& name) { return {{"name", name}, {"controller", name}}; }

Labels DepthLabels(const std::string& name, int priority) {
  auto labels = QueueLabels(name);
  labels.emplace("priority", std::to_string(priority));
  return labels;
}

}  // namespace

std::string_view ToString(ReconcileResult result) {
  return kResultNames.at(static_cast<std::size_t>(result));
}

QueueMetrics::QueueMetrics(Metrics& metrics, const std::string& name)
    : name_(name),
      adds_(
          metrics.AddCounter("workqueue_adds_total", "Keys that became ready", QueueLabels(name))),
      retries_(metrics.AddCounter("workqueue_retries_total", "Keys added again after a failure",
                                  QueueLabels(name))),
      queue_duration_(metrics.AddHistogram("workqueue_queue_duration_seconds",
                                           "Time from ready to handed out", QueueBounds(),
                                           QueueLabels(name))),
      work_duration_(metrics.AddHistogram("workqueue_work_duration_seconds",
                                          "Time from handed out to done", QueueBounds(),
                                          QueueLabels(name))) {}

void QueueMetrics::Watch(Metrics& metrics, const WorkQueue& queue) {
  const auto add_depth = [&metrics, name = name_](int priority) {
    return metrics.AddGauge("workqueue_depth", "Keys that are ready and wait for a worker",
                            DepthLabels(name, priority));
  };
  std::map<int, Gauge> depths;
  for (const int priority : {kUrgentPriority, kChangePriority, kPeriodicPriority}) {
    depths.emplace(priority, add_depth(priority));
  }
  const auto unfinished = metrics.AddGauge("workqueue_unfinished_work_seconds",
                                           "Sum of the ages of running keys", QueueLabels(name_));
  const auto longest = metrics.AddGauge("workqueue_longest_running_processor_seconds",
                                        "Age of the key that runs longest", QueueLabels(name_));
  metrics.OnScrape([&queue, add_depth, depths, unfinished, longest]() mutable {
    const auto stats = queue.Stats();
    for (const auto& [priority, count] : stats.ready_by_priority) {
      depths.try_emplace(priority, add_depth(priority));
    }
    for (const auto& [priority, gauge] : depths) {
      const auto it = stats.ready_by_priority.find(priority);
      gauge.Set(it == stats.ready_by_priority.end() ? 0.0 : static_cast<double>(it->second));
    }
    unfinished.Set(stats.unfinished_work.count());
    longest.Set(stats.longest_running.count());
  });
}

ControllerMetrics::ControllerMetrics(Metrics& metrics, const std::string& controller)
    : errors_(metrics.AddCounter("controller_runtime_reconcile_errors_total",
                                 "Reconciles that failed", {{"controller", controller}})),
      terminal_errors_(metrics.AddCounter("controller_runtime_terminal_reconcile_errors_total",
                                          "Reconciles that failed for good",
                                          {{"controller", controller}})),
      panics_(metrics.AddCounter("controller_runtime_reconcile_panics_total",
                                 "Reconciles that ended with an exception",
                                 {{"controller", controller}})),
      timeouts_(metrics.AddCounter("controller_runtime_reconcile_timeouts_total",
                                   "Reconciles that took longer than they may",
                                   {{"controller", controller}})),
      seconds_(metrics.AddHistogram("controller_runtime_reconcile_time_seconds",
                                    "Time of one reconcile", ReconcileBounds(),
                                    {{"controller", controller}})),
      active_workers_(metrics.AddGauge("controller_runtime_active_workers",
                                       "Workers that reconcile right now",
                                       {{"controller", controller}})),
      workers_(metrics.AddGauge("controller_runtime_max_concurrent_reconciles",
                                "Workers of the controller", {{"controller", controller}})) {
  for (std::size_t i = 0; i < results_.size(); ++i) {
    results_.at(i) = metrics.AddCounter(
        "controller_runtime_reconcile_total", "Reconciles by result",
        {{"controller", controller}, {"result", std::string(kResultNames.at(i))}});
  }
}

void ControllerMetrics::Reconciled(ReconcileResult result) const {
  results_.at(static_cast<std::size_t>(result)).Increment();
  if (result == ReconcileResult::kError) {
    errors_.Increment();
  }
}

RestClientMetrics::RestClientMetrics(Metrics& metrics, std::string host)
    : metrics_(metrics), host_(std::move(host)) {
  for (const char* method : {"GET", "POST", "PUT", "PATCH", "DELETE"}) {
    metrics_.AddCounter("rest_client_requests_total", "Requests to the Kubernetes API",
                        {{"code", "200"}, {"method", method}, {"host", host_}});
  }
}

void RestClientMetrics::Requested(const std::string& method, const std::string& code) const {
  metrics_
      .AddCounter("rest_client_requests_total", "Requests to the Kubernetes API",
                  {{"code", code}, {"method", method}, {"host", host_}})
      .Increment();
}

}  // namespace milink::runtime
