// The only user of Boost.Beast. The chain of callbacks is
//   [Identity] -> Resolve -> Connect -> [OpenTunnel] -> Handshake -> Write -> ReadHead, then
//   ReadBody as often as asked.
// Every step keeps the Impl alive; after the connection's destruction the steps end silently.
#include "core/kube/http_connection.h"

#include <array>
#include <optional>
#include <utility>

#include <boost/asio/connect.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http/buffer_body.hpp>
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/error.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/beast/http/write.hpp>
#include <boost/beast/ssl/ssl_stream.hpp>
#include <openssl/ssl.h>

#include "core/base/text.h"
#include "core/kube/api_status.h"
#include "core/kube/socket_options.h"

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
                                           const ConnectionSettings& settings) {
  http::request<http::string_body> message(ToVerb(request.method),
                                           settings.address.path_prefix + request.target, 11);
  message.set(http::field::host, HostHeader(settings.address));
  message.set(http::field::accept, "application/json");
  // The server would compress what is large; here both ends are close and the memory is scarce.
  message.set(http::field::accept_encoding, "identity");
  for (const auto& [name, value] : settings.headers) {
    message.insert(name, value);
  }
  if (!request.content_type.empty()) {
    message.set(http::field::content_type, request.content_type);
  }
  message.body() = request.body;
  message.prepare_payload();
  return message;
}

http::request<http::empty_body> ToConnect(const ConnectionSettings& settings) {
  const std::string server = HostHeader(settings.address);
  http::request<http::empty_body> message(http::verb::connect, server, 11);
  message.set(http::field::host, server);
  for (const auto& [name, value] : settings.headers) {
    if (name == "User-Agent") {
      message.set(http::field::user_agent, value);
    }
  }
  if (!settings.proxy->authorization.empty()) {
    message.set(http::field::proxy_authorization,
                std::string(settings.proxy->authorization.Reveal()));
  }
  return message;
}

// Names in lower case; repeated fields joined.
template <typename Fields>
HttpHead ToHead(unsigned status, const Fields& fields) {
  HttpHead head;
  head.status = static_cast<int>(status);
  for (const auto& field : fields) {
    std::string& value = head.headers[ToLowerAscii(std::string(field.name_string()))];
    value += (value.empty() ? "" : ", ") + std::string(field.value());
  }
  return head;
}

// An early end is a lost connection like any other; bytes that are no HTTP are not, since asking
// again brings them again.
std::string_view ReasonOf(const error_code& error) {
  if (error == asio::error::connection_refused) {
    return kConnectionRefused;
  }
  const bool ended = error == http::error::end_of_stream || error == http::error::partial_message;
  const bool is_http =
      error.category() == http::make_error_code(http::error::bad_version).category();
  return is_http && !ended ? kAnswerGarbled : kConnectionLost;
}

}  // namespace

class HttpConnection::Impl : public std::enable_shared_from_this<Impl> {
 public:
  Impl(IoLoop& loop, std::shared_ptr<const ConnectionSettings> settings)
      : settings_(std::move(settings)),
        loop_(loop),
        door_(std::make_shared<LoopDoor>(loop)),
        resolver_(loop.context()),
        deadline_(loop),
        stage_(loop) {}

  void Start(const HttpRequest& request, OnHead done) {
    permit_ = request.permit;
    on_head_ = std::move(done);
    method_ = request.method;
    sent_ = false;
    body_done_ = false;
    started_ = settings_->clock->Monotonic();
    message_ = ToMessage(request, *settings_);
    const auto known = settings_->credentials->Get(
        [door = door_, weak = weak_from_this()](IdentityResult identity) {
          door->Post([weak, identity = std::move(identity)] {
            if (const auto self = weak.lock()) {
              self->OnIdentity(identity);
            }
          });
        });
    known ? Begin(*known) : AwaitIdentity();
  }

  // A loop that runs while it is busy must not end meanwhile.
  void AwaitIdentity() { awaiting_.emplace(asio::make_work_guard(loop_.context())); }

  void OnIdentity(const IdentityResult& identity) {
    if (awaiting_) {  // not given up meanwhile
      awaiting_.reset();
      Begin(identity);
    }
  }

  void Begin(const IdentityResult& identity) {
    started_ = settings_->clock->Monotonic();  // the credentials are older than the request
    if (!identity.ok()) {
      asio::post(loop_.context(),
                 [self = shared_from_this(), error = identity.error()] { self->Fail(error); });
      return;
    }
    if (const Secret& token = (*identity)->token; !token.empty()) {
      message_.set(http::field::authorization, "Bearer " + std::string(token.Reveal()));
    }
    parser_.emplace();
    parser_->body_limit(boost::none);
    parser_->header_limit(kHeadLimit);
    auto tls = settings_->tls->For(**identity);
    if (stream_ && tls == tls_) {
      Write();
    } else {
      tls_ = std::move(tls);
      Resolve();
    }
  }

  void ReadSome(OnBytes done) {
    on_bytes_ = std::move(done);
    if (parser_->is_done()) {
      asio::post(loop_.context(), [self = shared_from_this()] { self->GiveBytes({}); });
      return;
    }
    if (endless_ && !settings_->tls->HasOurIdentity(tls_)) {
      asio::post(loop_.context(), [self = shared_from_this()] {
        self->Fail({ErrorKind::kTransient, std::string(kConnectionLost),
                    "the stream ended because our client certificate was replaced"});
      });
      return;
    }
    ReadBody();
  }

  void ExpireAfter(Duration delay) {
    endless_ = false;
    deadline_.After(delay, [this] {
      Cancel({ErrorKind::kTransient, std::string(kTimeout),
              awaiting_ ? "the credential plugin did not finish in time"
                        : "the Kubernetes API server did not answer in time"});
    });
  }
  void ExpireNever() {
    endless_ = true;
    deadline_.Cancel();
  }

  void Cancel(const Error& reason) {
    cancelled_ = reason;
    stage_.Cancel();
    resolver_.cancel();
    if (stream_) {
      beast::get_lowest_layer(*stream_).close();
    }
    if (awaiting_) {  // there is no step of connecting that would notice
      awaiting_.reset();
      asio::post(loop_.context(), [self = shared_from_this(), reason] { self->Fail(reason); });
    }
  }

  // The owner is gone: nobody is to be called any more.
  void Abandon() {
    on_head_ = nullptr;
    on_bytes_ = nullptr;
    door_->Close();
    awaiting_.reset();
    deadline_.Cancel();
    Cancel({ErrorKind::kTransient, std::string(kStopped), "the connection was given up"});
  }

  bool sent() const { return sent_; }
  bool reusable() const { return body_done_ && !cancelled_ && parser_->get().keep_alive(); }
  bool quiet() { return IsQuiet(Socket().native_handle()); }

 private:
  asio::ip::tcp::socket& Socket() { return beast::get_lowest_layer(*stream_).socket(); }

  // A step of connecting may take this long; the deadline of the request holds besides.
  void Limit(Duration delay, const char* doing) {
    stage_.After(delay, [this, doing] {
      Cancel({ErrorKind::kTransient, std::string(kTimeout),
              "could not " + std::string(doing) + " the Kubernetes API server " +
                  HostHeader(settings_->address) + " in time"});
    });
  }

  void Resolve() {
    stream_.emplace(loop_.context(), tls_->context());
    buffer_.clear();
    Limit(settings_->timeouts.connect, "connect to");
    const auto& proxy = settings_->proxy;
    resolver_.async_resolve(
        proxy ? proxy->host : settings_->address.host,
        proxy ? proxy->port : settings_->address.port,
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
          WatchOverSocket(self->Socket().native_handle());
          self->settings_->proxy ? self->OpenTunnel() : self->Handshake();
        });
  }

  void OpenTunnel() {
    tunnel_request_ = ToConnect(*settings_);
    tunnel_answer_.emplace();
    tunnel_answer_->skip(true);
    tunnel_answer_->header_limit(kHeadLimit);
    http::async_write(beast::get_lowest_layer(*stream_), tunnel_request_,
                      [self = shared_from_this()](const error_code& error, std::size_t /*bytes*/) {
                        self->tunnel_request_ = {};
                        if (self->Failed(error, "reach through the proxy")) {
                          return;
                        }
                        self->ReadTunnelAnswer();
                      });
  }

  void ReadTunnelAnswer() {
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

  void Handshake() {
    Limit(settings_->timeouts.handshake, "open TLS with");
    buffer_.clear();
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
                               self->Write();
                             });
  }

  void Write() {
    if (const Status allowed = permit_ ? permit_() : OkStatus(); !allowed.ok()) {
      asio::post(loop_.context(),
                 [self = shared_from_this(), error = allowed.error()] { self->Fail(error); });
      return;
    }
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
    HttpHead head = ToHead(parser_->get().result_int(), parser_->get());
    if (head.status == 401) {
      settings_->credentials->Refused(started_);
    }
    settings_->warnings->Note(head);
    Report(head.status);
    if (const auto done = std::exchange(on_head_, nullptr)) {
      done(std::move(head));
    }
  }

  void Report(int status) const {
    if (settings_->observer != nullptr) {
      settings_->observer->OnRequest({method_, HostHeader(settings_->address), status,
                                      settings_->clock->Monotonic() - started_});
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
    Fail({ErrorKind::kTransient, std::string(ReasonOf(error)),
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
      Report(0);
      on_head(error);
    } else if (const auto on_bytes = std::exchange(on_bytes_, nullptr)) {
      on_bytes(error);
    }
  }

  const std::shared_ptr<const ConnectionSettings> settings_;
  IoLoop& loop_;
  const std::shared_ptr<LoopDoor> door_;
  // While a credential plugin is waited for.
  std::optional<asio::executor_work_guard<asio::io_context::executor_type>> awaiting_;
  asio::ip::tcp::resolver resolver_;
  std::optional<Stream> stream_;     // once there, connected or failed
  std::shared_ptr<TlsContext> tls_;  // of the stream
  LoopTimer deadline_;
  LoopTimer stage_;       // of one step of connecting
  bool endless_ = false;  // no deadline: a watch
  std::function<Status()> permit_;
  std::optional<Error> cancelled_;

  http::request<http::empty_body> tunnel_request_;
  std::optional<http::response_parser<http::empty_body>> tunnel_answer_;

  http::request<http::string_body> message_;
  std::optional<http::response_parser<http::buffer_body>> parser_;
  beast::flat_buffer buffer_;
  std::array<char, kReadSize> bytes_{};
  HttpMethod method_ = HttpMethod::kGet;
  MonotonicTime started_;
  bool sent_ = false;
  bool body_done_ = false;
  OnHead on_head_;
  OnBytes on_bytes_;
};

HttpConnection::HttpConnection(IoLoop& loop, std::shared_ptr<const ConnectionSettings> settings)
    : impl_(std::make_shared<Impl>(loop, std::move(settings))) {}
HttpConnection::~HttpConnection() { impl_->Abandon(); }

void HttpConnection::Start(const HttpRequest& request, OnHead done) {
  impl_->Start(request, std::move(done));
}
void HttpConnection::ReadSome(OnBytes done) { impl_->ReadSome(std::move(done)); }
void HttpConnection::ExpireAfter(Duration delay) { impl_->ExpireAfter(delay); }
void HttpConnection::ExpireNever() { impl_->ExpireNever(); }
void HttpConnection::Cancel(const Error& reason) { impl_->Cancel(reason); }
bool HttpConnection::request_sent() const { return impl_->sent(); }
bool HttpConnection::reusable() const { return impl_->reusable(); }
bool HttpConnection::quiet() const { return impl_->quiet(); }

}  // namespace milink::kube
