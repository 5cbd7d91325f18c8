// The metrics of the engine, under controller-runtime's and client-go's names, so that dashboards
// made for those work. Every series exists from the start.
//
// Thread-safe. Metrics outlives all of these.
#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <string>
#include <string_view>

#include "core/runtime/metrics.h"
#include "core/runtime/work_queue.h"

namespace milink::runtime {

// workqueue_*{name,controller}; the depth also by priority.
class QueueMetrics final : public WorkQueueObserver {
 public:
  QueueMetrics(Metrics& metrics, const std::string& name);

  // Reads the gauges off `queue`, which outlives the last Serialize of `metrics`.
  void Watch(Metrics& metrics, const WorkQueue& queue);

  void OnAdded() override { adds_.Increment(); }
  void OnRetry() override { retries_.Increment(); }
  void OnStarted(std::chrono::duration<double> waited) override {
    queue_duration_.Observe(waited.count());
  }
  void OnDone(std::chrono::duration<double> worked) override {
    work_duration_.Observe(worked.count());
  }

 private:
  std::string name_;
  Counter adds_;
  Counter retries_;
  Histogram queue_duration_;
  Histogram work_duration_;
};

// How a reconcile ended, as in the label `result`.
enum class ReconcileResult { kSuccess, kError, kRequeue, kRequeueAfter };

std::string_view ToString(ReconcileResult result);  // as in the label

// controller_runtime_*{controller}
class ControllerMetrics {
 public:
  ControllerMetrics() = default;  // drops everything
  ControllerMetrics(Metrics& metrics, const std::string& controller);

  void Reconciled(ReconcileResult result) const;
  void Took(std::chrono::duration<double> took) const { seconds_.Observe(took.count()); }
  void Timeout() const { timeouts_.Increment(); }
  void TerminalError() const { terminal_errors_.Increment(); }
  void Panic() const { panics_.Increment(); }
  void Active(int change) const { active_workers_.Add(change); }
  void SetWorkers(int count) const { workers_.Set(count); }

 private:
  std::array<Counter, 4> results_;  // by ReconcileResult
  Counter errors_;
  Counter terminal_errors_;
  Counter panics_;
  Counter timeouts_;
  Histogram seconds_;
  Gauge active_workers_;
  Gauge workers_;
};

// rest_client_requests_total{code,method,host}
class RestClientMetrics {
 public:
  // `host` is "name:port". The usual methods exist from the start with code 200.
  RestClientMetrics(Metrics& metrics, std::string host);
  // `code`: the status, or "<error>" when there was no answer.
  void Requested(const std::string& method, const std::string& code) const;

 private:
  Metrics& metrics_;
  std::string host_;
};

}  // namespace milink::runtime
