#include "tests/sim/control/control_server.h"

#include <thread>

#include <httplib.h>

namespace milink::sim {

class ControlServer::Impl {
 public:
  explicit Impl(ControlService& service) : service_(service) {}

  Status Start(const std::string& address, int port) {
    const auto handle = [this](const httplib::Request& request, httplib::Response& response) {
      Answer(request, request.body, response);
    };
    const auto read_and_handle = [this](const httplib::Request& request,
                                        httplib::Response& response,
                                        const httplib::ContentReader& read) {
      Answer(request, BodyOf(request, read), response);
    };
    server_.set_tcp_nodelay(true);
    server_.Get(".*", handle);
    server_.Delete(".*", handle);
    server_.Put(".*", read_and_handle);
    server_.Patch(".*", read_and_handle);
    server_.Post(".*", read_and_handle);
    port_ = port == 0 ? server_.bind_to_any_port(address.c_str())
                      : (server_.bind_to_port(address.c_str(), port) ? port : -1);
    if (port_ <= 0) {
      return Error{.kind = ErrorKind::kTransient,
                   .reason = "AddressInUse",
                   .message = "cannot listen on " + address + ":" + std::to_string(port)};
    }
    thread_ = std::thread([this] { server_.listen_after_bind(); });
    while (!server_.is_running()) {
      std::this_thread::yield();  // stop() of a server that does not run yet is lost
    }
    return {};
  }

  void Stop() {
    if (thread_.joinable()) {
      server_.stop();
      thread_.join();
    }
  }

  int port() const { return port_; }

 private:
  // Without a length there is no body (`curl -X POST`); httplib alone would wait for the end of
  // the connection.
  static std::string BodyOf(const httplib::Request& request, const httplib::ContentReader& read) {
    std::string body;
    if (request.has_header("Content-Length") || request.has_header("Transfer-Encoding")) {
      read([&body](const char* data, std::size_t size) {
        body.append(data, size);
        return true;
      });
    }
    return body;
  }

  void Answer(const httplib::Request& request, const std::string& body,
              httplib::Response& response) {
    ControlRequest converted;
    converted.method = request.method;
    converted.path = request.path;
    for (const auto& [name, value] : request.params) {
      converted.query[name] = value;
    }
    converted.body = body;
    const ControlResponse answer = service_.Handle(converted);
    response.status = answer.status;
    response.set_content(answer.body + "\n", answer.content_type.c_str());
  }

  ControlService& service_;
  httplib::Server server_;
  std::thread thread_;
  int port_ = 0;
};

ControlServer::ControlServer(ControlService& service) : impl_(std::make_unique<Impl>(service)) {}
ControlServer::~ControlServer() { Stop(); }
Status ControlServer::Start(const std::string& address, int port) {
  return impl_->Start(address, port);
}
void ControlServer::Stop() { impl_->Stop(); }
int ControlServer::port() const { return impl_->port(); }

}  // namespace milink::sim
