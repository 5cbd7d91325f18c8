#include "tests/fakes/scripted_server.h"

#include <array>
#include <cerrno>
#include <list>
#include <mutex>
#include <thread>
#include <utility>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>
#include <fmt/format.h>
#include <sys/socket.h>

#include "core/base/text.h"

namespace milink::fakes {
namespace {

namespace asio = boost::asio;
namespace http = boost::beast::http;
using boost::system::error_code;
using TlsStream = asio::ssl::stream<asio::ip::tcp::socket>;

class Answer final : public ScriptedAnswer {
 public:
  explicit Answer(TlsStream& stream) : stream_(stream) {}

  void Raw(const std::string& bytes) override {
    error_code error;
    asio::write(stream_, asio::buffer(bytes), error);
    cut_ = cut_ || error;
  }
  void Reset() override {
    cut_ = true;
    const linger at_once{1, 0};
    ::setsockopt(stream_.next_layer().native_handle(), SOL_SOCKET, SO_LINGER, &at_once,
                 sizeof at_once);
  }
  void Cut() override {
    cut_ = true;
    ::shutdown(stream_.next_layer().native_handle(), SHUT_RDWR);
  }
  void WaitForClose() override {
    std::array<char, 64> bytes{};
    error_code error;
    while (!error) {
      stream_.read_some(asio::buffer(bytes), error);
    }
    cut_ = true;
  }
  // A client that waits for its answer sends nothing but its farewell.
  bool Closed() override {
    char byte = 0;
    const auto got =
        ::recv(stream_.next_layer().native_handle(), &byte, 1, MSG_PEEK | MSG_DONTWAIT);
    cut_ = cut_ || got >= 0 || errno != EAGAIN;
    return cut_;
  }
  bool cut() const { return cut_; }

 private:
  TlsStream& stream_;
  bool cut_ = false;
};

}  // namespace

void ScriptedAnswer::Respond(int status, const std::string& body,
                             const std::vector<std::string>& headers) {
  std::string lines;
  for (const std::string& header : headers) {
    lines += header + "\r\n";
  }
  Raw(
      fmt::format("HTTP/1.1 {} Scripted\r\nContent-Type: application/json\r\n"
                  "Content-Length: {}\r\n{}\r\n{}",
                  status, body.size(), lines, body));
}
void ScriptedAnswer::Begin(int status) {
  Raw(
      fmt::format("HTTP/1.1 {} Scripted\r\nContent-Type: application/json\r\n"
                  "Transfer-Encoding: chunked\r\n\r\n",
                  status));
}
void ScriptedAnswer::Chunk(const std::string& bytes) {
  Raw(fmt::format("{:x}\r\n{}\r\n", bytes.size(), bytes));
}
void ScriptedAnswer::Finish() { Raw("0\r\n\r\n"); }

struct ScriptedServer::Impl {
  Impl(Script wanted, const std::string& subject_alt_names)
      : script(std::move(wanted)),
        certificates(MakeTestCertificates(subject_alt_names)),
        tls(asio::ssl::context::tls_server),
        acceptor(io, asio::ip::tcp::endpoint(asio::ip::address_v4::loopback(), 0)) {
    const KeyPair& pair = certificates.server;
    tls.use_certificate_chain(asio::buffer(pair.certificate_pem));
    tls.use_private_key(asio::buffer(pair.key_pem), asio::ssl::context::pem);
    tls.add_certificate_authority(asio::buffer(certificates.ca_pem));
    tls.set_verify_mode(asio::ssl::verify_peer);  // a client certificate is welcome, not required
    port = acceptor.local_endpoint().port();
    accepting = std::thread([this] { Accept(); });
  }

  ~Impl() {
    CutAll(/*for_good=*/true);
    // Wakes the accepting thread, which then sees that it is to stop.
    ::shutdown(acceptor.native_handle(), SHUT_RDWR);
    accepting.join();
    for (std::thread& thread : serving) {
      thread.join();
    }
  }

  void CutAll(bool for_good) {
    const std::lock_guard lock(mutex);
    stopping = stopping || for_good;
    for (const int socket : sockets) {
      ::shutdown(socket, SHUT_RDWR);
    }
  }

  void Accept() {
    while (true) {
      error_code error;
      asio::ip::tcp::socket socket(io);
      acceptor.accept(socket, error);
      const std::lock_guard lock(mutex);
      if (stopping || error) {
        return;
      }
      // As Go's servers do: what is written is sent, however small.
      socket.set_option(asio::ip::tcp::no_delay(true), error);
      sockets.push_back(socket.native_handle());
      serving.emplace_back([this, number = ++connections, moved = std::move(socket)]() mutable {
        Serve(std::move(moved), number);
      });
    }
  }

  void Serve(asio::ip::tcp::socket socket, int connection) {
    const int handle = socket.native_handle();
    TlsStream stream(std::move(socket), tls);
    error_code error;
    stream.handshake(asio::ssl::stream_base::server, error);
    boost::beast::flat_buffer buffer;
    while (!error) {
      http::request_parser<http::string_body> parser;
      http::read(stream, buffer, parser, error);
      if (error) {
        break;
      }
      Answer answer(stream);
      script(Note(parser.get(), connection), answer);
      if (answer.cut()) {
        break;
      }
    }
    // Before the socket closes: its number must not be shut down once it is another's.
    const std::lock_guard lock(mutex);
    std::erase(sockets, handle);
  }

  ScriptedRequest Note(const http::request<http::string_body>& message, int connection) {
    ScriptedRequest request;
    request.connection = connection;
    request.method = std::string(message.method_string());
    request.target = std::string(message.target());
    request.body = message.body();
    for (const auto& field : message) {
      request.headers.insert_or_assign(ToLowerAscii(std::string(field.name_string())),
                                       std::string(field.value()));
    }
    const std::lock_guard lock(mutex);
    request.number = static_cast<int>(requests.size()) + 1;
    requests.push_back(request);
    return request;
  }

  const Script script;
  const TestCertificates certificates;
  asio::io_context io;
  asio::ssl::context tls;
  asio::ip::tcp::acceptor acceptor;
  int port = 0;

  std::mutex mutex;
  bool stopping = false;
  int connections = 0;
  std::vector<int> sockets;
  std::vector<ScriptedRequest> requests;
  std::list<std::thread> serving;
  std::thread accepting;
};

ScriptedServer::ScriptedServer(Script script, const std::string& subject_alt_names)
    : impl_(std::make_unique<Impl>(std::move(script), subject_alt_names)) {}
ScriptedServer::~ScriptedServer() = default;

int ScriptedServer::port() const { return impl_->port; }
const TestCertificates& ScriptedServer::certificates() const { return impl_->certificates; }

kube::ClusterAccess ScriptedServer::Access() const {
  kube::ClusterAccess access;
  access.server = "https://127.0.0.1:" + std::to_string(impl_->port);
  access.ca_pem = impl_->certificates.ca_pem;
  return access;
}

void ScriptedServer::CutAll() { impl_->CutAll(/*for_good=*/false); }

std::vector<ScriptedRequest> ScriptedServer::Requests() const {
  const std::lock_guard lock(impl_->mutex);
  return impl_->requests;
}

int ScriptedServer::connections() const {
  const std::lock_guard lock(impl_->mutex);
  return impl_->connections;
}

}  // namespace milink::fakes
