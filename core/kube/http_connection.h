// One TLS connection to the API server which carries one HTTP/1.1 exchange at a time.
//
//   connection.ExpireAfter(30 s);
//   connection.Start(request, [&](Result<HttpHead> head) {
//     connection.ReadSome([&](Result<std::string_view> bytes) { ...; empty: the body ended });
//   });
//
// Everything happens on the loop's thread: calls, callbacks, destruction. Callbacks are never
// called from inside a call, and never after the destructor. Errors have the reasons of
// HttpSender; what came of a request that failed is told by request_sent().
//
// Every request carries the credentials of its moment, and a 401 is reported to their source. When
// the authority or our certificate was replaced since the connection was made, the next request
// makes it anew; a stream without a deadline ends (kConnectionLost) once our certificate changed.
#pragma once

#include <functional>
#include <memory>
#include <string_view>

#include "core/base/clock.h"
#include "core/kube/connection_settings.h"
#include "core/kube/http.h"
#include "core/kube/io_loop.h"

namespace milink::kube {

class HttpConnection {
 public:
  using OnHead = std::function<void(Result<HttpHead>)>;
  using OnBytes = std::function<void(Result<std::string_view>)>;

  HttpConnection(IoLoop& loop, std::shared_ptr<const ConnectionSettings> settings);
  ~HttpConnection();
  HttpConnection(const HttpConnection&) = delete;
  HttpConnection& operator=(const HttpConnection&) = delete;

  // Waits for a credential plugin and connects where needed, sends the request and reads the head
  // of the answer. REQUIRES: no exchange under way.
  void Start(const HttpRequest& request, OnHead done);
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
