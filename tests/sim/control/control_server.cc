#include "tests/sim/control/control_server.h"

#include <thread>

#include <httplib.h>

namespace milink::sim {

class ControlServer::Impl {
 public:
  explicit Impl(ControlService& service) : service_(service) {}

  Status Start(const std::string& address, int port) {
    const auto handle = [this](const httplib::Request& request, httplib::Response& response) {
      ControlRequest converted;
      converted.method = request.method;
      converted.path = request.path;
      for (const auto& [name, value] : request.params) {
        converted.query[name] = value;
      }
      converted.body = request.body;
      const ControlResponse answer = service_.Handle(converted);
      response.status = answer.status;
      response.set_content(answer.body + "\n", answer.content_type.c_str());
    };
    server_.set_tcp_nodelay(true);
    server_.Get(".*", handle);
    server_.Put(".*", handle);
    server_.Patch(".*", handle);
    server_.Post(".*", handle);
    server_.Delete(".*", handle);
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
