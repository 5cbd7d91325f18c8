// Who counts requests, for metrics.
#pragma once

#include <chrono>
#include <string>

#include "core/kube/http.h"

namespace milink::kube {

// One exchange: every attempt counts, watches too.
struct RequestReport {
  HttpMethod method = HttpMethod::kGet;
  std::string host;  // "name:port"
  int status = 0;    // 0: there was no answer
  // Until the head of the answer was there, connecting included.
  std::chrono::duration<double> took{};
};

// Thread-safe; called on the threads that send.
class RequestObserver {
 public:
  virtual ~RequestObserver() = default;
  virtual void OnRequest(const RequestReport& report) = 0;
};

}  // namespace milink::kube
