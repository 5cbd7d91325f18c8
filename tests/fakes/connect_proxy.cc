#include "tests/fakes/connect_proxy.h"

#include <array>
#include <list>
#include <mutex>
#include <thread>
#include <utility>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/write.hpp>
#include <poll.h>
#include <sys/socket.h>

namespace milink::fakes {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

// Hands on what is there; false at the end.
bool Pass(tcp::socket& from, tcp::socket& to) {
  std::array<char, 16384> bytes{};
  error_code error;
  const std::size_t count = from.read_some(asio::buffer(bytes), error);
  if (!error) {
    asio::write(to, asio::buffer(bytes.data(), count), error);
  }
  return !error;
}

void Tunnel(tcp::socket& client, tcp::socket& server) {
  while (true) {
    std::array<pollfd, 2> wait{
        {{client.native_handle(), POLLIN, 0}, {server.native_handle(), POLLIN, 0}}};
    if (::poll(wait.data(), wait.size(), -1) < 0 ||
        (wait[0].revents != 0 && !Pass(client, server)) ||
        (wait[1].revents != 0 && !Pass(server, client))) {
      return;
    }
  }
}

}  // namespace

struct ConnectProxy::Impl {
  Impl(int target_port, Manner how, std::string says)
      : target(asio::ip::address_v4::loopback(), static_cast<unsigned short>(target_port)),
        manner(how),
        answer(std::move(says)),
        acceptor(io, tcp::endpoint(asio::ip::address_v4::loopback(), 0)),
        accepting([this] { Accept(); }) {}

  ~Impl() {
    {
      const std::lock_guard lock(mutex);
      stopping = true;
      for (const int socket : sockets) {
        ::shutdown(socket, SHUT_RDWR);
      }
    }
    ::shutdown(acceptor.native_handle(), SHUT_RDWR);
    accepting.join();
    for (std::thread& thread : serving) {
      thread.join();
    }
  }

  void Accept() {
    while (true) {
      error_code error;
      tcp::socket socket(io);
      acceptor.accept(socket, error);
      const std::lock_guard lock(mutex);
      if (stopping || error) {
        return;
      }
      sockets.push_back(socket.native_handle());
      serving.emplace_back([this, moved = std::move(socket)]() mutable { Serve(moved); });
    }
  }

  void Serve(tcp::socket& client) {
    Answer(client);
    // Before the socket closes: its number must not be shut down once it is another's.
    const std::lock_guard lock(mutex);
    std::erase(sockets, client.native_handle());
    client.close();
  }

  void Answer(tcp::socket& client) {
    error_code error;
    std::string head;
    asio::read_until(client, asio::dynamic_buffer(head), "\r\n\r\n", error);
    if (error) {
      return;
    }
    {
      const std::lock_guard lock(mutex);
      heads.push_back(head);
    }
    if (manner == Manner::kStaySilent) {
      asio::read_until(client, asio::dynamic_buffer(head), "never", error);
      return;
    }
    asio::write(client, asio::buffer(answer), error);
    tcp::socket server(io);
    if (manner == Manner::kTunnel && !server.connect(target, error)) {
      Tunnel(client, server);
    }
  }

  const tcp::endpoint target;
  const Manner manner;
  const std::string answer;
  asio::io_context io;
  tcp::acceptor acceptor;

  std::mutex mutex;
  bool stopping = false;
  std::vector<int> sockets;
  std::vector<std::string> heads;
  std::list<std::thread> serving;
  std::thread accepting;
};

ConnectProxy::ConnectProxy(int target_port, Manner manner, const std::string& answer)
    : impl_(std::make_unique<Impl>(target_port, manner, answer)) {}
ConnectProxy::~ConnectProxy() = default;

int ConnectProxy::port() const { return impl_->acceptor.local_endpoint().port(); }

std::vector<std::string> ConnectProxy::Heads() const {
  const std::lock_guard lock(impl_->mutex);
  return impl_->heads;
}

}  // namespace milink::fakes
