// The HttpClient over cpp-httplib: the only file here that knows the library.
//
// One httplib::SSLClient carries one request at a time, so each origin has a list of idle ones:
// a request takes one or makes one, and gives it back if the exchange ended cleanly.
#include <mutex>
#include <optional>
#include <utility>
#include <vector>

#include <httplib.h>
#include <openssl/ssl.h>
#include <poll.h>

#include "core/azure/connection_limits.h"
#include "core/azure/http.h"
#include "core/base/secret.h"
#include "core/base/text.h"

namespace milink::azure {
namespace {

// Asks the permit of a request once more when the TLS handshake of its new connection has ended.
// httplib connects and sends in one go; between the two it only looks at what OpenSSL says of the
// certificate, so a refusal is put there. Lives as long as one request.
class HandshakeGate {
 public:
  // `connection` outlives the gate. Without TLS nothing is watched.
  HandshakeGate(const httplib::Client& connection, const std::function<Status()>& permit)
      : context_(permit ? connection.ssl_context() : nullptr), permit_(permit) {
    if (context_ != nullptr) {
      SSL_CTX_set_app_data(context_, this);
      SSL_CTX_set_info_callback(context_, &HandshakeGate::OnProgress);
    }
  }
  ~HandshakeGate() {
    if (context_ != nullptr) {
      SSL_CTX_set_info_callback(context_, nullptr);
      SSL_CTX_set_app_data(context_, nullptr);
    }
  }
  HandshakeGate(const HandshakeGate&) = delete;
  HandshakeGate& operator=(const HandshakeGate&) = delete;

  // Why it did not open.
  const std::optional<Error>& refusal() const { return refusal_; }

 private:
  static void OnProgress(const SSL* connection, int where, int /*result*/) {
    auto* gate = static_cast<HandshakeGate*>(SSL_CTX_get_app_data(SSL_get_SSL_CTX(connection)));
    if (gate == nullptr || (where & SSL_CB_HANDSHAKE_DONE) == 0) {
      return;
    }
    if (Status allowed = gate->permit_(); !allowed) {
      gate->refusal_ = std::move(allowed).error();
      // OpenSSL gives its callbacks a const connection, whatever they are meant to do with it.
      SSL_set_verify_result(const_cast<SSL*>(connection), X509_V_ERR_APPLICATION_VERIFICATION);
    }
  }

  SSL_CTX* const context_;
  const std::function<Status()>& permit_;
  std::optional<Error> refusal_;
};

class HttplibClient final : public HttpClient {
 public:
  HttplibClient(std::string ca_file, std::size_t idle_connections, const Clock& clock)
      : ca_file_(std::move(ca_file)), idle_limit_(idle_connections), limits_(clock) {}

  Result<HttpResponse> Send(const HttpRequest& request) override {
    const auto parts = SplitUrl(request.url);
    if (!parts) {
      return Error{ErrorKind::kInvalid, "InvalidUrl", "not an absolute http or https URL", ""};
    }
    if (limits_.stopping()) {
      return Error{ErrorKind::kTransient, "Stopped", "the operator is stopping", ""};
    }
    auto connection = Take(parts->origin);
    auto response = Exchange(*connection, request, *parts);
    // Only now: from here on it may be another one's.
    if (response) {
      Give(parts->origin, std::move(connection));
    }
    return response;
  }

  void Shutdown() override { limits_.Shutdown(); }

 private:
  struct Connection {
    explicit Connection(const std::string& origin) : client(origin) {
      client.set_socket_options([this](int number) { socket.Follow(number); });
    }
    ConnectionLimits::Socket socket;
    httplib::Client client;
  };
  using ConnectionPointer = std::unique_ptr<Connection>;

  Result<HttpResponse> Exchange(Connection& connection, const HttpRequest& request,
                                const UrlParts& parts) {
    httplib::Client& client = connection.client;
    Prepare(client, request);
    httplib::Request wire;
    wire.method = request.method;
    wire.path = parts.target;
    wire.body = request.body;
    for (const auto& [name, value] : request.headers) {
      wire.headers.emplace(name, value);
    }
    if (!request.body.empty()) {
      wire.headers.emplace("Content-Type", request.content_type);
    }
    if (const Status allowed = request.permit ? request.permit() : OkStatus(); !allowed) {
      WipeMemory(wire.body);
      return allowed.error();
    }
    const HandshakeGate gate(client, request.permit);
    const auto watched = limits_.Watch(connection.socket, request.timeout, !request.permit);
    httplib::Response answer;
    auto error = httplib::Error::Success;
    // In place: the other forms of send() copy the request, and its body may hold a key.
    const bool sent = client.send(wire, answer, error);
    WipeMemory(wire.body);
    if (!sent) {
      const bool refused = error == httplib::Error::SSLServerVerification && gate.refusal();
      return refused ? *gate.refusal() : Failure(error, parts.host, watched.cut());
    }
    HttpResponse response;
    response.status = answer.status;
    response.body = std::move(answer.body);
    for (const auto& [name, value] : answer.headers) {
      response.headers.emplace(ToLowerAscii(name), value);
    }
    return response;
  }

  ConnectionPointer Take(const std::string& origin) {
    const std::lock_guard lock(mutex_);
    auto& idle = idle_[origin];
    while (!idle.empty()) {
      ConnectionPointer connection = std::move(idle.back());
      idle.pop_back();
      if (!HasEnded(connection->client)) {
        return connection;
      }
    }
    return std::make_unique<Connection>(origin);
  }

  // A server says nothing on an idle connection but farewell. httplib looks for the end of the
  // stream; of TLS the close_notify comes first, and a request sent after it is lost.
  static bool HasEnded(const httplib::Client& connection) {
    pollfd socket{.fd = connection.socket(), .events = POLLIN, .revents = 0};
    return poll(&socket, 1, 0) > 0;
  }

  void Give(const std::string& origin, ConnectionPointer connection) {
    const std::lock_guard lock(mutex_);
    auto& idle = idle_[origin];
    if (idle.size() < idle_limit_) {
      idle.push_back(std::move(connection));
    }
  }

  void Prepare(httplib::Client& client, const HttpRequest& request) const {
    client.set_keep_alive(true);
    client.set_follow_location(false);
    client.set_connection_timeout(request.connect_timeout);
    client.set_read_timeout(request.timeout);
    client.set_write_timeout(request.timeout);
    client.set_url_encode(false);
    client.enable_server_certificate_verification(true);
    if (!ca_file_.empty()) {
      client.set_ca_cert_path(ca_file_);
    }
  }

  static Error Failure(httplib::Error error, const std::string& host, bool cut) {
    const std::string detail =
        cut ? "it took too long, or the operator is stopping" : httplib::to_string(error);
    switch (error) {
      case httplib::Error::Connection:
      case httplib::Error::ConnectionTimeout:
      case httplib::Error::BindIPAddress:
        return {ErrorKind::kTransient, "ConnectionFailed", "cannot connect to " + host, detail};
      case httplib::Error::SSLConnection:
      case httplib::Error::SSLLoadingCerts:
      case httplib::Error::SSLServerVerification:
        return {ErrorKind::kTransient, "TlsFailed",
                "cannot make a verified TLS connection to " + host, detail};
      default:
        return {ErrorKind::kTransient, "OutcomeUnknown",
                "the connection to " + host + " broke before the answer was read", detail};
    }
  }

  std::string ca_file_;
  std::size_t idle_limit_;
  std::mutex mutex_;
  std::map<std::string, std::vector<ConnectionPointer>> idle_;
  ConnectionLimits limits_;
};

}  // namespace

std::unique_ptr<HttpClient> MakeHttpClient(const std::string& ca_file, std::size_t idle_connections,
                                           const Clock& clock) {
  return std::make_unique<HttplibClient>(ca_file, idle_connections, clock);
}

}  // namespace milink::azure
