// The only user of Boost.Beast. The chain of callbacks is
//   Resolve -> Connect -> Handshake -> Write -> ReadHead, then ReadBody as often as asked.
// Every step keeps the Impl alive; after the connection's destruction the steps end silently.
#include "core/kube/http_connection.h"

#include <array>
#include <cerrno>
#include <optional>
#include <utility>

#include <boost/asio/connect.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http/buffer_body.hpp>
#include <boost/beast/http/error.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/beast/http/write.hpp>
#include <boost/beast/ssl/ssl_stream.hpp>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <sys/socket.h>

#include "core/base/text.h"
#include "core/kube/api_status.h"

namespace milink::kube {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;
using boost::system::error_code;
using Stream = beast::ssl_stream<beast::tcp_stream>;

constexpr std::uint32_t kHeadLimit = 64U << 10U;
constexpr std::size_t kReadSize = 32U << 10U;

http::verb ToVerb(HttpMethod method) {
  switch (method) {
    case HttpMethod::kGet:
      return http::verb::get;
    case HttpMethod::kPost:
      return http::verb::post;
    case HttpMethod::kPut:
      return http::verb::put;
    case HttpMethod::kPatch:
      return http::verb::patch;
    case HttpMethod::kDelete:
      return http::verb::delete_;
  }
  return http::verb::get;
}

http::request<http::string_body> ToMessage(const HttpRequest& request,
                                           const ConnectionSettings& settings,
                                           const Secret& token) {
  http::request<http::string_body> message(ToVerb(request.method),
                                           settings.address.path_prefix + request.target, 11);
  message.set(http::field::host, HostHeader(settings.address));
  message.set(http::field::user_agent, settings.user_agent);
  message.set(http::field::accept, "application/json");
  message.set(http::field::accept_encoding, "identity");
  if (!token.empty()) {
    message.set(http::field::authorization, "Bearer " + std::string(token.Reveal()));
  }
  if (!request.content_type.empty()) {
    message.set(http::field::content_type, request.content_type);
  }
  message.body() = request.body;
  message.prepare_payload();
  return message;
}

// A dead peer is noticed by the kernel within a minute, even when we have nothing to send.
void WatchOverSocket(int socket) {
  const auto set = [socket](int level, int option, int value) {
    // Best effort: without it the watch's own limits still hold.
    static_cast<void>(::setsockopt(socket, level, option, &value, sizeof value));
  };
  set(SOL_SOCKET, SO_KEEPALIVE, 1);
  set(IPPROTO_TCP, TCP_KEEPIDLE, 30);
  set(IPPROTO_TCP, TCP_KEEPINTVL, 10);
  set(IPPROTO_TCP, TCP_KEEPCNT, 3);
  set(IPPROTO_TCP, TCP_USER_TIMEOUT, 60'000);
  set(IPPROTO_TCP, TCP_NODELAY, 1);
}

bool IsAddress(const std::string& host) {
  error_code error;
  asio::ip::make_address(host, error);
  return !error;
}

// Asks OpenSSL to compare the certificate with the name we expect; an address only with IP SANs.
bool ExpectName(SSL* ssl, const std::string& name) {
  X509_VERIFY_PARAM* param = SSL_get0_param(ssl);
  if (IsAddress(name)) {
    return X509_VERIFY_PARAM_set1_ip_asc(param, name.c_str()) == 1;
  }
  std::string server_name = name;  // SSL_ctrl takes it as mutable
  return SSL_ctrl(ssl, SSL_CTRL_SET_TLSEXT_HOSTNAME, TLSEXT_NAMETYPE_host_name,
                  server_name.data()) == 1 &&
         X509_VERIFY_PARAM_set1_host(param, name.c_str(), name.size()) == 1;
}

}  // namespace

class HttpConnection::Impl : public std::enable_shared_from_this<Impl> {
 public:
  Impl(IoLoop& loop, std::shared_ptr<const ConnectionSettings> settings)
      : settings_(std::move(settings)), loop_(loop), resolver_(loop.context()), deadline_(loop) {}

  void Start(const HttpRequest& request, const Secret& token, OnHead done) {
    message_ = ToMessage(request, *settings_, token);
    on_head_ = std::move(done);
    sent_ = false;
    body_done_ = false;
    parser_.emplace();
    parser_->body_limit(boost::none);
    parser_->header_limit(kHeadLimit);
    if (stream_) {
      Write();
    } else {
      Resolve();
    }
  }

  void ReadSome(OnBytes done) {
    on_bytes_ = std::move(done);
    if (parser_->is_done()) {
      asio::post(loop_.context(), [self = shared_from_this()] { self->GiveBytes({}); });
      return;
    }
    ReadBody();
  }

  void ExpireAfter(Duration delay) {
    deadline_.After(delay, [this] {
      Cancel({ErrorKind::kTransient, std::string(kTimeout),
              "the Kubernetes API server did not answer in time"});
    });
  }
  void ExpireNever() { deadline_.Cancel(); }

  void Cancel(const Error& reason) {
    cancelled_ = reason;
    resolver_.cancel();
    if (stream_) {
      beast::get_lowest_layer(*stream_).close();
    }
  }

  // The owner is gone: nobody is to be called any more.
  void Abandon() {
    on_head_ = nullptr;
    on_bytes_ = nullptr;
    deadline_.Cancel();
    Cancel({ErrorKind::kTransient, std::string(kStopped), "the connection was given up"});
  }

  bool sent() const { return sent_; }
  bool reusable() const { return body_done_ && !cancelled_ && parser_->get().keep_alive(); }
  bool quiet() {
    char byte = 0;
    const auto got =
        ::recv(Socket().native_handle(), &byte, 1, MSG_PEEK | MSG_DONTWAIT);  // NOLINT(hicpp-*)
    return got < 0 && errno == EAGAIN;
  }

 private:
  asio::ip::tcp::socket& Socket() { return beast::get_lowest_layer(*stream_).socket(); }

  void Resolve() {
    stream_.emplace(loop_.context(), settings_->tls->context());
    resolver_.async_resolve(
        settings_->address.host, settings_->address.port,
        [self = shared_from_this()](const error_code& error, const auto& addresses) {
          if (self->Failed(error, "resolve")) {
            return;
          }
          self->Connect(addresses);
        });
  }

  void Connect(const asio::ip::tcp::resolver::results_type& addresses) {
    beast::get_lowest_layer(*stream_).async_connect(
        addresses, [self = shared_from_this()](const error_code& error, const auto& /*endpoint*/) {
          if (self->Failed(error, "connect to")) {
            return;
          }
          self->Handshake();
        });
  }

  void Handshake() {
    WatchOverSocket(Socket().native_handle());
    if (settings_->tls->verifies() &&
        !ExpectName(stream_->native_handle(), settings_->tls->expected_name())) {
      Fail({ErrorKind::kInvalid, std::string(kTlsFailed), "the server's name is not usable in TLS",
            settings_->tls->expected_name()});
      return;
    }
    stream_->async_handshake(asio::ssl::stream_base::client,
                             [self = shared_from_this()](const error_code& error) {
                               if (self->HandshakeFailed(error)) {
                                 return;
                               }
                               self->Write();
                             });
  }

  void Write() {
    sent_ = true;
    http::async_write(*stream_, message_,
                      [self = shared_from_this()](const error_code& error, std::size_t /*bytes*/) {
                        self->message_ = {};
                        if (self->Failed(error, "send to")) {
                          return;
                        }
                        self->ReadHead();
                      });
  }

  void ReadHead() {
    http::async_read_header(
        *stream_, buffer_, *parser_,
        [self = shared_from_this()](const error_code& error, std::size_t /*bytes*/) {
          if (self->Failed(error, "read from")) {
            return;
          }
          self->GiveHead();
        });
  }

  void ReadBody() {
    parser_->get().body().data = bytes_.data();
    parser_->get().body().size = bytes_.size();
    parser_->get().body().more = true;
    http::async_read_some(*stream_, buffer_, *parser_,
                          [self = shared_from_this()](error_code error, std::size_t /*bytes*/) {
                            if (error == http::error::need_buffer) {
                              error = {};
                            }
                            if (self->Failed(error, "read from")) {
                              return;
                            }
                            self->AfterBody();
                          });
  }

  void AfterBody() {
    const std::size_t count = bytes_.size() - parser_->get().body().size;
    if (count > 0 || parser_->is_done()) {
      GiveBytes({bytes_.data(), count});
    } else {
      ReadBody();  // only the frame of a chunk came
    }
  }

  void GiveHead() {
    HttpHead head;
    head.status = static_cast<int>(parser_->get().result_int());
    for (const auto& field : parser_->get()) {
      head.headers.insert_or_assign(ToLowerAscii(std::string(field.name_string())),
                                    std::string(field.value()));
    }
    if (const auto done = std::exchange(on_head_, nullptr)) {
      done(std::move(head));
    }
  }

  void GiveBytes(std::string_view bytes) {
    body_done_ = bytes.empty();
    if (const auto done = std::exchange(on_bytes_, nullptr)) {
      done(bytes);
    }
  }

  bool HandshakeFailed(const error_code& error) {
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

  bool Failed(const error_code& error, const char* doing) {
    if (!error && !cancelled_) {
      return false;
    }
    const bool refused = error == asio::error::connection_refused;
    Fail({ErrorKind::kTransient, std::string(refused ? kConnectionRefused : kConnectionLost),
          "cannot " + std::string(doing) + " the Kubernetes API server " +
              HostHeader(settings_->address),
          error.message()});
    return true;
  }

  void Fail(Error error) {
    if (cancelled_) {
      error = *cancelled_;
    } else {
      Cancel(error);
    }
    if (const auto on_head = std::exchange(on_head_, nullptr)) {
      on_head(error);
    } else if (const auto on_bytes = std::exchange(on_bytes_, nullptr)) {
      on_bytes(error);
    }
  }

  const std::shared_ptr<const ConnectionSettings> settings_;
  IoLoop& loop_;
  asio::ip::tcp::resolver resolver_;
  std::optional<Stream> stream_;  // once there, connected or failed
  LoopTimer deadline_;
  std::optional<Error> cancelled_;

  http::request<http::string_body> message_;
  std::optional<http::response_parser<http::buffer_body>> parser_;
  beast::flat_buffer buffer_;
  std::array<char, kReadSize> bytes_{};
  bool sent_ = false;
  bool body_done_ = false;
  OnHead on_head_;
  OnBytes on_bytes_;
};

HttpConnection::HttpConnection(IoLoop& loop, std::shared_ptr<const ConnectionSettings> settings)
    : impl_(std::make_shared<Impl>(loop, std::move(settings))) {}
HttpConnection::~HttpConnection() { impl_->Abandon(); }

void HttpConnection::Start(const HttpRequest& request, const Secret& token, OnHead done) {
  impl_->Start(request, token, std::move(done));
}
void HttpConnection::ReadSome(OnBytes done) { impl_->ReadSome(std::move(done)); }
void HttpConnection::ExpireAfter(Duration delay) { impl_->ExpireAfter(delay); }
void HttpConnection::ExpireNever() { impl_->ExpireNever(); }
void HttpConnection::Cancel(const Error& reason) { impl_->Cancel(reason); }
bool HttpConnection::request_sent() const { return impl_->sent(); }
bool HttpConnection::reusable() const { return impl_->reusable(); }
bool HttpConnection::quiet() const { return impl_->quiet(); }

}  // namespace milink::kube
