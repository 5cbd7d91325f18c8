// HTTP as the Azure clients need it: one request, one answer. The adapter wraps cpp-httplib; tests
// have scripts.
//
// Thread-safe. Errors: kTransient "ConnectionFailed" (nothing was sent: safe to repeat) or
// "OutcomeUnknown" (the request may have been carried out) or "Stopped", kInvalid "InvalidUrl"; or
// what a permit says, and nothing was sent.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include "core/base/clock.h"
#include "core/base/result.h"

namespace milink::azure {

struct HttpRequest {
  std::string method;
  std::string url;  // absolute, sent verbatim
  std::multimap<std::string, std::string> headers;
  std::string body;
  std::string content_type = "application/json";
  // Of the whole exchange, connecting included. A look-up of the name comes before and cannot be
  // cut.
  Duration timeout = std::chrono::seconds(60);
  Duration connect_timeout = std::chrono::seconds(30);
  // Asked on the calling thread before connecting, and again once a new connection has been made
  // with TLS, immediately before the first byte of the request: connecting takes time. An error is
  // the outcome. Unset: always.
  std::function<Status()> permit;
};

struct HttpResponse {
  int status = 0;
  std::multimap<std::string, std::string> headers;  // names in lower case
  std::string body;

  // The first value, or nothing. `name` in lower case.
  std::optional<std::string> Header(const std::string& name) const;
  // Of Retry-After, where it is a number of seconds.
  std::optional<std::chrono::seconds> RetryAfter() const;
  // The server's clock (RFC 9110 6.6.1).
  std::optional<TimePoint> Date() const;
};

class HttpClient {
 public:
  virtual ~HttpClient() = default;
  virtual Result<HttpResponse> Send(const HttpRequest& request) = 0;
  // No request is begun from now on ("Stopped"), and those under way end at once, apart from those
  // with a permit: what changes something is waited for, since nobody could know how it ended.
  virtual void Shutdown() = 0;
};

// Certificates are checked against the system's store, or `ca_file` alone when it is not empty.
// Keeps up to `idle_connections` open for each host. `clock` outlives the client.
std::unique_ptr<HttpClient> MakeHttpClient(const std::string& ca_file, std::size_t idle_connections,
                                           const Clock& clock);

// "https://host:443" split into its parts; nothing when it is not an absolute http(s) URL.
struct UrlParts {
  std::string origin;  // scheme, host and port in lower case, as a key
  std::string host;
  std::string target;  // path and query
};
std::optional<UrlParts> SplitUrl(const std::string& url);

// Percent-encodes everything but unreserved characters (RFC 3986 2.3).
std::string UrlEncode(std::string_view text);

}  // namespace milink::azure
