#include "core/kube/stream_opener.h"

#include <algorithm>
#include <charconv>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/write.hpp>
#include <openssl/ssl.h>

#include "core/kube/api_status.h"
#include "core/kube/http_message.h"
#include "core/kube/socket_options.h"

namespace milink::kube {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;
using boost::system::error_code;

// What is no address or no port is left out.
std::deque<asio::ip::tcp::endpoint> EndpointsOf(const std::vector<std::string>& addresses,
                                                const std::string& port) {
  std::deque<asio::ip::tcp::endpoint> endpoints;
  asio::ip::port_type number = 0;
  if (std::from_chars(port.data(), port.data() + port.size(), number).ec != std::errc()) {
    return endpoints;
  }
  for (const std::string& text : addresses) {
    error_code error;
    const auto address = asio::ip::make_address(text, error);
    if (!error) {
      endpoints.emplace_back(address, number);
    }
  }
  return endpoints;
}

}  // namespace

Duration TimeOfAddress(Duration left, std::size_t addresses, Duration least) {
  return std::min(left, std::max(left / static_cast<Duration::rep>(addresses), least));
}

StreamOpener::StreamOpener(IoLoop& loop, std::shared_ptr<LoopDoor> door,
                           std::shared_ptr<const ConnectionSettings> settings,
                           std::shared_ptr<TlsContext> tls)
    : loop_(loop),
      door_(std::move(door)),
      settings_(std::move(settings)),
      tls_(std::move(tls)),
      stream_(std::make_unique<TlsStream>(loop.context(), tls_->context())),
      stage_(loop) {}

void StreamOpener::Start(Duration limit, OnStream done) {
  limit_ = limit;
  done_ = std::move(done);
  Resolve();
}

void StreamOpener::Cancel(const Error& reason) {
  cancelled_ = reason;
  stage_.Cancel();
  if (stream_) {
    beast::get_lowest_layer(*stream_).close();
  }
  if (resolving_) {  // there is no step that would notice
    resolving_.reset();
    asio::post(loop_.context(), [self = shared_from_this(), reason] { self->Fail(reason); });
  }
}

// A step may take this long; the deadline of the request holds besides.
void StreamOpener::Limit(Duration delay, const char* doing) {
  stage_.After(delay, [this, doing] {
    Cancel({ErrorKind::kTransient, std::string(kTimeout),
            "could not " + std::string(doing) + " the Kubernetes API server " +
                HostHeader(settings_->address) + " in time"});
  });
}

void StreamOpener::Resolve() {
  Limit(settings_->timeouts.connect, "connect to");
  resolving_.emplace(asio::make_work_guard(loop_.context()));
  const auto known =
      settings_->names->Get(settings_->proxy ? settings_->proxy->host : settings_->address.host,
                            [door = door_, weak = weak_from_this()](NameResult addresses) {
                              door->Post([weak, addresses = std::move(addresses)] {
                                if (const auto self = weak.lock()) {
                                  self->OnAddresses(addresses);
                                }
                              });
                            });
  if (known) {
    asio::post(loop_.context(),
               [self = shared_from_this(), known = *known] { self->OnAddresses(known); });
  }
}

void StreamOpener::OnAddresses(const NameResult& addresses) {
  if (!resolving_) {
    return;  // given up meanwhile
  }
  resolving_.reset();
  if (!addresses.ok()) {
    Fail({addresses.error().kind, addresses.error().reason,
          "cannot resolve the Kubernetes API server " + HostHeader(settings_->address),
          addresses.error().detail});
    return;
  }
  endpoints_ =
      EndpointsOf(*addresses, settings_->proxy ? settings_->proxy->port : settings_->address.port);
  if (endpoints_.empty()) {
    Failed(asio::error::not_found, "connect to");
    return;
  }
  ConnectNext();
}

// An address that drops what is sent to it keeps the kernel busy for two minutes: only the last one
// may take all the time that is left.
void StreamOpener::ConnectNext() {
  auto& tcp = beast::get_lowest_layer(*stream_);
  tcp.close();  // what the last attempt left
  if (endpoints_.size() > 1) {
    tcp.expires_after(
        TimeOfAddress(TimeToConnect(), endpoints_.size(), settings_->timeouts.address));
  } else {
    tcp.expires_never();
  }
  const auto endpoint = endpoints_.front();
  endpoints_.pop_front();
  tcp.async_connect(
      endpoint, [self = shared_from_this()](const error_code& error) { self->OnConnect(error); });
}

void StreamOpener::OnConnect(const error_code& error) {
  if (error && !cancelled_ && !endpoints_.empty()) {
    ConnectNext();
    return;
  }
  if (Failed(error, "connect to")) {
    return;
  }
  auto& tcp = beast::get_lowest_layer(*stream_);
  tcp.expires_never();
  WatchOverSocket(tcp.socket().native_handle());
  settings_->proxy ? OpenTunnel() : Handshake();
}

// Of the time to connect and of the request's, what is left of the shorter one.
Duration StreamOpener::TimeToConnect() const {
  const Duration passed = settings_->timeouts.connect - stage_.Left();
  return std::min(settings_->timeouts.connect, limit_) - passed;
}

void StreamOpener::OpenTunnel() {
  tunnel_request_ = ToConnect(*settings_);
  tunnel_answer_.emplace();
  tunnel_answer_->skip(true);
  tunnel_answer_->header_limit(kHeadLimit);
  http::async_write(beast::get_lowest_layer(*stream_), tunnel_request_,
                    [self = shared_from_this()](const error_code& error, std::size_t /*bytes*/) {
                      self->tunnel_request_ = {};
                      if (!self->Failed(error, "reach through the proxy")) {
                        self->ReadTunnelAnswer();
                      }
                    });
}

void StreamOpener::ReadTunnelAnswer() {
  http::async_read_header(
      beast::get_lowest_layer(*stream_), buffer_, *tunnel_answer_,
      [self = shared_from_this()](const error_code& error, std::size_t /*bytes*/) {
        if (self->Failed(error, "reach through the proxy")) {
          return;
        }
        const auto& answer = self->tunnel_answer_->get();
        if (answer.result_int() / 100 != 2) {
          self->Fail({ErrorKind::kTransient, std::string(kProxyRefused),
                      "the proxy " + self->settings_->proxy->host + ":" +
                          self->settings_->proxy->port + " refused a tunnel to " +
                          HostHeader(self->settings_->address) + ": HTTP " +
                          std::to_string(answer.result_int())});
          return;
        }
        self->Handshake();
      });
}

void StreamOpener::Handshake() {
  Limit(settings_->timeouts.handshake, "open TLS with");
  if (!tls_->ExpectName(stream_->native_handle())) {
    Fail({ErrorKind::kInvalid, std::string(kTlsFailed), "the server's name is not usable in TLS",
          tls_->expected_name()});
    return;
  }
  stream_->async_handshake(asio::ssl::stream_base::client,
                           [self = shared_from_this()](const error_code& error) {
                             if (self->HandshakeFailed(error)) {
                               return;
                             }
                             self->stage_.Cancel();
                             if (const auto done = std::exchange(self->done_, nullptr)) {
                               done(std::move(self->stream_));
                             }
                           });
}

bool StreamOpener::HandshakeFailed(const error_code& error) {
  if (!error || error.category() != asio::error::get_ssl_category()) {
    return Failed(error, "open TLS with");
  }
  const long verdict = SSL_get_verify_result(stream_->native_handle());
  const std::string why =
      verdict != X509_V_OK ? X509_verify_cert_error_string(verdict) : error.message();
  Fail({ErrorKind::kTransient, std::string(kTlsFailed),
        "the certificate of the Kubernetes API server " + HostHeader(settings_->address) +
            " is not accepted: " + why});
  return true;
}

bool StreamOpener::Failed(const error_code& error, const char* doing) {
  if (!error && !cancelled_) {
    return false;
  }
  Fail(TransportError(error, doing, settings_->address));
  return true;
}

void StreamOpener::Fail(Error error) {
  if (cancelled_) {
    error = *cancelled_;
  } else {
    Cancel(error);
  }
  if (const auto done = std::exchange(done_, nullptr)) {
    done(std::move(error));
  }
}

}  // namespace milink::kube
