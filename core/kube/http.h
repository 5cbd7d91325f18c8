// Requests and answers of HTTP/1.1 as plain values, free of any library.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/clock.h"
#include "core/base/result.h"

namespace milink::kube {

enum class HttpMethod { kGet, kPost, kPut, kPatch, kDelete };

// "GET"
std::string_view ToString(HttpMethod method);

struct HttpRequest {
  HttpMethod method = HttpMethod::kGet;
  std::string target;  // path and query, escaped
  std::string body;
  std::string content_type;  // of the body
  Duration deadline = std::chrono::seconds(30);
  // Asked when the connection is ready, immediately before the first byte leaves, on any thread. An
  // error: nothing is sent, and it is the outcome. Unset: always.
  std::function<Status()> permit;
};

// The answer without its body.
struct HttpHead {
  int status = 0;
  // Names in lower case; what came several times is joined with commas.
  std::map<std::string, std::string> headers;
};

struct HttpResponse {
  HttpHead head;
  std::string body;
};

// Sends one request and waits for the whole answer. Thread-safe.
//
// Any answer is a value, whatever its code. An error means that there is none; its reason is one
// of those in api_status.h: kConnectionRefused, kConnectionLost, kTimeout, kTlsFailed,
// kProxyRefused, kStopped, kAnswerGarbled, kAnswerTooLarge, kOutcomeUnknown when the server may
// have acted on a request that is no GET, or one of credentials.h.
class HttpSender {
 public:
  virtual ~HttpSender() = default;
  virtual Result<HttpResponse> Send(const HttpRequest& request) = 0;
};

}  // namespace milink::kube
