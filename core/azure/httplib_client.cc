// The HttpClient over cpp-httplib: the only file here that knows the library.
//
// One httplib::SSLClient carries one request at a time, so each origin has a list of idle ones:
// a request takes one or makes one, and gives it back if the exchange ended cleanly.
#include <mutex>
#include <utility>
#include <vector>

#include <httplib.h>
#include <poll.h>

#include "core/azure/http.h"
#include "core/base/secret.h"
#include "core/base/text.h"

namespace milink::azure {
namespace {

class HttplibClient final : public HttpClient {
 public:
  HttplibClient(std::string ca_file, std::size_t idle_connections)
      : ca_file_(std::move(ca_file)), idle_limit_(idle_connections) {}

  Result<HttpResponse> Send(const HttpRequest& request) override {
    const auto parts = SplitUrl(request.url);
    if (!parts) {
      return Error{ErrorKind::kInvalid, "InvalidUrl", "not an absolute http or https URL", ""};
    }
    auto connection = Take(parts->origin);
    Prepare(*connection, request);
    httplib::Request wire;
    wire.method = request.method;
    wire.path = parts->target;
    wire.body = request.body;
    for (const auto& [name, value] : request.headers) {
      wire.headers.emplace(name, value);
    }
    if (!request.body.empty()) {
      wire.headers.emplace("Content-Type", request.content_type);
    }
    httplib::Response answer;
    auto error = httplib::Error::Success;
    // In place: the other forms of send() copy the request, and its body may hold a key.
    const bool sent = connection->send(wire, answer, error);
    WipeMemory(wire.body);
    if (!sent) {
      return Failure(error, parts->host);
    }
    HttpResponse response;
    response.status = answer.status;
    response.body = std::move(answer.body);
    for (const auto& [name, value] : answer.headers) {
      response.headers.emplace(ToLowerAscii(name), value);
    }
    Give(parts->origin, std::move(connection));
    return response;
  }

 private:
  using Connection = std::unique_ptr<httplib::Client>;

  Connection Take(const std::string& origin) {
    const std::lock_guard lock(mutex_);
    auto& idle = idle_[origin];
    while (!idle.empty()) {
      Connection connection = std::move(idle.back());
      idle.pop_back();
      if (!HasEnded(*connection)) {
        return connection;
      }
    }
    return std::make_unique<httplib::Client>(origin);
  }

  // A server says nothing on an idle connection but farewell. httplib looks for the end of the
  // stream; of TLS the close_notify comes first, and a request sent after it is lost.
  static bool HasEnded(const httplib::Client& connection) {
    pollfd socket{.fd = connection.socket(), .events = POLLIN, .revents = 0};
    return poll(&socket, 1, 0) > 0;
  }

  void Give(const std::string& origin, Connection connection) {
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

  static Error Failure(httplib::Error error, const std::string& host) {
    const std::string detail = httplib::to_string(error);
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
  std::map<std::string, std::vector<Connection>> idle_;
};

}  // namespace

std::unique_ptr<HttpClient> MakeHttpClient(const std::string& ca_file,
                                           std::size_t idle_connections) {
  return std::make_unique<HttplibClient>(ca_file, idle_connections);
}

}  // namespace milink::azure
