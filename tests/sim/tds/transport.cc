#include "tests/sim/tds/transport.h"

#include <algorithm>
#include <cerrno>
#include <utility>

#include <poll.h>

namespace milink::sim::tds {

Transport::Transport(Socket socket, const ListenerState& state, std::uint64_t number)
    : socket_(std::move(socket)),
      state_(state),
      random_(MakeSeededRandom(state.options().seed + number)) {}

bool Transport::Read(std::string& plain) {
  if (tls_ == nullptr) {
    return socket_.Receive(plain);
  }
  const std::size_t before = plain.size();
  while (plain.size() == before) {
    std::string raw;
    if (!socket_.Receive(raw)) {
      return false;
    }
    const std::lock_guard lock(tls_mutex_);
    if (!tls_->Decrypt(raw, plain)) {
      return false;
    }
  }
  return true;
}

bool Transport::Write(std::string_view plain) {
  if (tls_ == nullptr) {
    return WriteRaw(plain);
  }
  std::string raw;
  {
    const std::lock_guard lock(tls_mutex_);
    raw = tls_->Encrypt(plain);
  }
  return WriteRaw(raw);
}

void Transport::StartTls(std::unique_ptr<TlsEndpoint> tls) { tls_ = std::move(tls); }
void Transport::StopTls() { tls_.reset(); }

void Transport::Stall() const {
  pollfd peer = {.fd = socket_.fd(), .events = POLLRDHUP, .revents = 0};
  while (::poll(&peer, 1, -1) < 0 && errno == EINTR) {
  }
}

bool Transport::WriteRaw(std::string_view bytes) {
  const ListenerOptions options = state_.options();
  const auto left = [&](std::optional<std::uint64_t> limit) {
    return limit ? *limit - std::min(*limit, written_) : bytes.size();
  };
  const std::uint64_t until_close = left(options.faults.close_after_bytes);
  const std::uint64_t until_stall = left(options.faults.stall_after_bytes);
  const std::size_t allowed = std::min({bytes.size(), until_close, until_stall});
  written_ += allowed;
  if (!SendPieces(bytes.substr(0, allowed), options.split_writes)) {
    return false;
  }
  if (allowed == bytes.size()) {
    return true;
  }
  if (until_stall < until_close) {
    Stall();
  }
  Abort();
  return false;
}

bool Transport::SendPieces(std::string_view bytes, bool split) {
  constexpr std::uint64_t kLongestPiece = 700;
  while (split && bytes.size() > 1) {
    const std::uint64_t limit = std::min<std::uint64_t>(bytes.size(), kLongestPiece);
    const std::size_t piece = 1 + random_->Bits() % limit;
    if (!socket_.Send(bytes.substr(0, piece))) {
      return false;
    }
    bytes.remove_prefix(piece);
  }
  return socket_.Send(bytes);
}

}  // namespace milink::sim::tds
