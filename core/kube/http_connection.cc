// The chain of callbacks is
//   [Identity] -> [Open] -> Write -> ReadHead, then ReadBody as often as asked.
// Every step keeps the Impl alive; after the connection's destruction the steps end silently.
#include "core/kube/http_connection.h"

#include <array>
#include <optional>
#include <utility>

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/buffer_body.hpp>
#include <boost/beast/http/error.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/beast/http/write.hpp>

#include "core/kube/api_status.h"
#include "core/kube/http_message.h"
#include "core/kube/socket_options.h"
#include "core/kube/stream_opener.h"

namespace milink::kube {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;
using boost::system::error_code;

constexpr std::size_t kReadSize = 32U << 10U;

}  // namespace

class HttpConnection::Impl : public std::enable_shared_from_this<Impl> {
 public:
  Impl(IoLoop& loop, std::shared_ptr<const ConnectionSettings> settings)
      : settings_(std::move(settings)),
        loop_(loop),
        door_(std::make_shared<LoopDoor>(loop)),
        deadline_(loop) {}

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
      Open();
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
    deadline_.After(
        delay, [this] { Cancel({ErrorKind::kTransient, std::string(kTimeout), WhatIsLate()}); });
  }
  void ExpireNever() {
    endless_ = true;
    deadline_.Cancel();
  }

  void Cancel(const Error& reason) {
    cancelled_ = reason;
    if (opener_) {
      opener_->Cancel(reason);
    }
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
  bool quiet() { return IsQuiet(beast::get_lowest_layer(*stream_).socket().native_handle()); }

 private:
  const char* WhatIsLate() const {
    if (awaiting_) {
      return "the credential plugin did not finish in time";
    }
    return opener_ && opener_->resolving()
               ? "the name of the Kubernetes API server, or of its proxy, was not resolved in time"
               : "the Kubernetes API server did not answer in time";
  }

  void Open() {
    stream_.reset();
    buffer_.clear();
    opener_ = std::make_shared<StreamOpener>(loop_, door_, settings_, tls_);
    opener_->Start(deadline_.Left(),
                   [weak = weak_from_this()](Result<std::unique_ptr<TlsStream>> stream) {
                     if (const auto self = weak.lock()) {
                       self->OnStream(std::move(stream));
                     }
                   });
  }

  void OnStream(Result<std::unique_ptr<TlsStream>> stream) {
    opener_.reset();
    if (!stream.ok()) {
      Fail(stream.error());
      return;
    }
    stream_ = *std::move(stream);
    Write();
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
    HttpHead head = ToHead(parser_->get());
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

  bool Failed(const error_code& error, const char* doing) {
    if (!error && !cancelled_) {
      return false;
    }
    Fail(TransportError(error, doing, settings_->address));
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
  std::shared_ptr<StreamOpener> opener_;  // while it opens
  std::unique_ptr<TlsStream> stream_;     // once open
  std::shared_ptr<TlsContext> tls_;       // of the stream
  LoopTimer deadline_;
  bool endless_ = false;  // no deadline: a watch
  std::function<Status()> permit_;
  std::optional<Error> cancelled_;

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
