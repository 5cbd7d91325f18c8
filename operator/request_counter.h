// Requests to the Kubernetes API as a metric. Thread-safe.
#pragma once

#include <string>

#include "core/kube/request_observer.h"
#include "core/runtime/engine_metrics.h"

namespace milink::app {

class RequestCounter final : public kube::RequestObserver {
 public:
  RequestCounter(runtime::Metrics& metrics, const std::string& host) : requests_(metrics, host) {}

  // client-go writes "<error>" where there was no answer.
  void OnRequest(const kube::RequestReport& report) override {
    requests_.Requested(std::string(kube::ToString(report.method)),
                        report.status == 0 ? "<error>" : std::to_string(report.status));
  }

 private:
  const runtime::RestClientMetrics requests_;
};

}  // namespace milink::app
