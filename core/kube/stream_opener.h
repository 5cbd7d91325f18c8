// Opens one TLS stream to the server. The chain of callbacks is
//   Resolve -> Connect -> [OpenTunnel] -> Handshake
// and every step keeps the opener alive, but for the look-up of the name: what comes of that is
// dropped once nobody waits for it.
//
// Everything happens on the loop's thread. Inside the HTTP connection only.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/message.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/ssl/ssl_stream.hpp>
#include <boost/system/error_code.hpp>

#include "core/base/result.h"
#include "core/kube/connection_settings.h"
#include "core/kube/io_loop.h"
#include "core/kube/tls_context.h"

namespace milink::kube {

using TlsStream = boost::beast::ssl_stream<boost::beast::tcp_stream>;

class StreamOpener : public std::enable_shared_from_this<StreamOpener> {
 public:
  using OnStream = std::function<void(Result<std::unique_ptr<TlsStream>>)>;

  // `door` leads to `loop`, and is closed before that goes away.
  StreamOpener(IoLoop& loop, std::shared_ptr<LoopDoor> door,
               std::shared_ptr<const ConnectionSettings> settings, std::shared_ptr<TlsContext> tls);

  // `done` is called once, never from inside a call.
  void Start(OnStream done);
  // It fails with `reason`, unless it is done.
  void Cancel(const Error& reason);
  bool resolving() const { return resolving_.has_value(); }

 private:
  void Limit(Duration delay, const char* doing);
  void Resolve();
  void OnAddresses(const NameResult& addresses);
  void Connect(const std::vector<std::string>& addresses);
  void OpenTunnel();
  void ReadTunnelAnswer();
  void Handshake();
  bool HandshakeFailed(const boost::system::error_code& error);
  bool Failed(const boost::system::error_code& error, const char* doing);
  void Fail(Error error);

  IoLoop& loop_;
  const std::shared_ptr<LoopDoor> door_;
  const std::shared_ptr<const ConnectionSettings> settings_;
  const std::shared_ptr<TlsContext> tls_;
  // While the name is looked up: a loop that runs while it is busy must not end meanwhile.
  std::optional<boost::asio::executor_work_guard<boost::asio::io_context::executor_type>>
      resolving_;
  std::unique_ptr<TlsStream> stream_;
  LoopTimer stage_;  // of one step
  std::optional<Error> cancelled_;
  OnStream done_;

  boost::beast::http::request<boost::beast::http::empty_body> tunnel_request_;
  std::optional<boost::beast::http::response_parser<boost::beast::http::empty_body>> tunnel_answer_;
  boost::beast::flat_buffer buffer_;
};

}  // namespace milink::kube
