#include "tests/sim/tds/server.h"

#include <list>
#include <mutex>
#include <thread>
#include <utility>

#include "tests/sim/tds/connection.h"
#include "tests/sim/tds/listener_state.h"
#include "tests/sim/tds/socket.h"

namespace milink::sim::tds {

// `holder_` is bound but never listens. It keeps the port while the listener is closed, so that
// connections are refused and later accepted on the same port.
class TdsServer::Impl {
 public:
  Impl(Executor& executor, const TdsServerConfig& config, TlsIdentity identity,
       std::shared_ptr<const TlsContext> tls, Socket holder)
      : executor_(executor),
        address_(config.address),
        holder_(std::move(holder)),
        port_(LocalPort(holder_)),
        certificate_pem_(std::move(identity.certificate_pem)),
        state_(config.options, std::move(tls)) {}

  std::uint16_t port() const { return port_; }
  ListenerState& state() { return state_; }

  Status Open() {
    const std::lock_guard lock(listener_mutex_);
    return OpenLocked();
  }

  void SetOptions(const ListenerOptions& options) {
    state_.set_options(options);
    const std::lock_guard lock(listener_mutex_);
    if (stopped_) {
      return;
    }
    if (options.faults.refuse) {
      CloseLocked();
    } else if (!listener_.valid()) {
      // The port is ours, so this fails only when descriptors run out; clients are refused then.
      static_cast<void>(OpenLocked());
    }
  }

  Status SetIdentity(const TlsIdentity& identity) {
    Result<std::shared_ptr<const TlsContext>> tls = TlsContext::ForServer(identity);
    if (!tls) {
      return tls.error();
    }
    state_.set_tls(*std::move(tls));
    const std::lock_guard lock(connections_mutex_);
    certificate_pem_ = identity.certificate_pem;
    return OkStatus();
  }

  std::string certificate_pem() const {
    const std::lock_guard lock(connections_mutex_);
    return certificate_pem_;
  }

  void DropConnections() {
    const std::lock_guard lock(connections_mutex_);
    for (const auto& connection : connections_) {
      connection->Abort();
    }
  }

  int open_connections() const {
    const std::lock_guard lock(connections_mutex_);
    int open = 0;
    for (const auto& connection : connections_) {
      open += connection->finished() ? 0 : 1;
    }
    return open;
  }

  void Stop() {
    {
      const std::lock_guard lock(listener_mutex_);
      stopped_ = true;
      CloseLocked();
    }
    DropConnections();
    const std::lock_guard lock(connections_mutex_);
    connections_.clear();
  }

 private:
  Status OpenLocked() {
    Result<Socket> socket = BindTcp(address_, port_);
    if (!socket) {
      return socket.error();
    }
    if (const Status status = Listen(*socket); !status) {
      return status;
    }
    listener_ = *std::move(socket);
    acceptor_ = std::thread([this] { AcceptLoop(); });
    return OkStatus();
  }

  void CloseLocked() {
    if (acceptor_.joinable()) {
      listener_.Shutdown();
      acceptor_.join();
      listener_ = Socket();
    }
  }

  void AcceptLoop() {
    while (true) {
      Socket client = listener_.Accept();
      if (!client.valid()) {
        return;
      }
      const std::lock_guard lock(connections_mutex_);
      connections_.remove_if([](const auto& connection) { return connection->finished(); });
      connections_.push_back(
          std::make_unique<Connection>(executor_, state_, std::move(client), ++accepted_));
    }
  }

  Executor& executor_;
  const std::string address_;
  const Socket holder_;
  const std::uint16_t port_;

  mutable std::mutex connections_mutex_;
  std::string certificate_pem_;
  std::uint64_t accepted_ = 0;

  ListenerState state_;
  std::list<std::unique_ptr<Connection>> connections_;

  std::mutex listener_mutex_;  // taken before connections_mutex_
  bool stopped_ = false;
  Socket listener_;
  std::thread acceptor_;
};

TdsServer::TdsServer(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
TdsServer::~TdsServer() { Stop(); }

Result<std::unique_ptr<TdsServer>> TdsServer::Start(Executor& executor, TdsServerConfig config) {
  if (!config.identity) {
    Result<TlsIdentity> made = MakeSelfSigned(config.certificate_host);
    if (!made) {
      return made.error();
    }
    config.identity = *std::move(made);
  }
  Result<std::shared_ptr<const TlsContext>> tls = TlsContext::ForServer(*config.identity);
  if (!tls) {
    return tls.error();
  }
  Result<Socket> holder = BindTcp(config.address, config.port);
  if (!holder) {
    return holder.error();
  }
  auto impl = std::make_unique<Impl>(executor, config, *config.identity, *std::move(tls),
                                     *std::move(holder));
  if (!config.options.faults.refuse) {
    if (const Status status = impl->Open(); !status) {
      return status.error();
    }
  }
  return std::unique_ptr<TdsServer>(new TdsServer(std::move(impl)));
}

std::uint16_t TdsServer::port() const { return impl_->port(); }
std::string TdsServer::certificate_pem() const { return impl_->certificate_pem(); }
ListenerOptions TdsServer::options() const { return impl_->state().options(); }
void TdsServer::SetOptions(const ListenerOptions& options) { impl_->SetOptions(options); }
Status TdsServer::SetIdentity(const TlsIdentity& identity) { return impl_->SetIdentity(identity); }
void TdsServer::DropConnections() { impl_->DropConnections(); }
int TdsServer::open_connections() const { return impl_->open_connections(); }
void TdsServer::Stop() { impl_->Stop(); }

}  // namespace milink::sim::tds
