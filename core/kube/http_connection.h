// One TLS connection to the API server which carries one HTTP/1.1 exchange at a time.
//
//   connection.ExpireAfter(30 s);
//   connection.Start(request, token, [&](Result<HttpHead> head) {
//     connection.ReadSome([&](Result<std::string_view> bytes) { ...; empty: the body ended });
//   });
//
// Everything happens on the loop's thread: calls, callbacks, destruction. Callbacks are never
// called from inside a call, and never after the destructor. Errors have the reasons of
// HttpSender; what came of a request that failed is told by request_sent().
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "core/base/secret.h"
#include "core/kube/http.h"
#include "core/kube/io_loop.h"
#include "core/kube/resource_path.h"
#include "core/kube/tls_context.h"

namespace milink::kube {

struct ConnectionSettings {
  ServerAddress address;
  std::shared_ptr<TlsContext> tls;
  std::string user_agent;
};

class HttpConnection {
 public:
  using OnHead = std::function<void(Result<HttpHead>)>;
  using OnBytes = std::function<void(Result<std::string_view>)>;

  HttpConnection(IoLoop& loop, std::shared_ptr<const ConnectionSettings> settings);
  ~HttpConnection();
  HttpConnection(const HttpConnection&) = delete;
  HttpConnection& operator=(const HttpConnection&) = delete;

  // Connects where needed, sends the request and reads the head of the answer. An empty token
  // sends no Authorization. REQUIRES: no exchange under way.
  void Start(const HttpRequest& request, const Secret& token, OnHead done);
  // The next part of the body, at least one byte; valid during the callback. Empty: the body ended.
  void ReadSome(OnBytes done);

  // Whatever is under way fails with kTimeout once this time has passed.
  void ExpireAfter(Duration delay);
  void ExpireNever();
  // Whatever is under way fails with `reason`; the connection is closed.
  void Cancel(const Error& reason);

  // Did any byte of the last request leave? If not, the server cannot have acted on it.
  bool request_sent() const;
  // The last answer was read to its end and the server keeps the connection open.
  bool reusable() const;
  // Nothing came while idle; otherwise the server has closed it, or is about to.
  bool quiet() const;

 private:
  class Impl;
  std::shared_ptr<Impl> impl_;
};

}  // namespace milink::kube
