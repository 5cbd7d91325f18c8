// Lets changes pass only while the fence is open; reads always pass. Thread-safe.
#pragma once

#include "core/base/fence.h"
#include "core/kube/http.h"

namespace milink::kube {

class FencedSender final : public HttpSender {
 public:
  // Both must outlive this.
  FencedSender(HttpSender& sender, const Fence& fence) : sender_(sender), fence_(fence) {}

  Result<HttpResponse> Send(const HttpRequest& request) override;

 private:
  HttpSender& sender_;
  const Fence& fence_;
};

}  // namespace milink::kube
