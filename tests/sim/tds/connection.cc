#include "tests/sim/tds/connection.h"

#include <optional>
#include <string>
#include <utility>

#include "tests/sim/tds/bytes.h"
#include "tests/sim/tds/reply.h"
#include "tests/sim/tds/tokens.h"

namespace milink::sim::tds {
namespace {

constexpr std::size_t kLoginLimit = 128UL * 1024;
constexpr std::size_t kRequestLimit = 64UL * 1024 * 1024;

std::uint16_t SpidOf(const LoggedIn& login) {
  return static_cast<std::uint16_t>(login.session->spid());
}

}  // namespace

Connection::Connection(Executor& executor, const ListenerState& state, Socket socket,
                       std::uint64_t number)
    : executor_(executor),
      state_(state),
      transport_(std::move(socket), state, number),
      input_(kLoginLimit),
      thread_([this] { Run(); }) {}

Connection::~Connection() {
  Abort();
  thread_.join();
}

void Connection::Run() {
  if (std::optional<LoggedIn> login = Handshake(executor_, state_, transport_, input_).Run()) {
    input_.set_limit(kRequestLimit);
    std::thread reader([this] { ReadLoop(); });
    Serve(*login);
    Abort();
    reader.join();
  }
  Abort();
  finished_ = true;
}

void Connection::Serve(const LoggedIn& login) {
  RequestRunner runner(executor_, *login.session);
  while (const std::optional<Message> message = inbox_.Pop()) {
    const bool alive = message->type == PacketType::kAttention ? AcknowledgeAttention(login)
                                                               : Answer(login, runner, *message);
    if (!alive) {
      return;
    }
  }
}

void Connection::ReadLoop() {
  while (true) {
    Result<std::optional<Message>> next = input_.Next();
    if (!next) {
      break;
    }
    if (next->has_value()) {
      Message message = **std::move(next);
      const bool ignored =
          message.type == PacketType::kAttention && state_.options().faults.ignore_attention;
      if (!ignored) {
        inbox_.Push(std::move(message));
      }
      continue;
    }
    std::string bytes;
    if (!transport_.Read(bytes)) {
      break;
    }
    input_.Append(bytes);
  }
  inbox_.Close();
  Abort();
}

bool Connection::Answer(const LoggedIn& login, RequestRunner& runner, const Message& request) {
  MessageOutput output([this](std::string_view packet) { return Send(packet); }, PacketType::kReply,
                       login.packet_size, SpidOf(login));
  Reply reply(output, executor_.ServerName(), state_.options().rows, runner.transaction());
  const ConnectionFate fate = runner.Run(request, inbox_.cancelled(), reply);
  if (fate == ConnectionFate::kCloseBeforeReply) {
    return false;
  }
  reply.Finish();
  return fate == ConnectionFate::kKeep && !reply.fatal() && !output.failed();
}

// A message of its own: some clients wait for it after the end of the reply.
bool Connection::AcknowledgeAttention(const LoggedIn& login) {
  ByteWriter done;
  AppendDone(done, {.status = Done::kAttention});
  return Send(PackMessage(PacketType::kReply, done.bytes(), login.packet_size, SpidOf(login)));
}

bool Connection::Send(std::string_view packet) {
  if (state_.options().faults.stall == Stall::kReply) {
    transport_.Stall();
    return false;
  }
  return transport_.Write(packet);
}

}  // namespace milink::sim::tds
