#include "core/kube/fenced_sender.h"

namespace milink::kube {

Result<HttpResponse> FencedSender::Send(const HttpRequest& request) {
  if (request.method == HttpMethod::kGet) {
    return sender_.Send(request);
  }
  // Not only here: between here and the first byte there may be a wait, a connection, a retry.
  if (const Status allowed = fence_.Check(); !allowed.ok()) {
    return allowed.error();
  }
  HttpRequest fenced = request;
  fenced.permit = [this] { return fence_.Check(); };
  return sender_.Send(fenced);
}

}  // namespace milink::kube
