// Opens one TLS stream to the server. The chain of callbacks is
//   Resolve -> ConnectNext, as often as there are addresses -> [OpenTunnel] -> Handshake
// and every step keeps the opener alive, but for the look-up of the name: what comes of that is
// dropped once nobody waits for it.
//
// Everything happens on the loop's thread. Inside the HTTP connection only.
#pragma once

#include <cstddef>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
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

// How long to try the next address when so many are left: an equal share of the time left, but not
// less than `least`, if need be at the cost of the last ones.
Duration TimeOfAddress(Duration left, std::size_t addresses, Duration least);

class StreamOpener : public std::enable_shared_from_this<StreamOpener> {
 public:
  using OnStream = std::function<void(Result<std::unique_ptr<TlsStream>>)>;

  // `door` leads to `loop`, and is closed before that goes away.
  StreamOpener(IoLoop& loop, std::shared_ptr<LoopDoor> door,
               std::shared_ptr<const ConnectionSettings> settings, std::shared_ptr<TlsContext> tls);

  // `done` is called once, never from inside a call. It is up to the caller to cancel after
  // `limit`; here it is only shared out among the addresses.
  void Start(Duration limit, OnStream done);
  // It fails with `reason`, unless it is done.
  void Cancel(const Error& reason);
  bool resolving() const { return resolving_.has_value(); }

 private:
  void Limit(Duration delay, const char* doing);
  void Resolve();
  void OnAddresses(const NameResult& addresses);
  void ConnectNext();
  void OnConnect(const boost::system::error_code& error);
  Duration TimeToConnect() const;
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
  LoopTimer stage_;                                       // of one step
  Duration limit_{};                                      // of the request, from Start on
  std::deque<boost::asio::ip::tcp::endpoint> endpoints_;  // not yet tried
  std::optional<Error> cancelled_;
  OnStream done_;

  boost::beast::http::request<boost::beast::http::empty_body> tunnel_request_;
  std::optional<boost::beast::http::response_parser<boost::beast::http::empty_body>> tunnel_answer_;
  boost::beast::flat_buffer buffer_;
};

}  // namespace milink::kube
