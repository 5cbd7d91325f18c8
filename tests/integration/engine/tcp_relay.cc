#include "tests/integration/engine/tcp_relay.h"

#include <algorithm>
#include <array>
#include <atomic>
#include <future>
#include <list>
#include <memory>
#include <thread>
#include <utility>

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/write.hpp>

namespace milink::test {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

constexpr std::size_t kBlock = 16U << 10U;

struct Counters {
  std::atomic<int> connections{0};
  std::atomic<int> cuts{0};
  std::atomic<std::uint64_t> up{0};
  std::atomic<std::uint64_t> down{0};
  std::atomic<bool> silent{false};
};

// One relayed connection: two pumps, which keep it alive until both have ended.
class Pair : public std::enable_shared_from_this<Pair> {
 public:
  Pair(tcp::socket client, Counters& counters, std::optional<std::uint64_t> limit)
      : client_(std::move(client)),
        server_(client_.get_executor()),
        counters_(counters),
        limit_(limit) {}

  void Start(const tcp::endpoint& server) {
    server_.async_connect(server, [self = shared_from_this()](const error_code& error) {
      if (error) {
        self->Close(false);
        return;
      }
      error_code ignored;
      self->client_.set_option(tcp::no_delay(true), ignored);
      self->server_.set_option(tcp::no_delay(true), ignored);
      self->Pump(self->up_);
      self->Pump(self->down_);
    });
  }

  void Close(bool reset) {
    error_code ignored;
    if (reset) {
      client_.set_option(asio::socket_base::linger(true, 0), ignored);
    }
    client_.close(ignored);
    server_.close(ignored);
  }

 private:
  struct Direction {
    tcp::socket& from;
    tcp::socket& to;
    std::atomic<std::uint64_t>& total;
    bool limited;
    std::array<char, kBlock> block{};
  };

  void Pump(Direction& way) {
    way.from.async_read_some(
        asio::buffer(way.block),
        [self = shared_from_this(), &way](const error_code& error, std::size_t count) {
          if (error) {
            self->Close(false);
          } else if (self->counters_.silent) {
            self->Pump(way);  // swallowed
          } else {
            self->Forward(way, count);
          }
        });
  }

  void Forward(Direction& way, std::size_t count) {
    const bool cut = way.limited && limit_ && count >= *limit_;
    if (way.limited && limit_) {
      count = std::min<std::size_t>(count, *limit_);
      *limit_ -= count;
    }
    asio::async_write(
        way.to, asio::buffer(way.block, count),
        [self = shared_from_this(), &way, cut](const error_code& error, std::size_t written) {
          way.total += written;
          if (cut && !error) {
            self->Close(++self->counters_.cuts % 2 == 0);
          } else if (error) {
            self->Close(false);
          } else {
            self->Pump(way);
          }
        });
  }

  tcp::socket client_;
  tcp::socket server_;
  Counters& counters_;
  std::optional<std::uint64_t> limit_;
  Direction up_{client_, server_, counters_.up, false};
  Direction down_{server_, client_, counters_.down, true};
};

}  // namespace

struct TcpRelay::Impl {
  explicit Impl(int server_port)
      : server(asio::ip::make_address("127.0.0.1"), static_cast<std::uint16_t>(server_port)),
        own(asio::ip::make_address("127.0.0.1"), 0) {
    Listen();
    thread = std::thread([this] { context.run(); });
  }
  ~Impl() {
    Do([this] {
      acceptor.close();
      CloseAll();
      work.reset();
    });
    thread.join();
  }
  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;

  // Runs `task` on the relay's thread and waits for it.
  void Do(const std::function<void()>& task) {
    std::promise<void> done;
    asio::post(context, [&] {
      task();
      done.set_value();
    });
    done.get_future().wait();
  }

  void Listen() {
    acceptor.open(own.protocol());
    acceptor.set_option(tcp::acceptor::reuse_address(true));
    acceptor.bind(own);
    acceptor.listen();
    own = acceptor.local_endpoint();
    AcceptNext();
  }

  void AcceptNext() {
    acceptor.async_accept([this](const error_code& error, tcp::socket client) {
      if (error) {
        return;  // closed
      }
      ++counters.connections;
      const auto pair =
          std::make_shared<Pair>(std::move(client), counters, plan ? plan() : std::nullopt);
      pairs.remove_if([](const auto& other) { return other.expired(); });
      pairs.emplace_back(pair);
      pair->Start(server);
      AcceptNext();
    });
  }

  void CloseAll() {
    for (const auto& weak : pairs) {
      if (const auto pair = weak.lock()) {
        pair->Close(false);
      }
    }
    pairs.clear();
  }

  asio::io_context context{1};
  asio::executor_work_guard<asio::io_context::executor_type> work = asio::make_work_guard(context);
  tcp::acceptor acceptor{context};
  const tcp::endpoint server;
  tcp::endpoint own;
  Counters counters;
  CutPlan plan;  // this and below: the relay's thread only
  std::list<std::weak_ptr<Pair>> pairs;
  std::thread thread;
};

TcpRelay::TcpRelay(int server_port) : impl_(std::make_unique<Impl>(server_port)) {}
TcpRelay::~TcpRelay() = default;

int TcpRelay::port() const { return impl_->own.port(); }

RelayCounts TcpRelay::counts() const {
  const Counters& now = impl_->counters;
  return {now.connections, now.cuts, now.up, now.down};
}

void TcpRelay::SetPlan(CutPlan plan) {
  impl_->Do([&] { impl_->plan = std::move(plan); });
}

void TcpRelay::CutAll() {
  impl_->Do([this] { impl_->CloseAll(); });
}

void TcpRelay::Refuse() {
  impl_->Do([this] {
    impl_->acceptor.close();
    impl_->CloseAll();
  });
}

void TcpRelay::Accept() {
  impl_->Do([this] { impl_->Listen(); });
}

void TcpRelay::FallSilent() { impl_->counters.silent = true; }

}  // namespace milink::test
