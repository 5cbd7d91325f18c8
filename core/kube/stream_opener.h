// Opens one TLS stream to the server. The chain of callbacks is
//   Resolve -> Connect -> [OpenTunnel] -> Handshake
// and every step keeps the opener alive.
//
// Everything happens on the loop's thread. Inside the HTTP connection only.
#pragma once

#include <functional>
#include <memory>
#include <optional>

#include <boost/asio/ip/tcp.hpp>
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

  StreamOpener(IoLoop& loop, std::shared_ptr<const ConnectionSettings> settings,
               std::shared_ptr<TlsContext> tls);

  // `done` is called once, never from inside a call.
  void Start(OnStream done);
  // It fails with `reason`, unless it is done.
  void Cancel(const Error& reason);

 private:
  void Limit(Duration delay, const char* doing);
  void Resolve();
  void Connect(const boost::asio::ip::tcp::resolver::results_type& addresses);
  void OpenTunnel();
  void ReadTunnelAnswer();
  void Handshake();
  bool HandshakeFailed(const boost::system::error_code& error);
  bool Failed(const boost::system::error_code& error, const char* doing);
  void Fail(Error error);

  const std::shared_ptr<const ConnectionSettings> settings_;
  const std::shared_ptr<TlsContext> tls_;
  boost::asio::ip::tcp::resolver resolver_;
  std::unique_ptr<TlsStream> stream_;
  LoopTimer stage_;  // of one step
  std::optional<Error> cancelled_;
  OnStream done_;

  boost::beast::http::request<boost::beast::http::empty_body> tunnel_request_;
  std::optional<boost::beast::http::response_parser<boost::beast::http::empty_body>> tunnel_answer_;
  boost::beast::flat_buffer buffer_;
};

}  // namespace milink::kube
